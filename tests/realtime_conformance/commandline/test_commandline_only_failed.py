"""`run --only-failed REPORT` plays what concerns the requirements that failed there, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.edits import drop
from suites.scenario import catalogue
from tests.realtime_conformance.commandline.harness import SHORT, Command, reference_server

FAILED = "items/retrieve/full-item"


@pytest.fixture
def written(command: Command, out: Path, tmp_path: Path) -> Path:
    """A folder with a report in which nothing failed."""
    command("run", "-k", "session_update.one_field or bootstrap.nothing", "--out", out)
    folder = tmp_path / "before"
    out.rename(folder)
    return folder


def _change(folder: Path, verdict: str, trace: str = "", **scenario: Any) -> None:
    """Give `FAILED` a verdict, with a finding in `trace`; and the first scenario other facts."""
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    result = next(each for each in content["requirements"] if each["id"] == FAILED)
    texts = ("kind", "type", "path", "expected", "actual", "message", "replay")
    finding = {
        **dict.fromkeys(texts, "no"),
        "trace": trace,
        "seqs": [],
        "because": [],
        "fingerprint": "0" * 12,
    }
    result.update(verdict=verdict, findings=[finding] if trace else [])
    content["scenarios"][0].update(scenario)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_where_nothing_failed_nothing_is_played(command: Command, written: Path, out: Path) -> None:
    for name in (written, written / "results.json"):
        ran = command("run", "--only-failed", name, "--out", out)
        assert ran.code == 0
        assert ran.out.strip() == f"No requirement failed in {name}: there is nothing to play."
        assert not out.exists()


@pytest.mark.parametrize("option", ["--only-failed", "--continue"])
def test_nothing_to_play_is_no_better_a_verdict(
    command: Command, written: Path, out: Path, option: str
) -> None:
    path = written / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["verdict"].update(exit=6, sentence="No verdict: nobody listens.")
    path.write_text(json.dumps(content), encoding="utf-8")
    played = content["scenarios"][0]["id"]
    ran = command("run", option, written, "-k", played, "--out", out)
    assert ran.code == 6
    assert ran.out.strip().endswith("No verdict: nobody listens.")


def test_what_provokes_or_violated_a_failure_is_played(command: Command, written: Path, out: Path) -> None:
    _change(written, "fail", "a-trace", id="handshake.without_protocol", traces=["a-trace"])
    ran = command("run", "--only-failed", written, "--plan", "-k", "not generated", "--out", out)
    assert ran.code == 0, ran.said
    provoking = [s for s in catalogue() if FAILED in s.provokes and "generated" not in s.id]
    assert f"1 requirement failed in {written}: {len(provoking) + 1} of " in ran.out
    assert f"{len(provoking) + 1} scenarios against" in ran.out
    for each in provoking:
        assert each.id in ran.out
    assert "handshake.without_protocol " in ran.out
    assert "handshake.another_path" not in ran.out


def test_a_warning_counts_where_it_is_strict(command: Command, written: Path, out: Path) -> None:
    _change(written, "warn")
    assert command("run", "--only-failed", written, "--plan", "--out", out).out.startswith("No requirement")
    strict = command("run", "--only-failed", written, "--strict", "--plan", "--out", out)
    assert "1 requirement failed" in strict.out


def test_nothing_that_was_chosen_concerns_a_failure(command: Command, written: Path, out: Path) -> None:
    _change(written, "fail")
    ran = command("run", "--only-failed", written, "-k", "bootstrap", "--out", out)
    assert ran.code == 4
    assert "no scenario chosen provokes or violated what failed" in ran.err


def test_a_report_that_cannot_be_used_is_a_usage_error(command: Command, written: Path, out: Path) -> None:
    ran = command("run", "--only-failed", written, "--dialect", "openai", "--out", out)
    assert ran.code == 4
    assert "/target/dialect is inworld" in ran.err.replace(": ", " ")
    ran = command("run", "--only-failed", out.parent / "absent", "--out", out)
    assert ran.code == 4
    assert "absent" in ran.err


def test_a_failure_is_played_again_and_the_report_may_be_in_its_own_folder(
    command: Command, out: Path, a_key: str
) -> None:
    behaviour = Behaviour(alteration=lambda _dialect: Alteration([drop("conversation.item.retrieved")]))
    retrieved = "conversation_item_retrieve.a_message or session_update.one_field"
    with reference_server(behaviour) as url:
        it = ("run", "--endpoint", url, "--auth-env", a_key, *SHORT, "--no-probe", "--out", out)
        assert command(*it, "-k", retrieved).code == 1
        ran = command(*it, "-k", retrieved, "--only-failed", out)
    assert ran.code == 1
    played = [each["id"] for each in ran.results["scenarios"]]
    assert played
    assert all(each.startswith("conversation_item_retrieve") for each in played)
    assert ran.results["whole"] is False
