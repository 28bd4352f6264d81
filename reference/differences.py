"""A named way in which a server may differ from the obedient one: a fault, or a legal variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.dialect import DialectName
from reference.alterations import StepFactory
from reference.channels.conduct import ChannelDoor, ServiceConduct
from reference.handshake import Admission, HangUp, Rejection

BOTH: tuple[DialectName, ...] = ("openai", "inworld")
REALTIME_CHANNEL = "realtime"
"""The channel of the differences that name no other."""

DoorChange = Callable[[Admission | Rejection | HangUp, str], Admission | Rejection | HangUp]
"""What becomes of the verdict on an upgrade request; the request target is given along."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way to differ, by the name it has on the command line.

    ``statement`` says in the protocol's words what the server does. ``deviations`` are the numbers in
    the facts' catalogue of servers that really do so. ``dialects`` are those in which it is a
    difference of this kind. ``door`` is for what happens before there are events. A ``wide`` fault is one
    of a real server that breaks several promises at once; any other breaks just one.

    One of another channel than Realtime names it as ``channel``, the ``facts`` that it is about, and its
    service's ``conduct``; its changes are of that channel's messages.
    """

    name: str
    statement: str
    changes: tuple[StepFactory, ...]
    deviations: tuple[str, ...] = ()
    dialects: tuple[DialectName, ...] = BOTH
    door: DoorChange | None = None
    wide: bool = False
    channel: str = REALTIME_CHANNEL
    facts: tuple[str, ...] = ()
    conduct: ServiceConduct = field(default_factory=ServiceConduct)


def differs(
    name: str,
    statement: str,
    *changes: StepFactory,
    models: str = "",
    only: DialectName | None = None,
    door: DoorChange | None = None,
    wide: bool = False,
) -> Difference:
    """Return a difference; ``models`` are the deviations it models, parted by spaces."""
    dialects = BOTH if only is None else (only,)
    return Difference(name, statement, changes, tuple(models.split()), dialects, door, wide)


def service_differs(
    channel: str,
    name: str,
    facts: str,
    statement: str,
    *changes: StepFactory,
    policy: Mapping[str, Any] | None = None,
    door: ChannelDoor | None = None,
) -> Difference:
    """Return a difference of the service of a channel; ``facts`` are the ids of what it is about.

    It is called ``name`` behind the channel's name. ``policy`` are fields of the service's policy.
    """
    conduct = ServiceConduct(changes, policy or {}, () if door is None else (door,))
    return Difference(
        f"{channel}-{name}",
        statement,
        changes,
        dialects=("inworld",),
        channel=channel,
        facts=tuple(facts.split()),
        conduct=conduct,
    )


def conducted(differences: Iterable[Difference]) -> dict[str, ServiceConduct]:
    """Return what differences make of the services of other channels than Realtime, by channel."""
    found: dict[str, ServiceConduct] = {}
    for each in differences:
        if each.channel != REALTIME_CHANNEL:
            before, own = found.get(each.channel, ServiceConduct()), each.conduct
            found[each.channel] = ServiceConduct(
                before.changes + own.changes, {**before.policy, **own.policy}, before.doors + own.doors
            )
    return found


def by_name(differences: Iterable[Difference]) -> dict[str, Difference]:
    """Return differences by their names. Raises `ValueError` for a name that is taken twice."""
    found: dict[str, Difference] = {}
    for each in differences:
        if each.name in found:
            raise ValueError(f"two differences are called {each.name}")
        found[each.name] = each
    return found
