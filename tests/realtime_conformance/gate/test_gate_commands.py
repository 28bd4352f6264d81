"""The life of a baseline, as a maintainer lives it: update, explain, refused, explained, green, stale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from realtime_conformance.application.baseline_files import read_baseline
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import Command, command_in
from tests.realtime_conformance.gate.recorded import record

_PROJECT = Path(__file__).resolve().parents[3]
_TWICE = "response/lifecycle/done-exactly-once"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "report"


@pytest.fixture
def command(out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(out.parent)
    return command_in(out, capsys)


def test_the_life_of_a_known_failure(command: Command, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "conformance-baseline.yaml"
    trace = record(tmp_path / "talk.jsonl", "response-done-twice")
    gate = ("judge", trace, "--out", out, "--baseline", file)

    # Nobody knows of it: red. There is no baseline yet, and that is said.
    assert command("judge", trace, "--out", out).code == 1
    missing = command(*gate)
    assert missing.code == 4
    assert "conformance-baseline.yaml" in missing.err
    assert "baseline update" in missing.err

    # It is written down, and refused until somebody says why.
    written = command("baseline", "update", out)
    assert written.code == 0
    assert f"  + {_TWICE}" in written.out
    refused = command(*gate)
    assert refused.code == 7
    assert "the entry gives no reason" in refused.out
    assert "CHANGE ME" in file.read_text(encoding="utf-8")

    # With a reason it is green, and stays a failure in the report.
    file.write_text(file.read_text(encoding="utf-8").replace("CHANGE ME", "known: see #17"), encoding="utf-8")
    green = command(*gate)
    assert green.code == 0
    assert green.verdicts("fail") == [_TWICE]
    result = next(r for r in green.results["requirements"] if r["id"] == _TWICE)
    assert (result["expectation"], result["known"]) == ("expected", "known: see #17")
    assert "and is known" in green.out
    assert command("baseline", "update", out).out.strip().endswith("0 added, 0 removed")

    # Another failure is red, whatever else is known.
    other = record(tmp_path / "other.jsonl", "response-done-twice", "event-id-empty")
    red = command("judge", other, "--out", out, "--baseline", file)
    assert red.code == 1
    said = command("baseline", "explain", out)
    assert said.code == 0
    assert f"✓ {_TWICE} (fail, line 6): as expected" in said.out
    assert "is violated, and no entry covers it" in said.out
    assert "✗ envelope/event-id-present is violated" in said.out

    # Once it is repaired, the entry has to go.
    repaired = record(tmp_path / "repaired.jsonl")
    stale = command("judge", repaired, "--out", out, "--baseline", file)
    assert stale.code == 7
    assert "holds now: remove the entry" in stale.out
    assert "✗" in command("baseline", "explain", out, "--baseline", file).out
    gone = command("baseline", "update", out)
    assert f"  - {_TWICE}" in gone.out
    assert read_baseline(file).entries == ()
    assert command("judge", repaired, "--out", out, "--baseline", file).code == 0


def test_warnings_need_an_entry_only_where_they_count(command: Command, out: Path, tmp_path: Path) -> None:
    trace = record(tmp_path / "talk.jsonl", "nulls-left-out")
    file = tmp_path / "conformance-baseline.yaml"
    assert command("judge", trace, "--out", out).code == 0
    assert "0 added" in command("baseline", "update", out).out
    said = command("baseline", "explain", out).out
    assert "a warning, which counts with --strict only" in said
    assert "0 entries, 0 in order; 1 violated requirement not covered by the baseline" in said
    assert "1 added" in command("baseline", "update", out, "--warnings").out
    file.unlink()
    gate = ("judge", trace, "--out", out, "--strict")
    assert command(*gate).code == 1
    assert "1 added" in command("baseline", "update", out, "--days", "3").out, (
        "where they count, without a word"
    )
    entry = read_baseline(file).entries[0]
    assert (entry.verdict, entry.expires is not None) == ("warn", True)
    assert command(*gate, "--baseline", "conformance-baseline.yaml").code == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("baseline", "explain", "nowhere"), "nowhere: cannot be read"),
        (("baseline", "update", "nowhere"), "nowhere: cannot be read"),
        (("baseline", "update"), "Missing argument 'RESULTS'"),
        (
            ("judge", "talk.jsonl", "--baseline", "broken.yaml"),
            "broken.yaml: line 1: /version: is 3; 1 or 2 is expected",
        ),
        (("run", "--baseline", "broken.yaml"), "broken.yaml: line 1: /version: is 3; 1 or 2 is expected"),
        (("run", "--baseline", "."), "is a directory"),
        (("run", "--ready", "x"), "--ready needs --start"),
        (("run", "--start", "true"), "--start needs --endpoint URL"),
        (
            ("run", "--start", "true", "--endpoint", NOWHERE, "--ready", "("),
            "--ready (: no URL, and no",
        ),
        (
            ("run", "--start", "true", "--endpoint", NOWHERE, "--ready", "http://:x/"),
            "names no host and",
        ),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_done(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "broken.yaml").write_text("version: 3\nentries: []\n", encoding="utf-8")
    record(tmp_path / "talk.jsonl")
    ran = command(*arguments)
    assert ran.code == 4
    assert said in ran.err
    assert not (tmp_path / "conformance-report" / "results.json").exists()


def test_an_error_is_an_annotation_in_a_job(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert (
        "::error title=conformance::nowhere.yaml: cannot be"
        in command("run", "--baseline", "nowhere.yaml").out
    )
    assert "::error title=conformance::--ready needs --start" in command("run", "--ready", "x").out


def test_a_terminal_that_knows_no_such_characters(tmp_path: Path) -> None:
    record(tmp_path / "talk.jsonl", "response-done-twice")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "realtime_conformance",
            "judge",
            str(tmp_path / "talk.jsonl"),
            "--out",
            str(tmp_path / "report"),
        ],
        check=False,
        cwd=_PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1, done.stderr
    assert f"fail {_TWICE}" in done.stdout


def test_a_baseline_that_cannot_be_written(command: Command, out: Path, tmp_path: Path) -> None:
    trace = record(tmp_path / "talk.jsonl", "response-done-twice")
    assert command("judge", trace, "--out", out).code == 1
    ran = command("baseline", "update", out, "--baseline", tmp_path / "no" / "folder.yaml")
    assert ran.code == 4
    assert "cannot be written" in ran.err
