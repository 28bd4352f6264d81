"""results.sarif: SARIF 2.1.0, for GitHub code scanning and editors. Pure.

Only what is violated is a result there, one for each defect: a format of static analysis has no place for
what holds. A result points to the line of the trace; what the baseline knows is suppressed, with its reason.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from reports.escaping import visible
from reports.evidence import Evidence
from reports.model import Report
from reports.requirement_results import RequirementResult, Standing
from rules.verdicts import Finding, Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RECORDED = "traces/"  # what a run wrote itself: a header, then an entry on each line
_LONGEST = 2000  # characters of a message


def sarif(report: Report) -> str:
    """Return what `report` finds violated as SARIF."""
    violated = report.of(Verdict.FAIL, Verdict.WARN)
    places = {result.id: index for index, result in enumerate(violated)}
    evidence = report.evidence or Evidence()
    run = {
        "tool": {
            "driver": {
                "name": "realtime-conformance",
                "semanticVersion": report.suite.version,
                "rules": [_rule(result) for result in violated],
            }
        },
        "automationDetails": {"id": f"realtime-conformance/{report.target.dialect}/"},
        "columnKind": "utf16CodeUnits",
        "results": [
            _result(result, finding, places[result.id], evidence)
            for result in violated
            for finding in _defects(result)
        ],
        "properties": {
            "verdict": visible(report.sentence),
            "target": visible(report.target.name or report.target.url),
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _defects(result: RequirementResult) -> list[Finding]:
    """Return one finding of each defect, told apart by fingerprint."""
    found: dict[str, Finding] = {}
    for finding in result.findings:
        found.setdefault(finding.fingerprint, finding)
    return list(found.values())


def _level(result: RequirementResult) -> str:
    return "error" if result.verdict is Verdict.FAIL else "warning"


def _rule(result: RequirementResult) -> dict[str, Any]:
    entry = result.requirement
    source = " ".join(entry.source.values())
    return {
        "id": entry.id,
        "shortDescription": {"text": entry.statement},
        "fullDescription": {"text": entry.statement},
        "help": {"text": f"{result.level}: {entry.statement} Source: {source}."},
        "defaultConfiguration": {"level": _level(result)},
        "properties": {"tags": [str(result.level), entry.area]},
    }


def _result(result: RequirementResult, finding: Finding, index: int, evidence: Evidence) -> dict[str, Any]:
    said = visible(f"{finding.message} Expected {finding.expected}; came {finding.actual}.")
    found: dict[str, Any] = {
        "ruleId": result.id,
        "ruleIndex": index,
        "level": _level(result),
        "message": {"text": said[:_LONGEST]},
        "locations": [_location(finding, seq, evidence) for seq in finding.seqs[:1] or (0,)],
        "partialFingerprints": {"defect/v2": finding.fingerprint},
    }
    if finding.because:
        found["relatedLocations"] = [
            {"message": {"text": "because of this"}, **_location(finding, seq, evidence)}
            for seq in finding.because
        ]
    if result.standing is Standing.KNOWN:
        found["suppressions"] = [{"kind": "external", "justification": visible(result.known)}]
    return found


def _location(finding: Finding, seq: int, evidence: Evidence) -> dict[str, Any]:
    file = evidence.files.get(finding.trace) or f"{_RECORDED}{finding.trace}.jsonl"
    # The header is the first line; how files of other people count their lines is not known.
    line = seq + 1 if file.startswith(_RECORDED) else 1
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file, errors="replace")},
            "region": {"startLine": line},
        },
        "logicalLocations": [
            {"name": f"#{seq}", "fullyQualifiedName": visible(f"{finding.trace} #{seq}"), "kind": "member"}
        ],
    }
