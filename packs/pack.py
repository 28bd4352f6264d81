"""A protocol pack as a value: what the rest of the suite knows of a channel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from packs.keyed.messages import KeyedMessage
from protocol.catalogue import dialects
from protocol.channel_catalogue import known_channels
from rules.observer import Live, Observer
from rules.profiles import profile
from rules.requirements import Registry, registry
from rules.verdicts import Tally
from rules.yields import Uncounted
from schemas.contract import Contract, contract_of
from schemas.loader import load
from wire.trace import Entry, Trace

if TYPE_CHECKING:
    from packs.scenario import PackScenario


class Stopwatch(Protocol):
    """Measures how long a server takes, in the messages of one trace after another."""

    def begin(self) -> None:
        """Get ready for the next trace."""

    def times(self, message: KeyedMessage) -> list[tuple[str, float]]:
        """Return the kinds of times that end with `message`, in seconds."""


class Judge(Protocol):
    """The rules of a pack, ready to be asked."""

    def judge(self, trace: Trace, observer: Observer | None = None) -> dict[str, Tally]:
        """Return what was counted in `trace`, by requirement; `observer` looks on.

        Raises what reading the trace raises (`wire.trace_files.TraceError`).
        """

    def begin(self, name: str, header: Mapping[str, Any], observer: Observer | None = None) -> Live:
        """Return a connection, of a trace of that `name` and `header`, to be judged while it goes on."""


MakeJudge = Callable[[Registry, str, Uncounted | None], Judge]


@dataclass(frozen=True, slots=True)
class Pack:
    """A channel: how it is called, where it is, what is required of it, and who judges it.

    `path` is where an endpoint has it. `folder` holds `registry/`, with one YAML file an area. `speaks` tells
    whether an entry of a trace is a message of this channel and of no other. `functions` returns the rule
    functions of a requirement, `names` are those of the messages of both sides,
    `load_scenarios` returns the conversations that a run holds.
    `core` are the requirements on which a verdict rests: of
    each group, one has to be decided. `stopwatch` makes what measures how long a server takes.
    """

    name: str
    title: str
    path: str
    folder: Path
    make: MakeJudge
    speaks: Callable[[Entry], bool]
    names: frozenset[str]
    functions: Callable[[str], list[Callable[..., Any]]]
    load_scenarios: Callable[[], tuple[PackScenario, ...]]
    core: tuple[tuple[str, ...], ...]
    stopwatch: Callable[[], Stopwatch]

    def registry(self) -> Registry:
        """Return what is required. Raises `DocumentError`."""
        return registry(self.folder / "registry")

    @property
    def dialects(self) -> tuple[str, ...]:
        """The dialects in which the channel is known."""
        entries = self.registry()
        return tuple(name for name in dialects() if entries.judged(name))

    @property
    def scenarios(self) -> tuple[PackScenario, ...]:
        """The conversations that a run holds."""
        return self.load_scenarios()

    @property
    def contract(self) -> Contract:
        """The contract of our own document of the channel. Raises `DocumentError`."""
        return channel_contract(self.name)

    def judged_by(self, version: str) -> Registry:
        """Return the registry as of `version`; today's where that is empty."""
        return profile(version).applied(self.registry()) if version else self.registry()

    def judge(self, dialect: str, uncounted: Uncounted | None = None) -> Judge:
        """Return the rules of `dialect`; see `rules.yields` for what is `uncounted`."""
        return self.make(self.registry(), dialect, uncounted)


@functools.cache
def channel_contract(name: str) -> Contract:
    """Return the contract of our own document of the channel of that `name`. Raises `DocumentError`."""
    known = known_channels()[name]
    return contract_of(load(known.document), known.address)
