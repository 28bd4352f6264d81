"""Puts load on an endpoint step by step, and says at which step it stops being correct."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console

from load.breaking import LoadLimits
from load.load_plan import LoadPlan, LoadPlanError, steps_of
from load.load_run import LoadRun, StepResult
from load.turn_mix import mix_of
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.embedded import AnyTarget, Embedded
from realtime_conformance.application.load_report import load_in_words, load_report
from realtime_conformance.application.planning import target_given
from realtime_conformance.application.report_folder import TRACES, remove_recordings
from realtime_conformance.application.turn_observer import TurnObserver
from realtime_conformance.supervision.interruption import Signals
from reports.exits import Exit
from reports.load_model import LoadReport
from reports.load_page import load_page
from reports.load_text import load_json, load_markdown, say_load
from reports.statistics import FIRST_AUDIO, TURN
from reports.writing import replace_file
from rules.rulebook import rulebook
from wire.budget import spent_in_words
from wire.meter import Meter

_BEAT_S = 10.0  # between two lines on how far a step has come

LIMITS = {"first_audio": FIRST_AUDIO, "turn": TURN}
"""Kinds of times that `--max-p95` bounds, by how it spells them."""


def put_load(given: Mapping[str, Any]) -> int:
    """Do what `realtime-conformance load` is asked for; return the exit code."""
    target = target_given({**given, "start": None, "ready": None, "channel": None, "asyncapi": None})
    plan, limits = _plan(given), _limits(given)
    _check_host(target, given["i_may_load"])
    screen = Console(stderr=True, quiet=True) if given["quiet"] else console(given["color"])
    cost = plan.whole_cost
    if given["plan"]:
        screen.print(f"Nothing is sent. {load_in_words(plan)}", soft_wrap=True)
        for step in plan.steps:
            screen.print(f"  {step.said}: likely {plan.cost(step)}", soft_wrap=True)
        return int(Exit.CONFORMS)
    out: Path = given["out"]
    begin_report(out)
    remove_recordings(out, TRACES)
    screen.print(f"Load on {target.shown} ({target.dialect}): {load_in_words(plan)}", soft_wrap=True)
    screen.print(f"  likely: {cost}{target.prices.in_words(cost)}", soft_wrap=True)
    with Signals() as signals:
        report = _performed(plan, target, limits, out=out, screen=screen, signals=signals)
        with signals.finishing():
            paths = _written(report, out)
    say_load(report, screen)
    screen.print(f"  report: {paths[0]}", soft_wrap=True)
    screen.print(f"  spent: {spent_in_words(report.spent)}", soft_wrap=True)
    return int(report.exit)


def _performed(
    plan: LoadPlan, target: AnyTarget, limits: LoadLimits, *, out: Path, screen: Console, signals: Signals
) -> LoadReport:
    """Hold all steps, or as many as a signal leaves time for, and return the report."""
    made: list[LoadRun] = []
    started, began = dt.datetime.now(dt.UTC), time.monotonic()
    interrupted = False

    async def hold() -> None:
        task = asyncio.ensure_future(play())
        with signals.cancelling(task):
            await task

    async def play() -> None:
        async with target.opened(plan.seed) as choice:
            run = LoadRun(
                plan,
                choice.endpoint,
                out / TRACES,
                rulebook(target.dialect),
                TurnObserver,
                Meter(target.budget),
                choice.offers,
                told=_Progress(screen),
            )
            made.append(run)
            await run.play()

    try:
        asyncio.run(hold())
    except asyncio.CancelledError:
        interrupted = True
    if not made:
        raise KeyboardInterrupt
    report = load_report(made[0], target, limits, started, time.monotonic() - began)
    return replace(report, interrupted=interrupted)


class _Progress:
    """Says how far a step has come, every so often, and at its end."""

    def __init__(self, screen: Console) -> None:
        self._screen, self._said_at = screen, 0.0

    def __call__(self, result: StepResult) -> None:
        now = time.monotonic()
        if result.ended or now >= self._said_at + _BEAT_S:
            self._said_at = now
            _tell(self._screen, result)


def _tell(screen: Console, result: StepResult) -> None:
    counts, passed = result.counts, result.windows[-1].t_s if result.windows else 0.0
    lag = counts.lag.percentile(95) or 0.0
    times = counts.times.get(FIRST_AUDIO) or counts.times.get(TURN)
    p95 = times.percentile(95) if times is not None else None
    said = (
        f"{result.step.said}: {passed:.0f} s",
        f"{counts.turns} turns",
        *((f"p95 {p95:.2f} s",) if p95 is not None else ()),
        f"{result.violations} findings",
        f"{counts.refused.total()} refused",
        f"our lag {lag * 1000:.0f} ms",
    )
    screen.print(f"  {', '.join(said)}", soft_wrap=True)


def _written(report: LoadReport, out: Path) -> list[Path]:
    """Write all forms of `report`; return their paths, the page first. Raises `click.ClickException`."""
    forms = {"load.json": load_json, "summary.md": load_markdown, "load.html": load_page}
    paths: list[Path] = []
    for name, form in forms.items():
        try:
            replace_file(out / name, form(report).encode("utf-8", "replace"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            said = f"{out / name}: cannot be written ({reason}); make room, or name another --out"
            raise click.UsageError(said) from None
        paths.insert(0, out / name)
    return paths


def _plan(given: Mapping[str, Any]) -> LoadPlan:
    try:
        steps = steps_of(given["sessions"], given["rate"])
        mix = mix_of(given["scenario"])
    except LoadPlanError as error:
        raise click.UsageError(str(error)) from None
    return LoadPlan(steps, given["duration"], mix, given["pace"], given["seed"] or 0)


def _limits(given: Mapping[str, Any]) -> LoadLimits:
    most = {}
    for text in given["max_p95"]:
        kind, _, seconds = text.partition("=")
        try:
            bound = float(seconds)
        except ValueError:
            bound = 0.0
        if kind not in LIMITS or bound <= 0:
            known = " or ".join(LIMITS)
            raise click.UsageError(f"--max-p95 {text}: write {known}, and seconds: --max-p95 first_audio=1.5")
        most[LIMITS[kind]] = bound
    at = given["require_conformance_at"]
    names = [each.name for each in steps_of(given["sessions"], given["rate"])]
    if at is not None and at not in names:
        raise click.UsageError(f"--require-conformance-at {at}: is no step; there are {', '.join(names)}")
    return LoadLimits(given["tolerate"], most, at or "", given["strict"])


def _check_host(target: AnyTarget, allowed: str | None) -> None:
    """Raise `click.UsageError` for an endpoint of somebody else's that nobody said may be loaded."""
    host = urlsplit(target.url).hostname or ""
    ours = isinstance(target, Embedded) or target.endpoint.local
    if ours or (allowed is not None and allowed.lower() == host):
        return
    said = f", and --i-may-load names {allowed}" if allowed else ""
    raise click.UsageError(
        f"{host} is not this machine{said}: load costs its owner money and others their service; "
        f"if you may put load on it, say so with --i-may-load {host}"
    )
