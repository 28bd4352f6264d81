"""JUnit XML: one test suite for the scenarios, one for the requirements. Pure.

A case's `classname` is the target and the area, its `name` the requirement's id: files of several targets can
be merged. A failure that the baseline knows is a skipped case, so that whatever gates on this file lets it
pass; one that the baseline knows and that does not fail is a failed case.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from reports.failures import Failure, failure_of
from reports.model import Report, count
from reports.requirement_results import RequirementResult, Standing
from rules.verdicts import Verdict

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 80
_ELEMENTS = {
    Standing.FAILED: "failure",
    Standing.STALE: "failure",
    Standing.UNCOVERED: "failure",
    Standing.ERROR: "error",
    Standing.KNOWN: "skipped",
    Standing.SKIPPED: "skipped",
}
"""What a case holds that did not simply pass. A program that gates on the file lets pass what is skipped."""

_TYPES = {Standing.STALE: "stale", Standing.UNCOVERED: "not-observed", Standing.KNOWN: "known"}
_WITH_FINDINGS = (Standing.FAILED, Standing.KNOWN, Standing.ERROR)


def junit(*reports: Report) -> str:
    """Return `reports` as JUnit XML."""
    root = ET.Element("testsuites", name="realtime-conformance")
    for report in reports:
        _scenarios(root, report)
        _requirements(root, report)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _prefix(report: Report) -> str:
    """Return the target as the first part of a class name: without dots, which would divide it."""
    host = urlsplit(report.target.url).netloc or report.target.url
    name = report.target.name or f"{report.target.dialect}-{host.rpartition('@')[2]}"
    name = "-".join(filter(None, (name, report.target.channel)))
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:_LONGEST] or report.target.dialect


def _scenarios(root: ET.Element, report: Report) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"{_prefix(report)} scenarios",
        tests=str(len(report.scenarios)),
        failures="0",
        errors=str(sum(s.outcome == "harness-error" for s in report.scenarios)),
        skipped=str(sum(s.outcome not in ("harness-error", "passed") for s in report.scenarios)),
        timestamp=report.started,
        time=f"{sum(s.duration_s for s in report.scenarios):.3f}",
    )
    for scenario in report.scenarios:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{_prefix(report)}.scenarios",
            name=scenario.id,
            time=f"{scenario.duration_s:.3f}",
        )
        if scenario.outcome == "harness-error":
            ET.SubElement(case, "error", message=_clean(scenario.message))
        elif scenario.outcome != "passed":
            why = f"{scenario.outcome}: {scenario.message}"
            if scenario.explained_by:
                why += f" (see {scenario.explained_by})"
            ET.SubElement(case, "skipped", message=_clean(why))


def _requirements(root: ET.Element, report: Report) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=f"{_prefix(report)} requirements",
        tests=str(len(report.requirements)),
        timestamp=report.started,
        time="0",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("verdict", report.sentence), ("decided", report.of_how_many)):
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    for result in _ordered(report):
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{_prefix(report)}.{result.requirement.area}",
            name=result.id,
            time="0",
        )
        _outcome(case, result, failure_of(report, result) if result.findings else None)
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{kind}"))))


def _ordered(report: Report) -> list[RequirementResult]:
    """Return what is wrong, the weightiest first, then the others in the registry's order."""
    wrong = report.standing(Standing.ERROR, Standing.FAILED, Standing.STALE, Standing.UNCOVERED)
    wrong += [r for r in report.unknown(Verdict.WARN) if r not in wrong]
    ids = {r.id for r in wrong}
    return wrong + [r for r in report.requirements if r.id not in ids]


def _outcome(case: ET.Element, result: RequirementResult, told: Failure | None) -> None:
    standing = result.standing
    text = "\n".join(
        [
            f"{result.level}: {result.requirement.statement}",
            *(f"{name}: {value}" for name, value in (told.lines[1:] if told is not None else ())),
            *explained_lines(result),
        ]
    )
    if standing is Standing.PASSED:
        if result.sentence:
            said = f"warning\n{text}" if result.violated else result.sentence
            ET.SubElement(case, "system-out").text = _clean(said)
        return
    made = ET.SubElement(case, _ELEMENTS[standing], message=_clean(result.sentence))
    kind = str(result.level) if standing is Standing.FAILED else _TYPES.get(standing)
    if kind:
        made.set("type", kind)
    if standing in _WITH_FINDINGS:
        made.text = _clean(text)


def explained_lines(result: RequirementResult) -> list[str]:
    """Return the findings of `result`, a few lines each, and how many are not listed."""
    lines = [f"- flaky: in {result.failures} of {len(result.runs)} runs"] if result.flaky else []
    lines += [f"- explains {count(n, 'violation')} of {id_}" for id_, n in result.explains.items()]
    for finding in result.findings:
        seqs = ", ".join(f"#{s}" for s in finding.seqs)
        lines.append(f"- {finding.trace} {seqs}: {finding.message}")
        if finding.path:
            lines.append(f"  at {finding.path}")
        lines.append(f"  expected {finding.expected}; came {finding.actual}")
        if finding.because:
            lines.append("  because of " + ", ".join(f"#{s}" for s in finding.because))
    more = result.tally.violations - len(result.findings)
    if more > 0:
        lines.append(f"- and {more} more")
    return lines


def _clean(text: str) -> str:
    """Return `text` without the characters that XML cannot hold; what a server sends may be anything."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
