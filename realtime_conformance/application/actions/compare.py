"""Puts reports side by side, and tells what changed between two runs."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from realtime_conformance.application.actions.common import console
from realtime_conformance.application.baseline_files import read_results
from reports.compare import Change, ComparedReport, Diff, diff, rows, same_target, side_of
from reports.compare_page import matrix
from reports.model import Exit
from reports.ranking import ranking
from reports.terminal import plain

_LISTED = 20


def compare(results: tuple[Path, ...], out: Path, *, fail_on_regression: bool) -> int:
    """Compare two or more `results`; return the exit code."""
    if len(results) < 2:
        raise click.UsageError("name two or more results.json, or folders that hold one")
    sides = _sides(results, out)
    found = _difference(sides, asked=fail_on_regression)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(matrix(sides, rows(sides), found).encode("utf-8", "replace"))
    except OSError as error:
        raise click.UsageError(
            f"--out {out}: cannot be written ({error.strerror}); name another file"
        ) from None
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
    """Return what the results at `paths` say. Raises `DocumentError`."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    names = [folder.resolve().name for folder in folders]
    often = Counter(names)
    sides = []
    for path, folder, name in zip(paths, folders, names, strict=True):
        content = read_results(path)
        page = folder / "report.html"
        link = ""
        if page.exists():
            with contextlib.suppress(ValueError):  # on another drive
                link = Path(os.path.relpath(page, out.parent)).as_posix()
        label = name if often[name] == 1 and name else str(path)
        sides.append(side_of(content, label, link))
    return sides


def _tell(screen: Console, sides: Sequence[ComparedReport], found: Diff | None, out: Path) -> None:
    if found is None:
        stands = ranking(sides)
        for place in stands.places:
            screen.print(Text(f"{plain(place.side.label)}: {plain(place.side.sentence)}"), soft_wrap=True)
            screen.print(Text(f"  {plain(stands.said(place))}"), soft_wrap=True)
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
