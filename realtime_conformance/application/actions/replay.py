"""Plays again what failed, on any endpoint, and judges it by the same rules."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from packs.catalogue import channels
from packs.keyed.replayed import scenario_of_script
from packs.pack import Pack
from packs.paths import REALTIME
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.channel_run import ChannelRun
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import AnyTarget
from realtime_conformance.application.hypothesis_home import drawing_home
from realtime_conformance.application.named_contract import contract_in
from realtime_conformance.application.option_checks import check_channel_options, dialect_with
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.planning import target_given
from realtime_conformance.application.replays import frames, listing, read_script, scenario_of
from realtime_conformance.application.report_folder import REPLAYS
from realtime_conformance.supervision.interruption import Signals
from reports.model import Report
from reports.model import count as counted
from reports.terminal import plain, summary
from reports.watching import Watched, Watching
from reports.writing import write
from rules.verdicts import Verdict
from suites.replaying import Script
from wire.meter import Meter

_AGAIN = {
    Verdict.FAIL: "fails again",
    Verdict.WARN: "is violated again",
    Verdict.PASS: "holds now",
    Verdict.NOT_OBSERVED: "was not seen this time",
}


@drawing_home()
def replay(files: tuple[Path, ...], given: Mapping[str, Any]) -> int:
    """Play the scripts in `files`; return the exit code."""
    scripts = _distinct([read_script(path) for path in files])
    pack = _pack_of_scripts(scripts, given)
    # Where nobody says another, they are played in the dialect in which they were recorded.
    theirs = None if given["target"] is not None else scripts[0].dialect
    target = target_given({**given, "dialect": given["dialect"] or theirs})
    if given["print"]:
        _print(scripts, given["print"], "wss://HOST/PATH" if target.embedded else target.shown)
        return 0
    play = _play if pack.unnamed else functools.partial(_play_of_channel, pack)
    if given["out"] is not None:
        _apart(given["out"], files)
        begin_report(given["out"])
        return play(scripts, target, given, given["out"])
    with tempfile.TemporaryDirectory(prefix="realtime-conformance-") as folder:
        return play(scripts, target, given, Path(folder))


def _pack_of_scripts(scripts: Sequence[Script], given: Mapping[str, Any]) -> Pack:
    """Return the channel that `scripts` are about. Raises `click.UsageError` where it is not one of ours."""
    names = sorted({script.channel or REALTIME for script in scripts})
    if len(names) > 1:
        raise click.UsageError(
            f"the scripts are about several channels ({', '.join(names)}); play each apart"
        )
    pack = channels().get(names[0])
    if pack is None:
        known = ", ".join(channels())
        raise click.UsageError(f"the script is about the channel {names[0]}, and known are {known}")
    if not pack.unnamed:
        named = None if given["channel"] == pack.name else given["channel"]
        check_channel_options(pack.name, {**given, "channel": named}, "channel")
        dialect_with(pack, given)
    return pack


def _apart(out: Path, files: Sequence[Path]) -> None:
    """Raise `click.UsageError` where what is to be played would be removed with an earlier report."""
    for path in files:
        if (out / REPLAYS).resolve() in path.resolve().parents:
            raise click.UsageError(f"--out {out}: holds {path}, which is to be played; name another folder")


def _distinct(scripts: Sequence[Script]) -> list[Script]:
    """Return `scripts` with names of their own, for these name their traces."""
    seen: dict[str, int] = {}
    found = []
    for script in scripts:
        seen[script.name] = count = seen.get(script.name, 0) + 1
        found.append(script if count == 1 else replace(script, name=f"{script.name}.{count}"))
    return found


def _play(scripts: Sequence[Script], target: AnyTarget, given: Mapping[str, Any], out: Path) -> int:
    plan = Plan(
        scenarios=[scenario_of(s) for s in scripts],
        out=out,
        target=target,
        contract=contract_in(given, target.dialect),
        strict=given["strict"],
        budget=target.budget,
        probing=False,
        whole=False,
    )
    run = ConformanceRun(plan)
    screen = console()
    count = f"{len(scripts)} script" + ("" if len(scripts) == 1 else "s")
    screen.print(f"{count} against {target.shown} ({target.dialect})", soft_wrap=True)
    with Signals() as signals:
        run.perform_until(signals)
        with signals.finishing() as interrupted:
            report = run.report()
            if interrupted():
                report = replace(report, interrupted=True)
    summary(screen, report, write(report, out) if given["out"] is not None else [])
    _compare(screen, scripts, report)
    return int(report.exit)


def _play_of_channel(
    pack: Pack, scripts: Sequence[Script], target: AnyTarget, given: Mapping[str, Any], out: Path
) -> int:
    scenarios = [scenario_of_script(script, pack) for script in scripts]
    run = ChannelRun(
        pack, target, scenarios, out, whole=False, strict=given["strict"], meter=Meter(target.budget)
    )
    screen = console()
    screen.print(
        f"{counted(len(scripts), 'script')} against {target.shown} ({target.dialect})", soft_wrap=True
    )
    with Signals() as signals:
        with Watching(Console(stderr=True, quiet=True), Watched(len(scripts))) as watching:
            run.perform_until(signals, watching)
        with signals.finishing() as interrupted:
            report = run.report()
            if interrupted():
                report = replace(report, interrupted=True)
    summary(screen, report, write(report, out) if given["out"] is not None else [])
    _compare(screen, scripts, report)
    return int(report.exit)


def _compare(screen: Console, scripts: Sequence[Script], report: Report) -> None:
    """Say of each requirement that was violated when it was recorded what became of it."""
    verdicts = {r.id: r.verdict for r in report.requirements}
    for id_ in dict.fromkeys(id_ for script in scripts for id_ in script.violated):
        verdict = verdicts.get(id_)
        now = "does not apply here" if verdict is None else _AGAIN.get(verdict, f"is {verdict}")
        screen.print(f"  {plain(id_)} {now}", soft_wrap=True)


def _print(scripts: Sequence[Script], client: str, url: str) -> None:
    for script in scripts:
        if client == "wscat":
            click.echo("\n".join(listing(script, url)))
            continue
        lines, left_out = frames(script)
        click.echo("\n".join(lines))
        if left_out:
            click.echo(f"note: {left_out} frames of {script.name} cannot be written as lines", err=True)
        if any("${" in line for line in lines):
            click.echo("note: put in what the server answered where ${…} stands", err=True)
