"""The client events of a contract: by chance, covering, and one constraint after the other."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from generators.choices import minimal
from generators.covering_values import covering
from generators.drawn_values import drawn
from generators.field_meanings import Strategy, World, meaning
from generators.from_schema import compiled
from generators.misuse import by_meaning
from generators.mutants import Mutant
from generators.mutations import by_schema
from generators.nodes import Node
from generators.schema_resolution import UnsupportedKeyword
from generators.schema_tree import SchemaReader
from generators.support import makeable, unmakeable
from generators.walk import WalkStep, walk
from protocol.event_types import Event
from schemas.contract import Contract, contract_of
from schemas.loader import load


def events_by(
    document: str | Path, world: World | None = None, overlays: Iterable[tuple[Path, str]] = ()
) -> Events:
    """Return what a client may say by the AsyncAPI `document` with `overlays` laid over it.

    Raises `DocumentError`.
    """
    return Events(contract_of(load(document, overlays)), world)


class Events:
    """What a client may say on the channel of `contract`, in a `world` of things that exist.

    Each method raises `UnsupportedKeyword` for a schema that no values can be made for, unless `check` was
    asked before, and `KeyError` for a type that the contract does not have.
    """

    def __init__(self, contract: Contract, world: World | None = None) -> None:
        self.contract = contract
        self.world = world or World()
        self._unmatched: dict[str, dict[str, str]] = {}

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the client events, in the document's order."""
        return tuple(self.contract.client)

    def check(self, only: str | None = None) -> None:
        """Raise `DocumentError` where no values can be made for the client events, or for `only` that one."""
        for type_, schema in self.contract.client.items():
            if only in (None, type_):
                makeable(schema, self.contract.document)
                try:
                    self.strategy(type_)
                except UnsupportedKeyword as error:
                    raise unmakeable(schema, error.keyword, error.pointer) from None

    def unmatched(self) -> list[str]:
        """Return a sentence for each pattern that no text was found for: what must match it is not sent."""
        for type_ in self.types:
            with contextlib.suppress(UnsupportedKeyword):
                self.tree(type_)
        return [
            f"{type_}: no text was found that matches the pattern {pattern}, at #{pointer} with its"
            " references followed; what has to match it is not sent"
            for type_, found in self._unmatched.items()
            for pointer, pattern in found.items()
        ]

    @functools.cached_property
    def _meaning(self) -> Any:
        return meaning(self.world)

    def tree(self, type_: str) -> Node:
        """Return what can be chosen in an event of `type_`."""
        return self._tree(type_)

    @functools.cache  # noqa: B019 - lives as long as the contract does
    def _tree(self, type_: str) -> Node:
        schema = self.contract.client[type_]
        reader = SchemaReader(schema.definitions, self._meaning, schema.message.dialect)
        self._unmatched[type_] = reader.unmatched
        found = reader.read(schema.schema)
        if found is None:
            for pointer, pattern in reader.unmatched.items():
                raise UnsupportedKeyword(f"the pattern {pattern}", pointer)
            raise UnsupportedKeyword("a schema that allows nothing", "")
        found.accepts = schema.is_valid
        if not found.accepts(minimal(found)):
            raise UnsupportedKeyword("conditions that exclude each other", "")
        return found

    @functools.cache  # noqa: B019 - lives as long as the contract does
    def strategy(self, type_: str) -> Strategy:
        """Return a strategy whose every value is a valid event of `type_`."""
        return compiled(self.tree(type_)).filter(self.contract.client[type_].is_valid)

    def covering(self, type_: str) -> list[Event]:
        """Return events that together reach every site of the schema."""
        return list(covering(self.tree(type_)))

    def examples(self, type_: str, count: int, seed: int = 0) -> list[Event]:
        """Return `count` events: those that cover the schema first, then by chance; the same for a seed."""
        first: list[Event] = list(itertools.islice(covering(self.tree(type_)), count))
        return first + drawn(self.strategy(type_), count - len(first), seed) if len(first) < count else first

    def walk(self, type_: str) -> Iterator[WalkStep]:
        """Yield every constraint of the schema once."""
        yield from walk(type_, self.tree(type_))

    def mutants(self, type_: str) -> list[Mutant]:
        """Return every single-fault mutant, each proven. Raises `generators.mutants.Unproven`."""
        root = self.tree(type_)
        return [*by_schema(type_, root, self.contract), *by_meaning(type_, minimal(root), self.contract)]
