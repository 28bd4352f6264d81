"""`realtime-conformance generate`: what would be sent, without sending it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_conformance.cli import run_command_line

ROOT = Path(__file__).parent.parent.parent.parent


def test_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["generate"]) == 0
    shown = capsys.readouterr().out
    assert "session.update" in shown
    assert "mutants" in shown


def test_lists_one_event(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["generate", "--list", "--event", "response.cancel", "--dialect", "openai"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{len(lines) - 2} in all"
    assert any("response_id" in line and "unknown-id" in line and "CB-02" in line for line in lines)
    assert not any("session.update" in line for line in lines)


def test_as_json_each_line_is_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["generate", "--json", "--kind", "walk", "--event", "conversation.item.truncate"]
    assert run_command_line(arguments) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["kind"] for line in lines} == {"walk"}
    assert all(line["event"]["type"] == "conversation.item.truncate" for line in lines)
    assert lines[0]["what"] == "required fields only"


@pytest.mark.parametrize("channel", ["tts", "stt"])
def test_a_channel_of_ours(capsys: pytest.CaptureFixture[str], channel: str) -> None:
    assert run_command_line(["generate", "--json", "--channel", channel]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["kind"] for line in lines} == {"walk", "mutants"}  # frames are broken events of another one
    assert not any("type" in line["event"] for line in lines)


def test_a_channel_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["generate", "--channel", "talk"]) == 4
    assert "--channel is stt or tts, or with --asyncapi FILE" in capsys.readouterr().err


def test_another_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = tmp_path / "own.yaml"
    document.write_text(
        """
asyncapi: 2.6.0
info: {title: Own, version: "1"}
channels:
  /talk:
    publish:
      message:
        name: say
        payload:
          type: object
          required: [type, words]
          properties:
            type: {const: say}
            words: {type: string, maxLength: 5}
    subscribe:
      message: {name: heard, payload: {type: object, properties: {type: {const: heard}}}}
""",
        encoding="utf-8",
    )
    assert run_command_line(["generate", "--json", "--asyncapi", str(document)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"type": "say", "words": "eeeee"} in [line.get("event") for line in lines]
    assert {"type": "say", "words": "eeeeee"} in [line.get("event") for line in lines]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--event", "nope"], "response.create"),
        (["--channel", "/x"], "--asyncapi"),
        (["--asyncapi", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_input_is_told_in_one_message(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run_command_line(["generate", *arguments]) == 4
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_an_unsupported_keyword_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = tmp_path / "odd.yaml"
    document.write_text(
        """
asyncapi: 2.6.0
info: {title: Odd, version: "1"}
channels:
  /talk:
    publish:
      message:
        name: say
        payload: {type: object, required: [type], properties: {type: {const: say}, x: {nullable: true}}}
    subscribe:
      message: {name: heard, payload: {type: object, properties: {type: {const: heard}}}}
""",
        encoding="utf-8",
    )
    assert run_command_line(["generate", "--asyncapi", str(document)]) == 4
    error = capsys.readouterr().err
    assert "/channels/~1talk/publish/message/payload/properties/x/nullable" in error
    assert error.count("\n") == 1
    assert "odd.yaml" in error
