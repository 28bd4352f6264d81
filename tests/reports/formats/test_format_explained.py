"""Every report shows which finding explains which violations of other requirements."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from reports.html import html
from reports.junit import junit
from reports.markdown import code, markdown
from reports.model import Layer, Report
from reports.results_json import as_dict
from reports.terminal import summary
from rules.verdicts import Tally, Verdict
from tests.reports.formats.sample import finding, report, results

_FAILED = "session/updated/same-id"
_HIDDEN = "session/updated/full-configuration"
_PARTLY = "session/update/acknowledged-once"


@pytest.fixture(scope="module")
def made() -> Report:
    counted = {
        _FAILED: Tally(subjects=3, violations=3, findings=[finding("no id")]),
        _HIDDEN: Tally(explained=Counter({_FAILED: 3})),
        _PARTLY: Tally(subjects=4, explained=Counter({_FAILED: 1})),
    }
    whole = report(counted=counted, broken=False)
    return replace(whole, layers=(Layer("inworld", results("inworld", counted)),))


def test_who_is_explained_altogether_is_undecided_and_says_why(made: Report) -> None:
    by_id = {r.id: r for r in made.requirements}
    assert by_id[_HIDDEN].verdict is Verdict.INCONCLUSIVE
    assert by_id[_HIDDEN].undecided == [f"explained by {_FAILED}"]
    assert by_id[_PARTLY].verdict is Verdict.PASS
    assert by_id[_FAILED].explains == {_HIDDEN: 3, _PARTLY: 1}


def test_results_json(made: Report) -> None:
    by_id = {r["id"]: r for r in as_dict(made)["requirements"]}
    assert by_id[_HIDDEN]["explained"] == {_FAILED: 3}
    assert by_id[_PARTLY]["explained"] == {_FAILED: 1}
    assert by_id[_FAILED]["explained"] == {}


def test_terminal(made: Report) -> None:
    stream = io.StringIO()
    summary(Console(file=stream, width=100, color_system=None), made, [])
    lines = stream.getvalue().splitlines()
    place = lines.index(f"  fail {_FAILED}")
    explained = [line for line in lines[place:] if line.lstrip().startswith("explains")]
    assert explained[:2] == [
        f"      explains 3 violations of {_HIDDEN}",
        f"      explains 1 violation of {_PARTLY}",
    ]


def test_markdown(made: Report) -> None:
    row = next(line for line in markdown(made).splitlines() if line.startswith(f"| {code(_FAILED)}"))
    assert f"*explains 3 violations of* {code(_HIDDEN)}" in row
    assert f"*explains 1 violation of* {code(_PARTLY)}" in row


def test_junit(made: Report) -> None:
    cases = {case.get("name"): case for case in ET.fromstring(junit(made)).iter("testcase")}
    skipped = cases[_HIDDEN].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == f"inconclusive: explained by {_FAILED}"
    failure = cases[_FAILED].find("failure")
    assert failure is not None
    assert f"- explains 3 violations of {_HIDDEN}" in (failure.text or "")


def test_html_links_both_ways_as_far_as_both_are_there(made: Report) -> None:
    page = html(made)
    assert f'3 violations, explained by <a href="#{_FAILED}">{_FAILED}</a>' in page
    assert f'3 violations of <a href="#{_HIDDEN}">{_HIDDEN}</a>' in page
    # Of a layer only what is violated is on the page.
    assert f"3 violations of <code>{_HIDDEN}</code>" in page
    assert f'href="#inworld:{_HIDDEN}"' not in page
