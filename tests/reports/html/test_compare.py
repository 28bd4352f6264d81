"""Reports side by side, and what changed between two runs of one target."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.cli import run_command_line
from reports.compare import ComparedReport, diff, rows, same_target, side_of, target_name
from reports.compare_page import compared_areas, matrix
from reports.compared_figures import agreed_areas, feature_rows, figures
from reports.model import Report
from reports.results_json import as_dict
from reports.writing import write
from rules.verdicts import Verdict
from tests.reports.html.html_samples import HOSTILE, report_on


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Report]:
    folder = tmp_path_factory.mktemp("runs")
    return report_on(folder / "good"), report_on(folder / "bad", hostile=True)


@pytest.fixture
def folders(reports: tuple[Report, Report], tmp_path: Path) -> tuple[Path, Path]:
    for report, name in zip(reports, ("good", "bad"), strict=True):
        write(report, tmp_path / name)
    return tmp_path / "good", tmp_path / "bad"


def _side(report: Report, label: str) -> ComparedReport:
    return side_of(json.loads(json.dumps(as_dict(report))), label, f"{label}/report.html")


def _changed(report: Report, id_: str, verdict: Verdict) -> Report:
    results = tuple(replace(r, verdict=verdict) if r.id == id_ else r for r in report.requirements)
    return replace(report, requirements=results)


def _ids(changes: Any) -> list[str]:
    return [c.id for c in changes]


def test_two_equal_runs_have_no_difference(reports: tuple[Report, Report]) -> None:
    found = diff(_side(reports[0], "a"), _side(reports[0], "b"))
    assert not found.worse
    decided = reports[0].decided
    assert found.sentence == (
        f"From a to b: nothing changed; {decided} decided in both, {decided} before and {decided} after."
    )


def test_new_failures_are_what_the_broken_server_breaks(reports: tuple[Report, Report]) -> None:
    good, bad = reports
    found = diff(_side(good, "good"), _side(bad, "bad"))
    assert found.worse
    violated = {r.id for r in bad.of(Verdict.FAIL, Verdict.WARN)}
    assert set(_ids(found.new_failures)) == violated
    back = diff(_side(bad, "bad"), _side(good, "good"))
    assert set(_ids(back.fixed)) <= violated
    assert set(_ids(back.fixed)) | set(_ids(back.unobserved)) >= violated - {"errors/type-names-culprit"}


@pytest.mark.parametrize(
    ("before", "after", "list_", "worse"),
    [
        ("pass", "fail", "new_failures", True),
        ("not-observed", "fail", "new_failures", True),
        ("warn", "fail", "new_failures", True),
        ("pass", "warn", "new_failures", True),
        ("fail", "pass", "fixed", False),
        ("pass", "not-observed", "unobserved", True),
        ("fail", "inconclusive", "unobserved", True),
        ("pass", "harness-error", "unobserved", True),
        ("fail", "warn", "", False),
        ("not-observed", "inconclusive", "", False),
        ("not-observed", "pass", "", False),
    ],
)
def test_a_change_of_verdict_is_told_once(
    reports: tuple[Report, Report], before: str, after: str, list_: str, worse: bool
) -> None:
    good = reports[0]
    id_ = good.of(Verdict.PASS)[0].id
    old = _side(_changed(good, id_, Verdict(before)), "old")
    found = diff(old, _side(_changed(good, id_, Verdict(after)), "new"))
    told = [name for name in ("new_failures", "fixed", "unobserved", "otherwise") if getattr(found, name)]
    assert told == ([list_] if list_ else [])
    assert found.worse is worse


def test_a_run_of_some_scenarios_is_not_blamed_for_what_it_did_not_see(
    reports: tuple[Report, Report],
) -> None:
    good = reports[0]
    id_ = good.of(Verdict.PASS)[0].id
    part = replace(_side(_changed(good, id_, Verdict.NOT_OBSERVED), "new"), whole=False)
    assert not diff(_side(good, "old"), part).unobserved


def test_another_way_of_failing_is_told(reports: tuple[Report, Report]) -> None:
    bad = _side(reports[1], "old")
    id_ = reports[1].failed[0].id
    before = bad.cells[id_]
    cells = {**bad.cells, id_: replace(before, ways={**before.ways, "0123456789ab": "another thing"})}
    found = diff(bad, replace(bad, label="new", cells=cells))
    assert _ids(found.otherwise) == [id_]
    assert [c.message for c in found.otherwise] == ["another thing"], "what is new, not what was known"
    assert not found.worse


def test_targets_are_the_same_by_name_and_dialect(reports: tuple[Report, Report]) -> None:
    good = _side(reports[0], "a")
    assert same_target(good, replace(good, label="b"))
    assert not same_target(good, replace(good, target="wss://other.test"))
    assert not same_target(good, replace(good, dialect="inworld"))


def test_rows_hold_every_requirement_of_every_report(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    fewer = replace(
        good, cells=dict(list(good.cells.items())[:5]), statements=dict(list(good.statements.items())[:5])
    )
    found = rows([fewer, bad])
    assert {r.id for r in found} == set(bad.cells)
    assert sum(r.cells[0] is None for r in found) == len(found) - 5
    areas = [r.area for r in found]
    assert len(set(areas)) == sum(a != b for a, b in zip(["", *areas], areas, strict=False))


def test_only_decided_verdicts_differ(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    for row in rows([good, bad]):
        verdicts = {c.verdict for c in row.cells if c}
        assert row.differs == (Verdict.PASS in verdicts and bool(verdicts & {Verdict.FAIL, Verdict.WARN}))


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")


def test_the_command_writes_a_matrix_whose_links_lead_to_the_evidence(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pages" / "matrix.html"
    assert run_command_line(["compare", *map(str, folders), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "new failure session/updated/same-id (pass → fail)" in said
    assert f"page: {out}" in " ".join(said.split())
    page = _Links(out.read_text(encoding="utf-8"))
    assert "img" not in page.tags
    outside = [link.partition("#") for link in page.links if not link.startswith("#")]
    assert outside
    anchors = {p: _Links((out.parent / p).read_text(encoding="utf-8")).ids for p in {o[0] for o in outside}}
    assert len(anchors) == 2
    dead = [o for o in outside if o[2] and o[2] not in anchors[o[0]]]
    assert dead == []


def test_the_gate_closes_where_something_got_worse(folders: tuple[Path, Path], tmp_path: Path) -> None:
    good, bad = map(str, folders)
    out = ["--out", str(tmp_path / "m.html"), "--fail-on-regression"]
    assert run_command_line(["compare", good, bad, *out]) == 1
    assert run_command_line(["compare", good, f"{good}/results.json", *out]) == 0
    assert run_command_line(["compare", good, bad, "--out", str(tmp_path / "m.html")]) == 0


def test_hostile_text_does_not_steer_the_terminal(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command_line(["compare", *map(str, folders), "--out", str(tmp_path / "m.html")])
    said = capsys.readouterr().out
    assert "\u202e" not in said
    assert "alert(1)" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "check"),
        ("", "is not JSON"),
        ("[]", "is no results.json"),
        ('{"schema_version": 99}', "is of version 99"),
        ('{"schema_version": 1}', "is expected"),
    ],
)
def test_a_bad_file_is_named_in_one_line(
    folders: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    said: str,
) -> None:
    path = tmp_path / "wrong.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert run_command_line(["compare", str(folders[0]), str(path), "--out", str(tmp_path / "m.html")]) == 4
    error = capsys.readouterr().err.strip()
    assert "wrong.json" in error
    assert content is None or said in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "m.html").exists()


def test_what_cannot_be_compared_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    good, bad = map(str, folders)
    out = ["--out", str(tmp_path / "m.html")]
    assert run_command_line(["compare", good, *out]) == 4
    assert run_command_line(["compare", good, bad, good, "--fail-on-regression", *out]) == 4
    (tmp_path / "file").write_text("")
    assert run_command_line(["compare", good, bad, "--out", str(tmp_path / "file" / "m.html")]) == 4


def test_two_dialects_are_no_regression(folders: tuple[Path, Path], tmp_path: Path) -> None:
    content = json.loads((folders[1] / "results.json").read_text(encoding="utf-8"))
    content["target"]["dialect"] = "inworld"
    (folders[1] / "results.json").write_text(json.dumps(content), encoding="utf-8")
    given = ["compare", *map(str, folders), "--out", str(tmp_path / "m.html")]
    assert run_command_line(given) == 0
    assert run_command_line([*given, "--fail-on-regression"]) == 4


def test_reports_without_a_page_are_compared_without_links(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    for folder in folders:
        (folder / "report.html").unlink()
    out = tmp_path / "m.html"
    assert run_command_line(["compare", *map(str, folders), "--out", str(out)]) == 0
    assert [x for x in _Links(out.read_text(encoding="utf-8")).links if not x.startswith("#")] == []


def test_labels_and_messages_are_escaped(reports: tuple[Report, Report]) -> None:
    bad = replace(_side(reports[1], "x"), label=HOSTILE, target=HOSTILE)
    page = matrix([bad, bad], rows([bad, bad]), diff(bad, bad))
    assert "img" not in _Links(page).tags
    assert "\u202e" not in page


def test_areas_tell_at_a_glance_who_fails_where(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    found = {line.name: line for line in compared_areas([good, bad], rows([good, bad]))}
    failing = {r.requirement.area for r in reports[1].of(Verdict.FAIL, Verdict.WARN)}
    assert set(found) == failing
    session = found["session"]
    assert session.cells[0].mark == "pass"
    assert session.cells[1].mark == "fail"
    assert session.cells[1].said.endswith(" pass")
    assert compared_areas([good, good], rows([good, good])) == ()


def _figures(*sides: ComparedReport) -> dict[str, list[tuple[str, bool]]]:
    return {row.name: [(cell.text, cell.best) for cell in row.cells] for row in figures(sides)}


def test_figures_are_those_of_the_reports_and_the_best_is_marked(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    fast = replace(
        good,
        latency={
            "first_audio": {"count": 3, "median_s": 0.25, "p95_s": 1.5},
            "turn": {"count": 3, "median_s": 2.0, "p95_s": 3.0},
        },
        spent={**good.spent, "money": 0.5},
    )
    slow = replace(
        bad, latency={"first_audio": {"count": 3, "median_s": 0.5, "p95_s": 1.5}}, spent={"tokens": 1234567}
    )
    found = _figures(fast, slow)
    failed = len(reports[1].of(Verdict.FAIL))
    assert found["MUST: fail"] == [("0", True), (str(failed), False)]
    assert found["Share decided"][0] == (f"{100 * reports[0].decided / len(good.cells):.1f} %", True)
    assert found["First audio, median"] == [("250 ms", True), ("500 ms", False)]
    assert found["First audio, 95th percentile"] == [("1.5 s", False), ("1.5 s", False)], "nobody is better"
    assert found["Turn, median"] == [("2.0 s", False), ("", False)], "where one is alone, it is no best"
    assert found["Tokens of the run"] == [("6", True), ("1,234,567", False)]
    silent = replace(slow, spent={"tokens": 0, "responses": 3})
    assert _figures(fast, silent)["Tokens of the run"] == [("6", False), ("", False)], "nobody told"
    assert found["Cost of the run, by the target's prices"] == [("0.50", False), ("", False)]


def test_who_was_hardly_examined_is_best_in_nothing(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    few = [id_ for id_, cell in good.cells.items() if cell.verdict is Verdict.PASS][:3]
    cells = {
        id_: c if id_ in few else replace(c, verdict=Verdict.NOT_OBSERVED) for id_, c in good.cells.items()
    }
    hardly = replace(good, label="hardly", cells=cells)
    marked = [name for name, found in _figures(bad, hardly).items() if found[1][1]]
    assert marked == []


def test_features_that_differ_come_first(reports: tuple[Report, Report]) -> None:
    good = _side(reports[0], "good")
    one = replace(good, features={"audio-output": True, "mcp": False, "zeta": True})
    other = replace(good, features={"audio-output": True, "mcp": True})
    found = [(row.name, row.offered) for row in feature_rows([one, other])]
    assert found == [("mcp", (False, True)), ("zeta", (True, None)), ("audio-output", (True, True))]
    absent = json.loads(json.dumps(as_dict(replace(reports[0], absent={"audio-output": "was refused"}))))
    assert side_of(absent, "x").features["audio-output"] is False, "what was seen counts more"


def test_areas_in_which_all_agree_are_named(reports: tuple[Report, Report]) -> None:
    good, bad = (_side(r, n) for r, n in zip(reports, ("good", "bad"), strict=True))
    differing = {row.area for row in rows([good, bad]) if row.differs}
    agreed = set(agreed_areas([good, bad], rows([good, bad])))
    assert agreed
    assert not agreed & differing
    alike = set(agreed_areas([good, good], rows([good, good])))
    assert differing < alike
    undecided = {r.requirement.area for r in reports[0].requirements} - {
        r.requirement.area for r in reports[0].of(Verdict.PASS, Verdict.FAIL, Verdict.WARN)
    }
    assert undecided
    assert not undecided & alike, "who decided nothing agrees in nothing"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("acme", "acme"),
        ("wss://api.example.test/v1/realtime?model=x", "api.example.test"),
        ("ws://127.0.0.1/v1/realtime", ""),
        ("ws://localhost", ""),
        ("recordings/a.jsonl", ""),
        ("12 traces", ""),
    ],
)
def test_a_target_is_called_by_its_name_or_its_host(
    reports: tuple[Report, Report], target: str, name: str
) -> None:
    assert target_name(replace(_side(reports[0], "x"), target=target)) == name


def test_reports_are_called_as_they_are_named_or_by_their_targets(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "m.html")]
    content = json.loads((folders[1] / "results.json").read_text(encoding="utf-8"))
    content["target"]["url"] = "wss://other.test/v1/realtime"
    (folders[1] / "results.json").write_text(json.dumps(content), encoding="utf-8")
    given = ["compare", *map(str, folders), *out]
    assert run_command_line(given) == 0
    said = capsys.readouterr().out
    assert said.startswith("example.test: No verdict")
    assert "\nother.test: Does not conform" in said
    assert "Share decided: example.test" in said
    assert run_command_line([*given, "--name", "A", "--name", "B"]) == 0
    assert "\nB: Does not conform" in capsys.readouterr().out
    assert run_command_line([*given, "--name", "A"]) == 4
    assert "--name: 1 for 2 reports" in capsys.readouterr().err
    assert run_command_line([*given, "--name", "A", "--name", "A"]) == 4
