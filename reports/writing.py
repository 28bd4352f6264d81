"""Writes a report into a folder: results.json, junit.xml, report.html."""

from __future__ import annotations

import json
from pathlib import Path

from reports.html import html
from reports.junit import junit
from reports.model import Report, as_dict


def write(report: Report, folder: Path) -> list[Path]:
    """Write all forms of `report` into `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    forms = {
        "results.json": json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n",
        "junit.xml": junit(report),
        "report.html": html(report),
    }
    paths = []
    for name, text in forms.items():
        path = folder / name
        # What a server sends may hold lone surrogates, which UTF-8 cannot.
        path.write_bytes(text.encode("utf-8", "replace"))
        paths.append(path)
    return paths
