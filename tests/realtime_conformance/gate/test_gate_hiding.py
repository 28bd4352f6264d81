"""Nothing hides behind a finding that does not count: one that the baseline knows, or nobody asked for."""

from __future__ import annotations

import datetime as dt
import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application import parallel_judging
from realtime_conformance.application.judging import contract_for, judge_traces
from realtime_conformance.application.parallel_judging import Book, judge_files
from realtime_conformance.application.uncounted_findings import uncounted
from reports.baseline import Baseline, BaselineEntry, Expected
from rules.verdicts import Tally
from rules.yields import Uncounted
from tests.realtime_conformance.commandline.harness import Command, command_in, reference_server
from tests.realtime_conformance.gate.recorded import faulty

_PROJECT = Path(__file__).resolve().parents[3]
_TRACE = Path(__file__).parent / "fixtures" / "version-1" / "update.jsonl"
_TODAY = dt.date(2026, 11, 23)
_A, _B = "session/updated/full-configuration", "session/updated/same-id"  # the one yields to the other


def _violated(tallies: dict[str, Tally]) -> set[str]:
    return {id_ for id_ in (_A, _B) if id_ in tallies and tallies[id_].violations}


def _judged(without: Uncounted | None = None) -> dict[str, Tally]:
    return judge_traces([_TRACE], "openai", contract_for("openai"), without).total


def _known(**more: Any) -> BaselineEntry:
    entry = BaselineEntry(_B, Expected.FAIL, "known", fingerprints=frozenset(_judged()[_B].fingerprints))
    return replace(entry, **more)


def test_one_defect_is_one_finding() -> None:
    tallies = _judged()
    assert _violated(tallies) == {_B}
    assert tallies[_A].explained == {_B: 1}


@pytest.mark.parametrize(
    ("more", "violated"),
    [
        ({}, {_A, _B}),
        ({"fingerprints": frozenset()}, {_A, _B}),
        ({"fingerprints": frozenset(), "requirement": "session/**"}, {_A, _B}),
        ({"dialect": "openai"}, {_A, _B}),
        ({"expires": _TODAY}, {_A, _B}),
        ({"verdict": Expected.FLAKY}, {_A, _B}),
        # it counts all the same
        ({"fingerprints": frozenset(["aaaaaaaaaaaa"])}, {_B}),
        ({"dialect": "inworld"}, {_B}),
        ({"expires": _TODAY - dt.timedelta(1)}, {_B}),
        ({"verdict": Expected.WARN}, {_B}),
        ({"verdict": Expected.NOT_OBSERVED}, {_B}),
        ({"fingerprints": frozenset(), "pending": True}, {_B}),
        ({"requirement": _A}, {_B}),
    ],
)
def test_what_the_baseline_knows_explains_nothing(more: dict[str, Any], violated: set[str]) -> None:
    without = uncounted(Baseline((_known(**more),)), "openai", _TODAY)
    assert _violated(_judged(without)) == violated


def test_fingerprints_of_another_version_are_none() -> None:
    without = uncounted(Baseline((_known(),), version=1), "openai", _TODAY)
    assert without == Uncounted()


def test_what_was_deselected_explains_nothing() -> None:
    assert _violated(_judged(uncounted(None, "openai", _TODAY, deselected=[_B]))) == {_A, _B}
    assert _violated(_judged(uncounted(None, "openai", _TODAY))) == {_B}


def test_all_processes_know_what_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book("openai", uncounted=uncounted(Baseline((_known(),)), "openai", _TODAY))
    assert pickle.loads(pickle.dumps(book)) == book
    files = [tmp_path / f"{name}.jsonl" for name in ("a", "b")]
    for each in files:
        each.write_bytes(_TRACE.read_bytes())
    monkeypatch.setattr(parallel_judging, "_WORTH_IT", 0)
    assert _violated(judge_files(files, book).total) == {_A, _B}


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    return command_in(tmp_path / "report", capsys)


def test_the_gate_is_red_for_what_was_hidden_and_other_dialects_are_judged_as_ever(
    command: Command, tmp_path: Path
) -> None:
    file, out = tmp_path / "b.yaml", tmp_path / "report"
    (fingerprint,) = _judged()[_B].fingerprints
    # Without a dialect it is about both; only the first is held against it.
    entry = f"{{requirement: {_B}, verdict: %s, reason: known, fingerprint: '{fingerprint}'}}"
    file.write_text(
        "version: 2\nentries:\n" + "".join(f"- {entry % v}\n" for v in ("fail", "warn")), encoding="utf-8"
    )
    plain = command("judge", _TRACE, "--dialect", "openai", "--out", out)
    assert (plain.code, plain.verdicts("fail")) == (1, [_B])
    gate = command(
        "judge", _TRACE, "--dialect", "openai", "--also", "inworld", "--out", out, "--baseline", file
    )
    assert (gate.code, gate.verdicts("fail")) == (1, [_A, _B])
    (layer,) = gate.results["layers"]
    assert [r["id"] for r in layer["differences"]] == [_B]


def test_an_update_makes_what_was_hidden_known_too(command: Command, tmp_path: Path) -> None:
    file, out = tmp_path / "conformance-baseline.yaml", tmp_path / "report"
    command("judge", _TRACE, "--dialect", "openai", "--out", out)
    assert "2 added" in command("baseline", "update", out).out
    assert f"# explained by {_B} so far" in file.read_text(encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8").replace("CHANGE ME", "known"), encoding="utf-8")
    gate = ("judge", _TRACE, "--dialect", "openai", "--out", out, "--baseline", file)
    assert command(*gate).code == 0
    # Results that were made without the baseline do not take it away again.
    command("judge", _TRACE, "--dialect", "openai", "--out", out)
    assert command("baseline", "update", out).out.strip().endswith("0 added, 0 removed")
    assert command(*gate).code == 0


def test_pytest_shows_what_hides_behind_an_item_that_is_not_there(tmp_path: Path) -> None:
    with reference_server(faulty("session-id-left-out"), "openai") as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("suites/test_session_update.py", "-k", "full-configuration", "--depth=quick"),
                *(
                    "--dialect=openai",
                    "--endpoint",
                    url,
                    "--auth-env",
                    "A_KEY",
                    f"--report={tmp_path / 'report'}",
                ),
            ],
            check=False,
            cwd=_PROJECT,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "A_KEY": "hunter22hunter"},
        )
    assert done.returncode == 1, done.stdout + done.stderr
    results = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    verdicts = {r["id"]: r["verdict"] for r in results["requirements"]}
    assert (verdicts[_A], verdicts[_B]) == ("fail", "fail")
    assert f"{_A}" in done.stdout
