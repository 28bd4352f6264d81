"""Findings about order, in words: of the subject at hand, and in the names of the protocol.

An automaton serves all subjects of its kind. What is told of one speaks only of events that it can have:
of a stream of text, none of audio. Moments that have no name on the wire are left out.
"""

from __future__ import annotations

from rules.order import Automaton, Effect
from rules.subjects import STREAM_TYPES, Stream, Subject

_CONNECTION = "connection"

_WORDS = {
    Effect.REPEATED: "{type} came a second time for {subject}",
    Effect.UNANNOUNCED: "{type} came for {subject}, which was not announced",
    Effect.LATE: "{type} came for {subject} after its end",
    Effect.MISSING: "{then} never came for {subject}",
    Effect.EARLY: "{type} came too late for {subject}",
}

_IN_VAIN = "{then} had not come for {subject} when {type} did"
"""It may still come, and be late."""

_OF_CONNECTIONS = {
    **_WORDS,
    Effect.REPEATED: "{type} came a second time",
    Effect.UNANNOUNCED: "{type} came without {ahead} before it",
}
"""A connection has no id, and nothing announces it."""


_EVIDENCE = {
    Effect.MISSING: ("first",),
    Effect.LATE: ("end",),
    Effect.EARLY: ("then",),
    Effect.REPEATED: ("first", "then", "it", "start"),
    Effect.UNANNOUNCED: (),
}
"""What an automaton's finding rests on: the events that play these roles."""


def rests_on(automaton: Automaton, effect: Effect, subject: Subject) -> list[int]:
    """Return the entries that a finding about `subject` rests on."""
    return [seq for t, seq in subject.seen.items() if automaton.roles.get(t) in _EVIDENCE[effect]]


def told(automaton: Automaton, effect: Effect, subject: Subject, type_: str) -> tuple[str, str, str]:
    """Return what to say of an event of `type_` that violates the rule: message, expected, actual."""
    roles = {role: _or(automaton.playing(role), subject) for role in set(automaton.roles.values())}
    roles["ahead"] = roles.get("first") or roles.get("start", "")
    words = _OF_CONNECTIONS if subject.kind == _CONNECTION else _WORDS
    in_vain = effect is Effect.MISSING and automaton.roles.get(type_) == "before"
    message = (_IN_VAIN if in_vain else words[effect]).format(
        type=type_, subject=f"{subject.kind} {subject.id}", **roles
    )
    actual = f"no {roles['then']}" if effect is Effect.MISSING else type_
    return message, automaton.words[effect].format(**roles), actual


def _or(types: list[str], subject: Subject) -> str:
    named = [each for each in types if not each.startswith("@")] or types
    if isinstance(subject, Stream):
        own = [each for each in named if STREAM_TYPES.get(each, (subject.family,))[0] == subject.family]
        named = own or named
    return " or ".join(named)
