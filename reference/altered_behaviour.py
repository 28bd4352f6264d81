"""A server that differs: the behaviour that some faults and variants make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from protocol.dialect import DialectName
from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.differences import REALTIME_CHANNEL, Difference, conducted
from reference.handshake import Admission, HangUp, Rejection, admit


def differing(differences: Iterable[Difference], behaviour: Behaviour | None = None) -> Behaviour:
    """Return `behaviour` (default: that which obeys) with `differences`, faults ahead of variants.

    In a dialect or on a channel for which a difference is not meant, it does nothing.
    """
    everywhere = tuple(differences)
    chosen = tuple(each for each in everywhere if each.channel == REALTIME_CHANNEL)

    def alteration(family: tuple[DialectName, ...]) -> Alteration | None:
        meant = [each for each in chosen if set(family) & set(each.dialects)]
        changes = [change for each in meant for change in each.changes]
        return Alteration(changes) if changes else None

    def door(
        target: str, headers: list[tuple[str, str]], credentials: frozenset[str] | None
    ) -> Admission | Rejection | HangUp:
        verdict: Admission | Rejection | HangUp = admit(target, headers, credentials)
        for each in chosen:
            if each.door is not None:
                verdict = each.door(verdict, target)
        return verdict

    return replace(
        behaviour or Behaviour(), alteration=alteration, admit=door, services=conducted(everywhere)
    )
