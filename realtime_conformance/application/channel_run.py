"""A run against another channel than realtime: its pack's scenarios, judged by its pack's rules."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import click
from rich.console import Console

from packs.keyed.named_traces import naming
from packs.pack import Pack
from packs.pack_run import PackRun, PlayedTalk
from packs.scenario import PackScenario
from realtime_conformance.application.baseline_files import baseline_given
from realtime_conformance.application.channel_choice import moved, named_dialect
from realtime_conformance.application.channel_cost import (
    cost_in_words,
    cost_of_scenarios,
    depth_given,
    planned_scenarios,
    unpaid,
    unplayed,
)
from realtime_conformance.application.chosen_profile import as_of
from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.embedded import NOT_YOURS, AnyTarget
from realtime_conformance.application.judging import opening
from realtime_conformance.application.left_undecided import note_what_a_run_knew
from realtime_conformance.application.option_checks import check_channel_options, dialect_with
from realtime_conformance.application.parallel_judging import Book, judge_files
from realtime_conformance.application.planning import target_given
from realtime_conformance.application.replays import with_replays
from realtime_conformance.application.report_folder import REPLAYS, TRACES, remove_recordings
from realtime_conformance.application.targets import Choice
from realtime_conformance.application.trace_statistics import with_evidence
from realtime_conformance.application.uncounted_findings import uncounted
from realtime_conformance.supervision.interruption import Signals
from reports.baseline import Baseline
from reports.model import Report, ScenarioResult, Target
from reports.model import count as counted
from reports.watching import Watched, Watching
from suites.depth import STANDARD, Depth
from suites.selecting import SelectionError, matchers
from wire.budget import Cost
from wire.endpoint import Endpoint
from wire.meter import Meter
from wire.trace import Entry, Seen


class TalkListener(Protocol):
    """Somebody who wants to know how far a run has come; `frames` is told of each entry of its traces."""

    @property
    def frames(self) -> Seen | None: ...

    def began(self, scenario: Any) -> None: ...

    def ended(self, outcome: Any) -> None: ...


@dataclass(slots=True)
class ChannelRun:
    """A run of `scenarios` of `pack` at `depth` against `target`; `out` is the report's folder.

    `whole` says whether they are all there are at that depth. The report is held against `baseline` and
    judged `as_of` an earlier version, where one is named. Verdicts on requirements that are `deselected` are
    of no interest to anybody. `choice` is the target once it is there.
    """

    pack: Pack
    target: AnyTarget
    scenarios: Sequence[PackScenario]
    out: Path
    whole: bool
    depth: Depth = STANDARD
    strict: bool = False
    baseline: Baseline | None = None
    as_of: str = ""
    deselected: Collection[str] = ()
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    meter: Meter = field(default_factory=Meter)
    choice: Choice | None = None
    run: PackRun | None = None
    duration_s: float = 0.0
    interrupted: bool = False

    @property
    def what(self) -> str:
        """What is played, and against whom."""
        what = f"{counted(len(self.scenarios), 'scenario')} of {self.pack.title} against {self.target.shown}"
        return f"{what} ({self.target.dialect})"

    @property
    def most(self) -> Cost:
        """What it costs at most."""
        return cost_of_scenarios(self.scenarios, self.depth)

    @property
    def cost(self) -> str:
        """What it costs at most, in words."""
        return cost_in_words(self.most, self.target.prices)

    @property
    def spent(self) -> str:
        """What was spent so far, in words."""
        meter = self.meter
        spent = Cost(meter.sessions, audio_s=meter.audio_s, characters=meter.characters)
        return cost_in_words(spent, self.target.prices)

    def listed(self) -> Iterator[str]:
        """Yield the lines that tell what is played, and what it costs."""
        return planned_scenarios(
            self.pack.scenarios if self.whole else self.scenarios,
            self.depth,
            self.meter.budget,
            self.target.prices,
        )

    def perform_until(self, signals: Signals, watching: Watching) -> None:
        """Play the scenarios; when a signal comes, stop, and keep what there is."""

        async def until_interrupted() -> None:
            task = asyncio.ensure_future(self.perform(watching))
            with signals.cancelling(task):
                try:
                    await task
                except asyncio.CancelledError:
                    self.interrupted = True

        began = time.monotonic()
        try:
            asyncio.run(until_interrupted())
        finally:
            self.duration_s = time.monotonic() - began

    async def perform(self, watching: TalkListener) -> None:
        """Play the scenarios; what was captured is kept also when this is cancelled."""
        remove_recordings(self.out, TRACES, REPLAYS)
        if watching.frames is not None:
            self.meter.seen = _named(watching.frames, self.pack)
        async with self.target.opened(self.depth.seed) as self.choice:
            self.run = PackRun(
                self.pack,
                addressed(self.choice.endpoint, self.pack),
                self.out / TRACES,
                self.meter,
                concurrency=self.choice.concurrency,
                depth=self.depth,
            )
            await self.run.play(self.scenarios, watching.began, watching.ended)

    def report(self) -> Report:
        """Judge what was captured, and return the report."""
        files, today = self._files(self._played), self.started.date()
        report = self.report_of(self._played)
        note_what_a_run_knew(report, files)
        report = replace(report, whole=self.whole)
        if self.baseline is not None:
            report = report.against(self.baseline, today)
        sources = {name: naming(opening(path, name), self.pack.read) for name, path in files.items()}
        report = with_replays(report, files, self.out, self.pack)
        report = with_evidence(report, sources, files, self.out)
        return with_conversations(report, sources, self.out, self._judged.redactor.text)

    def report_of(self, played: Sequence[PlayedTalk]) -> Report:
        """Return the report on some of the scenarios only, without evidence."""
        files = self._files(played)
        without = uncounted(
            self.baseline,
            self.target.dialect,
            self.started.date(),
            deselected=self.deselected,
            as_of=self.as_of,
            by=self.pack.judged_by,
        )
        book = Book(self.target.dialect, uncounted=without, pack=self.pack.name)
        judgement = judge_files([files[name] for name in sorted(files)], book)
        judgement.redact(self._judged.redactor.text)
        return compose(
            judgement,
            target=self._target,
            contract=self.pack.contract,
            circumstances=self._circumstances(played),
            pack=self.pack,
        )

    def _files(self, played: Sequence[PlayedTalk]) -> dict[str, Path]:
        return {path.stem: path for each in played for path in each.traces}

    @property
    def _target(self) -> Target:
        judged, pack = self._judged, self.pack
        return Target(
            judged.shown if self.choice is None else addressed(self.choice.endpoint, pack).shown,
            judged.dialect,
            name=judged.name,
            embedded=self.target.embedded,
            channel=pack.name,
            speaks=pack.title,
        )

    @property
    def _judged(self) -> AnyTarget:
        """The target as far as it is known: the embedded server has no address before it is there."""
        return self.choice or self.target

    @property
    def _played(self) -> Sequence[PlayedTalk]:
        return self.run.played if self.run is not None else ()

    def _circumstances(self, played: Sequence[PlayedTalk]) -> Circumstances:
        """Return what the report says of how the run went."""
        redacted = self._judged.redactor.text
        short = unpaid(played, self.depth, self.meter.budget)
        return Circumstances(
            started=self.started.isoformat(timespec="seconds"),
            duration_s=self.duration_s,
            scenarios=[_result(each, redacted) for each in sorted(played, key=lambda p: p.scenario.id)],
            spent=self._spent(),
            # Where nothing was tried (the budget forbade it), nobody turned us away.
            opened=any(each.opened or each.over_budget for each in played),
            interrupted=self.interrupted,
            trouble=redacted(self.run.trouble) if self.run is not None else "",
            strict=self.strict,
            notes=[*([NOT_YOURS] if self.target.embedded else []), *short],
            seed=self.depth.seed,
            as_of=self.as_of,
            partial=not self.whole or bool(short),
            unplayed=unplayed(played, self.meter.budget),
        )

    def _spent(self) -> dict[str, float | int]:
        """Return what the report says was spent: what nobody asks of this channel is left out."""
        spent = {name: n for name, n in self.meter.spent().items() if n or name == "sessions"}
        prices = self.target.prices
        return {**spent, "money": round(prices.of_spent(spent), 4)} if prices else spent


def _named(seen: Seen, pack: Pack) -> Seen:
    """Return `seen`, told of each message under its name, where lines of a trace have types elsewhere."""

    def told(path: Path, line: Mapping[str, Any]) -> None:
        event = line.get("event")
        if isinstance(event, dict):
            entry = Entry(line["seq"], line["t"], line["dir"], line["kind"], event)
            message = pack.read(entry)
            line = {**line, "event": {"type": message.name if message is not None else "", **event}}
        seen(path, line)

    return told


def _result(played: PlayedTalk, redacted: Callable[[str], str]) -> ScenarioResult:
    scenario = played.scenario
    return ScenarioResult(
        id=scenario.id,
        summary=scenario.summary,
        outcome=played.outcome,
        duration_s=played.duration_s,
        traces=tuple(path.stem for path in played.traces),
        message=redacted(played.message),
        provokes=scenario.provokes,
    )


def addressed(endpoint: Endpoint, pack: Pack) -> Endpoint:
    """Return `endpoint` at the path of `pack`, or at one of its own; no query is added to it (CN-01)."""
    url = moved(endpoint.url, pack.name, pack.path_in(endpoint.dialect))
    return replace(endpoint, url=url, adds_query=False)


def channel_run(pack: Pack, given: Mapping[str, Any]) -> ChannelRun:
    """Return the run that options ask for. Raises `click.UsageError`, `TargetError` and `DocumentError`."""
    check_channel_options(pack.name, given)
    dialect = dialect_with(pack, {"dialect": named_dialect(given)})
    target = target_given({**given, "channel": None, "dialect": dialect})
    depth = depth_given(given)
    there = [s for s in pack.scenarios if s.played_at(depth)]
    scenarios = _selected(there, given["k"])
    if not scenarios:
        raise click.UsageError(f"-k leaves no scenario of {pack.title}")
    baseline = baseline_given(given, pack.name)
    return ChannelRun(
        pack,
        target,
        scenarios,
        given["out"],
        whole=len(scenarios) == len(there),
        depth=depth,
        strict=given["strict"],
        baseline=baseline,
        as_of=as_of(given, baseline, target.dialect),
        meter=Meter(target.budget),
    )


def _selected(scenarios: Sequence[PackScenario], expressions: Sequence[str]) -> list[PackScenario]:
    try:
        match = matchers(expressions) if expressions else None
    except SelectionError as error:
        raise click.UsageError(f"-k {error}") from None
    return [s for s in scenarios if match is None or match((s.id, *s.provokes))]


def perform_channel_run(made: ChannelRun, screen: Console, signals: Signals, verbosity: int) -> None:
    """Perform a run, and show how far it has come."""
    screen.print(made.what, soft_wrap=True)
    screen.print(f"  costs at most: {made.cost}", soft_wrap=True)
    watched = Watched(len(made.scenarios))
    with Watching(screen, watched, verbosity) as watching:
        made.perform_until(signals, watching)
