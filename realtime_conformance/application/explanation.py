"""Brings together what registry, rules, faults and scenarios say of a requirement."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from packs.catalogue import channels
from packs.pack import Pack, Provoking
from packs.realtime.pack import REALTIME_PACK
from protocol.yaml_core import parse_yaml
from proxy.client.judge import client_pack
from reference.client.differences import CLIENT_FAULTS
from reference.faults import FAULTS as OF_MAIN
from reference.faults import providers
from reference.faults.services import SERVICE_FAULTS
from reference.impact_records import impact_records, impact_sentence
from reports.explained import Example, Explained, Named
from reports.rule_sources import RuleSource, source_of_function, sources_of_rules
from rules.requirements import Registry, Requirement, Yield

FAULTS = {**OF_MAIN, **providers.FAULTS, **SERVICE_FAULTS}

_BROKEN = {name: each.statement for name, each in FAULTS.items()} | {
    name: each.statement for name, each in CLIENT_FAULTS.items()
}

EXAMPLES = REALTIME_PACK.folder / "examples"
_SUGGESTED = 5


class UnknownRequirementError(LookupError):
    """No requirement, or more than one, is meant by what was given; `near` are those that may be."""

    def __init__(self, given: str, near: list[str], *, several: bool) -> None:
        super().__init__(given)
        shown = ", ".join(near[:_SUGGESTED])
        more = f" and {len(near) - _SUGGESTED} more" if len(near) > _SUGGESTED else ""
        if several:
            self.message = f"{given!r} begins {len(near)} requirements: {shown}{more}"
        elif near:
            self.message = f"there is no requirement {given!r}; did you mean {' or '.join(near)}?"
        else:
            self.message = f"there is no requirement {given!r}; docs/requirements.md lists all"


def found(given: str, entries: Registry | None = None) -> Requirement:
    """Return the requirement with the id `given`, or the one whose id begins so.

    The id of a kind of finding, as `calls/announced#missing`, will do as well. Raises
    `UnknownRequirementError`.
    """
    known = entries.by_id if entries is not None else _known()
    id_ = given.partition("#")[0].strip().strip("/")
    if id_ in known:
        return known[id_]
    begun = [each for each in known if id_ and each.startswith(id_)]
    if len(begun) == 1:
        return known[begun[0]]
    within = [each for each in known if id_ and id_ in each][:3]
    near = begun or within or difflib.get_close_matches(id_, known, n=3, cutoff=0.5)
    raise UnknownRequirementError(given, near, several=bool(begun))


def explained(entry: Requirement, conversations: Iterable[Provoking] | None = None) -> Explained:
    """Return all that is known of `entry`; of all `conversations`, or of those of its channel."""
    pack = _pack_of(entry)
    return Explained(
        entry=entry,
        sources=tuple(_sources(entry, pack)),
        killers=tuple(Named(name, _BROKEN[name]) for name in entry.killers if name in _BROKEN),
        scenarios=tuple(
            Named(each.id, each.summary)
            for each in (pack.conversations if conversations is None else conversations)
            if entry.id in each.provokes
        ),
        yielding=tuple(
            Yield(other.id, each.where)
            for other in pack.registry()
            for each in other.yields_to
            if each.id == entry.id
        ),
        good=example(entry, "good"),
        bad=example(entry, "bad"),
        impacts=tuple(_impacts(entry)),
    )


def _impacts(entry: Requirement) -> Iterator[Named]:
    """Yield what the faults that violate `entry` do to clients, where that was measured."""
    for name in entry.killers:
        if sentence := impact_sentence(name, impact_records()):
            yield Named(name, sentence)


def _sources(entry: Requirement, pack: Pack) -> list[RuleSource]:
    if pack.unnamed:  # besides functions it has automata, and what makes rules
        return sources_of_rules(entry)
    about = f"called for messages of {pack.title}"
    return [source_of_function(each, about) for each in pack.functions(entry.id)]


def _known() -> dict[str, Requirement]:
    """Return the requirements of all channels."""
    return {each.id: each for pack in _packs() for each in pack.registry()}


def _packs() -> list[Pack]:
    """Return all that has a registry: the channels, and their clients."""
    return [*channels().values(), client_pack(REALTIME_PACK.name)]


def _pack_of(entry: Requirement) -> Pack:
    """Return the pack that has `entry`."""
    return next(pack for pack in _packs() if entry.id in pack.registry())


@cache
def examples(path: Path) -> dict[str, dict[str, Example]]:
    """Return the good and the bad conversation for each requirement that the file at `path` has, if any."""
    found: dict[str, Any] = (parse_yaml(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
    return {
        id_: {which: Example(each["dialect"], each["said"]) for which, each in both.items()}
        for id_, both in found.items()
    }


def example(entry: Requirement, which: str) -> Example | None:
    """Return the `good` or the `bad` conversation for `entry`."""
    return examples(_pack_of(entry).folder / "examples" / entry.file).get(entry.id, {}).get(which)
