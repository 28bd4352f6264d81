"""`pytest --channel=NAME`: items for conversations and requirements of a channel, exit codes as of `run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reference.altered_behaviour import differing
from reference.faults.services import SERVICE_FAULTS
from tests.realtime_conformance.commandline.harness import RESULTS, ROOT, reference_server

WITHIN = "tts/audio/within-context"


def _pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REALTIME_API_KEY": "a2V5"}
    for name in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--report={folder / 'report'}", *arguments]
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_channel_has_items_for_its_conversations_and_requirements(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--channel=tts", "-k", "one_context or in_one_burst", "-rA")
    assert done.returncode == 0, done.stdout
    assert "PASSED packs/tts/scenarios.py::tts.one_context" in done.stdout
    assert "PASSED packs/tts/registry/tts.yaml::tts/context/closed" in done.stdout
    assert "costs at most: 2 sessions" in done.stdout
    results = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    assert results["target"]["channel"] == "tts"
    assert {each["id"] for each in results["scenarios"]} == {"tts.one_context", "tts.in_one_burst"}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("channel")
    (folder / "known.yaml").write_text(
        f"version: 2\nentries:\n- {{requirement: {WITHIN}, verdict: fail, reason: known}}\n", encoding="utf-8"
    )
    with reference_server(differing([SERVICE_FAULTS["tts-chunk-after-closed"]]), "inworld") as url:
        host = url.partition("/api")[0]
        at = (f"--endpoint={host}", "--channel=tts", "-k", "one_context")
        done = _pytest(folder, *at)
        known = _pytest(folder / "again", *at, f"--baseline={folder / 'known.yaml'}")
    assert known.returncode == 0, known.stdout
    assert "1 xfailed" in known.stdout
    return folder, done


def test_a_violated_requirement_is_a_failed_item_and_a_known_one_an_expected_one(
    faulty: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = faulty
    assert done.returncode == 1
    assert f"::{WITHIN}" in done.stdout
    assert "Does not conform to Inworld speech synthesis" in done.stdout
    assert "after its contextClosed" in done.stdout


def test_a_conversation_that_is_named_brings_what_it_provokes(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "packs/stt/scenarios.py::stt.in_one_burst", "--channel=stt", "--collect-only")
    assert done.returncode == 0, done.stdout
    assert "packs/stt/scenarios.py::stt.in_one_burst" in done.stdout
    assert "stt.silence" not in done.stdout
    assert "::stt/final/once-per-turn" in done.stdout
    assert "suites/" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--channel=all",), "pytest is about one channel"),
        (("--channel=tss",), "--channel names one of realtime, tts, stt"),
        (("--channel=tts", "suites/test_session_update.py"), "suites/ is about realtime"),
        (("--channel=tts", "--repeat=2"), "--repeat cannot be used with the channel tts"),
        (("--channel=tts", "--endpoint=ws://nowhere.invalid/v1/realtime"), "contradict each other"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    done = _pytest(tmp_path, *arguments)
    assert done.returncode == 4
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "report").exists()
