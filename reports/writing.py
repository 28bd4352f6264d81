"""Writes a report into a folder, in all its forms."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from reports.model import Report

# First what others can be made of again.
NAMES = (
    "results.json",
    "junit.xml",
    "ctrf-report.json",
    "results.sarif",
    "results.csv",
    "summary.md",
    "badge.json",
    "badge.svg",
    "traces.html",
    "report.html",
)
"""The files of a report."""

COMBINED_NAMES = ("summary.json", "junit.xml", "summary.md", "report.html")
"""The files above the reports on several channels."""


def _renderers() -> tuple[Callable[[Report], str], ...]:
    """Return what makes each of these files; who only asks for their names needs none of it."""
    from reports.badge import badge_json, badge_svg  # noqa: PLC0415
    from reports.ctrf import ctrf  # noqa: PLC0415
    from reports.html import html  # noqa: PLC0415
    from reports.junit import junit  # noqa: PLC0415
    from reports.markdown import markdown  # noqa: PLC0415
    from reports.results_csv import results_csv  # noqa: PLC0415
    from reports.results_json import as_dict  # noqa: PLC0415
    from reports.sarif import sarif  # noqa: PLC0415
    from reports.viewer import viewer  # noqa: PLC0415

    def results(report: Report) -> str:
        return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"

    return results, junit, ctrf, sarif, results_csv, markdown, badge_json, badge_svg, viewer, html


def write(report: Report, folder: Path) -> list[Path]:
    """Write all forms of `report` into `folder`; return their paths, the HTML page first.

    Raises `OSError` where that cannot be done; each file is whole then, or not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for name, render in zip(NAMES, _renderers(), strict=True):
        path = folder / name
        # What a server sends may hold lone surrogates, which UTF-8 cannot.
        replace_file(path, render(report).encode("utf-8", "replace"))
        paths.insert(0, path)
    return paths


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole, or not at all. Raises `OSError`."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
