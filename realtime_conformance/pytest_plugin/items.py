"""What pytest shows: an item for each scenario, and one for each requirement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from packs.pack import Provoking
from realtime_conformance.pytest_plugin import allure_items
from reports.junit import explained_lines
from reports.requirement_results import Standing
from rules.requirements import Requirement
from rules.verdicts import Level

if TYPE_CHECKING:
    from realtime_conformance.pytest_plugin.items_run import ItemsRun

RUN_BEHIND: pytest.StashKey[ItemsRun] = pytest.StashKey()
"""Where the session of pytest keeps the run behind its items."""


class RequirementFailed(AssertionError):
    """A requirement was violated; the text is for the reader of the report."""


class HarnessError(Exception):
    """The suite itself made a mistake."""


class ScenarioItem(pytest.Item):
    """A scenario. It passes when it went as far as it wanted; what the server did is judged elsewhere."""

    def __init__(self, *, scenario: Provoking, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scenario = scenario
        self.add_marker("scenario")
        if allure_items.wanted(self.config):
            about = allure_items.operation(_module(scenario), _of(self).client_events)
            allure_items.label_scenario(self, scenario, about)

    def runtest(self) -> None:
        conformance = _of(self)
        outcome = conformance.outcome(self.scenario)
        if allure_items.wanted(self.config):
            allure_items.attach(outcome.traces)
        if outcome.status == "passed":
            return
        if outcome.status == "harness-error":
            raise HarnessError(outcome.message)
        found = conformance.explanation(outcome)
        see = f" (see {found.explained_by})" if found.explained_by else ""
        pytest.skip(f"{found.outcome}: {found.message}{see}")

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:  # noqa: ARG002
        return (
            f"{self.scenario.id}: {excinfo.value}"
            if isinstance(excinfo.value, HarnessError)
            else str(excinfo)
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.name


class RequirementItem(pytest.Item):
    """The verdict on one requirement."""

    def __init__(
        self, *, requirement: Requirement, level: str, provoked_by: Sequence[Provoking], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.requirement = requirement
        self.add_marker("requirement")
        self.add_marker(level.lower())
        # `-k SCENARIO` selects the requirements that the scenario provokes along with it.
        self.extra_keyword_matches.update(name for s in provoked_by for name in (s.id, _name(s)))
        if allure_items.wanted(self.config):
            about = allure_items.operations((_module(s) for s in provoked_by), _of(self).client_events)
            allure_items.label_requirement(self, requirement, Level(level), about)

    def runtest(self) -> None:
        conformance = _of(self)
        result = conformance.result(self.requirement.id)
        if allure_items.wanted(self.config):
            traces = dict.fromkeys(finding.trace for finding in result.findings)
            allure_items.attach(conformance.out / "traces" / f"{name}.jsonl" for name in traces)
            allure_items.tag(str(result.verdict))
        text = "\n".join([f"{result.level}: {result.requirement.statement}", *explained_lines(result)])
        match result.standing:
            case Standing.FAILED:
                # pytest's summary has room for a line's beginning: what came, not what had to.
                raise RequirementFailed(f"{result.sentence}\n{text}")
            case Standing.STALE | Standing.UNCOVERED:
                raise RequirementFailed(result.sentence)
            case Standing.ERROR:
                raise HarnessError(result.sentence)
            case Standing.KNOWN:
                pytest.xfail(f"{result.sentence}\n{text}")
            case Standing.SKIPPED:
                pytest.skip(result.sentence)
            case Standing.PASSED if result.violated:
                self.warn(pytest.PytestWarning(f"{result.id}: {result.sentence}\n{text}"))

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        if isinstance(excinfo.value, RequirementFailed | HarnessError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, self.name


class RequirementFile(pytest.File):
    """A file of the registry; its requirements are collected from it."""

    def collect(self) -> list[pytest.Item]:
        conformance = _of(self)
        scenarios = conformance.scenarios
        return [
            RequirementItem.from_parent(
                self,
                name=entry.id,
                requirement=entry,
                level=entry.level[conformance.dialect],
                provoked_by=[s for s in scenarios if entry.id in s.provokes],
            )
            for entry in conformance.entries.judged(conformance.dialect)
            if entry.file == self.path.name
        ]


class ConversationFile(pytest.File):
    """A file with the scenarios of a pack."""

    def collect(self) -> list[pytest.Item]:
        return [ScenarioItem.from_parent(self, name=each.id, scenario=each) for each in _of(self).scenarios]


def _module(scenario: Provoking) -> str:
    return scenario.id.rpartition(".")[0]


def _name(scenario: Provoking) -> str:
    return scenario.id.rpartition(".")[2]


def _of(node: pytest.Item | pytest.Collector) -> ItemsRun:
    found: ItemsRun = node.session.stash[RUN_BEHIND]
    return found
