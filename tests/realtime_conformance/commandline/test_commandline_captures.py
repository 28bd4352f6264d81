"""`judge` reads conversations as people have them: known by what a file holds, packed, piped, in folders."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application.recordings import sender_of
from tests.realtime_conformance.commandline.harness import Command, complaint_of

KEY = "a-key-of-somebody"
_CREATED: dict[str, Any] = {"type": "session.created", "event_id": "event_1", "session": {"type": "realtime"}}
_CLEAR: dict[str, Any] = {"type": "input_audio_buffer.clear"}
_CLEARED: dict[str, Any] = {"type": "input_audio_buffer.cleared", "event_id": "event_2"}
_TALK = (("receive", _CREATED), ("send", _CLEAR), ("receive", _CLEARED))


def _send_receive(**more: Any) -> str:
    lines = [
        {"type": kind, "time": n / 10, "data": json.dumps(event), **more}
        for n, (kind, event) in enumerate(_TALK)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def _bare() -> str:
    return "".join(json.dumps(event) + "\n" for _, event in _TALK)


def _wscat() -> str:
    return "".join(f"{'>' if kind == 'send' else '<'} {json.dumps(event)}\n" for kind, event in _TALK)


def _har() -> str:
    messages = [
        {"type": kind, "time": 1795985740.0 + n, "opcode": 1, "data": json.dumps({**event, "note": KEY})}
        for n, (kind, event) in enumerate(_TALK)
    ]
    headers = [{"name": "Authorization", "value": f"Bearer {KEY}"}]
    request = {"url": f"wss://host/v1/realtime?token={KEY}", "headers": headers}
    entry = {"request": request, "response": {"status": 101}, "_webSocketMessages": messages}
    return json.dumps({"log": {"entries": [entry]}})


_WITHOUT_TIMES = "has no times: what is about time is not observed"


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (_send_receive(), []),
        (_bare(), [_WITHOUT_TIMES]),
        (_wscat(), [_WITHOUT_TIMES]),
        (json.dumps([event for _, event in _TALK], indent=1), [_WITHOUT_TIMES]),
        (_har(), []),
    ],
    ids=["send-receive", "bare", "wscat", "array", "har"],
)
def test_a_file_is_known_by_what_it_holds(
    command: Command, out: Path, content: str, notes: list[str]
) -> None:
    Path("call.data").write_text(content)
    ran = command("judge", "call.data", "--dialect", "openai", "--out", out)
    assert "audio/clear/acknowledged" in ran.verdicts("pass")
    assert [note.removeprefix("call.data: ") for note in ran.results["notes"]] == notes
    assert ran.err == ""


def test_a_finding_names_the_line_of_the_file(command: Command, out: Path) -> None:
    Path("call.log").write_text(_wscat() + '< {"type": "input_audio_buffer.cleared"}\n')
    ran = command("judge", "call.log", "--dialect", "openai", "--out", out)
    assert ran.code == 1
    assert "call.log:4" in ran.out


def test_no_secret_of_a_handshake_reaches_an_output(command: Command, out: Path) -> None:
    Path("call").write_text(_har())
    ran = command("judge", "call", "--dialect", "openai", "--out", out)
    assert KEY not in ran.said
    for path in out.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("name", ["call.gz", "call.zip", "call"])
def test_what_is_packed_is_unpacked(command: Command, out: Path, name: str) -> None:
    if name.endswith("zip"):
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("calls/one.log", _wscat())
            archive.writestr("calls/two.jsonl", _send_receive())
            archive.writestr("README.md", "> quoted, and no transcript\n")
    else:
        Path(name).write_bytes(gzip.compress(_send_receive().encode()))
    ran = command("judge", name, "--dialect", "openai", "--out", out)
    assert "audio/clear/acknowledged" in ran.verdicts("pass")
    assert (ran.err, "cut off" in ran.out) == ("", False)


def test_a_trace_of_ours_in_gzip_is_the_same_trace(command: Command, out: Path) -> None:
    command("run", "-k", "session_update.one_field", "--no-probe", "--out", out)
    [trace] = (out / "traces").glob("*.jsonl")
    plain = command("judge", trace, "--out", out).results
    Path("t.jsonl.gz").write_bytes(gzip.compress(trace.read_bytes()))
    packed = command("judge", "t.jsonl.gz", "--out", out).results
    assert [r["verdict"] for r in plain["requirements"]] == [r["verdict"] for r in packed["requirements"]]
    assert plain["notes"] == packed["notes"] == []


def test_gzip_that_is_cut_off_is_judged_for_what_is_there(command: Command, out: Path) -> None:
    Path("call.gz").write_bytes(gzip.compress(_bare().encode() * 200)[:-60])
    ran = command("judge", "call.gz", "--dialect", "openai", "--out", out)
    assert "cut off, and judged for what is there: call" in ran.results["notes"]


def test_an_archive_without_a_trace_says_what_it_holds(command: Command) -> None:
    with zipfile.ZipFile("notes.zip", "w") as archive:
        archive.writestr("README.md", "> quoted\n")
    ran = command("judge", "notes.zip")
    assert (ran.code, "notes.zip: holds no trace, but README.md; name an archive" in ran.err) == (4, True)


def _input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    class Input:
        buffer = io.BytesIO(data)

    monkeypatch.setattr("realtime_conformance.application.recordings.sys.stdin", Input)


@pytest.mark.parametrize("packed", [True, False])
def test_standard_input(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    data = _send_receive().encode()
    _input(monkeypatch, gzip.compress(data) if packed else data)
    ran = command("judge", "-", "--dialect", "openai", "--out", out)
    assert "audio/clear/acknowledged" in ran.verdicts("pass")
    assert ran.err == ""


def test_standard_input_that_is_nothing_of_the_kind(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _input(monkeypatch, b"y\n" * 2**21)
    ran = command("judge", "-", "--out", out)
    assert (ran.code, "standard input: line 1: is not JSON" in ran.err) == (4, True)


def test_standard_input_is_read_once(command: Command) -> None:
    complaint_of(command("judge", "-", "-"), "is named twice; standard input can be read once")


def test_sessions_in_one_file(command: Command, out: Path) -> None:
    Path("calls.jsonl").write_text(_send_receive(call="a") + _send_receive(call="b"))
    ran = command("judge", "calls.jsonl", "--group-by", "call", "--dialect", "openai", "--out", out)
    [cleared] = [r for r in ran.results["requirements"] if r["id"] == "audio/clear/acknowledged"]
    assert (cleared["verdict"], cleared["subjects"]) == ("pass", 2)
    ran = command("judge", "calls.jsonl", "--group-by", "phone", "--out", out)
    assert (ran.code, "calls.jsonl: line 1: has no phone" in ran.err) == (4, True)


def test_a_folder_is_searched_by_what_files_hold(command: Command, tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "calls"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "one.log").write_text(_wscat())
    (folder / "two.data").write_text(_bare())
    (folder / "three.gz").write_bytes(gzip.compress(_send_receive().encode()))
    (folder / "README.md").write_text("> quoted, and no transcript\n")
    (folder / "other.json").write_text('{"a": 1}')
    ran = command("judge", folder, "--dialect", "openai", "--out", out)
    [cleared] = [r for r in ran.results["requirements"] if r["id"] == "audio/clear/acknowledged"]
    assert (cleared["subjects"], ran.err) == (3, "")


def test_what_would_be_understood_is_said(command: Command) -> None:
    Path("settings.json").write_text(json.dumps({"key": KEY}))
    ran = command("judge", "settings.json")
    assert ran.code == 4
    assert "is not a trace, but an object with the keys key; understood are HAR files, " in ran.err
    assert KEY not in ran.said


def test_nothing_is_laid_aside_for_what_is_read_where_it_lies(
    command: Command, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.TemporaryDirectory", _no_folder)
    lines = [{"dir": "server", "t": 0.5, "event": _CREATED}]
    Path("call.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    assert command("judge", "call.jsonl", "--dialect", "openai", "--out", out).err == ""
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    Path("bare").write_text(_bare())
    assert command("judge", "bare", "--dialect", "openai", "--out", out).err == ""
    assert list(aside.iterdir()) == []


def _no_folder(**_: Any) -> Any:
    raise AssertionError("a folder is made")


# --- whose an event is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "side"),
    [
        ({"type": "response.create"}, "client"),
        ({"type": "response.done"}, "server"),
        ({"type": "response.audio.delta"}, "server"),  # in the words of the beta
        ({"create": {"voiceId": "a"}, "contextId": "c"}, "client"),
        ({"send_text": {"text": "a"}}, "client"),
        ({"result": {"contextId": "c", "audioChunk": {"audioContent": ""}}}, "server"),
        ({"transcribeConfig": {"modelId": "m"}}, "client"),
        ({"result": {"transcription": {"transcript": "a"}}}, "server"),
        ({"audioChunk": {"content": ""}}, "client"),
        ({"error": {"code": 3, "message": "no"}}, "server"),
        ({"type": "nobody.knows"}, None),
        ({"some": "object"}, None),
        ({}, None),
    ],
)
def test_whose_an_event_is(event: dict[str, Any], side: str | None) -> None:
    assert sender_of(event) == side


def test_bare_messages_of_another_channel(command: Command, out: Path) -> None:
    messages = [
        {"contextId": "c", "create": {"voiceId": "Dennis", "modelId": "m"}},
        {"result": {"contextId": "c", "contextCreated": {"voiceId": "Dennis"}, "status": {"code": 0}}},
    ]
    Path("speech").write_text("".join(json.dumps(each) + "\n" for each in messages))
    ran = command("judge", "speech", "--out", out)
    assert ran.results["target"]["channel"] == "tts"
    assert ran.err == ""
