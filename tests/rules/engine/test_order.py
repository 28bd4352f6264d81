"""The combinators that rules about order are made of: their tables, and the laws they obey."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.order import (
    Automaton,
    Bound,
    Effect,
    Joint,
    alternating,
    at_most_one,
    followed_by_one,
    nothing_after,
    ordered,
    preceded_by,
)

A, B, C, X = "a", "b", "c", "x"

COMBINATORS: dict[str, Automaton] = {
    "followed by one": followed_by_one(A, B),
    "followed by one before": followed_by_one(A, B, before=C),
    "followed by one unless": followed_by_one(A, B, before=C, unless=X),
    "followed by one or more": followed_by_one(A, B, or_more=True),
    "preceded by": preceded_by(B, A),
    "nothing after": nothing_after(B, A),
    "nothing after until": nothing_after(B, A, until=C),
    "ordered": ordered(A, B),
    "at most one": at_most_one(A),
    "at most one until": at_most_one(A, until=C),
    "alternating": alternating(A, B, or_end=C),
}

VIOLATIONS = frozenset(Effect) - {Effect.EXAMINED}

words = st.lists(st.sampled_from([A, B, C, X]), max_size=12)


def run(automaton: Automaton, events: Sequence[str]) -> tuple[int, list[Effect]]:
    """Return the state after `events`, and all effects on the way."""
    state, effects = 0, []
    for event in events:
        state, effect = automaton.step(state, event)
        if effect is not None:
            effects.append(effect)
    return state, effects


@pytest.mark.parametrize(
    ("automaton", "events", "effects"),
    [
        (followed_by_one(A, B), [A, B], [Effect.EXAMINED]),
        (followed_by_one(A, B), [A, X, B, X], [Effect.EXAMINED]),
        (followed_by_one(A, B), [A, B, B], [Effect.EXAMINED, Effect.REPEATED]),
        (followed_by_one(A, B), [A, B, B, B], [Effect.EXAMINED, Effect.REPEATED]),
        (followed_by_one(A, B), [B], []),
        (followed_by_one(A, B), [B, A, B], [Effect.EXAMINED]),
        (followed_by_one(A, B, before=C, or_earlier=True), [B, A, C], []),
        (followed_by_one(A, B), [A], []),
        (followed_by_one(A, B, before=C), [A, C], [Effect.MISSING]),
        (followed_by_one(A, B, before=C), [A, C, C], [Effect.MISSING]),
        (followed_by_one(A, B, before=C), [C, A, B], [Effect.EXAMINED]),
        (followed_by_one(A, B, before=C, unless=X), [A, X, C], []),
        (followed_by_one(A, B, or_more=True), [A, B, B], [Effect.EXAMINED]),
        (followed_by_one((A, X), B), [X, B], [Effect.EXAMINED]),
        (preceded_by(B, A), [A, B, B], [Effect.EXAMINED]),
        (preceded_by(B, A), [B, A, B], [Effect.UNANNOUNCED]),
        (preceded_by(B, A), [A], []),
        (nothing_after(B, A), [B, A], [Effect.EXAMINED]),
        (nothing_after(B, A), [A, B, B], [Effect.EXAMINED, Effect.LATE]),
        (nothing_after(B, A, until=C), [A, C, B], [Effect.EXAMINED]),
        (nothing_after(B, A, until=C), [C, A, B], []),
        (ordered(A, B), [A, B], [Effect.EXAMINED]),
        (ordered(A, B), [B, A], [Effect.EARLY]),
        (ordered(A, B), [B], []),
        (ordered(A, B), [B, B, A, A], [Effect.EARLY]),
        (at_most_one(A), [A], [Effect.EXAMINED]),
        (at_most_one(A), [A, B, A, A], [Effect.EXAMINED, Effect.REPEATED]),
        (at_most_one(A, until=C), [A, C, A], [Effect.EXAMINED]),
        (alternating(A, B), [A, B, A, B], [Effect.EXAMINED, Effect.EXAMINED]),
        (alternating(A, B), [A, A], [Effect.REPEATED]),
        (alternating(A, B), [B], [Effect.UNANNOUNCED]),
        (alternating(A, B, or_end=C), [A, C, B, A], []),
        (alternating(A, B, or_end=C), [A, C, A, B], [Effect.EXAMINED]),
    ],
)
def test_what_each_combinator_says(automaton: Automaton, events: list[str], effects: list[Effect]) -> None:
    assert run(automaton, events)[1] == effects


@pytest.mark.parametrize("automaton", COMBINATORS.values(), ids=COMBINATORS.keys())
class TestLaws:
    @given(events=words)
    def test_events_of_other_types_change_nothing(self, automaton: Automaton, events: list[str]) -> None:
        with_others = [e for event in events for e in (event, "something else")]
        assert run(automaton, with_others) == run(automaton, events)

    @given(events=words, more=words)
    def test_a_prefix_of_a_good_conversation_never_violates(
        self, automaton: Automaton, events: list[str], more: list[str]
    ) -> None:
        if not VIOLATIONS & set(run(automaton, events + more)[1]):
            assert not VIOLATIONS & set(run(automaton, events)[1])

    @given(events=words)
    def test_an_obligation_is_reported_once(self, automaton: Automaton, events: list[str]) -> None:
        state, _ = run(automaton, events)
        if state in automaton.owing:
            assert automaton.told not in automaton.owing

    @given(events=words)
    def test_a_violation_is_said_in_words(self, automaton: Automaton, events: list[str]) -> None:
        for effect in run(automaton, events)[1]:
            assert effect is Effect.EXAMINED or automaton.words[effect]


def bound(automata: dict[str, Automaton]) -> list[Bound]:
    return [Bound(name, "item", automaton) for name, automaton in automata.items()]


@given(events=words)
def test_running_together_is_running_apart(events: list[str]) -> None:
    joint = Joint(bound(COMBINATORS))
    state = joint.start
    said: dict[str, list[Effect]] = {name: [] for name in COMBINATORS}
    for event in events:
        state, effects = joint.step(state, event)
        for rule, effect in effects:
            said[rule.requirement].append(effect)
    for name, automaton in COMBINATORS.items():
        apart_state, apart = run(automaton, events)
        assert said[name] == apart
        owes = any(rule.requirement == name for rule in joint.owing(state))
        assert owes == (apart_state in automaton.owing)


@given(events=words)
def test_a_move_is_a_step_that_means_nothing(events: list[str]) -> None:
    joint = Joint(bound(COMBINATORS))
    state = joint.start
    for event in events:
        after, effects = joint.step(state, event)
        assert (state.moves.get(event) is after) == (not effects)
        state = after


def test_a_steady_event_leads_back_to_the_same_state() -> None:
    joint = Joint([Bound("r", "stream", followed_by_one(A, B)), Bound("s", "stream", nothing_after(A, B))])
    once, _ = joint.step(joint.start, A)
    again, _ = joint.step(once, A)
    assert again is once
    assert once.moves[A] is once


def test_what_was_told_is_not_owed_any_more() -> None:
    rule = Bound("r", "item", followed_by_one(A, B))
    joint = Joint([rule, Bound("s", "item", at_most_one(X))])
    state, _ = joint.step(joint.start, A)
    assert joint.owing(state) == [rule]
    assert joint.owing(joint.told(state, rule)) == []
