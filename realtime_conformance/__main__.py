"""The command `realtime-conformance`."""

from __future__ import annotations

import io
import sys

from realtime_conformance.rooms import open_rooms

_INTERRUPTED = 2  # as in `reports.model.Exit`, which may not be loaded yet


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        open_rooms()
        from realtime_conformance.cli import run_command_line  # noqa: PLC0415 - needs the rooms

        code = run_command_line()
    except KeyboardInterrupt:  # while modules were loaded
        sys.stderr.write("interrupted\n")
        code = _INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
