"""The history of a target: its runs in a line, and what changed at each step."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from realtime_conformance.cli import run_command_line
from reports.compare import ComparedReport, changed_since, side_of
from reports.compare_page import matrix
from reports.history import courses, histories
from reports.history_page import history_page, shown_history
from reports.model import Report
from reports.results_json import as_dict
from reports.since import SinceEarlier
from reports.writing import write
from rules.verdicts import Verdict
from tests.reports.html.html_samples import HOSTILE, conversation, report_on, written

_ORDER = (False, True, False)  # whether the server was broken, run by run
_VERSION_1 = Path(__file__).parents[2] / "realtime_conformance/gate/fixtures/version-1"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    folder = tmp_path_factory.mktemp("runs")
    made = {hostile: report_on(folder / str(hostile), hostile=hostile) for hostile in (False, True)}
    return [
        replace(made[hostile], started=f"2026-01-0{n}T12:00:00+00:00") for n, hostile in enumerate(_ORDER, 1)
    ]


@pytest.fixture
def folder(reports: list[Report], tmp_path: Path) -> Path:
    for n, report in enumerate(reports, 1):
        write(report, tmp_path / "runs" / f"run-{n}")
    return tmp_path / "runs"


def _side(report: Report, label: str) -> ComparedReport:
    return side_of(json.loads(json.dumps(as_dict(report))), label, f"{label}/report.html")


def test_runs_are_ordered_by_when_they_began_and_grouped_by_target(reports: list[Report]) -> None:
    sides = [_side(r, f"r{n}") for n, r in enumerate(reports, 1)]
    zone = replace(
        sides[0], label="early", started="2026-01-01T13:30:00+02:00"
    )  # half an hour before the first
    other = replace(sides[0], target="wss://other.test")
    foreign = replace(sides[0], dialect="inworld")
    found = histories([sides[2], other, sides[0], foreign, sides[1], zone])
    assert [len(each.runs) for each in found] == [4, 1, 1]
    assert [run.label for run in found[0].runs] == ["early", "r1", "r2", "r3"]
    assert [step.after.label for step in found[0].steps] == ["r1", "r2", "r3"]


def test_each_step_says_what_changed(reports: list[Report]) -> None:
    history = histories([_side(r, f"r{n}") for n, r in enumerate(reports, 1)])[0]
    violated = {r.id for r in reports[1].of(Verdict.FAIL, Verdict.WARN)}
    first, second = history.steps
    assert {change.id for change in first.new_failures} == violated
    assert {change.id for change in second.fixed} < violated
    assert history.worse, "some of it is not seen any more"
    assert not replace(history, runs=history.runs[:1], steps=()).worse


def test_the_courses_are_those_of_the_runs(reports: list[Report]) -> None:
    sides = [_side(r, f"r{n}") for n, r in enumerate(reports, 1)]
    fast = {"first_audio": {"count": 1, "median_s": 0.2, "p95_s": 0.3}}
    history = histories([replace(sides[0], latency=fast), replace(sides[1], latency={}), sides[2]])[0]
    found = {course.name: course.values for course in courses(history)}
    assert found["Failures"] == tuple(float(len(r.of(Verdict.FAIL))) for r in reports)
    assert found["Decided"] == tuple(float(r.decided) for r in reports)
    assert found["First audio, median"] == (0.2, None, None)
    charts = {chart.name: chart for chart in shown_history(history).charts}
    assert len(charts["Failures"].lines) == 1
    assert len(charts["First audio, median"].points) == 1
    assert charts["First audio, median"].lines == (), "one point is no line"
    assert charts["First audio, median"].last == "200 ms"
    low, high, again = (point.y for point in charts["Failures"].points)
    assert low == again > high, "more is further up"


def test_the_command_finds_all_reports_of_a_folder(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "wrong").mkdir()
    (folder / "wrong" / "results.json").write_text('{"schema_version": 99}', encoding="utf-8")
    out = tmp_path / "pages" / "history.html"
    assert run_command_line(["compare", "--history", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert re.search(r"2026-01-02 12:00 UTC run-2: \d+ failures, \d+ warnings?; \+\d+ -0", said.out)
    assert "wrong" in said.err
    page = out.read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"#]+)["#]', page)) - {"#main"}
    reports = {link for link in links if link.endswith("report.html")}
    assert len(reports) == 3
    assert all((out.parent / link).exists() for link in reports)
    assert "99" in page, "what is left out is said on the page"


def test_one_of_version_1_is_a_run_like_others(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = json.loads((_VERSION_1 / "results-openai.json").read_text(encoding="utf-8"))
    assert old["schema_version"] == 1
    new = json.loads((folder / "run-1" / "results.json").read_text(encoding="utf-8"))
    old["target"] = {**old["target"], "url": new["target"]["url"], "name": new["target"]["name"]}
    old["started"] = "2025-12-31T12:00:00+00:00"
    (folder / "old").mkdir()
    (folder / "old" / "results.json").write_text(json.dumps(old), encoding="utf-8")
    out = tmp_path / "history.html"
    assert run_command_line(["compare", "--history", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "(openai): 4 runs" in said
    assert said.index("2025-12-31 12:00 UTC old") < said.index("run-1")
    step = said.splitlines()[2]
    assert "run-1" in step
    assert re.search(r"; \+0 -\d", step), "what it violated, and the next run does not"


def test_the_gate_closes_where_the_last_run_is_worse(folder: Path, tmp_path: Path) -> None:
    given = ["compare", "--history", str(folder), "--out", str(tmp_path / "h.html")]
    assert run_command_line([*given, "--fail-on-regression"]) == 1
    assert run_command_line(given) == 0
    shutil.rmtree(folder / "run-2")
    assert run_command_line([*given, "--fail-on-regression"]) == 0, "one run after another, both alike"


@pytest.mark.parametrize("more", [["x"], ["--name", "A"]])
def test_what_does_not_fit_a_history_is_refused(folder: Path, tmp_path: Path, more: list[str]) -> None:
    given = ["compare", "--history", str(folder), "--out", str(tmp_path / "h.html")]
    assert run_command_line([*given, *more]) == 4


def test_a_folder_without_reports_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["compare", "--history", str(tmp_path), "--out", str(tmp_path / "h.html")]) == 4
    assert "no report is there" in capsys.readouterr().err
    assert not (tmp_path / "h.html").exists()


def test_more_than_two_reports_of_one_target_are_a_history(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.html"
    runs = [str(folder / f"run-{n}") for n in (3, 1, 2)]
    assert run_command_line(["compare", *runs, "--out", str(out)]) == 0
    assert 'id="history-1"' in out.read_text(encoding="utf-8")
    assert run_command_line(["compare", *runs[:2], "--out", str(out)]) == 0
    assert 'id="history-1"' not in out.read_text(encoding="utf-8")


def test_nothing_steers_the_page(reports: list[Report]) -> None:
    sides = [replace(_side(r, HOSTILE), target=HOSTILE) for r in reports]
    history = histories(sides)
    for page in (history_page(history, [HOSTILE]), matrix(sides, [], None, history[0])):
        assert "<img" not in page
        assert "\u202e" not in page


def test_since_an_earlier_report(reports: list[Report]) -> None:
    good, bad, _ = (_side(r, "x") for r in reports)
    worse = changed_since(good, bad)
    violated = len(reports[1].of(Verdict.FAIL, Verdict.WARN))
    assert worse.sentence.startswith(f"+{violated} \N{MINUS SIGN}0")
    assert changed_since(good, good).sentence == "+0 \N{MINUS SIGN}0"
    assert "judged as inworld" in changed_since(replace(good, dialect="inworld"), bad).sentence
    assert SinceEarlier("", unseen=("a",)).sentence == "+0 \N{MINUS SIGN}0, 1 not seen any more"


def test_the_summary_says_what_changed_since_the_report_that_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "run-1"
    trace = written(folder.parent / "turn.jsonl", conversation(hostile=True))
    given = ["judge", str(trace), "--dialect", "openai", "--out", str(out)]
    assert run_command_line([*given, "--since", str(out)]) == 1
    summary = (out / "summary.md").read_text(encoding="utf-8")
    line = next(line for line in summary.splitlines() if line.startswith("Since the last run"))
    assert re.search(r"\+\d+ −0", line.replace("\\", ""))
    assert "new: <code>" in line
    assert run_command_line(given) == 1
    assert "Since the last run" not in (out / "summary.md").read_text(encoding="utf-8")
    assert run_command_line([*given, "--since", str(folder / "none")]) == 4
    assert "none" in capsys.readouterr().err


def test_a_run_may_be_compared_with_the_report_that_it_replaces(folder: Path) -> None:
    out = folder / "run-1"
    given = [
        "run",
        "--depth",
        "quick",
        "-k",
        "bootstrap",
        "--quiet",
        "--dialect",
        "openai",
        "--out",
        str(out),
    ]
    run_command_line([*given, "--since", str(out)])
    summary = (out / "summary.md").read_text(encoding="utf-8")
    assert re.search(r"Since the last run \(2026.01.01", summary.replace("\\", ""))
