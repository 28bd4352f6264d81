"""summary.md: it fits a step summary, and what a server says stays text. Read by a Markdown parser."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from reports.markdown import LIMIT, code, markdown, text
from rules.requirements import registry
from rules.verdicts import Tally
from tests.reports.formats.sample import (
    ALSO_FAILED,
    FAILED,
    HELD,
    HOSTILE,
    OF_HOW_MANY,
    WARNED,
    entry,
    finding,
    held,
    report,
)

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Seen(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._cell:
            self.rows[-1][-1] += data


def _rendered(value: str) -> _Seen:
    return _Seen(_PARSER.render(value))


def test_a_server_cannot_write_markup() -> None:
    seen = _rendered(markdown(report()))
    allowed = {"h2", "h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "em", "blockquote", "br"}
    assert {tag for tag, _ in seen.tags} <= {*allowed, "a"}
    assert all(not attributes for tag, attributes in seen.tags if tag != "a")
    links = [attributes for tag, attributes in seen.tags if tag == "a"]
    assert {tuple(each) for each in links} == {("href",)}
    assert all(str(each["href"]).startswith("report.html#") for each in links)
    assert "<script>alert(1)</script>" in seen.text
    assert "[link](" in seen.text
    assert "**bold**" in seen.text


def test_a_server_cannot_mention_link_or_break_out_of_its_cell() -> None:
    made = markdown(report())
    assert "@somebody" not in made
    assert "http://" not in made
    for row in _rendered(made).rows:
        assert len(row) in (3, 7), row
    assert all(not line.lstrip().startswith(("::", "##[")) for line in made.splitlines())


@pytest.mark.parametrize(
    "value", [HOSTILE, "`", "``` x", "|", "\\|", "\\", "a\\`b", "<!--", "&lt;", "~~~", "    x"]
)
def test_text_and_code_say_what_they_were_given(value: str) -> None:
    for made in (text(value), code(value)):
        table = f"| a | b |\n|---|---|\n| {made} | end |\n"
        rows = _rendered(table).rows
        assert [len(row) for row in rows] == [2, 2]
        assert rows[1][1] == "end"
        if len(value) < 20:
            assert rows[1][0].replace("\u2060", "").split() == value.split()


def test_it_names_what_failed_and_where() -> None:
    seen = _rendered(markdown(report(broken=False)))
    assert f"Does not conform to OpenAI GA: 2 requirements failed; 4 {OF_HOW_MANY}." in seen.text
    row = next(row for row in seen.rows if row[0] == ALSO_FAILED)
    assert row[1].startswith("usage is missing")
    assert "response_create.text" in row[2]


def test_it_says_what_is_known_and_what_is_out_of_date() -> None:
    made = held(report(broken=False), entry(FAILED), entry(ALSO_FAILED), entry(HELD), entry(WARNED, "warn"))
    shown = markdown(made)
    rows = _rendered(shown).rows
    assert [HELD, "4", "holds now: remove the entry"] in rows
    assert [FAILED, "fail", "it is known"] in rows
    assert "### Failed" not in shown


def test_it_fits_a_step_summary_whatever_was_said() -> None:
    flood = {
        e.id: Tally(subjects=9, violations=9, findings=[finding(HOSTILE * 300, trace="t" * 500)])
        for e in registry()
    }
    made = markdown(report(counted=flood))
    assert len(made.encode("utf-8", "replace")) < LIMIT
    failed = len(report(counted=flood).unexpected)
    assert f"and {failed - 50} more" in made


def test_it_is_cut_where_notes_are_endless() -> None:
    made = markdown(replace(report(), notes=tuple("ü" * 399 for _ in range(3000))))
    assert len(made.encode()) <= LIMIT
    assert "The rest does not fit here" in made
