"""The report on a load run as plain data, which its writers only render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.exits import Exit

Figures = tuple[float, float, float]
"""Median, 95th and 99th percentile, in seconds."""


@dataclass(frozen=True, slots=True)
class LoadWindow:
    """A stretch of a step that ended `t_s` after its beginning.

    `times` holds, by kind, median and 95th percentile in seconds; `violations` counts findings, `memory_mb`
    is what the suite itself had.
    """

    t_s: float
    turns: int
    violations: int
    times: Mapping[str, tuple[float, float]]
    open_now: int
    memory_mb: float


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A step: what was asked for, what came about, and how long it took.

    `refused` counts sessions for which the server said that it has no room, `failed` those that did not come
    about otherwise, `stalled` turns that did not come to their end. `lag` is how late our own loop was.
    """

    name: str
    said: str
    opened: int
    most_open: int
    turns: int
    turns_a_second: float
    audio_a_second: float
    duration_s: float
    times: Mapping[str, Figures]
    lag: Figures
    errors: Mapping[str, int] = field(default_factory=dict)
    closes: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    stalled: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True
    windows: tuple[LoadWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadCourse:
    """A requirement that is violated at some step: how it stands at each, with findings and cases.

    `breaks_at` names the step at which it breaks, where it held at the first one; empty where it did not.
    `message` says what came, with the trace and the entries that show it.
    """

    id: str
    level: str
    statement: str
    breaks_at: str
    standings: tuple[str, ...]
    violations: tuple[int, ...]
    subjects: tuple[int, ...]
    tolerated: bool = False
    message: str = ""
    trace: str = ""
    seqs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load run says. `wrong` are the sentences for which it exits with 1."""

    target: str
    dialect: str
    started: str
    duration_s: float
    plan: str
    rows: tuple[LoadRow, ...]
    courses: tuple[LoadCourse, ...]
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    spent: Mapping[str, float | int] = field(default_factory=dict)
    trouble: str = ""
    decided: int = 0
    mistakes: Mapping[str, int] = field(default_factory=dict)
    interrupted: bool = False
    version: str = ""

    @property
    def exit(self) -> Exit:
        """The exit code."""
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.mistakes:
            return Exit.HARNESS_ERROR
        if not any(row.opened for row in self.rows):
            return Exit.UNREACHABLE if self.trouble else Exit.NOTHING_JUDGED
        if self.wrong:
            return Exit.DOES_NOT_CONFORM
        if self.trouble or not self.decided:
            return Exit.NOTHING_JUDGED
        return Exit.CONFORMS

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        if self.interrupted:
            return f"Interrupted after {len(self.rows)} steps; what there was is judged."
        if self.mistakes:
            return "No verdict: the suite itself made a mistake."
        if not any(row.opened for row in self.rows):
            return f"No verdict: {(self.trouble or 'no session could be opened').removesuffix('.')}."
        if self.wrong:
            more = f", and {len(self.wrong) - 1} more" if len(self.wrong) > 1 else ""
            return f"Does not bear the load: {self.wrong[0]}{more}."
        if self.trouble:
            return f"No verdict: the run ended early: {self.trouble.removesuffix('.')}."
        if not self.decided:
            return "No verdict: no requirement was decided by what was seen."
        return f"Bears the load: {self.decided} requirements decided, none breaks up to {self.rows[-1].said}."

    @property
    def already(self) -> tuple[LoadCourse, ...]:
        """What was violated before there was any load, or was not decided then."""
        return tuple(each for each in self.courses if not each.breaks_at)

    @property
    def breaking(self) -> tuple[LoadCourse, ...]:
        """What held at the first step and breaks at a later one."""
        return tuple(each for each in self.courses if each.breaks_at)
