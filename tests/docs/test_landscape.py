"""`docs/landscape.md`: each line says how it is known, and since when; its dialects and links exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from protocol.catalogue import own_dialects

_DOCS = Path(__file__).resolve().parents[2] / "docs"
_PAGES = ("landscape.md", "server-frameworks.md")
_GROUNDS = ("recorded", "tried", "documentation", "observed", "`realtime-conformance serve`")
_FAMILIES = {"none", "beta", "xai", "azure-voice-live"}
"""What stands for a dialect that may not exist yet, or never will."""


def _rows(page: str) -> list[list[str]]:
    text = (_DOCS / page).read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


def _lines() -> list[list[str]]:
    return [row for row in _rows("landscape.md") if row[0] != "who"]


def test_each_line_says_how_it_is_known_and_since_when() -> None:
    sources = [row[-1] for row in _lines()]
    assert len(sources) > 15
    assert [source for source in sources if not any(ground in source for ground in _GROUNDS)] == []
    dated = [source for source in sources if "serve`" not in source]
    assert [source for source in dated if not re.search(r"\(20\d\d-\d\d\)", source)] == []


def test_dialects_exist_or_are_said_not_to() -> None:
    known = {each.name for each in own_dialects()} | _FAMILIES
    named = [re.split(r"[ ,]", row[3])[0] for row in _lines() if len(row) == 6 and row[0]]
    assert [name for name in named if name not in known] == []


@pytest.mark.parametrize("page", _PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (_DOCS / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (_DOCS / link).exists()] == []


@pytest.mark.parametrize("page", _PAGES)
def test_it_is_linked_from_the_readme(page: str) -> None:
    assert f"(docs/{page})" in (_DOCS.parent / "README.md").read_text(encoding="utf-8")
