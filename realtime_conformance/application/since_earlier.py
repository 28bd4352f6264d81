"""What changed since the earlier report that `--since` names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from realtime_conformance.application.baseline_files import read_results
from reports.compare import ComparedReport, changed_since, side_of
from reports.model import Report
from reports.results_json import as_dict


def earlier_side(path: Path | None) -> ComparedReport | None:
    """Return the report at `path`, None where none is named. Raises `DocumentError`.

    It is to be read before a run begins: that may write into the very folder.
    """
    return None if path is None else side_of(read_results(path), str(path))


def compared_with(earlier: ComparedReport | None, report: Report) -> Report:
    """Return `report` with what changed since `earlier`, if there is one."""
    if earlier is None:
        return report
    return replace(report, since=changed_since(earlier, side_of(as_dict(report), "this run")))
