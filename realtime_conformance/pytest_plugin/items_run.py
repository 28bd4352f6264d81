"""What the run behind pytest's items is to them, whatever its channel, and what is said at the end."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from packs.pack import Provoking
from protocol.dialect import DialectName
from realtime_conformance.application import report_folder
from realtime_conformance.application.report_output import announced
from realtime_conformance.pytest_plugin.items import RequirementItem, ScenarioItem
from realtime_conformance.supervision.interruption import Signals
from reports.escaping import plain
from reports.model import Exit, Report, ScenarioResult
from reports.requirement_results import RequirementResult, Standing
from reports.writing import write
from rules.requirements import Registry


class EndedScenario(Protocol):
    """How a scenario went: `status` is one of `suites.outcome`, `message` says why it ended early."""

    @property
    def status(self) -> str:
        """How it went."""

    @property
    def message(self) -> str:
        """Why it ended early."""

    @property
    def traces(self) -> Sequence[Path]:
        """Where it was captured."""


class ItemsRun(ABC):
    """The run behind the items. `narrow`: single modules or scenarios were named.

    `entries` are the requirements that have items, `scenarios` all that there are, `client_events` what a
    client may send. The report goes into the folder `out`.
    `scenario_file` is where the scenarios of a pack stand.
    """

    dialect: DialectName
    narrow: bool
    entries: Registry
    scenarios: Sequence[Provoking]
    client_events: tuple[str, ...]
    out: Path
    scenario_file: Path | None = None

    def __init__(self) -> None:
        self.written: list[Path] = []
        self.signals = Signals()
        self._made: Report | None = None
        self._announced: list[str] = []

    # --- what is different of each ---

    @abstractmethod
    def begin(self, items: list[pytest.Item]) -> str:
        """Start the scenarios that the selected items need, in a thread beside pytest; say what they cost."""

    @abstractmethod
    def end(self) -> None:
        """Wait for the run to end; cut it short where pytest is leaving early."""

    @abstractmethod
    def outcome(self, scenario: Any) -> EndedScenario:
        """Return how a scenario went, once it has."""

    @abstractmethod
    def explanation(self, outcome: Any) -> ScenarioResult:
        """Return how a scenario went, with the requirement that explains a stall."""

    @abstractmethod
    def judged(self) -> Report:
        """Wait for all scenarios, and judge what was captured."""

    @property
    @abstractmethod
    def begun(self) -> bool:
        """Whether there is anything to report on."""

    @property
    @abstractmethod
    def spent(self) -> str:
        """What was spent, in words."""

    # --- what is the same ---

    def arrange(self, items: list[pytest.Item]) -> None:
        """Put the requirements last; where single scenarios were named, keep those that they provoke."""
        if self.narrow:
            provoked = {id_ for i in items if isinstance(i, ScenarioItem) for id_ in i.scenario.provokes}
            items[:] = [
                i for i in items if not isinstance(i, RequirementItem) or i.requirement.id in provoked
            ]
        items.sort(key=lambda item: isinstance(item, RequirementItem))

    def check_folder(self) -> None:
        """Remove an earlier report; end pytest where none can be written."""
        try:
            report_folder.check(self.out)
            report_folder.remove_report(self.out, recordings=True)
        except report_folder.FolderError as error:
            pytest.exit(str(error), returncode=int(Exit.USAGE))

    @property
    def report(self) -> Report:
        """The report on everything, once all scenarios have ended."""
        if self._made is None:
            self._made = self.judged()
        return self._made

    def result(self, requirement: str) -> RequirementResult:
        """Return the verdict on a requirement."""
        return next(r for r in self.report.requirements if r.id == requirement)

    def finish(self, exitstatus: int) -> int:
        """Write the report; return the exit code of the session."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.signals.__exit__, None, None, None)
            if not self.begun:
                return exitstatus
            interrupted = stack.enter_context(self.signals.finishing())
            report = self.report
            if interrupted() or exitstatus == pytest.ExitCode.INTERRUPTED:
                report = self._made = replace(report, interrupted=True)
            try:
                self.written = write(report, self.out)
            except OSError as error:
                self._announced = [str(report_folder.unusable(self.out, error))]
                return int(Exit.USAGE)
            self._announced = announced(report, self.out)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return int(report.exit) if report.exit or exitstatus == pytest.ExitCode.OK else int(exitstatus)
        return exitstatus

    @property
    def told(self) -> bool:
        """Whether there is something to say at the very end."""
        return bool(self.written or self._announced)

    def closing_lines(self) -> list[str]:
        """Return what is said at the very end."""
        return [
            self.report.sentence,
            *([self.report.crowding.sentence] if self.report.crowding is not None else []),
            *(layer.sentence for layer in self.report.layers),
            *(f"note: {plain(note)}" for note in self.report.notes),
            *([f"report: {self.out / 'report.html'}"] if self.written else []),
            f"spent: {self.spent}",
            *self._baseline_lines(),
            *self._announced,
        ]

    def _baseline_lines(self) -> list[str]:
        held = self.report.held
        if held is None:
            return []
        notice = held.baseline.notice(self.dialect)
        red = [f"baseline: {e.entry.requirement} (line {e.entry.line}): {e.told}" for e in held.red]
        return [
            *([f"baseline: {notice}"] if notice else []),
            *red,
            *(f"baseline: {r.id}: {r.sentence}" for r in self.report.standing(Standing.UNCOVERED)),
        ]
