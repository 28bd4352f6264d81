"""What a scenario is, and the catalogue of all of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from suites.depth import DEPTHS, Depth, DepthName
from wire.budget import Cost, Estimate

SPOKEN_S = 2.0
"""Seconds that a spoken answer to a short question is likely to last."""

_GENERATED = ("generated_", "conversations.")  # how the ids of such scenarios begin

Act = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: a coroutine function with what it needs and what it provokes.

    `sessions`, `responses` and `audio_s` (seconds, both directions) are what it costs at most; where that
    depends on the depth, `costs` says it. A response counts wherever the server may create one: also for
    audio that it may take for a turn. It is part of dialects that have the switch `where` on (`not …`: off),
    of all where that is empty. `features` must be offered; those that it `regards` make a difference to what
    it does, or to what is judged of it. With `own_sessions` the function is given a `Stage` to open
    sessions on; otherwise a `Talk` on a session that is open. `serial` scenarios depend on the wall clock and
    run alone. `hasty` ones speak before they have heard anything.
    Those of a module that have the same word as `shares` may play one after another on one session, see
    `suites.sharing`; `turns` are those of their responses that they ask for only once then. From the depth
    `apart` on, one is too long for that. `least` is the shallowest depth that has the scenario.
    """

    module: str
    name: str
    summary: str
    act: Act
    provokes: tuple[str, ...]
    where: str = ""
    features: tuple[str, ...] = ()
    responses: int = 0
    audio_s: float = 0.0
    own_sessions: bool = False
    serial: bool = False
    sessions: int = 1
    costs: Callable[[Depth], Cost | Estimate] | None = None
    hasty: bool = False
    regards: tuple[str, ...] = ()
    shares: str = ""
    least: DepthName = "quick"
    turns: int = 0
    apart: DepthName | None = None

    def part_of(self, dialect: DialectName) -> bool:
        """Whether it is part of that dialect."""
        return dialect_of(dialect).has(self.where)

    def played_at(self, depth: Depth) -> bool:
        """Whether a run of that depth has the scenario."""
        return _from(self.least, depth)

    def shares_at(self, depth: Depth) -> bool:
        """Whether the scenario may share a session in a run of that depth."""
        apart = self.apart is not None and _from(self.apart, depth)
        return depth.shares and bool(self.shares) and not apart

    def cost(self, depth: Depth) -> Cost:
        """Return what the scenario costs at most."""
        return self.estimate(depth).most

    def likely(self, depth: Depth) -> Cost:
        """Return what the scenario costs where nothing goes wrong."""
        return self.estimate(depth).likely

    def estimate(self, depth: Depth) -> Estimate:
        """Return what the scenario costs."""
        if not self.played_at(depth):
            return Estimate(Cost(), Cost())
        if self.costs is not None:
            found = self.costs(depth)
            return Estimate(found, found) if isinstance(found, Cost) else found
        most = Cost(self.sessions, self.responses, self.audio_s)
        return Estimate(spoken(most) if "audio-output" in self.features else most, most)

    @property
    def id(self) -> str:
        """Module and name, as shown in reports and used for file names: `session_update.partial`."""
        return f"{self.module.removeprefix('test_')}.{self.name}"


def is_generated(trace: str) -> bool:
    """Tell by its name whether a trace is that of a scenario whose events a generator made up."""
    return trace.rpartition("/")[2].startswith(_GENERATED)


def _from(least: DepthName, depth: Depth) -> bool:
    names = list(DEPTHS)
    return depth.name not in DEPTHS or names.index(depth.name) >= names.index(least)


def spoken(most: Cost) -> Cost:
    """Return what is likely where the audio of `most` is what its responses may say."""
    return most.least(Cost(most.sessions, most.responses, SPOKEN_S * most.responses))


class Needs(TypedDict, total=False):
    """What a scenario is part of, costs and shares, by the fields of `Scenario`."""

    where: str
    audio_s: float
    own_sessions: bool
    serial: bool
    sessions: int
    costs: Callable[[Depth], Cost | Estimate]
    hasty: bool
    regards: tuple[str, ...]
    shares: str
    least: DepthName
    turns: int
    apart: DepthName


def scenario(
    *provokes: str, features: tuple[str, ...] = (), responses: int = 0, **needs: Unpack[Needs]
) -> Callable[[Act], Scenario]:
    """Make a scenario of the decorated coroutine function; `provokes` are ids of requirements.

    One with `responses` asks for them, unless it is about turns that may be answered by one.
    """
    if responses and "server-vad" not in features:
        features = (*features, "responses")

    def wrap(act: Act) -> Scenario:
        return Scenario(
            module=act.__module__.rsplit(".", 1)[-1],
            name=act.__name__,
            summary=(act.__doc__ or "").strip().split("\n", 1)[0],
            act=act,
            provokes=provokes,
            features=features,
            responses=responses,
            **needs,
        )

    return wrap


def catalogue() -> list[Scenario]:
    """Return all scenarios, by module and in the order in which they are written."""
    import suites  # noqa: PLC0415 - the package is only complete once this module is

    found: list[Scenario] = []
    for info in sorted(pkgutil.iter_modules(suites.__path__), key=lambda info: info.name):
        if info.name.startswith("test_"):
            module = importlib.import_module(f"suites.{info.name}")
            found += [value for value in vars(module).values() if isinstance(value, Scenario)]
    return found
