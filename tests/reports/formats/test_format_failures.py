"""Each failure is told with all that its reader needs next, wherever it is told; the weightiest first."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from reports.failures import failure_of
from reports.html_page import page_of
from reports.junit import junit
from reports.markdown import markdown
from reports.model import Report
from reports.requirement_results import plainest_first, requirement_results
from reports.terminal import summary
from rules.requirements import registry
from rules.verdicts import Finding, Tally, Verdict
from tests.reports.formats.sample import report as sample
from tests.reports.html.html_samples import report_on

FIRST, SECOND, THIRD = (
    "session/updated/same-id",
    "session/update/keeps-the-rest",
    "response/text/deltas-add-up",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report_on(tmp_path_factory.mktemp("failures"), hostile=True)


def _finding(trace: str, seq: int = 5, kind: str = "") -> Finding:
    return Finding(trace, (seq,), "session.updated", "", "one", "none", f"{trace} {seq}", kind=kind)


def _with(
    tallies: Mapping[str, Tally], stops: Mapping[str, int] | None = None, generated: Sequence[str] = ()
) -> Report:
    results = requirement_results(
        registry(), "openai", tallies, {}, {}, stops=stops, generated=generated.__contains__
    )
    return replace(sample(counted={}), requirements=results, layers=())


def _one(trace: str = "written", violations: int = 1) -> Tally:
    return Tally(subjects=9, violations=violations, findings=[_finding(trace)])


def _told(report: Report) -> dict[str, list[str]]:
    """Return the failures in the order in which each form of the report tells them."""
    stream = io.StringIO()
    summary(Console(file=stream, width=100, color_system=None), report, [])
    cases = ET.fromstring(junit(report)).findall("testsuite[2]/testcase")
    return {
        "model": [r.id for r in report.failed],
        "terminal": [
            line.split()[1] for line in stream.getvalue().splitlines() if line.startswith("  fail ")
        ],
        "summary": [
            line.split("code>")[1].removesuffix("</")
            for line in markdown(report).splitlines()
            if line.startswith("| <code>")
        ],
        "page": [w.place for w in page_of(report).wrongs],
        "junit": [str(c.get("name")) for c in cases][: len(report.failed)],
    }


@pytest.mark.parametrize(
    ("tallies", "stops", "generated", "order"),
    [
        ({FIRST: _one(), SECOND: _one()}, {SECOND: 1}, (), [SECOND, FIRST]),
        (
            {FIRST: _one(), SECOND: _one(), THIRD: Tally(explained=Counter({FIRST: 3}), subjects=1)},
            {SECOND: 2},
            (),
            [FIRST, SECOND],
        ),
        ({FIRST: _one("drawn", 900), SECOND: _one()}, {}, ("drawn",), [SECOND, FIRST]),
        ({FIRST: _one(), SECOND: _one(violations=9)}, {}, (), [SECOND, FIRST]),
        ({FIRST: _one(violations=10), SECOND: _one(violations=9)}, {}, (), [SECOND, FIRST]),
    ],
    ids=["stops-more", "explains-more", "written-by-hand", "much-more-often", "hardly-more-often"],
)
def test_the_weightiest_comes_first_everywhere(
    tallies: Mapping[str, Tally], stops: Mapping[str, int], generated: Sequence[str], order: list[str]
) -> None:
    told = _told(_with(tallies, stops, generated))
    assert {form: ids for form, ids in told.items() if _plain(ids) != order} == {}


def _plain(ids: Sequence[str]) -> list[str]:
    return [id_.replace("&#45;", "-") for id_ in ids]


def test_a_warning_does_not_stand_before_a_failure() -> None:
    warned = "response/usage/present"
    told = page_of(_with({FIRST: _one(), warned: _one()}, {warned: 50})).wrongs
    assert [w.result.verdict for w in told] == [Verdict.FAIL, Verdict.WARN]


def test_the_first_evidence_is_short_and_written_by_hand() -> None:
    found = [_finding("drawn", 2), _finding("b", 9), _finding("b", 4), _finding("a", 9)]
    ordered = plainest_first(found, {"drawn"}.__contains__)
    assert [f.message for f in ordered] == ["b 4", "a 9", "b 9", "drawn 2"]
    assert plainest_first(reversed(found), {"drawn"}.__contains__) == ordered


def test_a_failure_is_told_with_what_its_reader_needs_next(made: Report) -> None:
    result = next(r for r in made.failed if r.id == FIRST)
    told = failure_of(made, result, "out/")
    finding = result.findings[0]
    assert told.statement == result.requirement.statement
    assert (told.expected, told.came) == (finding.expected, finding.actual)
    assert told.event == f"session.updated event_2 #{finding.seqs[0]}, because of #2"
    # The header is the first line of the file.
    assert told.where == f"out/traces/{finding.trace}.jsonl:{finding.seqs[0] + 1}"
    assert told.source.startswith("openai-realtime ")
    assert told.replay.startswith("realtime-conformance run --endpoint 'wss://example.test/v1/realtime?")
    assert f"-k {finding.trace}" in told.replay
    assert told.evidence == f"out/report.html#{FIRST}~0"


def test_the_line_is_that_of_the_event(made: Report, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("lines")
    report = report_on(out, hostile=True)
    result = next(r for r in report.failed if r.id == FIRST)
    file, _, line = failure_of(report, result, f"{out}/").where.rpartition(":")
    assert '"type": "session.updated"' in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_terminal_and_summary_tell_it_all(made: Report) -> None:
    stream = io.StringIO()
    summary(Console(file=stream, width=100, color_system=None), made, [Path("out/report.html")])
    lines = stream.getvalue().splitlines()
    page = _Text(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown(made))).text
    for verdict in ("fail", "warn"):
        place = next(n for n, line in enumerate(lines) if line.startswith(f"  {verdict} "))
        names = [line.split()[0] for line in lines[place + 2 : place + 10]]
        wanted = ["statement", "expected", "came", "event", "where", "source", "replay", "evidence"]
        assert [name for name in names if name != "stops"][:8] == wanted[: len(names) - ("stops" in names)]
    for result in made.failed:
        told = failure_of(made, result)
        assert told.statement.replace("`", "") in page.replace("`", "")
        assert told.where in page
        assert told.event.split(",")[0] in page


class _Text(HTMLParser):
    """The text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_other_dialects_differ_and_do_not_fail(made: Report) -> None:
    stream = io.StringIO()
    summary(Console(file=stream, width=100, color_system=None), made, [])
    differences = made.layers[0].differences
    assert differences
    for result in differences:
        assert f"    differs {result.id}" in stream.getvalue().splitlines()


def test_failures_do_not_crowd_out_warnings_on_the_first_screen() -> None:
    entries = registry().judged("openai")
    page = page_of(_with({e.id: _one() for e in entries}))
    numbers = [sum(w.result.verdict is v for w in page.wrongs) for v in (Verdict.FAIL, Verdict.WARN)]
    assert numbers[0] == numbers[1] > 0
    assert page.wrongs_left > 0
