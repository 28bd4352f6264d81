"""Builds a static site of many reports: an index, a matrix, histories, and copies of the reports."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.text import Text

from realtime_conformance.application.actions.common import console
from realtime_conformance.application.report_folder import REPLAYS, SOUNDS, TRACES
from realtime_conformance.application.report_pages import found_below, read_sides, write_page
from reports.compare import ComparedReport, rows, target_name
from reports.compare_page import matrix
from reports.history import histories
from reports.history_page import history_page
from reports.model import Exit, count
from reports.site_page import GENERATOR, HISTORY, INDEX, MATRIX, index_page, nav, newest
from reports.terminal import plain
from reports.writing import NAMES

_REPORTS = "reports"
_RECORDED = (TRACES, REPLAYS)
_LONGEST = 80  # characters of a folder's name


def site(folders: tuple[Path, ...], out: Path, title: str) -> int:
    """Build the site of all reports in `folders` in the folder `out`; return the exit code."""
    _check(folders, out)
    files = [(folder, file) for folder in folders for file in _found(folder, out)]
    sides, problems = [], []
    try:
        _clear(out)
        names: Counter[str] = Counter()
        for folder, file in files:
            read, wrong = read_sides([file], folder, out)
            problems += [f"Left out: {error}" for error in wrong]
            for side in read:
                link = _copied(file.parent, out, _free(names, _slug(side)))
                sides.append(replace(side, link=link))
        if not sides:
            raise click.UsageError(f"{', '.join(map(str, folders))}: no report is there; name other folders")
        _write(out, _named(sides), title, problems)
    except OSError as error:
        raise click.UsageError(
            f"--out {out}: cannot be written ({error.strerror}); name another folder"
        ) from None
    for problem in problems:
        click.echo(f"warning: {plain(problem)}", err=True)
    screen = console()
    screen.print(Text(f"{count(len(sides), 'report')} of {count(len(histories(sides)), 'target')}"))
    screen.print(Text(f"  page: {out / INDEX}"), soft_wrap=True)
    return int(Exit.CONFORMS)


def _check(folders: Sequence[Path], out: Path) -> None:
    """Raise `click.UsageError` where the site would be written over something else, or over its reports."""
    if any(folder.resolve().is_relative_to(out.resolve()) for folder in folders):
        raise click.UsageError(f"--out {out}: holds the reports themselves; name another folder")
    index = out / INDEX
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not index.is_file() or GENERATOR not in index.read_text("utf-8", "replace"):
        raise click.UsageError(
            f"--out {out}: holds something else than a site of reports; name another folder"
        )


def _found(folder: Path, out: Path) -> list[Path]:
    """Return the reports in `folder`, without those of an earlier site in `out`."""
    inside = out.resolve()
    return [file for file in found_below(folder) if not file.resolve().is_relative_to(inside)]


def _clear(out: Path) -> None:
    """Remove the reports of an earlier site from `out`; make the folder where there is none."""
    if (out / _REPORTS).is_dir():
        shutil.rmtree(out / _REPORTS)
    (out / _REPORTS).mkdir(parents=True)
    (out / ".nojekyll").write_bytes(b"")  # GitHub Pages then serves the files as they are


def _slug(side: ComparedReport) -> str:
    words = f"{target_name(side) or side.label} {side.dialect} {side.started[:10]}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:_LONGEST]


def _free(names: Counter[str], name: str) -> str:
    """Return `name`, with a number where another report has it."""
    names[name] += 1
    return name if names[name] == 1 else _free(names, f"{name}-{names[name]}")


def _copied(folder: Path, out: Path, name: str) -> str:
    """Copy the files of the report in `folder` into the site; return the way to its page, if it has one.

    Only what the suite itself wrote is copied, never what a server printed.
    """
    to = out / _REPORTS / name
    to.mkdir()
    for file in _files(folder):
        there = to / file.relative_to(folder)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, there)
    page = "report.html" if (to / "report.html").exists() else ""
    return f"{_REPORTS}/{name}/{page}" if page else ""


def _files(folder: Path) -> Iterable[Path]:
    found = [folder / name for name in NAMES]
    found += [file for each in _RECORDED for file in (folder / each).rglob("*.jsonl")]
    found += (folder / SOUNDS).glob("*.wav")
    return (file for file in found if file.is_file() and not file.is_symlink())


def _named(sides: Sequence[ComparedReport]) -> list[ComparedReport]:
    """Return `sides` called by their targets, and by dialect, too, where a target was judged by several."""
    dialects: dict[str, set[str]] = {}
    for side in sides:
        dialects.setdefault(target_name(side), set()).add(side.dialect)

    def name(side: ComparedReport) -> str:
        target = target_name(side)
        several = len(dialects[target]) > 1
        return f"{target} ({side.dialect})" if target and several else target or side.label

    return [replace(side, label=name(side)) for side in sides]


def _write(out: Path, sides: Sequence[ComparedReport], title: str, notes: Sequence[str]) -> None:
    found = histories(sides)
    several = len(found) > 1
    last = newest(found)
    write_page(out / INDEX, index_page(found, title, notes))
    write_page(out / HISTORY, history_page(found, notes, nav(HISTORY, several=several)))
    if several:
        write_page(out / MATRIX, matrix(last, rows(last), nav=nav(MATRIX, several=True)))
    else:
        (out / MATRIX).unlink(missing_ok=True)
