"""What a load run is planned by and counts in: plain data that adds up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.breaking import LoadLimits, LoadStanding, courses_of, passed_limits
from load.load_counts import LoadCounts, count_kind
from load.load_plan import LoadPlan, LoadPlanError, LoadStep, steps_of
from load.load_run import StepResult
from load.time_buckets import TimeBuckets
from load.turn_mix import mix_of, turns_of
from rules.verdicts import Finding, Level, Tally

TIMES = st.lists(st.floats(1e-5, 1000), max_size=30)


@given(st.lists(st.floats(1e-4, 1000), min_size=1), st.sampled_from((50, 95, 99, 100)))
def test_a_percentile_is_known_to_two_percent(times: list[float], percent: int) -> None:
    found = TimeBuckets.of(times).percentile(percent)
    exact = sorted(times)[-(-len(times) * percent // 100) - 1]
    assert found == pytest.approx(exact, rel=0.02)


def test_of_no_times_there_is_no_percentile() -> None:
    assert TimeBuckets().percentile(50) is None


@given(TIMES, TIMES, TIMES)
def test_times_add_up_in_any_order(a: list[float], b: list[float], c: list[float]) -> None:
    one, other = TimeBuckets.of(a), TimeBuckets.of(c)
    one.add(TimeBuckets.of(b))
    one.add(TimeBuckets.of(c))
    other.add(TimeBuckets.of(a))
    other.add(TimeBuckets())
    other.add(TimeBuckets.of(b))
    assert one == other == TimeBuckets.of(a + b + c)


def _counts(turns: int, errors: list[str], times: list[float], subjects: int) -> LoadCounts:
    made = LoadCounts(
        opened=1, turns=turns, errors=Counter(errors), tallies={"a/b": Tally(subjects=subjects)}
    )
    for each in times:
        made.time("turn", each)
    return made


COUNTS = st.builds(_counts, st.integers(0, 9), st.lists(st.sampled_from("abc")), TIMES, st.integers(0, 9))


def _sum(*parts: LoadCounts) -> LoadCounts:
    total = LoadCounts()
    for each in parts:
        total.add(each)
    return total


@given(COUNTS, COUNTS, COUNTS)
def test_counts_add_up_in_any_order(a: LoadCounts, b: LoadCounts, c: LoadCounts) -> None:
    assert _sum(a, b, c) == _sum(c, a, b) == _sum(_sum(a, b), c) == _sum(a, _sum(b, LoadCounts(), c))


def test_whatever_a_server_invents_only_so_many_kinds_are_told_apart() -> None:
    found: Counter[str] = Counter()
    for number in range(1000):
        count_kind(found, f"kind {number}")
    assert len(found) == 201
    assert found.total() == 1000


@pytest.mark.parametrize(
    ("sessions", "rate", "names"),
    [(None, None, ["1", "10", "50"]), ("2,4", None, ["2", "4"]), (None, "0.5,2", ["0.5/s", "2/s"])],
)
def test_steps_are_read(sessions: str | None, rate: str | None, names: list[str]) -> None:
    assert [each.name for each in steps_of(sessions, rate)] == names


@pytest.mark.parametrize(
    ("sessions", "rate"),
    [("0", None), ("1,", None), ("1.5", None), ("x", None), (None, "-1"), ("1", "1"), ("1e9", None)],
)
def test_steps_that_are_none_are_refused(sessions: str | None, rate: str | None) -> None:
    with pytest.raises(LoadPlanError, match="--"):
        steps_of(sessions, rate)


def test_a_step_costs_what_its_turns_cost() -> None:
    plan = LoadPlan((LoadStep(sessions=10),), 60.0, {"speech": 1.0, "tool": 1.0})
    cost = plan.cost(plan.steps[0])
    assert (cost.sessions, cost.responses) == (10, 45)  # three turns each, half of them of two responses
    assert cost.audio_s == pytest.approx(15 * 8.3)
    faster = LoadPlan((LoadStep(rate=2.0),), 60.0, {"text": 1.0})
    assert faster.cost(faster.steps[0]).sessions == 120


def test_a_mix_is_read_and_kept_to(tmp_path: Path) -> None:
    file = tmp_path / "mix.yaml"
    file.write_text("turns: {speech: 3, text: 1}\n", encoding="utf-8")
    mix = mix_of(str(file))
    assert mix == {"speech": 3.0, "text": 1.0}
    turns = turns_of(mix, "seed")
    drawn = Counter(next(turns) for _ in range(1000))
    assert drawn["speech"] == pytest.approx(750, abs=60)
    again = turns_of(mix, "seed")
    assert [next(again) for _ in range(20)] == [next(t) for t in [turns_of(mix, "seed")] for _ in range(20)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speech", "under `turns`"),
        ("turns: {sing: 1}", "turns.sing"),
        ("turns: {text: 0}", "turns.text"),
        ("turns: {text: yes}", "turns.text"),
        ("turns: {}", "under `turns`"),
        ("turns: {text: 1}\nturn: 2", "under `turns`"),
        ("a: [", "mix.yaml"),
    ],
)
def test_a_mix_that_is_none_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "mix.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LoadPlanError) as error:
        mix_of(str(file))
    assert told in str(error.value)
    assert str(file) in str(error.value)


def test_neither_a_kind_nor_a_file_is_refused() -> None:
    with pytest.raises(LoadPlanError, match="text, speech, tool"):
        mix_of("song")


# --- what breaks ------------------------------------------------------------------------------------------

LEVELS = {"a/must": Level.MUST, "b/should": Level.SHOULD, "c/may": Level.MAY}


def _tally(violations: int, subjects: int = 5) -> Tally:
    finding = Finding("t", (1,), "", "", "", "", "wrong", kind="a/must#x")
    return Tally(subjects=subjects, violations=violations, findings=[finding] * min(violations, 1))


def _results(*violations: int, id_: str = "a/must") -> list[StepResult]:
    return [
        StepResult(LoadStep(sessions=n), LoadCounts(tallies={id_: _tally(number)}))
        for n, number in enumerate(violations, 1)
    ]


def test_what_held_at_the_first_step_and_is_violated_later_breaks_there() -> None:
    [course] = courses_of(_results(0, 0, 3), LEVELS)
    assert course.standings == (LoadStanding.HOLDS, LoadStanding.HOLDS, LoadStanding.VIOLATED)
    assert course.breaks_at == 2
    assert passed_limits(_results(0, 0, 3), [course], LoadLimits()) == [
        "a/must holds at 1 session and breaks at 3 sessions"
    ]


@pytest.mark.parametrize("results", [_results(1, 3), _results(0, 0), _results(0, 3, id_="c/may")])
def test_what_never_held_always_held_or_may_be_breaks_nowhere(results: list[StepResult]) -> None:
    courses = courses_of(results, LEVELS)
    assert all(each.breaks_at is None for each in courses)
    assert passed_limits(results, courses, LoadLimits()) == []


def test_what_the_first_step_did_not_decide_breaks_nowhere() -> None:
    results = [StepResult(LoadStep(sessions=1)), *_results(2)]
    [course] = courses_of(results, LEVELS)
    assert course.standings[0] is LoadStanding.UNSEEN
    assert course.breaks_at is None


def test_limits_are_held_to() -> None:
    results = _results(0, 3, id_="b/should")
    results[1].counts.time("first audio", 2.0)
    courses = courses_of(results, LEVELS)
    assert passed_limits(results, courses, LoadLimits()) == []
    assert len(passed_limits(results, courses, LoadLimits(strict=True))) == 1
    assert passed_limits(results, courses, LoadLimits(("b/*",), strict=True)) == []
    [said] = passed_limits(results, courses, LoadLimits(most_p95={"first audio": 1.5}))
    assert "first audio at 2 sessions" in said
    assert passed_limits(results, courses, LoadLimits(most_p95={"first audio": 2.5})) == []


def test_conformance_may_be_required_at_a_step_whatever_was_before() -> None:
    results = _results(1, 2)
    courses = courses_of(results, LEVELS)
    [said] = passed_limits(results, courses, LoadLimits(conformance_at="2"))
    assert "a/must" in said
    assert passed_limits(results, courses, LoadLimits(conformance_at="2", tolerated=("a/must",))) == []
    [said] = passed_limits(results, courses, LoadLimits(conformance_at="9"))
    assert "was not reached" in said
