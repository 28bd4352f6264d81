"""`benchmarks/live_faults.py`: what a whole run finds in a server with one fault, and how that is counted."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.company import astray, features, unseen, variants
from benchmarks.live_faults import Found, all_played, cases_of, percentile, strays, summary
from protocol.dialect import DialectName
from reference.faults import FAULTS

ROOT = Path(__file__).resolve().parents[2]
ONE: tuple[str, DialectName] = ("metadata-not-echoed", "openai")
_SEED, _SAMPLE = 12, 4


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([1], 1), ([3, 1, 2], 3), ([1] * 95 + [7] * 5, 1), ([1] * 94 + [7] * 6, 7)],
)
def test_a_percentile_is_not_exceeded_by_its_share(numbers: list[int], expected: int) -> None:
    assert percentile(numbers, 0.95) == expected


def test_the_summary_counts_and_names_the_worst() -> None:
    found = [
        Found("delete-unanswered", "openai", fail=("a/b",), meant=("a/b",)),
        Found("delete-unanswered", "inworld", fail=("a/b",), warn=("c/d", "e/f"), meant=("a/b",)),
        Found("item-done-late", "openai", meant=("g/h",)),
        Found("failed-without-error", "openai", fail=("a/b",), meant=("i/j",)),
        Found("hangs-up", "openai", problem="not done after 1 s"),
    ]
    lines = summary(found)
    assert lines[2].split()[-3:] == ["1", "1", "1"]
    assert lines[3].split()[-3:] == ["1", "3", "3"]
    assert lines[lines.index("the worst:") + 1].split() == ["3", "delete-unanswered", "(inworld)"]
    assert "  item-done-late (openai): g/h" in lines
    assert f"  failed-without-error (openai): {unseen()['failed-without-error']}" in lines
    assert lines[-1] == "  hangs-up (openai): not done after 1 s"


def test_faults_are_chosen_by_pattern_and_dialect() -> None:
    assert cases_of("delete-unanswered", "each") == [
        ("delete-unanswered", "openai"),
        ("delete-unanswered", "inworld"),
    ]
    assert cases_of("delete-unanswered", "inworld") == [("delete-unanswered", "inworld")]
    assert [name for name, _ in cases_of()] == sorted(FAULTS)


def test_a_run_that_lasts_too_long_is_given_up() -> None:
    [found] = all_played([ONE], jobs=1, limit=0.0)
    assert found.problem == "not done after 0 s"


def _ends(*_: object) -> None:
    os._exit(3)


def test_a_run_that_ends_without_a_word_is_told() -> None:
    [found] = all_played([ONE], jobs=1, play=_ends)
    assert found.problem == "it ended with 3"


def _run(file: Path) -> subprocess.CompletedProcess[str]:
    chosen = ["--only", ONE[0], "--dialect", ONE[1], "--out", str(file), "--limit", "900"]
    command = [sys.executable, str(ROOT / "benchmarks" / "live_faults.py"), *chosen]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_fault_is_found_and_not_looked_for_twice(tmp_path: Path) -> None:
    file = tmp_path / "found.jsonl"
    lost = json.dumps(asdict(Found(*ONE, problem="lost")))
    file.write_text(lost + '\n{"fault": "cut o', encoding="utf-8")
    first = _run(file)
    assert first.returncode == 0, first.stderr
    found = Found.read(file.read_text(encoding="utf-8").splitlines()[-1])
    assert found.meant == ("response/metadata-echoed",)
    assert set(found.meant) <= set(found.fail)  # a machine that is busy may make it look slow, too
    assert first.stderr.startswith("1/1 metadata-not-echoed")
    again = _run(file)
    assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")


@pytest.mark.long
def test_one_defect_is_one_finding_in_whole_runs() -> None:
    found = list(all_played(cases_of(), jobs=os.cpu_count() or 1))
    print("\n".join(summary(found)))  # noqa: T201 - the figures are what this is for
    assert [f"{each.fault}: {each.problem}" for each in found if each.problem] == []
    counts = [len(each.wrong) for each in found]
    assert statistics.median(counts) <= 1
    assert percentile(counts, 0.95) <= 2
    assert strays(found) == []


# --- what no run comes upon -------------------------------------------------------------------------------


def test_what_is_not_found_is_a_fault_and_has_a_reason() -> None:
    assert set(unseen()) <= set(FAULTS)
    assert list(unseen()) == sorted(unseen())
    assert all(reason.endswith(".") for reason in unseen().values())


def test_a_fault_that_is_listed_and_found_is_as_wrong_as_one_that_is_neither() -> None:
    missed = {"a": True, "b": True, "c": False, "d": False}
    assert astray(missed, {"a": "Nobody knows.", "c": "Nobody knows."}) == [
        "b is not found: say why in unseen.yaml",
        "c is found: take it out of unseen.yaml",
    ]


def test_a_sample_is_found_but_for_what_is_listed() -> None:
    drawn = random.Random(_SEED)
    others = [case for case in cases_of() if case[0] not in unseen()]
    listed = [case for case in cases_of() if case[0] in unseen()]
    chosen = [*drawn.sample(others, _SAMPLE), drawn.choice(listed)]
    found = list(all_played(chosen, jobs=2, limit=900.0))
    assert [f"{each.fault}: {each.problem}" for each in found if each.problem] == []
    assert strays(found) == []


def test_what_only_some_servers_have_is_declared_and_there() -> None:
    assert features("mcp-call-without-approval", "openai") == {"mcp"}
    assert [each.name for each in variants("mcp-call-without-approval", "openai")] == ["mcp-calls"]
    assert [each.name for each in variants("backchannel-never-done", "inworld")] == ["backchannel-audio"]
    assert (features(*ONE), variants(*ONE)) == (set(), [])
