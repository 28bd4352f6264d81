"""What an earlier report says of what to play now: what failed there, or what was not played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realtime_conformance.baseline_files import read_results
from schemas.errors import DocumentError
from suites.scenario import Scenario
from wire.endpoint import Dialect


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier report: where it lies, and the content of its results.json."""

    path: Path
    results: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, dialect: Dialect) -> Earlier:
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
