"""A named way in which a server may differ from the obedient one: a fault, or a legal variant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from protocol.dialect import DialectName
from reference.alterations import StepFactory
from reference.handshake import Admission, HangUp, Rejection

BOTH: tuple[DialectName, ...] = ("openai", "inworld")

DoorChange = Callable[[Admission | Rejection | HangUp, str], Admission | Rejection | HangUp]
"""What becomes of the verdict on an upgrade request; the request target is given along."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way to differ, by the name it has on the command line.

    ``statement`` says in the protocol's words what the server does. ``deviations`` are the numbers in
    the facts' catalogue of servers that really do so. ``dialects`` are those in which it is a
    difference of this kind. ``door`` is for what happens before there are events. A ``wide`` fault is one
    of a real server that breaks several promises at once; any other breaks just one.
    """

    name: str
    statement: str
    changes: tuple[StepFactory, ...]
    deviations: tuple[str, ...] = ()
    dialects: tuple[DialectName, ...] = BOTH
    door: DoorChange | None = None
    wide: bool = False


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


def by_name(differences: Iterable[Difference]) -> dict[str, Difference]:
    """Return differences by their names. Raises `ValueError` for a name that is taken twice."""
    found: dict[str, Difference] = {}
    for each in differences:
        if each.name in found:
            raise ValueError(f"two differences are called {each.name}")
        found[each.name] = each
    return found
