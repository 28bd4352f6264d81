"""Findings about order, in words: of the subject at hand, and in the names of the protocol.

An automaton serves all subjects of its kind. What is told of one speaks only of events that it can have:
of a stream of text, none of audio. Moments that have no name on the wire are left out.
"""

from __future__ import annotations

from rules.order import Automaton, Effect
from rules.subjects import STREAM_TYPES, Stream, Subject

_CONNECTION = "connection"

_WORDS = {
    Effect.REPEATED: "{type} came a second time{subject}; there must be {words}",
    Effect.UNANNOUNCED: "{type} came{subject}, and no {ahead} before it",
    Effect.LATE: "{type} came{subject} after {came}; nothing of this kind may follow that",
    Effect.MISSING: "{then} never came{subject}; it must come after {came}",
    Effect.EARLY: "{type} came{subject} after {came}; it must come before that",
}

_IN_VAIN = "{then} had not come{subject} when {type} came; it must come before that"
"""It may still come, and be late."""


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
    expected = automaton.words[effect].format(**roles)
    in_vain = effect is Effect.MISSING and automaton.roles.get(type_) == "before"
    message = (_IN_VAIN if in_vain else _WORDS[effect]).format(
        type=type_,
        subject="" if subject.kind == _CONNECTION else f" for {subject.kind} {subject.id}",
        words=expected,
        ahead=roles.get("first") or roles.get("start", ""),
        came=_seen(automaton, effect, subject),
        then=roles.get("then", ""),
    )
    actual = f"no {roles['then']}" if effect is Effect.MISSING else type_
    return message, expected, actual


def _seen(automaton: Automaton, effect: Effect, subject: Subject) -> str:
    """Return the events that a finding rests on, in words: those that came, or else those that might have."""
    roles = _EVIDENCE[effect]
    came = [each for each in subject.seen if automaton.roles.get(each) in roles and not each.startswith("@")]
    return " and ".join(came) or _or([each for role in roles for each in automaton.playing(role)], subject)


def _or(types: list[str], subject: Subject) -> str:
    named = [each for each in types if not each.startswith("@")] or types
    if isinstance(subject, Stream):
        own = [each for each in named if STREAM_TYPES.get(each, (subject.family,))[0] == subject.family]
        named = own or named
    return " or ".join(named)
