"""The life of a baseline, as a maintainer lives it: update, explain, refused, explained, green, stale."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from realtime_conformance.application.baseline_files import read_baseline
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import Command, command_in
from tests.realtime_conformance.gate.recorded import record
from tests.reports.html.html_samples import conversation, written

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
    assert said.code == 1, "as the gate"
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


def _repeating(path: Path, *numbers: int) -> Path:
    """Record a conversation in which the events at `numbers` repeat the id of the first."""
    entries = conversation()
    for number in numbers:
        entries[number][1]["event_id"] = entries[0][1]["event_id"]
    return written(path, entries)


_REPEATED = "envelope/event-id-unique"
_ADDED, _DELTA, _DONE = 6, 8, 10  # conversation.item.added, response.output_text.delta and .done


def test_a_known_failure_may_be_seen_in_other_events(command: Command, out: Path, tmp_path: Path) -> None:
    file = tmp_path / "conformance-baseline.yaml"
    first = _repeating(tmp_path / "first.jsonl", _ADDED)
    assert command("judge", first, "--dialect", "openai", "--out", out).verdicts("fail") == [_REPEATED]
    command("baseline", "update", out)
    file.write_text(file.read_text(encoding="utf-8").replace("CHANGE ME", "known"), encoding="utf-8")
    before = file.read_text(encoding="utf-8")

    for name, numbers in (("more", (_ADDED, _DELTA)), ("others", (_DELTA, _DONE))):
        trace = _repeating(tmp_path / f"{name}.jsonl", *numbers)
        gate = ("judge", trace, "--dialect", "openai", "--out", out, "--baseline", file)
        green = command(*gate)
        assert green.verdicts("fail") == [_REPEATED], "and a failure it stays"
        assert green.code == command("baseline", "explain", out).code == 0
        assert command("baseline", "update", out).out.strip().endswith("0 added, 0 removed")
        assert file.read_text(encoding="utf-8") == before
        assert command(*gate, "--strict-fingerprints").code == 1
        assert command("baseline", "explain", out, "--strict-fingerprints").code == 1


def test_options_of_a_baseline_need_one(command: Command, out: Path, tmp_path: Path) -> None:
    trace = _repeating(tmp_path / "t.jsonl", _ADDED)
    refused = command("judge", trace, "--out", out, "--strict-fingerprints")
    assert refused.code == 4
    assert "--strict-fingerprints needs --baseline FILE" in refused.err


def test_an_entry_can_be_read_however_much_it_knows(command: Command, out: Path, tmp_path: Path) -> None:
    trace = _repeating(tmp_path / "t.jsonl", *(n for n in range(4, 15)))
    command("judge", trace, "--dialect", "openai", "--out", out)
    command("baseline", "update", out)
    text = (tmp_path / "conformance-baseline.yaml").read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= 160
    entry = next(e for e in read_baseline(tmp_path / "conformance-baseline.yaml").entries)
    assert len(entry.fingerprints) > 6, "more than fit a line"
    lines = text.splitlines()
    begins = lines.index("    fingerprint: [")
    assert all(line.startswith('      "') for line in lines[begins + 1 : begins + 3])
    comments = [line for line in lines[4:] if line.startswith("  #")]
    assert len(comments) == 4
    assert comments[-1].startswith("  # and ")

    # What is renewed is written in the same way.
    file = tmp_path / "conformance-baseline.yaml"
    pending = re.sub(r"fingerprint: \[[^]]*\]", "fingerprint: pending", text).replace("CHANGE ME", "known")
    file.write_text(pending, encoding="utf-8")
    assert "1 with new fingerprints" in command("baseline", "update", out).out
    assert file.read_text(encoding="utf-8") == text.replace("CHANGE ME", "known")


@pytest.mark.parametrize("judged", ["first", "nothing", "known", "stale"])
def test_explain_exits_as_the_gate(command: Command, out: Path, tmp_path: Path, judged: str) -> None:
    file = tmp_path / "conformance-baseline.yaml"
    broken = record(tmp_path / "talk.jsonl", "response-done-twice")
    command("judge", broken, "--out", out)
    if judged in ("known", "stale"):
        command("baseline", "update", out)
        file.write_text(file.read_text(encoding="utf-8").replace("CHANGE ME", "known"), encoding="utf-8")
    else:
        file.write_text("version: 2\nentries:\n", encoding="utf-8")
    if judged == "nothing":
        broken = written(tmp_path / "talk.jsonl", conversation()[1:2])
    if judged == "stale":
        broken = record(tmp_path / "repaired.jsonl")
    gate = command("judge", broken, "--out", out, "--baseline", file)
    assert gate.code == {"first": 1, "nothing": 5, "known": 0, "stale": 7}[judged]
    assert command("baseline", "explain", out).code == gate.code
    # So it is where the run knew nothing of the baseline.
    command("judge", broken, "--out", out)
    assert command("baseline", "explain", out).code == gate.code
