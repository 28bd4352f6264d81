"""Recognises the retired beta dialect (facts 5), so that it is named instead of failing everywhere."""

from __future__ import annotations

from protocol.event_types import Event
from rules.verdicts import Finding, Tally

SPEAKS_GA = "dialect/ga"
NOT_MIXED = "dialect/not-mixed"

_FAMILIES = {
    "response.text": "response.output_text",
    "response.audio": "response.output_audio",
    "response.audio_transcript": "response.output_audio_transcript",
}
TYPES: dict[str, str] = {
    f"{beta}.{suffix}": f"{ga}.{suffix}" for beta, ga in _FAMILIES.items() for suffix in ("delta", "done")
} | {
    "transcription_session.created": "session.created",
    "transcription_session.updated": "session.updated",
}
"""Beta event types and the GA types that took their place."""

STREAMS = tuple(type_ for type_ in TYPES if type_.startswith("response."))
"""The beta types that are about streams."""

_ITEM_CREATED, _ITEM_ADDED = "conversation.item.created", "conversation.item.added"
_GA_TYPES = {ga: beta for beta, ga in TYPES.items() if beta.startswith("response.")}
_FLAT = frozenset(("voice", "input_audio_format", "output_audio_format", "turn_detection"))
"""Settings that the beta has at the top of a session, and GA below `audio`. `modalities` is none of them:
servers of GA show it under its old name, and nothing else of the beta."""

_FLAT_ENOUGH = 2  # settings at the top that make a session one of the beta


class DialectSigns:
    """Signs of either dialect in one connection."""

    __slots__ = ("beta", "beta_session", "ga", "ga_session")

    def __init__(self) -> None:
        self.beta: dict[str, int] = {}  # event type, and where it first came
        self.ga: dict[str, int] = {}
        self.beta_session = 0
        self.ga_session = 0

    def hear(self, type_: str, event: Event, seq: int) -> None:
        """Take note of an event that comes seldom enough to be looked at."""
        if type_ in TYPES or type_ == _ITEM_CREATED:
            session = event.get("session")
            if isinstance(session, dict) and "type" in session and "audio" in session:
                return  # a session of GA under a name of the beta: session/created/first speaks of it
            self.beta.setdefault(type_, seq)
        elif type_ in _GA_TYPES or type_ == _ITEM_ADDED:
            self.ga.setdefault(type_, seq)
        elif type_ in ("session.created", "session.updated"):
            session = event.get("session")
            if isinstance(session, dict):
                self._hear_session(session, seq)

    def _hear_session(self, session: Event, seq: int) -> None:
        if "type" in session or "audio" in session:
            self.ga_session = self.ga_session or seq
        elif len(_FLAT & set(session)) >= _FLAT_ENOUGH:
            self.beta_session = self.beta_session or seq

    @property
    def speaks_beta(self) -> bool:
        """Whether this is the beta and no GA at all."""
        streams = any(t in TYPES for t in self.beta)
        # A capture that begins in the middle may show no more than this.
        objects = not self.ga_session and _ITEM_CREATED in self.beta
        return not self.ga and (streams or bool(self.beta_session) or objects)

    def mixed(self) -> list[tuple[str, int, str, int]]:
        """Return the streams of the beta beside events of GA: beta type, where; GA type, where.

        The GA type is that of the same family if it came as well, else the first that came.
        """
        if not self.ga:
            return []
        first = next(iter(self.ga))
        found = [(beta, seq, TYPES[beta]) for beta, seq in self.beta.items() if beta in TYPES]
        return [
            (beta, seq, ga if ga in self.ga else first, self.ga.get(ga, self.ga[first]))
            for beta, seq, ga in found
            if ga in self.ga or beta in STREAMS
        ]


def name_dialect(
    signs: DialectSigns, trace: str, tallies: dict[str, Tally], *, renamed: bool = False
) -> dict[str, Tally]:
    """Return `tallies` with what the signs say of the dialect.

    Of a connection in the beta dialect nothing else is judged: every other finding would say the same.
    In a dialect whose events are `renamed` as the beta's are, what looks like the beta is another dialect.
    """
    other = "another dialect" if renamed else "the retired beta dialect"
    spoken = Tally(subjects=1 if signs.ga or signs.beta or signs.beta_session else 0)
    if signs.speaks_beta:
        spoken.violations = 1
        spoken.findings.append(_speaks(signs, trace, other, renamed=renamed))
        tallies = {id_: _unjudged(tally, other) for id_, tally in tallies.items()}
    mixed = Tally(subjects=1 if signs.ga else 0)
    for beta, seq, ga, ga_seq in signs.mixed():
        mixed.violations += 1
        mixed.findings.append(
            Finding(
                trace=trace,
                seqs=(seq,),
                type=beta,
                path="type",
                expected=ga,
                actual=beta,
                message=f"{beta} came in a connection that also has {ga}",
                kind=f"{NOT_MIXED}#mixed",
                because=(ga_seq,),
            )
        )
    return {**tallies, SPEAKS_GA: spoken, NOT_MIXED: mixed}


def _speaks(signs: DialectSigns, trace: str, other: str, *, renamed: bool) -> Finding:
    names = ", ".join(sorted(signs.beta)) or "a session with its settings at the top"
    where = tuple(sorted(signs.beta.values())) or (signs.beta_session,)
    return Finding(
        trace=trace,
        seqs=where[:3],
        type=next(iter(signs.beta), "session.created"),
        path="type",
        expected="the events of this dialect" if renamed else "the events of GA",
        actual=names,
        message=f"speaks {other}: {names}",
        kind=f"{SPEAKS_GA}#beta",
        because=(signs.beta_session,) if signs.beta_session else (),
    )


def _unjudged(tally: Tally, other: str) -> Tally:
    """Return what is left of a tally where the server speaks `other`."""
    left = Tally(errors=tally.errors)
    if tally.subjects:
        left.undecided[f"the server speaks {other}"] += 1
    return left
