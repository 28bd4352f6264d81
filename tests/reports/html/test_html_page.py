"""What stands on the HTML report, before any markup: what is wrong comes first, and is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reports.baseline import BaselineStatus
from reports.html import html
from reports.html_page import page_of
from reports.html_requirements import counts
from reports.model import Exit, Report
from rules.verdicts import Tally, Verdict
from tests.reports.html.html_samples import report_on


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report_on(tmp_path_factory.mktemp("hostile"), hostile=True)


def test_the_most_severe_failures_come_first(hostile: Report) -> None:
    wrongs = [w.result for w in page_of(hostile).wrongs]
    assert wrongs == sorted(wrongs, key=lambda r: (*r.weight, r.id))
    assert wrongs[0].verdict is Verdict.FAIL
    assert {w.verdict for w in wrongs} >= {Verdict.FAIL, Verdict.WARN}


def test_known_failures_are_not_news_but_stay_failures(hostile: Report) -> None:
    known = hostile.failed[0]
    results = tuple(
        replace(r, expectation=BaselineStatus.EXPECTED, known="being repaired") if r.id == known.id else r
        for r in hostile.requirements
    )
    page = page_of(replace(hostile, requirements=results))
    assert known.id not in [w.result.id for w in page.wrongs]
    assert len(page.wrongs) == len(page_of(hostile).wrongs) - 1
    assert sum(c.number for c in page.counts if c.verdict == "fail") == len(hostile.failed)
    view = next(v for v in page.requirements if v.place == known.id)
    assert "being repaired" in view.expected


def test_counts_are_those_of_the_report_and_fill_the_bar(hostile: Report) -> None:
    made = page_of(hostile).counts
    assert {c.verdict: c.number for c in made} == hostile.counts
    assert sum(c.width for c in made) == pytest.approx(100, abs=0.1)


def test_each_finding_says_how_to_see_it_again(hostile: Report) -> None:
    views = [v for v in page_of(hostile).requirements if v.findings and v.dialect == "openai"]
    assert views
    for view in views:
        said = [command.line for command in view.findings[0].commands]
        assert any("realtime-conformance judge traces/bootstrap.turn_" in c for c in said), view.place
        assert any(c.startswith("realtime-conformance run --endpoint") and "-k" in c for c in said)


def test_a_hostile_name_cannot_break_out_of_a_command(hostile: Report) -> None:
    target = replace(hostile.target, url="wss://x/?a=1;rm -rf ~'$(id)")
    view = next(v for v in page_of(replace(hostile, target=target)).requirements if v.findings)
    (run,) = (c.line for c in view.findings[0].commands if " run " in c.line)
    assert """'wss://x/?a=1;rm -rf ~'"'"'$(id)'""" in run


def test_every_way_of_a_violation_is_named_and_what_is_new_is_marked(hostile: Report) -> None:
    result = next(r for r in hostile.requirements if r.findings)
    fresh = frozenset((result.findings[0].fingerprint,))
    tally = replace(result.tally, unlisted={"0123456789ab": "in a way that is not listed"})
    changed = replace(result, tally=tally, fresh=fresh)
    others = tuple(r for r in hostile.requirements if r.id != result.id)
    view = next(
        v
        for v in page_of(replace(hostile, requirements=(changed, *others))).requirements
        if v.place == result.id
    )
    assert view.others == ("in a way that is not listed",)
    assert [f.fresh for f in view.findings] == [f.finding.fingerprint in fresh for f in view.findings]
    assert view.findings[0].fresh
    text = html(replace(hostile, requirements=(changed, *others)))
    assert "in a way that is not listed" in text
    assert "not known to the baseline" in text


def test_the_heading_counts_what_the_headline_does(hostile: Report) -> None:
    failed = hostile.counts["fail"]
    assert page_of(hostile).wrongs_title.startswith(f"What is wrong: {failed} failures, ")
    assert page_of(hostile).headline.partition(";")[0].endswith(f"{failed} requirements failed")


def test_what_is_known_to_fail_is_not_shown_as_conformance(hostile: Report) -> None:
    known = tuple(
        replace(r, expectation=BaselineStatus.EXPECTED) if r.verdict is Verdict.FAIL else r
        for r in hostile.requirements
    )
    passed = replace(hostile, requirements=known, scenarios=(), core=())
    assert passed.exit is Exit.CONFORMS
    assert page_of(passed).mark == "warn"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opened": False, "trouble": "nobody listens"}, "Is the address right"),
        ({"trouble": "the connection was lost"}, "given up"),
        ({"interrupted": True}, "until then"),
        ({"opened": True}, "right dialect"),
    ],
)
def test_where_there_is_no_verdict_it_is_said_what_now(
    hostile: Report, changes: dict[str, Any], said: str
) -> None:
    unseen = tuple(replace(r, verdict=Verdict.NOT_OBSERVED, tally=Tally()) for r in hostile.requirements)
    if "trouble" in changes and changes.get("opened", True):
        unseen = (replace(unseen[0], verdict=Verdict.PASS), *unseen[1:])
    page = page_of(replace(hostile, requirements=unseen, scenarios=(), **changes))
    assert said in page.nothing_wrong


def test_scenarios_lead_to_their_traces(hostile: Report) -> None:
    scenarios = page_of(hostile).scenarios
    assert all(view.files == (f"traces.html#trace={view.scenario.id}",) for view in scenarios)
    bare = page_of(replace(hostile, conversations=None)).scenarios
    assert all(view.files == (f"traces/{view.scenario.id}.jsonl",) for view in bare)


def test_one_failure_among_many_is_wide_enough_to_be_seen() -> None:
    made = {c.verdict: c for c in counts({"fail": 1, "pass": 299})}
    assert made["fail"].width > 1
    assert made["pass"].x == made["fail"].width
    assert sum(c.width for c in made.values()) == pytest.approx(100, abs=0.01)
    assert made["warn"].width == 0


def test_only_features_of_the_dialect_stand_on_the_first_screen(hostile: Report) -> None:
    features = {"audio-output": True, "mcp": False, "provider-data": True, "sip": False}
    made = replace(hostile, target=replace(hostile.target, features=features))
    needed = {name for r in made.requirements for name in r.requirement.features}
    shown = page_of(made).features
    assert {f.name for f in shown} == needed & set(features) < set(features)
    assert [f.offered for f in shown] == sorted((f.offered for f in shown), reverse=True)
    text = html(made)
    verdict = text[text.index('<section id="verdict"') : text.index('<section id="requirements"')]
    assert all(f">{f.name}" in verdict for f in shown)
