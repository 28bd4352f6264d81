"""`benchmarks/against.py`: ratios of paired plays, differences of verdicts, and a small comparison."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import against
from benchmarks.builds import Build, BuildError, differing_versions, of_checkout, of_commit
from benchmarks.differences import differences, lines_of, ratios, table
from benchmarks.playing import Case, Play, PlayError, Serving, Verdicts, play

ROOT = Path(__file__).resolve().parents[2]

HTTP_SERVER = f"{sys.executable} -u -m http.server {{port}} --bind 127.0.0.1"


def _play(wall_s: float, cpu_s: float = 1.0, peak_mb: float = 50.0) -> Play:
    return Play(wall_s, cpu_s, peak_mb, Verdicts(0))


def _said(code: int = 0, **by_requirement: str) -> Verdicts:
    words = list(by_requirement.values())
    return Verdicts(code, {word: words.count(word) for word in words}, by_requirement)


def _options(*more: str) -> Any:
    return against.options(["--other-checkout", str(ROOT), *more])


# --- pure parts -------------------------------------------------------------------------------------------


def test_ratios_are_of_plays_of_the_same_round() -> None:
    found = ratios([_play(2.0), _play(8.0), _play(3.0)], [_play(1.0), _play(16.0), _play(1.0)])
    assert found["wall_s"] == {"here": 3.0, "other": 1.0, "ratio": 2.0, "min": 0.5, "max": 3.0}
    assert found["cpu_s"]["ratio"] == found["peak_mb"]["ratio"] == 1.0


def test_a_figure_that_is_nothing_there_has_no_ratio() -> None:
    assert ratios([_play(1.0)], [_play(1.0, 0.0)])["cpu_s"]["ratio"] == 1.0


def test_the_table_names_every_figure() -> None:
    lines = table(ratios([_play(1.5)], [_play(1.0)]), "6bf4978")
    assert [line.split()[0] for line in lines[1:]] == ["wall", "CPU", "peak"]
    assert "6bf4978" in lines[0]
    assert "1.50" in lines[1]


def test_the_same_verdicts_differ_in_nothing() -> None:
    said = [_said(1, a="fail", b="pass"), _said(1, a="fail", b="pass")]
    assert differences(said, said) == {}
    assert lines_of({}, said, "x") == ["  verdicts: the same (exit code 1: 1 fail, 1 pass)"]


def test_verdicts_that_differ_are_told_worst_first() -> None:
    found = differences([_said(0, a="pass", b="warn", c="pass")], [_said(1, a="pass", b="pass", c="fail")])
    assert found["exit"] == {"here": "0", "other": "1"}
    assert found["counts"]["fail"] == {"here": "0", "other": "1"}
    assert list(found["requirements"]) == ["c", "b"]
    assert "    c: pass here, fail in 6bf4978" in lines_of(found, [], "6bf4978")


def test_what_only_one_side_knows_is_no_difference_of_verdicts() -> None:
    found = differences([_said(a="pass", new="pass")], [_said(a="pass", old="not-observed")])
    assert "requirements" not in found
    assert found["only here"] == {"new": "pass"}
    assert found["only there"] == {"old": "not-observed"}
    assert "    old: not-observed (only in x)" in lines_of(found, [], "x")


def test_what_is_not_steady_says_how_often() -> None:
    unsteady = [_said(a="pass"), _said(a="warn"), _said(a="pass")]
    found = differences(unsteady, [_said(a="pass")] * 3)
    assert found["requirements"]["a"] == {"here": "pass 2x, warn 1x", "other": "pass"}


def test_any_version_of_the_results_is_read() -> None:
    later = {
        "schema_version": 99,
        "requirements": [{"id": "a", "verdict": "pass", "more": []}, {"name": "b"}],
        "counts": {"pass": 1},
    }
    assert Verdicts.read(later, 5) == Verdicts(5, {"pass": 1}, {"a": "pass"})
    assert Verdicts.read({}, 0) == Verdicts(0)


def test_different_versions_are_named() -> None:
    ours = {"click": "8.3", "pytest": "9.0", "inworld-realtime-conformance": "1"}
    theirs = {"click": "8.1", "rich": "14", "inworld-realtime-conformance": "2"}
    assert differing_versions(ours, theirs) == ["click 8.3 / 8.1"]


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["help"], 1),
        (["help-of"], 13),
        (["first-frame"], 2),
        (["run"], 6),
        (["run:openai"], 3),
        (["run:openai:quick", "judge"], 2),
    ],
)
def test_cases_are_named_by_their_beginning(names: list[str], count: int, tmp_path: Path) -> None:
    assert len(against.chosen(against.cases(_options(), tmp_path), names)) == count


@pytest.mark.parametrize("name", ["ru", "run:open", "serve", ""])
def test_an_unknown_case_is_told_with_those_there_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(PlayError, match="is no case; there are help, help-of:run, help-of:replay"):
        against.chosen(against.cases(_options(), tmp_path), [name])


def test_traces_and_a_server_are_cases(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    given = _options("--traces", str(tmp_path / "mine"), "--serve", "serve {port}", "--dialect", "inworld")
    known = {case.name: case for case in against.cases(given, tmp_path / "corpus")}
    assert known["judge:mine"].arguments[1:4] == (str(tmp_path / "mine"), "--dialect", "inworld")
    assert known["serve"].serving == Serving("serve {port}", None, "ws://127.0.0.1:{port}/v1/realtime")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a commit"),
        (["abc", "--other-checkout", "x"], "name a commit"),
        (["abc", "--serve", "server --port"], "write {port}"),
        (["abc", "--rounds", "0"], "at least 1"),
        (["abc", "--traces", "nowhere"], "nowhere is not there"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        against.options(arguments)
    assert said in capsys.readouterr().err


# --- plays that fail --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def build() -> Build:
    return of_checkout(ROOT, "here")


@pytest.mark.parametrize(
    ("case", "limit", "said"),
    [
        (Case("odd", ("--odd",), reports=False), 60, r"odd on here failed \(exit code 4\): .*No such option"),
        (Case("lost", ("--help",)), 60, r"lost on here left no report \(exit code 0\)"),
        (Case("slow", ("--help",), reports=False), 0.01, "slow on here was not done after 0.01 s"),
        (
            Case("shut", (), serving=Serving("exit 3 # {port}", "never", "")),
            60,
            "shut on here: .*ended with exit code 3",
        ),
    ],
)
def test_a_play_that_fails_is_told_in_one_line(
    build: Build, case: Case, limit: float, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PlayError, match=said) as caught:
        play(case, build, tmp_path / "play", limit)
    assert "\n" not in str(caught.value)


def test_a_commit_that_is_not_there_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"^nothing-here is no commit of this repository$"):
        of_commit("nothing-here", tmp_path)


def test_a_checkout_of_something_else_cannot_be_played(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="is no checkout of this project"):
        of_checkout(tmp_path, "other")


def test_a_server_is_started_anew_for_a_play_and_stopped(build: Build, tmp_path: Path) -> None:
    endpoint = "ws://127.0.0.1:{port}/"
    serving = Serving(HTTP_SERVER, "http://127.0.0.1:{port}/", endpoint)
    waits = ("--connect-timeout", "2", "--no-probe", "-k", "bootstrap")
    case = Case("http", ("run", "--endpoint", "{endpoint}", *waits, "--out", "{out}"), serving=serving)
    found = play(case, build, tmp_path / "play", 60)
    assert found.verdicts.exit == 6, "it speaks HTTP, and no WebSocket"
    assert (tmp_path / "play" / "server.log").read_text(encoding="utf-8")


# --- the whole --------------------------------------------------------------------------------------------


def test_this_checkout_against_itself(tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    small = ("--events", "400", "--files", "2", "--rounds", "2", "--case", "help", "--case", "judge")
    command = [sys.executable, str(ROOT / "benchmarks" / "against.py"), "--other-checkout", str(ROOT)]
    done = subprocess.run(
        [*command, *small, "--json", str(file)],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "CI"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("verdicts: the same (exit code 0") == 2
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [each["case"] for each in found["cases"]] == ["help", "judge:generated"]
    judged = found["cases"][1]
    assert judged["differences"] == {}
    assert [each["build"] for each in judged["plays"]] == ["here", "here", "other", "other"]
    assert all(each["cpu_s"] > 0 and each["peak_mb"] > 5 for each in judged["plays"])
    assert all(each["counts"]["pass"] for each in judged["plays"])
