"""ctrf-report.json: valid by the published schema, and with the outcomes that junit.xml has."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft7Validator

from reports.ctrf import ctrf
from reports.junit import junit
from reports.model import Report
from tests.interop.node_packages import node_package
from tests.reports.formats.sample import BROKEN, FAILED, HELD, UNDECIDED, WARNED, entry, held, report

_REPORTS = {
    "plain": report(),
    "strict": report(strict=True, broken=False),
    "named": report(name="acme", dialect="inworld"),
    "held": held(report(), entry(FAILED), entry(HELD)),
}


def _content(made: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ctrf(made))
    return found


@pytest.fixture(scope="module")
def published() -> Draft7Validator:
    """Return what validates by the schema that the format's own package carries."""
    folder = node_package("ctrf") / "node_modules" / "ctrf" / "dist"
    schema = json.loads((folder / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", _REPORTS)
def test_the_published_schema_accepts_it(published: Draft7Validator, name: str) -> None:
    content = _content(_REPORTS[name])
    assert [error.message for error in published.iter_errors(content)] == []
    del content["results"]["summary"]["failed"]
    assert list(published.iter_errors(content)), "and it would refuse something"


@pytest.mark.parametrize("name", _REPORTS)
def test_the_summary_counts_the_tests(name: str) -> None:
    results = _content(_REPORTS[name])["results"]
    for status in ("passed", "failed", "skipped", "pending", "other"):
        assert results["summary"][status] == sum(t["status"] == status for t in results["tests"])
    assert results["summary"]["tests"] == len(results["tests"])
    assert results["summary"]["stop"] - results["summary"]["start"] == results["summary"]["duration"] == 12346
    assert results["summary"]["start"] == 1795435200000


@pytest.mark.parametrize("name", _REPORTS)
def test_outcomes_are_those_of_junit(name: str) -> None:
    made = _REPORTS[name]
    statuses = {t["name"]: t["status"] for t in _content(made)["results"]["tests"]}
    same = {
        None: "passed",
        "system-out": "passed",
        "failure": "failed",
        "skipped": "skipped",
        "error": "other",
    }
    cases = {
        case.get("name", ""): same[case[0].tag if len(case) else None]
        for case in ET.fromstring(junit(made)).iter("testcase")
    }
    assert statuses == cases


def test_a_verdict_says_why() -> None:
    tests = {t["name"]: t for t in _content(report())["results"]["tests"]}
    assert tests[FAILED]["rawStatus"] == "fail"
    assert tests[FAILED]["suite"] == ["requirements", "response"]
    assert "response_create.text #12, #13" in tests[FAILED]["trace"]
    assert tests[FAILED]["tags"] == ["MUST", "response"]
    assert tests[WARNED]["status"] == "passed", "a recommendation does not fail anybody"
    assert tests[UNDECIDED]["rawStatus"] == "inconclusive"
    assert tests[BROKEN]["status"] == "other"
    assert "message" not in tests[HELD]


def test_nothing_steers_whoever_shows_it() -> None:
    text = ctrf(report())
    assert not any(sign in text for sign in "\u202e\ud800")
    assert "\\u001b" not in text
