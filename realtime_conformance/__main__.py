"""The command `realtime-conformance`."""

from __future__ import annotations

import io
import sys

from realtime_conformance.commands.standard_streams import lenient
from realtime_conformance.rooms import open_rooms

# As in `reports.model.Exit`, which may not be loaded yet.
_INTERRUPTED, _USAGE = 2, 4


def main() -> None:
    """Run the command line and exit with its code."""
    written = None
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout, written = lenient(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr, _ = lenient(sys.stderr)
    try:
        open_rooms()
        from realtime_conformance.cli import run_command_line  # noqa: PLC0415 - needs the rooms

        code = run_command_line()
    except KeyboardInterrupt:  # while modules were loaded
        _complain("interrupted")
        code = _INTERRUPTED
    if sys.stdout is not None:
        sys.stdout.flush()
    if written is not None and written.problem:
        _complain(f"error: standard output: cannot be written ({written.problem}); send it elsewhere")
        code = code or _USAGE
    sys.exit(code)


def _complain(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
