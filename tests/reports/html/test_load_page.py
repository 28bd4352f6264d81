"""The page, the JSON and the Markdown of a load run."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from reports.exits import Exit
from reports.load_model import LoadCourse, LoadReport, LoadRow, LoadWindow
from reports.load_page import load_page, step_charts
from reports.load_text import load_json, load_markdown
from reports.statistics import FIRST_AUDIO, TURN

HOSTILE = "<script>alert(1)</script>\u202e|`x`"


def _row(name: str, **fields: Any) -> LoadRow:
    windows = tuple(
        LoadWindow(float(n), n, 0, {FIRST_AUDIO: (0.1 * n, 0.2 * n)}, 3, 50.0 + n) for n in range(1, 6)
    )
    row = LoadRow(
        name=name,
        said=f"{name} sessions",
        opened=5,
        most_open=int(name),
        turns=12,
        turns_a_second=1.25,
        audio_a_second=3.5,
        duration_s=10.0,
        times={FIRST_AUDIO: (0.2, 0.4, 0.5), TURN: (1.0, 2.0, 2.5)},
        lag=(0.001, 0.002, 0.003),
        windows=windows,
    )
    return replace(row, **fields)


def _report(**fields: Any) -> LoadReport:
    course = LoadCourse(
        id="a/b",
        level="MUST",
        statement="It `holds`.",
        breaks_at="10 sessions",
        standings=("holds", "violated"),
        violations=(0, 3),
        subjects=(9, 90),
        message=HOSTILE,
        trace="10-00001",
        seqs=(4, 5),
    )
    report = LoadReport(
        target="ws://server.example/v1/realtime",
        dialect="OpenAI GA",
        started="2026-12-01T10:00:00+00:00",
        duration_s=20.0,
        plan="1 session, 10 sessions",
        rows=(_row("1"), _row("10", errors={HOSTILE: 2}, refused={"HTTP 429": 1}, times={})),
        courses=(course,),
        wrong=("a/b holds at 1 session and breaks at 10 sessions",),
        decided=40,
    )
    return replace(report, **fields)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links += [value for name, value in attrs if name == "href" and tag == "a"]


def test_the_page_says_what_breaks_where_and_shows_its_evidence() -> None:
    page = load_page(_report())
    assert "Does not bear the load: a/b holds at 1 session and breaks at 10 sessions." in page
    assert "breaks at 10 sessions" in page
    tags = _Tags()
    tags.feed(page)
    assert "traces/10-00001.jsonl" in tags.links


def test_what_a_server_sent_steers_no_form_of_the_report() -> None:
    report = _report()
    page, markdown = load_page(report), load_markdown(report)
    tags = _Tags()
    tags.feed(page)
    harmless = _Tags()
    harmless.feed(load_page(replace(report, courses=(), rows=(_row("1"),))))
    assert tags.scripts == harmless.scripts
    for text in (page, markdown):
        assert "<script>alert" not in text
        assert "\u202e" not in text


def test_every_figure_has_a_chart_and_a_gap_stays_one() -> None:
    charts = {each.name: each for each in step_charts(_report())}
    assert set(charts) >= {
        "Time to first audio",
        "Length of a turn",
        "Turns a second",
        "Findings",
        "Our own lag",
    }
    median, p95, _ = charts["Time to first audio"].series
    assert (len(median.dots), median.pieces) == (1, ())
    assert median.dots[0].said == "1: 200 ms"
    assert p95.dots[0].y < median.dots[0].y, "what takes longer stands higher"
    [findings] = charts["Findings"].series
    assert [dot.y for dot in findings.dots] == [150.0, 0.0]
    assert findings.pieces == ("0.0,150.0 560.0,0.0",)


def test_the_json_is_the_report() -> None:
    found = json.loads(load_json(_report()))
    assert found["verdict"] == {"sentence": _report().sentence, "exit": 1}
    assert found["rows"][0]["times"][FIRST_AUDIO] == [0.2, 0.4, 0.5]
    assert found["courses"][0]["violations"] == [0, 3]


@pytest.mark.parametrize(
    ("fields", "exit_code", "said"),
    [
        ({}, Exit.DOES_NOT_CONFORM, "Does not bear"),
        ({"wrong": ()}, Exit.CONFORMS, "Bears the load"),
        ({"interrupted": True}, Exit.INTERRUPTED, "Interrupted"),
        ({"mistakes": {"KeyError": 1}}, Exit.HARNESS_ERROR, "made a mistake"),
        ({"wrong": (), "decided": 0}, Exit.NOTHING_JUDGED, "no requirement was decided"),
        ({"wrong": (), "trouble": "the budget"}, Exit.NOTHING_JUDGED, "ended early: the budget"),
        ({"rows": (_row("1", opened=0),), "courses": (), "trouble": "refused"}, Exit.UNREACHABLE, "refused"),
        ({"rows": (_row("1", opened=0),), "courses": ()}, Exit.NOTHING_JUDGED, "no session could be opened"),
    ],
)
def test_it_says_how_it_ended(fields: dict[str, Any], exit_code: Exit, said: str) -> None:
    report = _report(**fields)
    assert report.exit is exit_code
    assert said in report.sentence
    load_page(report)
