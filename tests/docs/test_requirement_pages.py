"""The pages on requirements: what they say, and that their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from docs.markdown_names import anchor_of, page_of
from docs.registry_page import registry_page
from docs.requirement_pages import requirement_pages
from protocol.catalogue import dialects
from realtime_conformance.application.explanation import EXAMPLES, explained
from rules.requirements import registry
from rules.verdicts import Tally
from suites.scenario import catalogue

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((DOCS / "requirements").glob("*.md"))
_EXERCISED = re.compile(r"(exercised in [a-z, ]+|not exercised by a run)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)]+)\)")


def test_pages_are_up_to_date_but_for_what_a_run_exercises() -> None:
    """That takes a run: `docs/generate.py --check` has it."""
    scenarios = catalogue()
    told = [explained(entry, scenarios) for entry in registry()]
    wanted = {name: _EXERCISED.sub("", text) for name, text in requirement_pages(told, registry(), {})}
    there = {page.name: _EXERCISED.sub("", page.read_text(encoding="utf-8")) for page in PAGES}
    stale = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
    assert stale == [], "run python docs/generate.py"


def test_a_requirement_stands_on_the_page_of_its_area_under_a_heading_of_its_own() -> None:
    anchors = [(page_of(entry), anchor_of(entry)) for entry in registry()]
    assert len(set(anchors)) == len(anchors)
    assert {page for page, _ in anchors} == {page.name for page in PAGES}


@pytest.mark.parametrize(
    "page", [DOCS / "requirements.md", DOCS / "automata.md", *PAGES], ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    headings = {(page_of(entry), anchor_of(entry)) for entry in registry()}
    for link in set(_LINK.findall(page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = page.parent / path
        assert target.exists(), link
        if anchor:
            assert (target.name, anchor) in headings, link


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_is_folded_is_markdown_all_the_same(page: Path) -> None:
    shown = MarkdownIt("commonmark", {"html": True}).render(page.read_text(encoding="utf-8"))
    assert shown.count("<details>") == shown.count("</details>")
    ids = [entry.id for entry in registry() if page_of(entry) == page.name]
    assert [each for each in ids if f"<h2><code>{each}</code></h2>" not in shown] == []
    assert "\n* " not in re.sub(r"<pre>.*?</pre>", "", shown, flags=re.DOTALL)


def test_the_overview_says_where_a_requirement_is_exercised() -> None:
    entry = registry().by_id["turn/same-item"]
    text = registry_page(registry(), {"openai": {entry.id: Tally(subjects=1)}})
    [row] = [
        line for line in text.splitlines() if f"[`{entry.id}`](requirements/audio.md#turnsame-item)" in line
    ]
    levels = " | ".join(str(entry.level.get(name, "")) for name in dialects())
    assert row.endswith(f"| {levels} | openai IA-09; inworld 5.3, FI-11 | O |")


def test_every_file_of_the_registry_has_examples() -> None:
    assert {path.name for path in EXAMPLES.glob("*.yaml")} == {entry.file for entry in registry()}
