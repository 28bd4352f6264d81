"""How a requirement stands, and the sentence for it: decided in the model, shown alike by all writers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from reports.annotations import annotated
from reports.baseline import BaselineStatus
from reports.html_page import page_of
from reports.junit import junit
from reports.markdown import markdown
from reports.model import Report, Suite, Target
from reports.requirement_results import RequirementResult, Standing
from reports.results_json import as_dict
from rules.requirements import registry
from rules.verdicts import Finding, Level, Tally, Verdict

FINDING = Finding("trace", (2,), "session.updated", "", "one", "none", "it was not acknowledged")
ID = "session/update/acknowledged"
TALLIES = {
    Verdict.FAIL: Tally(subjects=3, violations=1, findings=[FINDING]),
    Verdict.WARN: Tally(subjects=3, violations=1, findings=[FINDING]),
    Verdict.PASS: Tally(subjects=3),
    Verdict.INCONCLUSIVE: Tally(undecided=Counter({"no answer in time": 1})),
    Verdict.HARNESS_ERROR: Tally(errors=["KeyError: 'x'"]),
    Verdict.NOT_OBSERVED: Tally(),
    Verdict.NOT_OFFERED: Tally(),
}
NONE, EXPECTED, UNEXPECTED, STALE = BaselineStatus
KNOWN = "see #17"
CASE = ("verdict", "expectation", "strict", "standing", "sentence")
CASES = [
    (Verdict.FAIL, NONE, False, Standing.FAILED, FINDING.message),
    (Verdict.FAIL, UNEXPECTED, False, Standing.FAILED, FINDING.message),
    (Verdict.FAIL, EXPECTED, False, Standing.KNOWN, f"known: fail: {KNOWN}"),
    (Verdict.WARN, NONE, False, Standing.PASSED, FINDING.message),
    (Verdict.WARN, UNEXPECTED, False, Standing.PASSED, FINDING.message),
    (Verdict.WARN, NONE, True, Standing.FAILED, FINDING.message),
    (Verdict.WARN, EXPECTED, True, Standing.KNOWN, f"known: warn: {KNOWN}"),
    (Verdict.PASS, NONE, False, Standing.PASSED, ""),
    (
        Verdict.PASS,
        STALE,
        False,
        Standing.STALE,
        "holds, and the baseline expects that it does not: remove its entry",
    ),
    (
        Verdict.NOT_OBSERVED,
        NONE,
        False,
        Standing.SKIPPED,
        "not observed: nothing in this run exercised it",
    ),
    (
        Verdict.NOT_OBSERVED,
        UNEXPECTED,
        False,
        Standing.UNCOVERED,
        "not observed, and the baseline requires coverage",
    ),
    (Verdict.NOT_OBSERVED, EXPECTED, False, Standing.KNOWN, f"known: not-observed: {KNOWN}"),
    (Verdict.NOT_OFFERED, NONE, False, Standing.SKIPPED, "not offered"),
    (Verdict.INCONCLUSIVE, NONE, False, Standing.SKIPPED, "inconclusive: no answer in time"),
    (Verdict.HARNESS_ERROR, NONE, False, Standing.ERROR, "KeyError: 'x'"),
]
ELEMENTS = {
    Standing.FAILED: "failure",
    Standing.STALE: "failure",
    Standing.UNCOVERED: "failure",
    Standing.ERROR: "error",
    Standing.KNOWN: "skipped",
    Standing.SKIPPED: "skipped",
}


def _report(verdict: Verdict, expectation: BaselineStatus, *, strict: bool) -> Report:
    level = Level.SHOULD if verdict is Verdict.WARN else Level.MUST
    known = KNOWN if expectation is EXPECTED else ""
    result = RequirementResult(
        registry().by_id[ID], level, verdict, TALLIES[verdict], expectation=expectation, known=known
    )
    return Report(
        Suite("1", "0" * 12, "0" * 12),
        Target("ws://host/", "openai"),
        "2026-01-01T00:00:00+00:00",
        1.0,
        0,
        (result,),
        strict=strict,
    )


def test_there_is_a_case_of_every_standing_and_every_verdict() -> None:
    assert {case[3] for case in CASES} == set(Standing)
    assert {case[0] for case in CASES} == set(Verdict)


@pytest.mark.parametrize(CASE, CASES)
def test_a_requirement_stands_as_verdict_and_baseline_say(
    verdict: Verdict, expectation: BaselineStatus, *, strict: bool, standing: Standing, sentence: str
) -> None:
    [result] = _report(verdict, expectation, strict=strict).requirements
    assert (result.standing, result.sentence) == (standing, sentence)


@pytest.mark.parametrize(CASE, CASES)
def test_all_writers_show_it_alike(
    verdict: Verdict, expectation: BaselineStatus, *, strict: bool, standing: Standing, sentence: str
) -> None:
    report = _report(verdict, expectation, strict=strict)
    [told] = as_dict(report)["requirements"]
    assert (told["standing"], told["sentence"]) == (standing, sentence)
    [case] = ET.fromstring(junit(report)).iterfind(f".//testcase[@name='{ID}']")
    if standing is Standing.PASSED:
        assert [each.tag for each in case] == (["system-out"] if sentence else [])
        assert sentence in "".join(case.itertext())
    else:
        [element] = case
        assert (element.tag, element.get("message")) == (ELEMENTS[standing], sentence)
    listed = [wrong.result.sentence for wrong in page_of(report).wrongs]
    wrong = standing in (Standing.FAILED, Standing.ERROR) or (standing is Standing.PASSED and sentence)
    assert listed == ([sentence] if wrong else [])
    assert any(line.startswith("::error") for line in annotated(report)) == bool(report.exit)
    assert ("### Failed: 1" in markdown(report)) == (verdict is Verdict.FAIL and standing is Standing.FAILED)


def test_whether_recommendations_count_is_the_reports_to_say() -> None:
    report = _report(Verdict.WARN, NONE, strict=False)
    assert [r.id for r in report.unexpected] == []
    assert [r.id for r in replace(report, strict=True).unexpected] == [ID]
