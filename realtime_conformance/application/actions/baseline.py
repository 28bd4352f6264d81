"""Keeps the list of known failures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from packs.paths import REALTIME
from realtime_conformance.application.actions.common import console
from realtime_conformance.application.baseline_editing import updated
from realtime_conformance.application.baseline_files import (
    baseline_of,
    baseline_text,
    held_against,
    is_whole,
    read_baseline,
    read_results,
    reports_at,
    seen_in,
)
from reports.baseline import (
    RED,
    UNCOVERED,
    UNEXPLAINED_REASON,
    Baseline,
    BaselineStatus,
    Held,
    SeenRequirement,
    hold,
)
from reports.combined import GRAVEST_FIRST
from reports.exits import Exit
from reports.terminal import plain
from rules.verdicts import Verdict


def update(results: Path, file: Path, *, strict: bool, warnings: bool, days: int | None) -> int:
    """Make the baseline in `file` describe `results`, of one channel or of several; return the exit code."""
    for each in reports_at(results):
        _update(each, file, strict=strict, warnings=warnings, days=days)
    return 0


def _update(results: Path, file: Path, *, strict: bool, warnings: bool, days: int | None) -> None:
    content = read_results(results)
    old = baseline_text(file)
    version = content["schema_version"]
    known = baseline_of(old, str(file)) if old is not None else Baseline(file=str(file), version=version)
    known = held_against(known, content["target"].get("channel", REALTIME))
    made = updated(
        old,
        replace(known, strict=strict),
        seen_in(content),
        content["target"]["dialect"],
        today=_today(),
        whole=is_whole(content),
        # Where warnings count as failures, they need entries as failures do.
        warnings=warnings or content["verdict"]["strict"],
        days=days,
        version=version,
    )
    written = baseline_of(made.text, str(file))
    try:
        file.write_text(made.text, encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(
            f"--baseline {file}: cannot be written ({error.strerror}); name another file"
        ) from None
    screen = console()
    for sign, names in (("-", made.removed), ("~", made.renewed), ("+", made.added)):
        for name in names:
            screen.print(f"  {sign} {name}", soft_wrap=True)
    fresh = f", {len(made.renewed)} with new fingerprints" if made.renewed else ""
    screen.print(f"{file}: {len(made.added)} added, {len(made.removed)} removed{fresh}", soft_wrap=True)
    if not all(each.explained for each in written.entries):
        screen.print(
            f"Write a reason for each entry that says {UNEXPLAINED_REASON}; until then the gate is red.",
            soft_wrap=True,
        )


def explain_baseline(results: Path, file: Path, *, strict: bool) -> int:
    """Say what each entry of the baseline in `file` does for `results`; return the gate's exit code.

    Of several channels each is explained, and the gravest code is returned.
    """
    codes = [_explain(each, file, strict=strict) for each in reports_at(results)]
    return int(min(codes, key=GRAVEST_FIRST.index))


def _explain(results: Path, file: Path, *, strict: bool) -> Exit:
    content = read_results(results)
    seen = seen_in(content)
    known = replace(read_baseline(file), strict=strict).against(content["schema_version"])
    known = held_against(known, content["target"].get("channel", REALTIME))
    held = hold(seen, known, content["target"]["dialect"], today=_today(), whole=is_whole(content))
    screen = console()
    if notice := known.notice(content["target"]["dialect"]):
        screen.print(Text(f"note: {plain(notice)}", "yellow"), soft_wrap=True)
    for each in held.entries:
        red = each.state in RED
        line = Text(f"{'✗' if red else '✓'} ", style="bold red" if red else "green")
        line.append(plain(each.entry.requirement), style="bold")
        line.append(f" ({each.entry.verdict}, line {each.entry.line}): {plain(each.told)}")
        screen.print(line, soft_wrap=True)
        if each.entry.is_pattern:
            for id_ in each.covers:
                screen.print(Text(f"    {id_}"), soft_wrap=True)
    for id_ in held.unobserved:
        screen.print(Text(f"✗ {id_}: {UNCOVERED}", style="red"), soft_wrap=True)
    unknown = [s for s in seen if s.violated and held.expectations[s.id] is BaselineStatus.UNEXPECTED]
    for each_ in unknown:
        _unknown(screen, each_, held, counts=_counts(each_, content))
    counting = [s for s in unknown if _counts(s, content)]
    good = len(held.entries) - len(held.red)
    uncovered = _count(len(unknown), "violated requirement", "violated requirements")
    screen.print(
        f"{_count(len(held.entries), 'entry', 'entries')}, {good} in order; "
        f"{uncovered} not covered by the baseline",
        soft_wrap=True,
    )
    return _exit(content, held, failed=bool(counting))


def _counts(seen: SeenRequirement, content: Mapping[str, Any]) -> bool:
    """Tell whether what is violated in `seen` keeps a server from conforming."""
    return bool(content["verdict"]["strict"]) or seen.verdict is Verdict.FAIL


def _exit(content: Mapping[str, Any], held: Held, *, failed: bool) -> Exit:
    """Return the exit code with which a run would have ended that went by the baseline."""
    was = Exit(content["verdict"]["exit"])
    if was in (Exit.INTERRUPTED, Exit.HARNESS_ERROR):
        return was
    if failed:
        return Exit.DOES_NOT_CONFORM
    # Earlier versions did not say what else stood in the way of a run that failed.
    other = Exit(content["verdict"].get("unless_failed", was))
    if other not in (Exit.CONFORMS, Exit.DOES_NOT_CONFORM, Exit.BASELINE):
        return other
    return Exit.CONFORMS if held.keeps else Exit.BASELINE


def _unknown(screen: Console, seen: SeenRequirement, held: Held, *, counts: bool) -> None:
    """Say what is violated in `seen` that no entry knows."""
    fresh = held.fresh.get(seen.id)
    said = "is violated in a way that no entry knows" if fresh else "is violated, and no entry covers it"
    line = Text("✗ " if counts else "! ", style="bold red" if counts else "yellow")
    line.append(plain(seen.id), style="bold")
    line.append(f" {said}" + ("" if counts else "; a warning, which counts with --strict only"))
    screen.print(line, soft_wrap=True)
    for print_, message in seen.fingerprints.items():
        if not fresh or print_ in fresh:
            screen.print(Text(f"      · {plain(message)}"), soft_wrap=True)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
