"""The runs of several channels as one: each is planned before the first begins, and paid from one budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import click
from rich.console import Console

from packs.catalogue import channels
from packs.pack import Pack
from packs.paths import REALTIME
from realtime_conformance.application.actions.choosing import chosen
from realtime_conformance.application.channel_choice import realtime_address
from realtime_conformance.application.channel_run import ChannelRun, channel_run, perform_channel_run
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.cost_plan import planned
from realtime_conformance.application.option_checks import without_realtime_options
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.planning import plan_of, target_given
from realtime_conformance.application.since_earlier import compared_with, earlier_side
from realtime_conformance.supervision.interruption import Signals
from reports.compare import ComparedReport
from reports.model import Report
from reports.model import count as counted
from reports.watching import Watched, Watching
from suites.selecting import SelectionError, matchers
from wire.budget import Budget, Cost


class PlannedRun(Protocol):
    """The run of one channel, before it is performed and after."""

    @property
    def pack(self) -> Pack:
        """The channel."""

    @property
    def out(self) -> Path:
        """The folder of its report."""

    @property
    def what(self) -> str:
        """What is played, and against whom."""

    @property
    def most(self) -> Cost:
        """What it costs at most."""

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended it."""

    def listed(self) -> Iterable[str]:
        """Return what is played, line by line."""

    def spend_no_more_than(self, budget: Budget) -> None:
        """Have it do with what is left of `budget`."""

    def perform(self, screen: Console, signals: Signals, verbosity: int) -> None:
        """Play it, and show how far it has come."""

    def spent(self) -> Mapping[str, float]:
        """Return what was spent, by unit."""

    def report(self) -> Report:
        """Judge what was captured."""


@dataclass(slots=True)
class RealtimeRun:
    """The realtime channel's run among those of others."""

    plan: Plan
    run: ConformanceRun

    @property
    def pack(self) -> Pack:
        """The channel."""
        return channels()[REALTIME]

    @property
    def out(self) -> Path:
        """The folder of its report."""
        return self.plan.out

    @property
    def what(self) -> str:
        """What is played, and against whom."""
        plan = self.plan
        times = f", {plan.repeats} times" if plan.repeats > 1 else ""
        why = f", {plan.target.ground}" if plan.target.ground else ""
        scenarios = counted(len(plan.scenarios), "scenario")
        return f"{scenarios} of {self.pack.title} against {plan.target.shown} ({plan.dialect}){times}{why}"

    @property
    def most(self) -> Cost:
        """What it costs at most."""
        return self.plan.estimate.most

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended it."""
        return self.run.interrupted

    def listed(self) -> Iterable[str]:
        """Return what is played, line by line."""
        return planned(self.plan)

    def spend_no_more_than(self, budget: Budget) -> None:
        """Have it do with what is left of `budget`."""
        self.plan = self.run.plan = replace(self.plan, budget=budget)

    def perform(self, screen: Console, signals: Signals, verbosity: int) -> None:
        """Play it, and show how far it has come. Raises KeyboardInterrupt where nothing had begun."""
        plan, run = self.plan, self.run
        watched = Watched(len(plan.scenarios) * plan.repeats, run.violated, run.spending, run.awaited)
        screen.print(self.what, soft_wrap=True)
        with Watching(screen, watched, verbosity) as watching:
            run.perform_until(signals, watching)

    def spent(self) -> Mapping[str, float]:
        """Return what was spent, by unit."""
        return self.run.run.meter.spent() if self.run.run is not None else {}

    def report(self) -> Report:
        """Judge what was captured."""
        return self.run.report()


@dataclass(slots=True)
class OtherRun:
    """The run of another channel; what changed since the report `since` is said."""

    run: ChannelRun
    since: ComparedReport | None = None

    @property
    def pack(self) -> Pack:
        """The channel."""
        return self.run.pack

    @property
    def out(self) -> Path:
        """The folder of its report."""
        return self.run.out

    @property
    def what(self) -> str:
        """What is played, and against whom."""
        return self.run.what

    @property
    def most(self) -> Cost:
        """What it costs at most."""
        return self.run.most

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended it."""
        return self.run.interrupted

    def listed(self) -> Iterable[str]:
        """Return what is played, line by line."""
        return self.run.listed()

    def spend_no_more_than(self, budget: Budget) -> None:
        """Have it do with what is left of `budget`."""
        self.run.meter.budget = budget

    def perform(self, screen: Console, signals: Signals, verbosity: int) -> None:
        """Play it, and show how far it has come."""
        perform_channel_run(self.run, screen, signals, verbosity)

    def spent(self) -> Mapping[str, float]:
        """Return what was spent, by unit."""
        return self.run.meter.spent()

    def report(self) -> Report:
        """Judge what was captured."""
        return compared_with(self.since, self.run.report())


def planned_runs(names: Iterable[str], given: Mapping[str, Any]) -> Iterator[PlannedRun]:
    """Yield the runs of the channels with such `names`, whose reports go into folders of `given["out"]`.

    Raises what tells the user which of the options cannot work.
    """
    since = given["since"]
    for number, name in enumerate(names):
        own = {**given, "channel": None, "out": given["out"] / name, "beside": number > 0}
        earlier = earlier_side(since / name if since is not None and (since / name).is_dir() else since)
        if name == REALTIME:
            own |= {"endpoint": realtime_address(given)}
            target = target_given(own)
            what = chosen(own, target)
            plan = plan_of(own, target, what.scenarios, whole=what.whole, since=earlier)
            yield RealtimeRun(plan, ConformanceRun(plan))
        else:
            own = without_realtime_options(own)
            yield OtherRun(channel_run(channels()[name], own), earlier)


def with_scenarios(names: Iterable[str], given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return those of `names` of which `-k` leaves something. Raises `click.UsageError` for none."""
    if not given["k"]:
        return tuple(names)
    try:
        match = matchers(given["k"])
    except SelectionError as error:
        raise click.UsageError(f"-k {error}") from None
    found = tuple(n for n in names if any(match((s.id, *s.provokes)) for s in channels()[n].conversations))
    if not found:
        raise click.UsageError(f"no scenario has {' or '.join(given['k'])} in its id or requirements")
    return found


def rest_of(budget: Budget, spent: Mapping[str, float]) -> Budget:
    """Return what is left of `budget` after so much was `spent`."""
    limits = {f.name: getattr(budget, f.name) for f in fields(budget)}
    left = {name: max(0, limit - spent.get(name, 0)) for name, limit in limits.items() if limit is not None}
    return replace(budget, **left)


def sum_in_words(runs: Iterable[PlannedRun]) -> str:
    """Return what `runs` cost together at most."""
    return str(sum((each.most for each in runs), Cost()))
