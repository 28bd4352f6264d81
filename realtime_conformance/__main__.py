"""The command `realtime-conformance`."""

from __future__ import annotations

import sys

from realtime_conformance.rooms import open_rooms


def main() -> None:
    """Run the command line and exit with its code."""
    open_rooms()
    from realtime_conformance.cli import run_command_line  # noqa: PLC0415 - needs the rooms

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
