"""The commands with which a finding can be seen again."""

from __future__ import annotations

import shlex

from reports.model import Report
from rules.verdicts import Finding

PROGRAM = "realtime-conformance"
_EMBEDDED = "reference"


def commands(report: Report, finding: Finding, file: str, dialect: str) -> tuple[str, ...]:
    """Return what to type to see `finding` again: by playing its scenario, and by judging its trace.

    A command that came with the finding goes first.
    """
    found = []
    replay = getattr(finding, "replay", None) or ""
    if isinstance(replay, str) and replay:
        found.append(replay)
    scenario = next((s for s in report.scenarios if finding.trace in s.traces), None)
    if scenario is not None and not found and dialect == report.target.dialect:
        words = [PROGRAM, "run"]
        if report.target.name != _EMBEDDED:
            # The address is redacted; what was a secret in it has to be given again.
            words += (
                ["--target", report.target.name] if report.target.name else ["--endpoint", report.target.url]
            )
        words += ["--dialect", dialect, "-k", scenario.id]
        if report.seed:
            words += ["--seed", str(report.seed)]
        found.append(shlex.join(words))
    if file:
        found.append(shlex.join([PROGRAM, "judge", file, "--dialect", dialect]))
    return tuple(found)
