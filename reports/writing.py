"""Writes a report into a folder, in all its forms."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from reports.badge import badge_json, badge_svg
from reports.html import html
from reports.junit import junit
from reports.markdown import markdown
from reports.model import Report
from reports.results_json import as_dict

_FORMS: dict[str, Callable[[Report], str]] = {
    # First what others can be made of again.
    "results.json": lambda report: json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n",
    "junit.xml": junit,
    "summary.md": markdown,
    "badge.json": badge_json,
    "badge.svg": badge_svg,
    "report.html": html,
}

NAMES = tuple(_FORMS)
"""The files of a report."""


def write(report: Report, folder: Path) -> list[Path]:
    """Write all forms of `report` into `folder`; return their paths, the HTML page first.

    Raises `OSError` where that cannot be done; each file is whole then, or not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for name, render in _FORMS.items():
        path = folder / name
        # What a server sends may hold lone surrogates, which UTF-8 cannot.
        _replace(path, render(report).encode("utf-8", "replace"))
        paths.insert(0, path)
    return paths


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
