"""What makes the pack of a channel whose messages have no `type`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.engine import ChannelReading, KeyedRulebook
from packs.keyed.messages import message_of
from packs.keyed.rules import KeyedRules
from packs.pack import Judge, Pack, Stopwatch, channel_contract
from packs.paths import PATHS
from rules.requirements import Registry
from rules.yields import Uncounted, Yields
from wire.trace import Entry

if TYPE_CHECKING:
    from packs.scenario import PackScenario


@dataclass(frozen=True, slots=True)
class KeyedChannel:
    """A channel: its `name`, its `rules`, and what they read; `client` and `server` are names of messages.

    `shared` are names that another channel has as well, and so tell nothing. The channel's registry has the
    requirements `NAME/frames/json` and `NAME/payload/as-documented`, which the engine itself judges.
    """

    name: str
    title: str
    folder: Path
    rules: KeyedRules
    reading: Callable[[], ChannelReading]
    client: frozenset[str]
    server: frozenset[str]
    stopwatch: Callable[[], Stopwatch]
    core: tuple[tuple[str, ...], ...]
    load_scenarios: Callable[[], tuple[PackScenario, ...]]
    shared: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The names of the messages of both sides."""
        return self.client | self.server

    def pack(self) -> Pack:
        """Return the pack of this channel."""
        return Pack(
            name=self.name,
            title=self.title,
            path=PATHS[self.name],
            folder=self.folder,
            make=self._judge,
            speaks=self._speaks,
            load_scenarios=self.load_scenarios,
            names=self.names,
            stopwatch=self.stopwatch,
            functions=self.rules.functions,
            core=self.core,
        )

    def _judge(self, entries: Registry, dialect: str, uncounted: Uncounted | None) -> Judge:
        return KeyedRulebook(
            self.rules,
            self.reading,
            Yields(entries, dialect),
            contract=channel_contract(self.name),
            names=self.names,
            frames=f"{self.name}/frames/json",
            payloads=f"{self.name}/payload/as-documented",
            uncounted=uncounted,
        )

    def _speaks(self, entry: Entry) -> bool:
        message = message_of(entry, self.names)
        if message is None or "type" in message.event:
            return False
        return message.name in (self.client if message.side == "client" else self.server) - self.shared
