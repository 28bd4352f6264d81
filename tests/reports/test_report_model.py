"""What a report says, and in which order of importance; the forms of it have tests of their own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.judging import Judgement, contract_for
from reports.absences import absences
from reports.model import Exit, Report, ScenarioResult, Suite, Target
from reports.requirement_results import requirement_results
from reports.stalls import explain_stalls
from reports.writing import write
from rules.requirements import registry
from rules.verdicts import LISTED, MOST_KINDS, TOLD_APART, Finding, Level, Tally, Verdict, verdict_of

FINDING = Finding("trace", (2,), "session.updated", "", "one", "none", "it was not acknowledged")
HELD = Tally(subjects=3)
VIOLATED = Tally(subjects=3, violations=1, findings=[FINDING])
UNDECIDED = Tally(undecided=Counter({"no answer in time": 1}))
BROKEN = Tally(subjects=3, violations=1, findings=[FINDING], errors=["KeyError: 'x'"])

REFUSED_ONLY = Tally(
    subjects=2, violations=1, findings=[Finding("t", (3,), "error", "", "", "", "no", kind="a/b#refused")]
)
_OFFERED = (Level.MUST, True)
_HOW = "--feature NAME says that the target offers it."
_ONE = f"1 of {len(registry().judged('openai'))} decided."
_NOT_DECIDED = f"No verdict: session/created/then-quiet was not decided, on which a verdict rests; {_ONE}"
OPEN = "response/item/number"  # a MAY
MUST, SHOULD = "session/update/acknowledged", "session/created/then-quiet"


def _report(tallies: dict[str, Tally] | None = None, **changes: Any) -> Report:
    results = requirement_results(registry(), "openai", tallies or {}, {}, {})
    made = {
        "requirements": results,
        "started": "2026-01-01T00:00:00+00:00",
        "duration_s": 1.0,
        "seed": 0,
        **changes,
    }
    return Report(Suite("1", "0" * 12, "0" * 12), Target("ws://host/", "openai"), **made)


def _scenario(outcome: str = "passed", **changes: Any) -> ScenarioResult:
    made = {
        "id": "a.b",
        "summary": "It.",
        "duration_s": 0.1,
        "traces": ("a.b",),
        "message": "no answer",
        **changes,
    }
    return ScenarioResult(outcome=outcome, **made)


# --- verdicts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tally", "level", "offered", "verdict"),
    [
        (Tally(), Level.MUST, True, Verdict.NOT_OBSERVED),
        (HELD, Level.MUST, True, Verdict.PASS),
        (VIOLATED, Level.MUST, True, Verdict.FAIL),
        (VIOLATED, Level.SHOULD, True, Verdict.WARN),
        (VIOLATED, Level.MAY, True, Verdict.PASS),
        (UNDECIDED, Level.MUST, True, Verdict.INCONCLUSIVE),
        (Tally(subjects=1, undecided=Counter({"x": 9})), Level.MUST, True, Verdict.PASS),
        (Tally(observed=Counter({"one way": 1})), Level.MUST, True, Verdict.NOT_OBSERVED),
        (
            Tally(observed=Counter({"one way": 1}), undecided=Counter({"x": 2})),
            *_OFFERED,
            Verdict.INCONCLUSIVE,
        ),
        (HELD, Level.MUST, False, Verdict.NOT_OFFERED),
        (VIOLATED, Level.MUST, False, Verdict.FAIL),
        (VIOLATED, Level.SHOULD, False, Verdict.WARN),
        (VIOLATED, Level.MAY, False, Verdict.NOT_OFFERED),
        (REFUSED_ONLY, Level.MUST, False, Verdict.NOT_OFFERED),
        (REFUSED_ONLY, Level.MUST, True, Verdict.FAIL),
        (Tally(), Level.MUST, None, Verdict.NOT_OFFERED),
        (HELD, Level.MUST, None, Verdict.PASS),
        (REFUSED_ONLY, Level.MUST, None, Verdict.FAIL),
        (UNDECIDED, Level.MUST, None, Verdict.INCONCLUSIVE),
        (BROKEN, Level.MUST, True, Verdict.HARNESS_ERROR),
        (BROKEN, Level.MUST, False, Verdict.HARNESS_ERROR),
    ],
)
def test_the_verdict_follows_from_what_was_counted(
    tally: Tally, level: Level, offered: bool | None, verdict: Verdict
) -> None:
    assert verdict_of(tally, level, offered=offered) is verdict


def test_what_a_may_is_about_is_examined_by_each_observation() -> None:
    tally = Tally(observed=Counter({"one way": 2, "the other": 1}))
    assert (tally.of_level(Level.MAY).subjects, tally.of_level(Level.MUST).subjects) == (3, 0)
    assert tally.subjects == 0, "the tally itself stays as it is"
    results = {r.id: r for r in requirement_results(registry(), "openai", {OPEN: tally, MUST: tally}, {}, {})}
    assert results[OPEN].verdict is Verdict.PASS
    assert results[OPEN].tally.subjects == 3
    assert results[MUST].verdict is Verdict.NOT_OBSERVED, "nobody passes with nothing examined"


@pytest.mark.parametrize(
    ("tally", "offers", "absent", "verdict"),
    [
        (Tally(), {"retrieve": False}, {}, Verdict.NOT_OFFERED),
        (HELD, {"retrieve": False}, {}, Verdict.PASS),
        (HELD, {"retrieve": False}, {"retrieve": "refused"}, Verdict.NOT_OFFERED),
        (REFUSED_ONLY, {"retrieve": False}, {"retrieve": "refused"}, Verdict.NOT_OFFERED),
        (VIOLATED, {"retrieve": False}, {"retrieve": "declared so"}, Verdict.FAIL),
        (REFUSED_ONLY, {"retrieve": True}, {"truncation": "refused"}, Verdict.FAIL),
    ],
)
def test_a_feature_of_which_something_was_examined_was_offered_unless_it_is_known_to_be_absent(
    tally: Tally, offers: dict[str, bool], absent: dict[str, str], verdict: Verdict
) -> None:
    tallies = {"items/retrieve/acknowledged": tally}
    found = requirement_results(registry(), "openai", tallies, offers, {}, absent=absent)
    assert next(r.verdict for r in found if r.id in tallies) is verdict


def test_what_is_not_offered_is_told_with_what_decided_it() -> None:
    offers = {"retrieve": False, "mcp": False, "sip": False, "truncation": True}
    absent = {"retrieve": "refused: not here"}
    results = requirement_results(registry(), "openai", {}, offers, {}, absent=absent)
    target = Target("ws://host/", "openai", offers)
    report = replace(_report(), requirements=results, absent=absent, target=target)
    unseen = sum(bool({"mcp", "sip"} & set(each.features)) for each in registry().judged("openai"))
    assert absences(report) == (
        "Not offered: retrieve (refused: not here); 5 requirements not judged.",
        f"Not tried or seen: mcp, sip; {unseen} requirements not judged. {_HOW}",
    )
    assert absences(_report()) == ()


def _found(number: int, path: str) -> Finding:
    return Finding("trace", (number,), "session.updated", path, "one", "none", "it was lost")


def test_every_way_of_a_violation_is_listed_before_repetitions() -> None:
    tally = Tally()
    for number in range(50):
        tally.note(_found(number, "a"))
    assert [f.seqs for f in tally.findings] == [(n,) for n in range(LISTED)]
    for number, path in enumerate("bcbdb", 50):
        tally.note(_found(number, path))
    assert [f.path for f in tally.findings] == [*("a" * 7), "b", "c", "d"]
    assert [f.seqs for f in tally.findings][-3:] == [(50,), (51,), (53,)], "the first of each kind"


def test_what_one_trace_lists_of_each_kind_the_whole_lists() -> None:
    total = Tally()
    for kinds in ("a" * 20 + "b" * 20 + "c", "a" * 20 + "d" + "a" * 20):
        part = Tally()
        for number, path in enumerate(kinds):
            part.note(_found(number, path))
        total.add(part)
    assert sorted({f.path for f in total.findings}) == ["a", "b", "c", "d"]
    assert len(total.findings) == LISTED


def test_more_ways_than_are_listed_are_listed_all_the_same_and_not_without_end() -> None:
    both = Tally()
    for number in range(3):
        part = Tally()
        for path in range(number * 40, number * 40 + 40):
            part.note(_found(path, f"p{chr(97 + path % 26)}{'x' * path}"))
        both.add(part)
    assert len({f.fingerprint for f in both.findings}) == len(both.findings) == MOST_KINDS
    assert len(both.fingerprints) > MOST_KINDS, "the others are named"


def test_as_many_ways_are_told_apart_as_may_be_and_no_more() -> None:
    kinds = [_found(number, "x" * number) for number in range(LISTED + TOLD_APART + 5)]
    tally, total = Tally(), Tally()
    for finding in kinds:
        tally.note(finding)
    assert len(tally.unlisted) == TOLD_APART
    total.add(Tally(unlisted={finding.fingerprint: "it" for finding in kinds}))
    assert list(total.unlisted) == [finding.fingerprint for finding in kinds[:TOLD_APART]]
    total.add(Tally(unlisted={"another": "it"}))
    assert len(total.unlisted) == TOLD_APART


def test_tallies_add_up() -> None:
    total = Tally()
    for number in range(2):
        total.add(Tally(3, 1, [_found(number, "a")], Counter(late=1), Counter(way=2), ["a", "b"] * 3))
    assert total == Tally(
        6, 2, [_found(0, "a"), _found(1, "a")], Counter(late=2), Counter(way=4), (["a", "b"] * 6)[:LISTED]
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_the_earliest_subject_is_kept_in_whatever_order_tallies_add_up(order: tuple[int, ...]) -> None:
    parts = [Tally(first=("b", 7)), Tally(), Tally(first=("b", 4)), Tally(first=("a", 4))]
    total = Tally()
    for number in order:
        total.add(parts[number])
    assert total.first == ("a", 4)


_TALLIES = st.builds(
    Tally,
    first=st.none() | st.tuples(st.sampled_from("ab"), st.integers(1, 9)),
    subjects=st.integers(0, 3),
    violations=st.integers(0, 2),
    undecided=st.just(Counter()) | st.just(Counter({"late": 2})),
    observed=st.just(Counter()) | st.just(Counter({"one way": 1})),
    errors=st.just([]) | st.just(["KeyError"]),
)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from([e.id for e in registry()]), _TALLIES, max_size=6))
def test_counts_sum_to_the_registry_whatever_happened(tallies: dict[str, Tally]) -> None:
    report = _report(tallies)
    assert sum(report.counts.values()) == len(registry().judged("openai"))
    assert [r.id for r in report.requirements] == [e.id for e in registry().judged("openai")]
    untouched = [r for r in report.requirements if r.id not in tallies]
    assert {r.verdict for r in untouched} == {Verdict.NOT_OBSERVED}, "what nobody saw never passes"


# --- exit codes and sentences -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tallies", "changes", "exit_", "sentence"),
    [
        (
            {MUST: HELD},
            {},
            Exit.CONFORMS,
            f"Conforms to OpenAI GA as far as was seen: 1 requirement held; {_ONE}",
        ),
        ({MUST: HELD, SHOULD: VIOLATED}, {}, Exit.CONFORMS, "1 recommendation not followed"),
        ({MUST: HELD, SHOULD: VIOLATED}, {"strict": True}, Exit.DOES_NOT_CONFORM, "not followed"),
        ({MUST: VIOLATED}, {}, Exit.DOES_NOT_CONFORM, "Does not conform to OpenAI GA: 1 requirement failed"),
        ({MUST: VIOLATED}, {"trouble": "gone"}, Exit.DOES_NOT_CONFORM, "1 requirement failed"),
        ({MUST: HELD}, {"trouble": "it went away"}, Exit.UNREACHABLE, "No verdict: it went away."),
        ({}, {"opened": False}, Exit.UNREACHABLE, "No verdict: no session could be opened."),
        ({}, {}, Exit.NOTHING_JUDGED, "No verdict: no requirement was decided by the events that were seen."),
        ({MUST: UNDECIDED}, {}, Exit.NOTHING_JUDGED, "No verdict"),
        ({MUST: HELD}, {"core": ((MUST,),)}, Exit.CONFORMS, _ONE),
        ({MUST: HELD}, {"core": ((MUST,), (SHOULD,))}, Exit.NOTHING_JUDGED, _NOT_DECIDED),
        (
            {MUST: HELD, SHOULD: UNDECIDED},
            {"core": ((SHOULD,),)},
            Exit.NOTHING_JUDGED,
            "decided (no answer in time)",
        ),
        (
            {MUST: HELD, SHOULD: UNDECIDED},
            {"core": ((MUST, SHOULD),)},
            Exit.NOTHING_JUDGED,
            "was not decided",
        ),
        ({MUST: HELD}, {"core": ((SHOULD,),), "partial": True}, Exit.CONFORMS, "Conforms"),
        ({SHOULD: HELD, MUST: UNDECIDED}, {"core": ((MUST,),), "partial": True}, Exit.NOTHING_JUDGED, MUST),
        (
            {SHOULD: HELD, MUST: UNDECIDED},
            {"core": ((MUST, SHOULD),), "partial": True},
            Exit.CONFORMS,
            "1 of",
        ),
        ({MUST: VIOLATED}, {"core": ((SHOULD,),)}, Exit.DOES_NOT_CONFORM, "1 requirement failed"),
        ({MUST: BROKEN, SHOULD: VIOLATED}, {}, Exit.HARNESS_ERROR, "No verdict: the suite itself made"),
        ({MUST: HELD}, {"scenarios": (_scenario("harness-error"),)}, Exit.HARNESS_ERROR, "made a mistake"),
        ({MUST: VIOLATED}, {"interrupted": True}, Exit.INTERRUPTED, "Interrupted: 0 requirements held"),
        ({MUST: BROKEN}, {"interrupted": True}, Exit.INTERRUPTED, "Interrupted"),
    ],
)
def test_what_came_of_it_in_a_number_and_a_sentence(
    tallies: dict[str, Tally], changes: dict[str, Any], exit_: Exit, sentence: str
) -> None:
    report = _report(tallies, **changes)
    assert report.exit is exit_
    assert sentence in report.sentence


def test_a_run_without_a_session_blames_nobody() -> None:
    judgement = Judgement(total={MUST: Tally(subjects=1, violations=1, findings=[FINDING])})
    report = compose(
        judgement,
        target=Target("ws://host/", "openai"),
        contract=contract_for("openai"),
        circumstances=Circumstances(started="", duration_s=0.0, opened=False),
    )
    assert report.exit is Exit.UNREACHABLE
    assert report.counts["fail"] == 0
    assert report.of(Verdict.INCONCLUSIVE)[0].tally.undecided == Counter({"it was not acknowledged": 1})


# --- stalls -----------------------------------------------------------------------------------------------

_LEVELS = {MUST: Level.MUST, SHOULD: Level.SHOULD}


def test_a_stall_is_explained_by_what_was_violated() -> None:
    by_trace = {"a.b": {SHOULD: VIOLATED, MUST: VIOLATED}, "other": {}}
    [scenario] = explain_stalls([_scenario("stalled")], by_trace, _LEVELS)
    assert (scenario.outcome, scenario.explained_by) == ("stalled", MUST)


def test_what_could_not_be_decided_explains_a_stall_as_well() -> None:
    [scenario] = explain_stalls([_scenario("stalled")], {"a.b": {SHOULD: UNDECIDED}}, _LEVELS)
    assert scenario.explained_by == SHOULD


@pytest.mark.parametrize(
    "by_trace", [{}, {"a.b": {MUST: HELD}}, {"other": {MUST: VIOLATED}}, {"a.b": {"else": VIOLATED}}]
)
def test_a_stall_that_nothing_explains_says_what_was_waited_for(
    by_trace: dict[str, dict[str, Tally]],
) -> None:
    [scenario] = explain_stalls([_scenario("stalled")], by_trace, _LEVELS)
    assert (scenario.outcome, scenario.explained_by) == ("inconclusive", "")
    assert scenario.message.endswith("; no requirement says why")


def test_scenarios_that_did_not_stall_need_no_explanation() -> None:
    scenarios = [_scenario(outcome) for outcome in ("passed", "not-offered", "inconclusive")]
    assert list(explain_stalls(scenarios, {}, _LEVELS)) == scenarios


# --- written ----------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script> \ud800 \x00 {{ 7*7 }} ]]> </style><img src=http://host/x>"


def test_every_form_is_written_whatever_a_server_said(tmp_path: Path) -> None:
    finding = Finding(HOSTILE, (1,), HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    tally = Tally(subjects=1, violations=1, findings=[finding], observed=Counter({HOSTILE: 1}))
    scenario = _scenario("stalled", message=HOSTILE, explained_by=MUST)
    report = _report({MUST: tally}, scenarios=(scenario,), notes=(HOSTILE,))
    written = write(report, tmp_path / "deep" / "report")
    assert {"results.json", "junit.xml", "report.html"} <= {p.name for p in written}
    page = (tmp_path / "deep" / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=http" not in page


def test_the_page_asks_nobody_for_anything(tmp_path: Path) -> None:
    write(_report({MUST: VIOLATED}), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"""(?:src|href)=["']?(?!#|data:)[^"'\s>]+""", page) == []
    assert not re.search(r"@import|url\((?!['\"]?(?:data:|#))", page)
    assert len(list(tmp_path.glob("*.css"))) == len(list(tmp_path.glob("*.js"))) == 0
