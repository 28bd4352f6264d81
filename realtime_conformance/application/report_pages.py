"""Pages about several reports: finding the reports, linking theirs, writing the page."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from protocol.errors import DocumentError
from realtime_conformance.application.baseline_files import read_results
from reports.compare import ComparedReport, side_of


def page_link(results: Path, base: Path) -> str:
    """Return the way from the folder `base` to the HTML page beside `results`; empty where there is none."""
    page = (results if results.is_dir() else results.parent) / "report.html"
    if page.exists():
        with contextlib.suppress(ValueError):  # on another drive
            return Path(os.path.relpath(page, base)).as_posix()
    return ""


def write_page(out: Path, page: str) -> None:
    """Write `page` to the file `out`. Raises `click.UsageError` where that cannot be done."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(page.encode("utf-8", "replace"))
    except OSError as error:
        raise click.UsageError(
            f"--out {out}: cannot be written ({error.strerror}); name another file"
        ) from None


def found_below(folder: Path) -> list[Path]:
    """Return the results.json files in `folder` and in all folders below it, sorted by path."""
    return sorted(path for path in folder.rglob("results.json") if path.is_file())


def read_sides(
    files: list[Path], folder: Path, base: Path
) -> tuple[list[ComparedReport], list[DocumentError]]:
    """Return what `files` say, called by their folders in `folder`, and what is wrong with the others.

    Links lead from the folder `base`. A file that is no report of ours costs only itself.
    """
    sides, problems = [], []
    for file in files:
        try:
            content = read_results(file)
        except DocumentError as error:
            problems.append(error)
            continue
        label = file.parent.relative_to(folder).as_posix()
        name = folder.resolve().name if label == "." else label
        sides.append(side_of(content, name, page_link(file, base)))
    return sides, problems
