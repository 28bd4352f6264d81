"""What failed in another channel than realtime is played again from a script, on any server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from packs.keyed.replayed import scenario_of_script
from packs.tts.pack import TEXT_TO_SPEECH
from realtime_conformance.application.replays import read_script
from realtime_conformance.cli import run_command_line
from reference.altered_behaviour import differing
from reference.faults.services import SERVICE_FAULTS
from suites.depth import STANDARD
from tests.realtime_conformance.commandline.harness import reference_server

FAILED = "tts/audio/within-context"
FAULTY = differing([SERVICE_FAULTS["tts-chunk-after-closed"]])


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script that a server with a fault left behind."""
    out = tmp_path_factory.mktemp("found")
    with pytest.MonkeyPatch.context() as patch, reference_server(FAULTY, "inworld") as url:
        patch.setenv("REALTIME_API_KEY", "a2V5")
        host = url.partition("/api")[0]
        command = ["run", "--endpoint", host, "--channel", "tts", "-k", "tts.one_context"]
        assert run_command_line([*command, "--out", str(out)]) == 1
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    found = next(each for each in results["requirements"] if each["id"] == FAILED)
    assert found["findings"][0]["replay"] == "replays/tts.one_context.jsonl"
    assert "realtime-conformance replay" in (out / "report.html").read_text(encoding="utf-8")
    return out / "replays" / "tts.one_context.jsonl"


def test_a_script_says_what_the_client_said_and_what_it_costs(script: Path) -> None:
    found = read_script(script)
    assert found.channel == "tts"
    assert FAILED in found.violated
    said = [next(iter(set(step.send) - {"contextId"})) for step in found.frames if step.send]
    assert said == ["create", "send_text", "close_context"]
    assert [step.until for step in found.steps if step.until]
    cost = scenario_of_script(found, TEXT_TO_SPEECH).cost_at(STANDARD)
    assert (cost.sessions, cost.characters) == (1, 25)


def test_it_holds_where_the_server_obeys_and_fails_again_where_it_does_not(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_command_line(["replay", str(script)]) == 0
    assert f"{FAILED} holds now" in capsys.readouterr().out
    monkeypatch.setenv("REALTIME_API_KEY", "a2V5")
    with reference_server(FAULTY, "inworld") as url:
        again = ["replay", str(script), "--endpoint", url.partition("/api")[0], "--out", str(tmp_path)]
        assert run_command_line(again) == 1
    assert f"{FAILED} fails again" in capsys.readouterr().out
    assert (tmp_path / "replays" / script.name).is_file()
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["target"]["channel"] == "tts"


def test_it_is_printed_for_other_clients(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["replay", str(script), "--print", "wscat"]) == 0
    said = capsys.readouterr().out
    assert "# wait for audioChunk (3 of them)" in said
    assert '"send_text"' in said


def test_what_does_not_go_together_is_told_in_a_sentence(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copy(script, tmp_path / "other.jsonl")
    text = Path(other).read_text(encoding="utf-8")
    Path(other).write_text(text.replace('"channel":"tts"', '"channel":"stt"'), encoding="utf-8")
    assert run_command_line(["replay", str(script), str(other)]) == 4
    assert "the scripts are about several channels (stt, tts)" in capsys.readouterr().err
    Path(other).write_text(text.replace('"channel":"tts"', '"channel":"tss"'), encoding="utf-8")
    assert run_command_line(["replay", str(other)]) == 4
    assert "the script is about the channel tss" in capsys.readouterr().err
    assert run_command_line(["replay", str(script), "--channel", "stt"]) == 4
    assert "--channel cannot be used with the channel tts" in capsys.readouterr().err
    assert run_command_line(["replay", str(script), "--dialect", "openai"]) == 4
    assert "the channel tts is known in inworld, and not in openai" in capsys.readouterr().err
