"""How the proxy alters what a server sends: by faults and variants of the reference server, and by type."""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import click

from packs.catalogue import channels
from packs.paths import REALTIME
from protocol.catalogue import dialect_of
from protocol.json_values import Json
from proxy.rewriting import Ending, Outgoing, Pausing, Rewriter, Sending, text_frame
from proxy.sessions import Spoken
from reference.alterations import FRESH, Alteration, Broken, Close, Memory, Pause, Sent, SessionStep
from reference.broken_frames import WAYS_TO_BREAK
from reference.channels.messages import enveloped, opened_envelope, read_message
from reference.differences import Difference
from wire.frames import dump


def rewriting(differences: Mapping[str, Difference]) -> dict[str, Difference]:
    """Return those of `differences` that do nothing but rewrite what a server sends."""
    return {name: each for name, each in differences.items() if _only_rewrites(each)}


def _only_rewrites(difference: Difference) -> bool:
    if difference.door is not None or difference.conduct.policy or difference.conduct.doors:
        return False
    steps = [change(Memory()) for change in difference.changes]
    return bool(steps) and all(type(each).incoming is SessionStep.incoming for each in steps)


def chosen_alterations(
    kind: str, names: Iterable[str], catalogue: Callable[[str], Mapping[str, Difference]]
) -> list[Difference]:
    """Return the faults or variants with these names. Raises `click.UsageError` for what is no use here."""
    known = catalogue(kind) if names else {}
    usable = rewriting(known)
    for name in names:
        if name in usable:
            continue
        if name in known:
            raise click.UsageError(
                f"--{kind} {name}: a proxy cannot do that, as it is about more than what a server sends"
            )
        near = difflib.get_close_matches(name, usable, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"`serve --list-{kind}s` lists them"
        raise click.UsageError(f"there is no {kind} {name!r}; {hint}")
    return [usable[name] for name in names]


@dataclass(frozen=True, slots=True)
class AlteredTraffic:
    """What is altered: by `differences`, and by type of what a server sends.

    What is in `drop` is left out, what is in `delay` leaves between so many seconds late, and behind what is
    in `close_after` the connection is closed with that code.
    """

    differences: tuple[Difference, ...] = ()
    drop: frozenset[str] = frozenset()
    delay: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    close_after: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0

    def __bool__(self) -> bool:
        return bool(self.differences or self.drop or self.delay or self.close_after)

    @property
    def told(self) -> str:
        """What is altered, in words."""
        parts = [each.name for each in self.differences]
        parts += [f"{type_} left out" for type_ in sorted(self.drop)]
        parts += [f"{type_} late" for type_ in sorted(self.delay)]
        parts += [f"closed with {code} after {type_}" for type_, code in sorted(self.close_after.items())]
        return ", ".join(parts)

    def rewriter(self, spoken: Spoken, number: int) -> Rewriter | None:
        """Return what alters session `number`, None where nothing is altered in what it speaks."""
        if not self:
            return None
        family = set(dialect_of(spoken.dialect).family)
        meant = [
            each
            for each in self.differences
            if each.channel == spoken.channel and family & set(each.dialects)
        ]
        changes = [change for each in meant for change in each.changes]
        return AlteredServer(self, Alteration(changes), f"{self.seed}/{number}", _types(spoken.channel))


def _types(channel: str) -> Collection[str]:
    """Return the names of a client's messages on a channel without types; none where they have types."""
    return () if channel == REALTIME else tuple(channels()[channel].contract.client)


class AlteredServer:
    """A server in one session, as its client is to see it; `types` are a client's, of a keyed channel."""

    def __init__(
        self, traffic: AlteredTraffic, alteration: Alteration, seed: str, types: Collection[str]
    ) -> None:
        self._traffic, self._alteration, self._types = traffic, alteration, types
        self._alteration.memory.live = True
        self._random = random.Random(seed)  # noqa: S311 - no secret depends on it

    def asked(self, event: Json) -> list[Outgoing]:
        """Take in an event of the client; return what is sent at once on it."""
        try:
            inner = read_message(event, self._types) if self._types else event
            if not isinstance(inner.get("type"), str):
                return []
            self._alteration.incoming(inner)
            return self._leaving(self._alteration.reactions(inner))
        except Exception:  # noqa: BLE001 - a change is made for valid events; who tries others gets no reaction
            return []

    def said(self, event: Json) -> list[Outgoing]:
        """Return what is sent in place of an event of the server."""
        inner = opened_envelope(event) if self._types else event
        if inner is None or not isinstance(inner.get("type"), str):
            return [Sending(text_frame(event))]
        try:
            return self._leaving(self._alteration.outgoing(inner))
        except Exception:  # noqa: BLE001 - a change is made for the reference server; others say other things
            return self._leaving([inner])

    def resumed(self) -> list[Outgoing]:
        """Return what is sent when a pause is over."""
        return self._leaving(self._alteration.resumed())

    def _leaving(self, events: Iterable[Sent]) -> list[Outgoing]:
        return [outgoing for each in events for outgoing in self._one(each)]

    def _one(self, sent: Sent) -> list[Outgoing]:
        if isinstance(sent, Close):
            return [Ending(sent.code)]
        if isinstance(sent, Pause):
            return [Pausing(sent.seconds)]
        if isinstance(sent, Broken):
            return [Sending(WAYS_TO_BREAK[sent.way](dump(self._outer(sent.event)).encode()))]
        type_ = str(sent.get("type"))
        if type_ in self._traffic.drop:
            return []
        least, most = self._traffic.delay.get(type_, (0.0, 0.0))
        found: list[Outgoing] = [Sending(text_frame(self._outer(sent)), self._random.uniform(least, most))]
        if type_ in self._traffic.close_after:
            found.append(Ending(self._traffic.close_after[type_]))
        return found

    def _outer(self, event: Json) -> Json:
        if self._types:
            return enveloped(event)
        if event.get("event_id") == FRESH:
            return {**event, "event_id": f"event_{self._random.getrandbits(64):016x}"}
        return event
