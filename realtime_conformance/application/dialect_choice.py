"""Which dialect a server is judged by where nobody says: its address decides, else the signs in its traffic.

Dialects name their signs (`signs` in `dialect.yaml`), in families: keys of the session, types of events about
items, of streams, and what only this dialect has. A family speaks for a dialect where more of its signs came
than of all others. What speaks for two dialects alike is a question for the user.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protocol.catalogue import UNNAMED, dialect_of, dialects, recognised
from protocol.dialect import Dialect, DialectName
from protocol.siblings import sibling_of
from realtime_conformance.application.targets import TargetError

if TYPE_CHECKING:
    from wire.trace import Trace

OWN = "own"
"""The family of what only one dialect has: it speaks for it, and its absence against nothing."""

ENOUGH = 2000
"""Entries of one connection in which its signs are looked for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The dialect that was chosen, and why, in words; no words where somebody named it."""

    dialect: DialectName
    why: str = ""

    @property
    def note(self) -> str:
        """What a report says of the choice; empty where somebody named the dialect."""
        return f"judged by {dialect_of(self.dialect).title}: {self.why}" if self.why else ""


@dataclass(slots=True)
class Heard:
    """What server events show of the dialect: their types, and the keys of sessions."""

    types: set[str] = field(default_factory=set)
    session: set[str] = field(default_factory=set)

    def hear(self, event: Any) -> None:
        """Take note of one event of a server, as it was on the wire."""
        if not isinstance(event, dict) or not isinstance(type_ := event.get("type"), str):
            return
        self.types.add(type_)
        if isinstance(session := event.get("session"), dict):
            self.session.update(session)

    def seen(self, family: str) -> set[str]:
        """Return what may hold signs of a family."""
        return (
            self.session
            if family == "session"
            else self.types | self.session
            if family == OWN
            else self.types
        )


@dataclass(frozen=True, slots=True)
class _Weight:
    spoken: Dialect
    speaking: tuple[str, ...]  # a sign of each family that speaks for it
    against: int  # families that speak for others

    @property
    def net(self) -> tuple[int, int]:
        return len(self.speaking) - self.against, -self.against


def by_address(url: str) -> Ground | None:
    """Return the dialect that an address belongs to; None where it tells nothing."""
    found = recognised(url)
    if found is None:
        return None
    sign = next(sign for sign in found.recognised_by if sign in url)
    return Ground(found.name, f"its address holds {sign}")


def by_traffic(heard: Heard, remedy: str = "name it with --dialect") -> Ground:
    """Return the dialect that the signs in some traffic speak for.

    Raises `TargetError` where they speak for several alike.
    """
    weights = [_weigh(each, heard) for each in dialects().values()]
    if not any(each.speaking for each in weights):
        return Ground(UNNAMED, "nothing in its events tells the dialect")
    best = max(each.net for each in weights)
    found = [each for each in weights if each.net == best]
    # What speaks for a child as it does for its parent tells nothing of the child.
    known = {each.spoken.name: each.speaking for each in found}
    left = [e for e in found if e.speaking not in [known.get(name) for name in e.spoken.family[1:]]]
    if len(left) > 1:
        names = " or ".join(each.spoken.name for each in left)
        raise TargetError(
            f"its events do not tell whether it speaks {names} ({_said(left[0].speaking)} came); {remedy}"
        )
    return Ground(left[0].spoken.name, f"its events have {_said(left[0].speaking)}")


def told_by(traces: Iterable[Trace]) -> Ground:
    """Return the dialect that recorded connections speak.

    Raises `TargetError` where that is not clear, and where they speak another protocol.
    """
    heard, types = Heard(), set[str]()
    for trace in traces:
        for entry in itertools.islice(trace, ENOUGH):
            types.add(entry.type)
            if entry.dir == "server":
                heard.hear(entry.event)
    sibling = sibling_of(types)
    if sibling is not None and "response.created" not in types:
        came = ", ".join(sorted(types & sibling.events))
        raise TargetError(f"{sibling.sentence}: {came} came; --dialect judges it all the same")
    return by_traffic(heard)


def _said(signs: Sequence[str]) -> str:
    return ", ".join(signs)


def _weigh(spoken: Dialect, heard: Heard) -> _Weight:
    speaking: list[str] = []
    against = 0
    for family in _families():
        seen = heard.seen(family)
        own = {sign for sign in spoken.signs.get(family, ()) if sign in seen}
        others = _signs(family) - set(spoken.signs.get(family, ()))
        foreign = len(others & seen)
        if len(own) > (0 if family == OWN else foreign):
            speaking.append(f"session.{max(own)}" if min(own) in heard.session else min(own))
        elif family != OWN and foreign > len(own):
            against += 1
    return _Weight(spoken, tuple(speaking), against)


def _families() -> list[str]:
    return sorted({family for each in dialects().values() for family in each.signs})


def _signs(family: str) -> set[str]:
    return {sign for each in dialects().values() for sign in each.signs.get(family, ())}
