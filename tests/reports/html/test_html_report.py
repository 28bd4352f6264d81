"""The HTML report as a document: safe whatever a server sent, whole, and consistent in itself."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest

from reports.baseline import Baseline, BaselineEntry, Expected
from reports.escaping import visible
from reports.html import html
from reports.html_page import page_of
from reports.model import Report
from rules.verdicts import Verdict
from tests.reports.html.html_samples import HOSTILE, report_on


class Document(HTMLParser):
    """What a browser would make of a page, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.blocks: dict[str, list[str]] = {"style": [], "script": []}
        self.policy = ""
        self.text: list[str] = []
        self.data = ""
        self.copies = ""
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = {k: v or "" for k, v in attrs}
        self.attributes += [(tag, k, v) for k, v in given.items()]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in self.blocks:
            json_ = given.get("type") == "application/json"
            self._in = {"evidence": "data", "copies": "copies"}[given["id"]] if json_ else tag

    def handle_endtag(self, tag: str) -> None:
        if tag in self.blocks:
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "data":
            self.data += data
        elif self._in == "copies":
            self.copies += data
        elif self._in:
            self.blocks[self._in].append(data)
        else:
            self.text.append(data)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report_on(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture(scope="module")
def source(hostile: Report) -> str:
    return html(hostile)


@pytest.fixture(scope="module")
def document(source: str) -> Document:
    return Document(source)


def _read(document: Document) -> str:
    return " ".join(" ".join(document.text).split())


def test_a_server_adds_no_element(document: Document) -> None:
    assert "img" not in document.tags
    assert document.tags["script"] == 4
    assert not [a for a in document.attributes if a[1].startswith("on")]


def test_what_a_server_sent_is_there_to_be_read(document: Document, source: str) -> None:
    assert "alert(1)" in _read(document)
    assert "{{ 7*7 }}" in _read(document)
    for character in ("\u202e", "\u2028"):
        assert character not in source
        assert visible(character) in _read(document)


def test_json_in_a_script_cannot_end_it(document: Document, source: str) -> None:
    evidence = json.loads(document.data)
    block = source[source.index('id="evidence">') :]
    block = block[: block.index("</script>")]
    assert "<" not in block.removeprefix('id="evidence">')
    payloads = json.dumps(evidence["traces"])
    assert "onerror=alert(1)" in payloads


def test_the_policy_allows_what_is_on_the_page_and_nothing_else(document: Document) -> None:
    policy = dict(part.split(" ", 1) for part in document.policy.split("; "))
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in document.policy
    for directive, blocks in (
        ("script-src", document.blocks["script"]),
        ("style-src", document.blocks["style"]),
    ):
        hashes = {
            f"'sha256-{base64.b64encode(hashlib.sha256(b.encode()).digest()).decode()}'" for b in blocks
        }
        assert set(policy[directive].split()) == hashes
    assert not [a for a in document.attributes if a[1] == "style"], "the policy would block it"


def test_it_asks_nobody_for_anything(document: Document) -> None:
    outside = [
        (tag, name, value)
        for tag, name, value in document.attributes
        if name in ("src", "href", "action", "data", "srcset", "poster")
        and not value.startswith(("#", "data:", "traces/", "traces.html#"))
    ]
    assert outside == []
    assert "@import" not in document.blocks["style"][0]
    assert "url(" not in document.blocks["style"][0]


def test_every_link_within_the_page_leads_somewhere(document: Document) -> None:
    double = [id_ for id_, number in Counter(document.ids).items() if number > 1]
    assert double == []
    ids = set(document.ids)
    dead = [
        link
        for link in document.links
        if link.startswith("#") and "=" not in link and unquote(link[1:]) not in ids
    ]
    assert dead == []


def test_every_requirement_has_its_place(document: Document, hostile: Report) -> None:
    places = {r.id for r in hostile.requirements}
    places |= {f"{layer.dialect}:{r.id}" for layer in hostile.layers for r in layer.differences}
    assert places <= set(document.ids)


def test_findings_are_readable_without_scripts(document: Document, hostile: Report) -> None:
    read = _read(document)
    for result in hostile.requirements:
        for finding in result.findings:
            for said in (finding.message, finding.expected, finding.actual, finding.path):
                assert " ".join(visible(said).split()) in read, result.id


def test_the_first_screen_names_what_identifies_a_run(document: Document, hostile: Report) -> None:
    read = _read(document)
    for said in (
        hostile.sentence,
        hostile.layers[0].sentence,
        hostile.target.url,
        hostile.suite.registry_hash,
        hostile.suite.document_hash,
        "2026-01-01 12:00 UTC",
        "2 sessions · 2 responses · 0.5 s of audio",
    ):
        assert said in read


def test_the_offending_entry_and_its_cause_are_in_the_excerpt(document: Document) -> None:
    evidence: dict[str, Any] = json.loads(document.data)
    place = evidence["places"]["session/updated/same-id~0"]
    entries = evidence["traces"][place["trace"]]["entries"]
    types = evidence["types"]
    assert types[entries[str(place["bad"][0])][3]] == "session.updated"
    assert types[entries[str(place["because"][0])][3]] == "session.created"
    assert entries[str(place["bad"][0])][4]["session"]["id"] == visible(HOSTILE)


def test_views_are_there_for_what_was_counted(document: Document, hostile: Report) -> None:
    ids = set(document.ids)
    assert {"verdict", "requirements", "operations", "events", "scenarios", "times", "reading"} <= ids
    bare = Document(html(replace(hostile, statistics=None, evidence=None, scenarios=())))
    assert {"operations", "events", "times", "scenarios"}.isdisjoint(bare.ids)
    assert "not observed" not in bare.policy
    assert json.loads(bare.data)["places"] == {}


def test_a_page_of_nothing_says_so(hostile: Report) -> None:
    empty = replace(
        hostile,
        requirements=(),
        layers=(),
        scenarios=(),
        statistics=None,
        opened=False,
        trouble="it refused us: HTTP 401",
    )
    read = _read(Document(html(empty)))
    assert "No verdict: it refused us: HTTP 401." in read
    assert "No requirement was violated" not in read


def test_lone_surrogates_do_not_stop_it(hostile: Report) -> None:
    text = html(replace(hostile, notes=("half a \ud83d character",)))
    assert "half a ⟨U+D83D⟩ character" in text
    text.encode("utf-8")


def test_headings_go_down_one_step_at_a_time(source: str) -> None:
    levels = [int(n) for n in re.findall(r"<h([1-6])", source)]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_what_was_visited_and_what_was_not_is_told(hostile: Report) -> None:
    coverage = {
        "states": {"visited": 8, "of": 9},
        "transitions": {"visited": 70, "of": 71},
        "by_state": {"buffer short": False, "buffer enough": True},
        "missed": ["response running: cancel done"],
        "unforeseen": [f"buffer short: {HOSTILE}"],
    }
    document = Document(html(replace(hostile, coverage=coverage)))
    assert "states" in document.ids
    read = _read(document)
    assert "8 of 9 visited" in read
    assert "response running cancel done" in read
    assert "buffer short not visited buffer enough visited" in " ".join(read.split())
    assert "img" not in document.tags


def test_an_outdated_baseline_is_told_on_the_first_screen(hostile: Report) -> None:
    baseline = Baseline(
        (
            BaselineEntry("session/created/first", Expected.FAIL, "known"),
            BaselineEntry("no/such", Expected.FAIL, "x"),
        )
    )
    held = hostile.against(baseline, dt.date(2026, 1, 1))
    told = page_of(held).outdated
    assert [each.what for each in told] == ["session/created/first", "no/such"]
    read = _read(Document(html(held)))
    assert "The baseline is out of date" in read
    assert told[0].told in read


def test_what_fails_in_some_runs_only_is_called_flaky(hostile: Report) -> None:
    id_ = hostile.failed[0].id
    results = tuple(
        replace(r, runs=(Verdict.FAIL, Verdict.PASS, Verdict.PASS)) if r.id == id_ else r
        for r in hostile.requirements
    )
    assert "flaky: violated in 1" in _read(Document(html(replace(hostile, requirements=results))))


def test_what_a_server_says_at_length_is_not_set_large(hostile: Report) -> None:
    trouble = "the handshake was refused with HTTP 401: " + "blah " * 100
    silent = replace(hostile, requirements=(), layers=(), scenarios=(), opened=False, trouble=trouble)
    assert page_of(silent).headline == "No verdict: the handshake was refused with HTTP 401."
    assert "blah blah" in _read(Document(html(silent)))
    assert "No requirement was violated" not in html(silent)


def test_a_mistake_of_ours_in_a_scenario_is_told_first(hostile: Report) -> None:
    broken = replace(hostile.scenarios[0], outcome="harness-error", message="IndexError: list index")
    report = replace(hostile, scenarios=(broken,))
    assert (
        page_of(report).notes[0]
        == f"A mistake of the suite in the scenario {broken.id}: IndexError: list index"
    )
    assert page_of(report).mark == "harness-error"


def test_what_passed_leads_to_where_it_was_first_seen_to_hold(document: Document, hostile: Report) -> None:
    passed = [r for r in hostile.of(Verdict.PASS) if r.tally.first is not None]
    assert len(passed) > 30
    entries = {e for e in document.links if e.startswith("traces.html#")}
    for result in passed:
        assert result.tally.first is not None
        trace, seq = result.tally.first
        assert f"traces.html#trace={trace}&seq={seq}" in entries
    result = next(r for r in passed if r.id == "payload/session.created")
    assert result.tally.first == ("bootstrap.turn_0", 2)
