"""The command `realtime-conformance`."""

from __future__ import annotations

import io
import sys

from realtime_conformance.rooms import open_rooms


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot show must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    open_rooms()
    from realtime_conformance.cli import run_command_line  # noqa: PLC0415 - needs the rooms

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
