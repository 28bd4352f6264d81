"""What an earlier report says of what to play now: what failed there, or what was not played."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from protocol.errors import DocumentError
from realtime_conformance.application.baseline_files import read_results
from realtime_conformance.application.report_folder import TRACES
from reports.model import count
from suites.conversations.table import TRANSITIONS, Coverage
from suites.outcome import Outcome
from suites.scenario import Scenario, catalogue

_NOT_PLAYED = ("inconclusive",)
"""Outcomes of scenarios that were cut off, interrupted, too dear, or never came to an end."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier report: where it lies, and the content of its results.json."""

    path: Path
    results: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, dialect: DialectName) -> Earlier:
        """Return the report at `path`, a folder or its results.json. Raises `DocumentError`."""
        results = read_results(path)
        judged = results["target"]["dialect"]
        if judged != dialect:
            remedy = f"say --dialect {judged}, or name a report by {dialect}"
            raise DocumentError(str(path), "/target/dialect", f"is {judged}", remedy)
        return cls(path, results)

    def failed(self, *, strict: bool) -> set[str]:
        """Return the requirements that failed there; with `strict`, there or here, also those that warned."""
        strict = strict or self.results["verdict"]["strict"]
        verdicts = ("fail", "warn") if strict else ("fail",)
        return {each["id"] for each in self.results["requirements"] if each["verdict"] in verdicts}

    def concerned(self, scenarios: Sequence[Scenario], failed: set[str]) -> list[Scenario]:
        """Return those of `scenarios` that provoke one of `failed`, or in whose traces one was violated."""
        traces = {
            finding["trace"]
            for each in self.results["requirements"]
            if each["id"] in failed
            for finding in each["findings"]
        }
        violating = {each["id"] for each in self.results["scenarios"] if traces & set(each["traces"])}
        return [s for s in scenarios if s.id in violating or failed & set(s.provokes)]

    def played(self) -> Played:
        """Return what was played there and need not be played again. Raises `DocumentError`.

        What shares a trace with something that was not played is played again with it: the trace is replaced.
        """
        folder = (self.path if self.path.is_dir() else self.path.parent) / TRACES
        known = {s.id: s for s in catalogue()}
        unfinished = {
            trace
            for each in self.results["scenarios"]
            if each["outcome"] in _NOT_PLAYED
            for trace in each["traces"]
        }
        outcomes = []
        for each in self.results["scenarios"]:
            if each["outcome"] in _NOT_PLAYED or each["id"] not in known:
                continue
            if unfinished & set(each["traces"]):
                continue
            traces = tuple(folder / f"{name}.jsonl" for name in each["traces"])
            for path in traces:
                if not path.is_file():
                    raise DocumentError(str(path), "", "is missing", "keep a report with its traces")
            scenario, message = known[each["id"]], each["message"]
            outcomes.append(Outcome(scenario, each["outcome"], each["duration_s"], traces, message))
        return Played(outcomes, self.results)


@dataclass(slots=True)
class Played:
    """What an earlier, shorter run has played: judged once more, together with what is played now."""

    outcomes: list[Outcome]
    results: Mapping[str, Any]

    @property
    def ids(self) -> set[str]:
        """The ids of the scenarios."""
        return {outcome.scenario.id for outcome in self.outcomes}

    @property
    def probed(self) -> dict[str, bool]:
        """What was found to be offered, and not to be."""
        return dict(self.results["target"]["probed"])

    @property
    def absent(self) -> dict[str, str]:
        """The features that were known not to be there, each with what said so."""
        return dict(self.results["target"].get("absent", {}))

    @property
    def traces(self) -> list[Path]:
        """Where the traces lie."""
        return [path for outcome in self.outcomes for path in outcome.traces]

    @property
    def note(self) -> str:
        """What a reader has to know of it."""
        return (
            f"continued: {count(len(self.outcomes), 'scenario')} had been played in the run of "
            f"{self.results['started']}"
        )

    def bring(self, folder: Path) -> None:
        """Have the traces lie in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for outcome in self.outcomes:
            for path in outcome.traces:
                if path.resolve().parent != folder.resolve():
                    shutil.copyfile(path, folder / path.name)
        self.outcomes = [replace(o, traces=tuple(folder / p.name for p in o.traces)) for o in self.outcomes]

    def added(self, spent: Mapping[str, float | int]) -> dict[str, float | int]:
        """Return `spent` with what was spent then."""
        before = self.results["spent"]
        return {name: round(amount + before.get(name, 0), 1) for name, amount in spent.items()}

    def covered(self, coverage: Coverage) -> None:
        """Add to `coverage` what was visited then."""
        before = self.results["coverage"]
        if before is None:
            return
        missed = set(before["missed"])
        coverage.seen |= {each for each in TRANSITIONS if str(each) not in missed}
