"""What a baseline makes of a run: which failures are known, which entries do nothing any more."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.baseline import (
    RED,
    Baseline,
    BaselineEntry,
    BaselineStatus,
    Expected,
    Held,
    SeenRequirement,
    State,
    hold,
)
from reports.model import Exit
from rules.verdicts import Finding, Tally, Verdict
from tests.reports.formats.sample import (
    ALSO_FAILED,
    FAILED,
    HELD,
    OF_HOW_MANY,
    UNDECIDED,
    WARNED,
    entry,
    held,
    report,
    tallies,
)

TODAY = dt.date(2026, 11, 23)
A, B = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
ID = "response/usage/present"


def _seen(
    verdict: str, *prints: str, runs: int = 1, failures: int | None = None, id_: str = ID
) -> SeenRequirement:
    broken = int(verdict in ("fail", "warn"))
    return SeenRequirement(
        id_, Verdict(verdict), dict.fromkeys(prints, "said"), runs, broken if failures is None else failures
    )


def _entry(verdict: str = "fail", *prints: str, requirement: str = ID, **more: Any) -> BaselineEntry:
    return replace(
        BaselineEntry(requirement, Expected(verdict), "known", fingerprints=frozenset(prints), line=1), **more
    )


def _hold(
    seen: SeenRequirement | list[SeenRequirement],
    *entries: BaselineEntry,
    coverage: bool = False,
    whole: bool = True,
) -> Held:
    given_ = seen if isinstance(seen, list) else [seen]
    return hold(given_, Baseline(entries, coverage=coverage), "openai", today=TODAY, whole=whole)


@pytest.mark.parametrize(
    ("seen", "known", "expectation", "state"),
    [
        # as expected
        (_seen("fail", A), _entry("fail", A), "expected", "in-force"),
        (_seen("fail", A), _entry("fail"), "expected", "in-force"),
        (_seen("warn", A), _entry("warn", A), "expected", "in-force"),
        (_seen("not-observed"), _entry("not-observed"), "expected", "in-force"),
        # one of several findings is gone, the others are as expected
        (_seen("fail", A), _entry("fail", A, B), "expected", "in-force"),
        # it fails in another way
        (_seen("fail", B), _entry("fail", A), "unexpected", "changed"),
        (_seen("fail", A, B), _entry("fail", A), "unexpected", "in-force"),
        (_seen("fail", A), _entry("warn", A), "unexpected", "changed"),
        (_seen("warn", A), _entry("fail", A), "unexpected", "changed"),
        (_seen("fail", A), _entry("not-observed"), "unexpected", "changed"),
        # it holds
        (_seen("pass"), _entry("fail", A), "stale", "stale"),
        (_seen("pass"), _entry("warn"), "stale", "stale"),
        (_seen("pass"), _entry("not-observed"), "stale", "stale"),
        # nobody can tell
        (_seen("inconclusive"), _entry("fail", A), "none", "undecided"),
        (_seen("harness-error"), _entry("fail", A), "none", "undecided"),
        # nothing is meant
        (_seen("not-observed"), _entry("fail", A), "none", "unused"),
        (_seen("not-offered"), _entry("fail", A), "none", "unused"),
        (_seen("fail", A), _entry("fail", requirement="no/such"), "unexpected", "unused"),
        # flaky
        (_seen("fail", A, runs=3, failures=2), _entry("flaky", A), "expected", "in-force"),
        (_seen("fail", A), _entry("flaky", A), "expected", "in-force"),
        (_seen("pass", runs=3), _entry("flaky", A), "none", "in-force"),
        (_seen("pass"), _entry("flaky", A), "none", "in-force"),
        (_seen("fail", B, runs=3, failures=2), _entry("flaky", A), "unexpected", "changed"),
        (_seen("fail", A, runs=3, failures=3), _entry("flaky", A), "unexpected", "changed"),
        (_seen("fail", A, runs=3, failures=2), _entry("fail", A), "unexpected", "unsteady"),
        (_seen("fail", A, runs=3, failures=3), _entry("fail", A), "expected", "in-force"),
        # not without a reason, and not for ever
        (_seen("fail", A), _entry("fail", A, reason="CHANGE ME"), "expected", "unexplained"),
        (_seen("fail", A), _entry("fail", A, reason=" change me "), "expected", "unexplained"),
        (_seen("fail", A), _entry("fail", A, reason=""), "expected", "unexplained"),
        (_seen("fail", A), _entry("fail", A, expires=TODAY - dt.timedelta(1)), "expected", "expired"),
        (_seen("fail", A), _entry("fail", A, expires=TODAY), "expected", "in-force"),
        (_seen("inconclusive"), _entry("fail", A, expires=TODAY - dt.timedelta(1)), "none", "expired"),
        (_seen("pass"), _entry("fail", A, expires=TODAY - dt.timedelta(1)), "stale", "stale"),
        # of the other dialect
        (_seen("fail", A), _entry("fail", A, dialect="inworld"), "unexpected", "other-dialect"),
        (_seen("fail", A), _entry("fail", A, dialect="openai"), "expected", "in-force"),
    ],
)
def test_an_entry_against_what_was_seen(
    seen: SeenRequirement, known: BaselineEntry, expectation: str, state: str
) -> None:
    made = _hold(seen, known)
    assert (made.expectations[ID], made.entries[0].state) == (expectation, state)
    assert made.keeps == (state not in RED)


def test_several_entries_cover_a_requirement_together() -> None:
    seen = _seen("fail", A, B)
    made = _hold(seen, _entry("fail", A), _entry("fail", B, reason="another"))
    assert made.expectations[ID] is BaselineStatus.EXPECTED
    assert made.keeps
    assert made.reasons[ID] == "known"


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("response/**", ["response/a/b", "response/done.x/c"]),
        ("response/*/b", ["response/a/b"]),
        ("**", ["response/a/b", "response/done.x/c", "payload/response.done", "responseX/a/b"]),
        ("**/b", ["response/a/b", "responseX/a/b"]),
        ("payload/response.done", ["payload/response.done"]),
        ("payload/response?done", []),
        ("response/*", []),
    ],
)
def test_patterns(pattern: str, meant: list[str]) -> None:
    ids = ["response/a/b", "response/done.x/c", "payload/response.done", "responseX/a/b"]
    assert [id_ for id_ in ids if _entry(requirement=pattern).means(id_)] == meant


def test_a_pattern_is_in_force_as_long_as_one_of_its_requirements_fails() -> None:
    pattern = _entry("fail", requirement="response/**")
    failing, passing = _seen("fail", A, id_="response/a"), _seen("pass", id_="response/b")
    made = _hold([failing, passing], pattern)
    assert made.entries[0].state is State.IN_FORCE
    assert made.entries[0].covers == ("response/a",)
    assert made.expectations == {"response/a": "expected", "response/b": "none"}
    assert _hold([passing], pattern).entries[0].state is State.STALE


def test_coverage_can_be_required() -> None:
    seen = [_seen("not-observed", id_="a/b"), _seen("not-observed", id_="a/c"), _seen("pass", id_="a/d")]
    known = _entry("not-observed", requirement="a/b")
    assert _hold(seen, known).keeps
    made = _hold(seen, known, coverage=True)
    assert made.unobserved == ("a/c",)
    assert not made.keeps
    assert _hold(seen, known, coverage=True, whole=False).keeps


@pytest.mark.parametrize("verdict", ["pass", "not-observed"])
def test_part_of_a_run_makes_no_entry_stale_or_unused(verdict: str) -> None:
    held = _hold(_seen(verdict), _entry("fail", A), whole=False)
    assert held.entries[0].state is State.UNDECIDED
    assert held.expectations[ID] is BaselineStatus.NONE, "and so no case of junit.xml or of pytest fails"


_PRINTS = st.sets(st.sampled_from([A, B, "cccccccccccc"]))
_IDS = st.sampled_from(["a/b", "a/c", "d/e"])
_SEENS = st.lists(
    st.builds(
        lambda id_, verdict, prints, runs, failures: SeenRequirement(
            id_,
            verdict,
            dict.fromkeys(prints, "said") if verdict in ("fail", "warn") else {},
            runs,
            max(1, min(failures, runs)) if verdict in ("fail", "warn") else 0,
        ),
        _IDS,
        st.sampled_from(list(Verdict)),
        _PRINTS.filter(bool),
        st.integers(1, 3),
        st.integers(0, 3),
    ),
    unique_by=lambda s: s.id,
    max_size=3,
)
_ENTRIES = st.lists(
    st.builds(
        BaselineEntry,
        st.sampled_from(["a/b", "a/*", "d/e", "**"]),
        st.sampled_from(list(Expected)),
        st.sampled_from(["known", "CHANGE ME"]),
        st.sampled_from(["", "openai", "inworld"]),
        _PRINTS.map(frozenset),
    ),
    max_size=4,
)


@given(_SEENS, _ENTRIES, st.booleans(), st.booleans())
def test_laws(seen: list[SeenRequirement], entries: list[BaselineEntry], coverage: bool, whole: bool) -> None:
    made = _hold(seen, *entries, coverage=coverage, whole=whole)
    assert [w.entry for w in made.entries] == entries
    for each in seen:
        expectation = made.expectations[each.id]
        # What is violated is known or it is not; nothing else is either.
        assert (expectation in ("expected", "unexpected")) or not each.violated
        # An expected violation is covered by an entry that is in force, or red for want of a reason.
        if expectation is BaselineStatus.EXPECTED:
            assert any(each.id in w.covers for w in made.entries)
    for weighed in made.entries:
        assert weighed.told
        if weighed.covers:
            assert weighed.state in (State.IN_FORCE, State.UNEXPLAINED, State.EXPIRED)
    # Without entries, everything that is violated is unexpected.
    bare = _hold(seen)
    assert all((bare.expectations[s.id] is BaselineStatus.UNEXPECTED) == s.violated for s in seen)
    assert bare.keeps


# --- the exit code ---------------------------------------------------------------------------------------

_FAILING = report(broken=False)
_BOTH = (entry(FAILED), entry(ALSO_FAILED))


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        (_BOTH, Exit.CONFORMS),
        ((entry("**"),), Exit.CONFORMS),
        ((entry(FAILED),), Exit.DOES_NOT_CONFORM),
        ((entry(FAILED, fingerprints=frozenset([A])), entry(ALSO_FAILED)), Exit.DOES_NOT_CONFORM),
        ((*_BOTH, entry(HELD)), Exit.BASELINE),
        ((*_BOTH, entry("no/such")), Exit.BASELINE),
        ((entry(FAILED, reason="CHANGE ME"), entry(ALSO_FAILED)), Exit.BASELINE),
        ((entry(FAILED, expires=dt.date(2026, 1, 1)), entry(ALSO_FAILED)), Exit.BASELINE),
        ((entry(FAILED), entry(HELD)), Exit.DOES_NOT_CONFORM),
        ((*_BOTH, entry(UNDECIDED)), Exit.CONFORMS),
        ((), Exit.DOES_NOT_CONFORM),
    ],
)
def test_exit_code(entries: tuple[BaselineEntry, ...], code: Exit) -> None:
    made = held(_FAILING, *entries)
    assert made.exit is code
    # It stays a failure in the report, whatever the gate says.
    assert made.counts == _FAILING.counts
    assert "Does not conform to OpenAI GA: 2 requirements failed" in made.sentence


def test_the_sentence_says_what_is_known_and_what_is_out_of_date() -> None:
    assert held(_FAILING, *_BOTH).sentence.endswith(
        f"2 requirements failed, all of them known; 4 {OF_HOW_MANY}."
    )
    assert held(_FAILING, entry(FAILED)).sentence.endswith(
        f"2 requirements failed, 1 of them known; 4 {OF_HOW_MANY}."
    )
    assert held(_FAILING, *_BOTH, entry(HELD)).sentence.endswith(
        f"all of them known; the baseline is out of date in 1 place; 4 {OF_HOW_MANY}."
    )


def test_strict_counts_warnings_that_nobody_knows() -> None:
    strict = replace(_FAILING, strict=True)
    assert held(strict, *_BOTH).exit is Exit.DOES_NOT_CONFORM
    assert held(strict, *_BOTH, entry(WARNED, "warn")).exit is Exit.CONFORMS
    assert held(_FAILING, *_BOTH, entry(WARNED, "warn")).exit is Exit.CONFORMS


def test_no_baseline_makes_up_for_what_is_worse() -> None:
    assert held(replace(_FAILING, interrupted=True), *_BOTH).exit is Exit.INTERRUPTED
    assert held(report(), *_BOTH).exit is Exit.HARNESS_ERROR
    nobody = replace(report(counted={}), opened=False, trouble="nobody is there")
    assert held(nobody, *_BOTH).exit is Exit.UNREACHABLE
    assert held(replace(_FAILING, trouble="the server is gone"), *_BOTH).exit is Exit.UNREACHABLE


def test_a_run_that_broke_off_makes_no_entry_stale() -> None:
    made = held(replace(_FAILING, trouble="the server is gone"), *_BOTH, entry(HELD))
    assert made.held is not None
    assert made.held.keeps


def test_more_findings_than_are_listed_still_need_an_entry() -> None:
    """The eleventh violation is of another kind: an entry for the first ten does not cover it."""
    listed = tallies()[ALSO_FAILED].findings[0]
    tally = Tally()
    for index in range(11):
        tally.subjects += 1
        tally.violations += 1
        tally.note(replace(listed, kind=f"{FAILED}#another") if index == 10 else listed)
    assert len(tally.findings) == 10
    made = report(counted={FAILED: tally}, broken=False)
    known = entry(FAILED, fingerprints=frozenset([listed.fingerprint]))
    assert held(made, known).exit is Exit.DOES_NOT_CONFORM
    everything = entry(FAILED, fingerprints=frozenset(tally.fingerprints))
    assert held(made, everything).exit is Exit.CONFORMS


def test_tallies_of_several_traces_keep_all_kinds() -> None:
    def tally(message: str) -> Tally:
        made = Tally(subjects=10, violations=10)
        for _ in range(10):
            made.note(
                Finding("t", (1,), "response.done", "", "", "", message, kind=f"{ALSO_FAILED}#{message}")
            )
        return made

    total = Tally()
    for message in ("one", "two", "three"):
        total.add(tally(message))
    assert sorted(total.fingerprints.values()) == ["one", "three", "two"]
    assert [f.message for f in total.findings] == [*["one"] * 8, "two", "three"]


def test_the_failure_that_the_baseline_does_not_know_is_told_first() -> None:
    known = Finding("a.b", (1,), "response.done", "usage", "one", "none", "it is known")
    new = Finding("a.b", (2,), "response.done", "id", "one", "none", "it is new")
    counted = {**tallies(), FAILED: Tally(subjects=2, violations=2, findings=[known, new])}
    made = report(counted=counted, broken=False)
    entry_ = entry(FAILED, fingerprints=frozenset((known.fingerprint,)))
    result = next(r for r in held(made, entry_).requirements if r.id == FAILED)
    assert result.expectation is BaselineStatus.UNEXPECTED
    assert [f.message for f in result.findings] == ["it is new", "it is known"]
    everything = entry(FAILED, fingerprints=frozenset((known.fingerprint, new.fingerprint)))
    result = next(r for r in held(made, everything).requirements if r.id == FAILED)
    assert [f.message for f in result.findings] == ["it is known", "it is new"]
