"""What was offered, of recordings: what they show, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.realtime_conformance.commandline.harness import Command

_HEAD = "dialect: openai\n"
TIMED_OUT = "< session.created  < input_audio_buffer.timeout_triggered 0 5000\n"  # nobody set a timeout
BUFFER = "< session.created  < output_audio_buffer.started {-response_id}\n"
REFUSED = (
    "> conversation.item.create #mine item_1  < item.added+done\n"
    "> conversation.item.retrieve #asked item_1\n"
    "< error asked not_supported {message: not here, param: null}\n"
)
TIMEOUT, RETRIEVED = "idle/timeout-triggered", "items/retrieve/acknowledged"


def _written(folder: Path, text: str, *facts: str) -> Path:
    path = folder / "trace.txt"
    path.write_text(_HEAD + "".join(f"{fact}\n" for fact in facts) + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "failed"), [(TIMED_OUT, TIMEOUT), (BUFFER, "payload/output_audio_buffer.started")]
)
def test_what_a_recording_shows_was_offered(
    command: Command, out: Path, tmp_path: Path, text: str, failed: str
) -> None:
    ran = command("judge", _written(tmp_path, text), "--out", out)
    assert failed in ran.verdicts("fail")
    assert ran.code == 1
    assert "mcp/approval" in ran.verdicts("not-offered")
    assert "Not tried or seen: authentication" in ran.out


def test_what_is_offered_and_does_not_show_was_not_observed(
    command: Command, out: Path, tmp_path: Path
) -> None:
    ran = command("judge", _written(tmp_path, REFUSED), "--feature", "mcp", "--out", out)
    assert "mcp/approval" in ran.verdicts("not-observed")
    assert ran.results["target"]["features"]["mcp"] is True


@pytest.mark.parametrize("how", ["option", "header", "target"])
def test_a_refusal_is_no_violation_where_the_feature_was_not_offered(
    command: Command, out: Path, tmp_path: Path, how: str
) -> None:
    assert RETRIEVED in command("judge", _written(tmp_path, REFUSED), "--out", out).verdicts("fail")
    config = tmp_path / "conformance.yaml"
    config.write_text(
        "targets:\n  mine:\n    endpoint: wss://voice.example/v1/realtime\n    features: {retrieve: false}\n",
        encoding="utf-8",
    )
    options: dict[str, list[object]] = {
        "option": ["--no-feature", "retrieve"],
        "header": [],
        "target": ["--target", "mine", "--config", config],
    }
    path = _written(tmp_path, REFUSED, *(["features: {retrieve: false}"] if how == "header" else []))
    ran = command("judge", path, *options[how], "--out", out)
    assert RETRIEVED in ran.verdicts("not-offered")
    assert ran.code == 0
    assert "Not offered: retrieve (declared so)" in ran.out
    assert ran.results["target"]["absent"] == {"retrieve": "declared so"}


def test_a_wrong_answer_is_one_whatever_is_said(command: Command, out: Path, tmp_path: Path) -> None:
    ran = command("judge", _written(tmp_path, TIMED_OUT), "--no-feature", "idle-timeout", "--out", out)
    assert TIMEOUT in ran.verdicts("fail")
    assert ran.code == 1


def test_the_embedded_server_is_not_told_what_it_offers(command: Command, out: Path) -> None:
    ran = command("run", "--feature", "mcp", "--out", out)
    assert ran.code == 4
    assert "--feature needs --endpoint URL, --target NAME or --start COMMAND" in ran.err


def test_the_embedded_server_gets_no_hint_at_an_option_that_is_refused_there(
    command: Command, out: Path
) -> None:
    ran = command("run", "-k", "session_update.one_field", "--no-probe", "--out", out)
    assert "Not tried or seen: " in ran.out
    assert "--feature NAME" not in ran.out + (out / "report.html").read_text(encoding="utf-8")


def test_a_feature_that_does_not_exist_is_told(command: Command, out: Path, tmp_path: Path) -> None:
    ran = command("judge", _written(tmp_path, REFUSED), "--feature", "telepathy", "--out", out)
    assert ran.code == 4
    assert "unknown feature 'telepathy'" in ran.err
