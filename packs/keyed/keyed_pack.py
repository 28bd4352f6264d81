"""What makes the pack of a channel whose messages are told apart by the key that they carry, or by type."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.engine import ChannelReading, KeyedRulebook
from packs.keyed.messages import ReadMessage, message_of, typed_message
from packs.keyed.rules import KeyedRules
from packs.pack import Core, Costs, Judge, Pack, Stopwatch, channel_contract, nothing
from packs.paths import PATHS
from rules.requirements import Registry
from rules.yields import Uncounted, Yields
from schemas.contract import Contract
from wire.trace import Entry

if TYPE_CHECKING:
    from packs.scenario import PackScenario


@dataclass(frozen=True, slots=True)
class KeyedChannel:
    """A channel: its `name`, its `rules`, and what they read; `client` and `server` are names of messages.

    `shared` are names that another channel has as well, and so tell nothing. Messages are told apart by the
    one key that they carry, or `by_type`. The channel's registry has the requirements `NAME/frames/json` and
    `NAME/payload/as-documented`, which the engine itself judges. `core` is what a verdict rests on, `costs`
    what a client's message takes of a budget.
    """

    name: str
    title: str
    folder: Path
    rules: KeyedRules
    reading: Callable[[], ChannelReading]
    client: frozenset[str]
    server: frozenset[str]
    stopwatch: Callable[[], Stopwatch]
    core: Core
    load_scenarios: Callable[[], tuple[PackScenario, ...]]
    shared: frozenset[str] = frozenset()
    by_type: bool = False
    costs: Costs = nothing

    @property
    def read(self) -> ReadMessage:
        """What reads the message in an entry."""
        if self.by_type:
            return typed_message
        return functools.partial(message_of, names=self.client | self.server)

    def pack(self) -> Pack:
        """Return the pack of this channel."""
        return Pack(
            name=self.name,
            title=self.title,
            folder=self.folder,
            path_in=lambda _: PATHS[self.name],
            make=self._judge,
            contract_in=lambda _: channel_contract(self.name),
            read=self.read,
            speaks=self._speaks,
            load_scenarios=self.load_scenarios,
            stopwatch=self.stopwatch,
            functions=self.rules.functions,
            core_of=self._core,
            costs=self.costs,
        )

    def _core(self, _dialect: str, _offers: Mapping[str, bool], _asked: Container[str] | None) -> Core:
        return self.core

    def _judge(
        self, entries: Registry, dialect: str, uncounted: Uncounted | None, contract: Contract | None
    ) -> Judge:
        return KeyedRulebook(
            self.rules,
            self.reading,
            Yields(entries, dialect),
            contract=contract or channel_contract(self.name),
            read=self.read,
            frames=f"{self.name}/frames/json",
            payloads=f"{self.name}/payload/as-documented",
            uncounted=uncounted,
        )

    def _speaks(self, entry: Entry) -> bool:
        message = self.read(entry)
        if message is None or ("type" in message.event) is not self.by_type:
            return False
        return message.name in (self.client if message.side == "client" else self.server) - self.shared
