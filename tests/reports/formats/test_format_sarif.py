"""results.sarif: valid by the published schema; a result for each defect, at its line of the trace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from reports.evidence import Evidence
from reports.model import Report
from reports.sarif import sarif
from reports.writing import write
from rules.verdicts import Tally
from tests.interop.node_packages import node_package
from tests.reports.formats.sample import ALSO_FAILED, FAILED, WARNED, entry, finding, held, report
from tests.reports.html.html_samples import report_on


def _run(made: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sarif(made))["runs"][0]
    return found


@pytest.fixture(scope="module")
def published() -> Draft4Validator:
    """Return what validates by the published schema, which a package of Microsoft's carries."""
    package = node_package("@microsoft/jest-sarif") / "node_modules" / "@microsoft" / "jest-sarif"
    schema = json.loads((package / "lib/schemas/sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("made", [report(), held(report(), entry(FAILED)), report(counted={}, broken=False)])
def test_the_published_schema_accepts_it(published: Draft4Validator, made: Report) -> None:
    content = json.loads(sarif(made))
    assert [error.message for error in published.iter_errors(content)] == []
    del content["runs"][0]["tool"]
    assert list(published.iter_errors(content)), "and it would refuse something"


def test_what_is_violated_is_a_result_of_its_rule() -> None:
    run = _run(report())
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert {FAILED, ALSO_FAILED, WARNED} == set(rules)
    for each in run["results"]:
        assert rules[each["ruleIndex"]] == each["ruleId"]
        assert each["level"] == ("warning" if each["ruleId"] == WARNED else "error")
        assert each["partialFingerprints"]["defect/v2"]
    assert len([r for r in run["results"] if r["ruleId"] == FAILED]) == 1, "ten findings of one defect"


def test_each_defect_is_a_result() -> None:
    two = [
        finding("a", path="response.id"),
        finding("b", path="response.status"),
        finding("c", path="response.id"),
    ]
    run = _run(report(counted={FAILED: Tally(subjects=3, violations=3, findings=two)}))
    said = [each["message"]["text"] for each in run["results"]]
    assert [text[0] for text in said] == ["a", "b"]


def test_a_result_points_to_its_line_of_the_trace(tmp_path: Path) -> None:
    made = report_on(tmp_path, hostile=True)
    write(made, tmp_path)
    run = json.loads((tmp_path / "results.sarif").read_text(encoding="utf-8"))["runs"][0]
    assert run["results"]
    for each in run["results"]:
        for location in (*each["locations"], *each.get("relatedLocations", ())):
            place = location["physicalLocation"]
            lines = (tmp_path / place["artifactLocation"]["uri"]).read_text(encoding="utf-8").splitlines()
            entry_ = json.loads(lines[place["region"]["startLine"] - 1])
            assert f"#{entry_['seq']}" == location["logicalLocations"][0]["name"]


def test_a_file_of_somebody_else_is_named_as_a_uri() -> None:
    evidence = Evidence(files={"response_create.text": "../my traces/a#b.har"})
    found = _run(replace(report(), evidence=evidence))["results"][0]["locations"][0]["physicalLocation"]
    assert found["artifactLocation"]["uri"] == "../my%20traces/a%23b.har"
    assert found["region"]["startLine"] == 1


def test_what_the_baseline_knows_is_suppressed() -> None:
    results = _run(held(report(), entry(FAILED)))["results"]
    known = [each for each in results if each["ruleId"] == FAILED]
    assert known[0]["suppressions"] == [{"kind": "external", "justification": "it is known"}]
    assert not [each for each in results if each["ruleId"] != FAILED and "suppressions" in each]


def test_nothing_steers_whoever_shows_it() -> None:
    text = sarif(report())
    assert not any(sign in text for sign in ("\\u202e", "\\u001b", "\\ud800"))
