"""Puts reports side by side, and tells what changed between two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from realtime_conformance.application.actions.common import console
from realtime_conformance.application.actions.history import show_history, tell_history
from realtime_conformance.application.baseline_files import read_results
from realtime_conformance.application.report_pages import page_link, write_page
from reports.compare import Change, ComparedReport, Diff, diff, rows, same_target, side_of, target_name
from reports.compare_page import matrix
from reports.compared_figures import figures
from reports.history import histories
from reports.model import Exit
from reports.ranking import ranking
from reports.terminal import plain

_LISTED = 20


def compare(
    results: tuple[Path, ...],
    out: Path,
    *,
    fail_on_regression: bool,
    names: tuple[str, ...] = (),
    history: Path | None = None,
) -> int:
    """Compare two or more `results`, called `names` if there are any, or all below the folder `history`.

    Returns the exit code.
    """
    if history is not None:
        if results or names:
            other = "RESULTS" if results else "--name"
            raise click.UsageError(f"--history finds its reports; leave out {other}")
        return show_history(history, out, fail_on_regression=fail_on_regression)
    if len(results) < 2:
        raise click.UsageError("name two or more results.json, or folders that hold one; or --history FOLDER")
    if names and len(names) != len(results):
        raise click.UsageError(f"--name: {len(names)} for {len(results)} reports; give one for each")
    if len(set(names)) != len(names):
        raise click.UsageError("--name: two reports cannot be called the same")
    sides = _sides(results, out)
    if names:
        sides = [replace(side, label=name) for side, name in zip(sides, names, strict=True)]
    found = _difference(sides, asked=fail_on_regression)
    runs = histories(sides)
    line = runs[0] if len(sides) > 2 and len(runs) == 1 else None
    write_page(out, matrix(sides, rows(sides), found, line))
    _tell(console(), sides, found, out)
    worse = found is not None and found.worse
    return int(Exit.DOES_NOT_CONFORM if fail_on_regression and worse else Exit.CONFORMS)


def _difference(sides: Sequence[ComparedReport], *, asked: bool) -> Diff | None:
    before, after = sides[0], sides[-1]
    if asked:
        if len(sides) != 2:
            raise click.UsageError("--fail-on-regression needs two reports, the older one first")
        if before.dialect != after.dialect:
            raise click.UsageError(
                f"--fail-on-regression: {before.label} was judged as {before.dialect} and {after.label} as "
                f"{after.dialect}; judge both by one --dialect"
            )
        return diff(before, after)
    return diff(before, after) if len(sides) == 2 and same_target(before, after) else None


def _sides(paths: Sequence[Path], out: Path) -> list[ComparedReport]:
    """Return what the results at `paths` say, each with its label. Raises `DocumentError`."""
    sides = [side_of(read_results(path), str(path), page_link(path, out.parent)) for path in paths]
    targets = [target_name(side) for side in sides]
    folders = [(path if path.is_dir() else path.parent).resolve().name for path in paths]
    # By target where that tells them apart, else by folder, else by what was given.
    names = next((each for each in (targets, folders) if all(each) and len(set(each)) == len(each)), None)
    often = Counter(folders)
    names = names or [f if often[f] == 1 and f else s.label for f, s in zip(folders, sides, strict=True)]
    return [replace(side, label=name) for side, name in zip(sides, names, strict=True)]


def _tell(screen: Console, sides: Sequence[ComparedReport], found: Diff | None, out: Path) -> None:
    if found is None:
        stands = ranking(sides)
        for place in stands.places:
            screen.print(Text(f"{plain(place.side.label)}: {plain(place.side.sentence)}"), soft_wrap=True)
            screen.print(Text(f"  {plain(stands.said(place))}"), soft_wrap=True)
        for row in figures(sides):
            shown = [f"{cell.text or '-'}{' (best)' if cell.best else ''}" for cell in row.cells]
            named = ", ".join(f"{plain(s.label)} {text}" for s, text in zip(sides, shown, strict=True))
            screen.print(Text(f"  {row.name}: {named}"), soft_wrap=True)
        for each in histories(sides) if len(sides) > 2 else ():
            tell_history(screen, each)
        differing = sum(1 for row in rows(sides) if row.differs)
        screen.print(f"  {differing} requirements differ", soft_wrap=True)
    else:
        style = "bold red" if found.worse else "bold green"
        screen.print(Text(plain(found.sentence), style=style), soft_wrap=True)
        _list(screen, "new failure", found.new_failures, "red")
        _list(screen, "newly unobserved", found.unobserved, "yellow")
        _list(screen, "violated in another way", found.otherwise, "yellow")
        _list(screen, "fixed", found.fixed, "green")
    screen.print(Text(f"  page: {out}"), soft_wrap=True)


def _list(screen: Console, name: str, changes: Sequence[Change], style: str) -> None:
    for change in changes[:_LISTED]:
        before = str(change.before.verdict) if change.before is not None else "not judged"
        after = str(change.after.verdict) if change.after is not None else "not judged"
        line = Text("  ")
        line.append(name, style=style)
        line.append(f" {plain(change.id)} ({before} → {after})")
        screen.print(line, soft_wrap=True)
        if change.message:
            screen.print(Text(f"      {plain(change.message)}"), soft_wrap=True)
    if len(changes) > _LISTED:
        screen.print(f"  … and {len(changes) - _LISTED} more {name}")
