"""How a command ends. Apart from the report, for a mistake in an option needs no more of it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; they extend pytest's own."""

    CONFORMS = 0
    DOES_NOT_CONFORM = 1
    INTERRUPTED = 2
    HARNESS_ERROR = 3
    USAGE = 4
    NOTHING_JUDGED = 5
    UNREACHABLE = 6
    BASELINE = 7
