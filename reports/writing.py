"""Writes a report into a folder, in all its forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from reports.badge import badge_json, badge_svg
from reports.html import html
from reports.junit import junit
from reports.markdown import markdown
from reports.model import Report
from reports.results_json import as_dict


def write(report: Report, folder: Path) -> list[Path]:
    """Write all forms of `report` into `folder`; return their paths, the HTML page first.

    Raises `OSError` where that cannot be done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    forms: dict[str, Callable[[], str]] = {
        # First what others can be made of again.
        "results.json": lambda: json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n",
        "junit.xml": lambda: junit(report),
        "summary.md": lambda: markdown(report),
        "badge.json": lambda: badge_json(report),
        "badge.svg": lambda: badge_svg(report),
        "report.html": lambda: html(report),
    }
    paths: list[Path] = []
    for name, render in forms.items():
        path = folder / name
        # What a server sends may hold lone surrogates, which UTF-8 cannot.
        path.write_bytes(render().encode("utf-8", "replace"))
        paths.insert(0, path)
    return paths
