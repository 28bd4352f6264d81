"""A protocol pack as a value: what the rest of the suite knows of a channel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Mapping, Sequence
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
from wire.budget import Cost
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


MakeJudge = Callable[[Registry, str, Uncounted | None, Contract | None], Judge]
"""What makes the judge: of a registry, a dialect, what is uncounted, and the contract of another document."""

Core = tuple[tuple[str, ...], ...]
"""Groups of requirements on which a verdict rests: of each group, one has to be decided."""

MakeCore = Callable[[str, Mapping[str, bool], Container[str] | None], Core]
"""What tells the core: of a dialect, what is offered, and what was asked where only part was to be seen."""


Costs = Callable[[KeyedMessage], Cost]
"""What tells what a message of the client takes of a budget."""


def nothing(_: KeyedMessage) -> Cost:
    """Return what a message takes that nobody pays for."""
    return Cost()


class Provoking(Protocol):
    """A conversation as reports and selections know it, of whatever kind it is."""

    @property
    def id(self) -> str:
        """How it is called."""

    @property
    def summary(self) -> str:
        """What is said in it."""

    @property
    def provokes(self) -> tuple[str, ...]:
        """The requirements for which it is there."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A channel: how it is called, where it is, what is required of it, and who judges it.

    `path_in` tells where an endpoint has it, by the dialect. `folder` holds `registry/`, with one YAML file
    an area, and may hold `examples/`. `contract_in` returns the contract of our own document of it. `read`
    returns the message in an entry of a trace, None where there is none; `speaks` tells whether that is a
    message of this channel and of no other. `functions` returns the rule functions of a requirement. `costs`
    returns what a client's message takes of a budget: text to be spoken, or audio to be heard.

    `load_scenarios` returns the conversations that a run holds, `load_staged` those of `suites`, which have a
    run of their own: with probes, depths and repetition. A pack has the ones or the others. `stopwatch` makes
    what measures how long a server takes, None where that is done by looking on while rules judge. `unnamed`
    is the channel that reports do not name: there were reports of it before there were others.
    """

    name: str
    title: str
    folder: Path
    path_in: Callable[[str], str]
    make: MakeJudge
    contract_in: Callable[[str], Contract]
    read: Callable[[Entry], KeyedMessage | None]
    speaks: Callable[[Entry], bool]
    functions: Callable[[str], list[Callable[..., Any]]]
    load_scenarios: Callable[[], tuple[PackScenario, ...]]
    core_of: MakeCore
    stopwatch: Callable[[], Stopwatch] | None
    load_staged: Callable[[], Sequence[Provoking]] | None = None
    unnamed: bool = False
    costs: Costs = nothing

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
        """The conversations that a run holds; none where `suites` has them."""
        return self.load_scenarios()

    @property
    def conversations(self) -> Sequence[Provoking]:
        """All conversations, wherever they are."""
        return self.load_scenarios() if self.load_staged is None else self.load_staged()

    @property
    def contract(self) -> Contract:
        """The contract of our own document, in the first of its dialects. Raises `DocumentError`."""
        return self.contract_in(self.dialects[0])

    def judged_by(self, version: str) -> Registry:
        """Return the registry as of `version`; today's where that is empty."""
        return _as_of(self.folder / "registry", version) if version else self.registry()

    def judge(
        self, dialect: str, uncounted: Uncounted | None = None, contract: Contract | None = None
    ) -> Judge:
        """Return the rules of `dialect`; see `rules.yields` for what is `uncounted`.

        `contract` is that of somebody else's document, None for our own.
        """
        entries = self.judged_by(uncounted.as_of if uncounted is not None else "")
        return self.make(entries, dialect, uncounted, contract)


@functools.cache
def _as_of(folder: Path, version: str) -> Registry:
    return profile(version).applied(registry(folder))


@functools.cache
def channel_contract(name: str) -> Contract:
    """Return the contract of our own document of the channel of that `name`. Raises `DocumentError`."""
    known = known_channels()[name]
    return contract_of(load(known.document), known.address)
