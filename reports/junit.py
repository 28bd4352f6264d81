"""JUnit XML: one test suite for the scenarios, one for the requirements. Pure.

A case's `classname` is the target and the area, its `name` the requirement's id: files of several targets can
be merged. A failure that the baseline knows is a skipped case, so that whatever gates on this file lets it
pass; one that the baseline knows and that does not fail is a failed case.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from reports.baseline import Expectation
from reports.model import Report, RequirementResult, count
from rules.verdicts import Verdict

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 80
_SKIPPED = {
    Verdict.NOT_OBSERVED: "not observed: nothing in this run exercised it",
    Verdict.NOT_OFFERED: "not offered",
    Verdict.INCONCLUSIVE: "inconclusive",
}


def junit(report: Report) -> str:
    """Return `report` as JUnit XML."""
    root = ET.Element("testsuites", name="realtime-conformance")
    _scenarios(root, report)
    _requirements(root, report)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _prefix(report: Report) -> str:
    """Return the target as the first part of a class name: without dots, which would divide it."""
    host = urlsplit(report.target.url).netloc or report.target.url
    name = report.target.name or f"{report.target.dialect}-{host.rpartition('@')[2]}"
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
    for result in report.requirements:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{_prefix(report)}.{result.requirement.area}",
            name=result.id,
            time="0",
        )
        _outcome(case, result, strict=report.strict)
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{kind}"))))


def _outcome(case: ET.Element, result: RequirementResult, *, strict: bool) -> None:
    text = "\n".join([f"{result.level}: {result.requirement.statement}", *explained(result)])
    failed = result.verdict is Verdict.FAIL or (strict and result.verdict is Verdict.WARN)
    if result.expectation is Expectation.EXPECTED:
        skipped = ET.SubElement(
            case, "skipped", message=_clean(f"known: {result.verdict}: {result.known}"), type="known"
        )
        skipped.text = _clean(text)
    elif result.expectation is Expectation.STALE:
        message = "holds, and the baseline expects that it does not: remove its entry"
        ET.SubElement(case, "failure", type="stale", message=message)
    elif result.expectation is Expectation.UNEXPECTED and result.verdict is Verdict.NOT_OBSERVED:
        message = "not observed, and the baseline requires coverage"
        ET.SubElement(case, "failure", type="not-observed", message=message)
    elif failed:
        failure = ET.SubElement(case, "failure", type=str(result.level), message=_clean(_first(result)))
        failure.text = _clean(text)
    elif result.verdict is Verdict.HARNESS_ERROR:
        error = ET.SubElement(case, "error", message=_clean("; ".join(result.tally.errors)))
        error.text = _clean(text)
    elif result.verdict in _SKIPPED:
        reasons = ", ".join(result.undecided) if result.verdict is Verdict.INCONCLUSIVE else ""
        message = _SKIPPED[result.verdict] + (f": {reasons}" if reasons else "")
        ET.SubElement(case, "skipped", message=_clean(message))
    elif result.verdict is Verdict.PASS and result.tally.undecided:
        out = ET.SubElement(case, "system-out")
        out.text = _clean(f"{result.beside}: {', '.join(result.tally.undecided)}")
    elif result.verdict is Verdict.WARN:
        out = ET.SubElement(case, "system-out")
        out.text = _clean("warning\n" + text)


def _first(result: RequirementResult) -> str:
    return result.findings[0].message if result.findings else result.requirement.statement


def explained(result: RequirementResult) -> list[str]:
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
