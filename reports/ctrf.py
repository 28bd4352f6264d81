"""ctrf-report.json: the Common Test Report Format (https://ctrf.io), a test for each requirement. Pure.

What gates on it sees what `junit.xml` shows: what the baseline knows is skipped, and what it expects in vain
has failed. A status is of five; `rawStatus` has the verdict. Requirements take no time of their own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import Any

from reports.escaping import visible
from reports.junit import explained_lines
from reports.model import Report, ScenarioResult
from reports.requirement_results import RequirementResult, Standing

SPECIFICATION = "0.0.0"
"""Version of the format: the only one whose schema is published so far."""

_STATUS = {
    Standing.PASSED: "passed",
    Standing.FAILED: "failed",
    Standing.STALE: "failed",
    Standing.UNCOVERED: "failed",
    Standing.ERROR: "other",
    Standing.KNOWN: "skipped",
    Standing.SKIPPED: "skipped",
}
_OUTCOME = {"passed": "passed", "harness-error": "other"}


def ctrf(report: Report) -> str:
    """Return `report` in the Common Test Report Format."""
    tests = [*map(_scenario, report.scenarios), *map(_requirement, report.requirements)]
    number = Counter(test["status"] for test in tests)
    start = _milliseconds(report.started)
    duration = round(1000 * report.duration_s)
    content = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "generatedBy": "realtime-conformance",
        "results": {
            "tool": {"name": "realtime-conformance", "version": report.suite.version},
            "summary": {
                "tests": len(tests),
                **{status: number[status] for status in ("passed", "failed", "skipped", "pending", "other")},
                "start": start,
                "stop": start + duration,
                "duration": duration,
                "extra": {"verdict": visible(report.sentence), "decided": report.of_how_many},
            },
            "tests": tests,
            "environment": {
                "appName": visible(report.target.name or report.target.url),
                "testEnvironment": report.target.dialect,
                "extra": {"registry": report.suite.registry_hash, "seed": report.seed},
            },
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _milliseconds(started: str) -> int:
    """Return a time of ISO 8601 in milliseconds since 1970; 0 for what is no time."""
    try:
        return round(1000 * dt.datetime.fromisoformat(started).timestamp())
    except ValueError:
        return 0


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "testId": f"scenario/{scenario.id}",
        "name": scenario.id,
        "status": _OUTCOME.get(scenario.outcome, "skipped"),
        "rawStatus": scenario.outcome,
        "duration": round(1000 * scenario.duration_s),
        "suite": ["scenarios"],
        "type": "scenario",
        **({"message": visible(scenario.message)} if scenario.message else {}),
    }


def _requirement(result: RequirementResult) -> dict[str, Any]:
    lines = explained_lines(result)
    return {
        "testId": result.id,
        "name": result.id,
        "status": _STATUS[result.standing],
        "rawStatus": str(result.verdict),
        "duration": 0,
        "suite": ["requirements", result.requirement.area],
        "type": "requirement",
        "tags": [str(result.level), result.requirement.area],
        **({"message": visible(result.sentence)} if result.sentence else {}),
        **({"trace": visible("\n".join(lines))} if lines else {}),
        "extra": {
            "statement": result.requirement.statement,
            "subjects": result.tally.subjects,
            "violations": result.tally.violations,
            "standing": str(result.standing),
        },
    }
