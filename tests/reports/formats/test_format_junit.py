"""junit.xml: an id for each case, files of several targets merge, nothing a server says breaks it."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

from junitparser import JUnitXml

from reports.junit import junit
from reports.model import Report
from tests.reports.formats.sample import FAILED, HELD, UNDECIDED, WARNED, entry, held, report


def _cases(text: str) -> dict[str, ET.Element]:
    return {case.get("name", ""): case for case in ET.fromstring(text).iter("testcase")}


def test_a_case_is_named_by_requirement_target_and_area() -> None:
    case = _cases(junit(report(name="staging")))[FAILED]
    assert (case.get("classname"), case.get("name")) == ("staging.response", FAILED)
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "MUST"
    assert "response_create.text #12, #13" in (failure.text or "")


def test_a_target_without_a_name_is_known_by_its_host() -> None:
    assert _cases(junit(report()))[FAILED].get("classname") == "openai-voice-example-8443.response"
    credentials = report(url="wss://user:secret@voice.example/v1")
    assert "secret" not in junit(credentials)


def test_verdicts_become_outcomes() -> None:
    cases = _cases(junit(report()))
    assert [child.tag for child in cases[HELD]] == []
    assert [child.tag for child in cases[UNDECIDED]] == ["skipped"]
    assert [child.tag for child in cases[WARNED]] == ["system-out"]
    assert [child.tag for child in _cases(junit(report(strict=True)))[WARNED]] == ["failure"]


def test_the_numbers_of_a_suite_are_those_of_its_cases() -> None:
    for made in (report(), held(report(), entry(FAILED), entry(HELD)), report(strict=True)):
        for suite in ET.fromstring(junit(made)).iter("testsuite"):
            for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert suite.get(attribute) == str(len(suite.findall(f"testcase/{tag}"))), attribute
            assert suite.get("tests") == str(len(suite.findall("testcase")))


def test_files_of_several_targets_merge() -> None:
    """As junitparser, which CI systems' own tools are made of, merges them."""
    made: list[Report] = [report(name="one"), report(name="two"), report(), report(dialect="inworld")]
    merged = JUnitXml()
    for each in made:
        merged += JUnitXml.fromstring(junit(each).encode())
    merged.update_statistics()  # type: ignore[no-untyped-call]
    keys = Counter((case.classname, case.name) for suite in merged for case in suite)
    assert [key for key, count in keys.items() if count > 1] == []
    assert merged.tests == sum(len(each.requirements) + len(each.scenarios) for each in made)
    assert merged.failures == sum(each.counts["fail"] for each in made)


def test_what_the_baseline_knows_is_skipped_and_what_it_expects_in_vain_fails() -> None:
    cases = _cases(junit(held(report(), entry(FAILED), entry(HELD))))
    skipped, stale = cases[FAILED].find("skipped"), cases[HELD].find("failure")
    assert skipped is not None
    assert skipped.get("message") == "known: fail: it is known"
    assert stale is not None
    assert stale.get("type") == "stale"


def test_coverage_that_is_missing_fails() -> None:
    made = held(report(), coverage=True)
    assert made.held is not None
    id_ = made.held.unobserved[0]
    failure = _cases(junit(made))[id_].find("failure")
    assert failure is not None
    assert failure.get("type") == "not-observed"
