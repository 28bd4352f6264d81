"""What the programs themselves wrote down is read: samples were recorded with what they are called after."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from protocol.event_types import Event
from tests.wire.captures.form_writers import SAMPLES
from wire.captures.capture import Capture
from wire.captures.conversion import traces_of
from wire.trace import Direction, Entry
from wire.trace_files import TraceError, TraceFile

_OF_CLIENT = ("session.update", "conversation.item.create", "response.create", "input_audio_buffer.append")


def _side_of(event: Event) -> Direction | None:
    return "client" if event.get("type") in _OF_CLIENT else "server" if "type" in event else None


def _read(name: str, folder: Path) -> tuple[list[Entry], TraceFile, Capture]:
    capture = Capture(SAMPLES / name, name, _side_of)
    [found] = traces_of(capture, "sample", lambda: folder, plain=True)
    trace = TraceFile(found.path, found.name)
    return list(trace), trace, capture


@pytest.mark.parametrize(
    ("name", "sent", "timed"),
    [
        ("playwright.har", ["session.update", "conversation.item.create", "response.create"], True),
        ("devtools.har", ["session.update", "conversation.item.create", "response.create"], True),
        ("mitmproxy.har", ["session.update", "conversation.item.create", "response.create"], True),
        ("devtools-events.json", ["session.update", "conversation.item.create", "response.create"], True),
        ("websockets.log", ["session.update", "conversation.item.create", "response.create"], True),
        ("wscat-terminal.log", ["session.update", "conversation.item.create", "response.create"], False),
    ],
)
def test_a_sample_is_a_conversation(tmp_path: Path, name: str, sent: list[str], *, timed: bool) -> None:
    entries, trace, capture = _read(name, tmp_path)
    assert entries[0].kind == "open"
    said = [e.type for e in entries if e.dir == "client" and e.kind == "text"]
    assert said[: len(sent)] == sent
    heard = [e.type for e in entries if e.dir == "server" and e.kind == "text"]
    assert heard[:2] == ["session.created", "session.updated"]
    assert all(e.event is not None for e in entries if e.kind == "text")
    assert trace.complete
    times = [e.t for e in entries if e.t is not None]
    if timed:
        assert times == sorted(times)
        assert 0 < times[-1] < 5  # seconds, whatever the program counts
        assert capture.notes == []
    else:
        assert times == []
        assert capture.notes == ["has no times: what is about time is not observed"]


@pytest.mark.parametrize("name", [path.name for path in sorted(SAMPLES.iterdir())])
def test_no_secret_of_a_handshake_is_in_what_was_read(tmp_path: Path, name: str) -> None:
    with contextlib.suppress(TraceError):  # cropped
        _read(name, tmp_path)
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    for secret in ("a-key-of-somebody", "a-token-of-somebody", "test-key"):
        assert secret not in written


def test_how_a_connection_ended_is_in_the_log_of_websockets(tmp_path: Path) -> None:
    entries, _, _ = _read("websockets.log", tmp_path)
    [ended] = [e for e in entries if e.kind == "close"]
    assert (ended.dir, ended.detail) == ("client", {"code": 1000, "reason": ""})
    [binary] = [e for e in entries if e.kind == "binary"]
    assert (binary.dir, binary.detail) == ("client", {"size": 9})


def test_cropped_frames_are_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="WEBSOCKETS_MAX_LOG_SIZE") as caught:
        _read("websockets-cropped.log", tmp_path)
    assert "75 characters" in caught.value.problem
    assert caught.value.line
    assert "< TEXT" in (SAMPLES / "websockets-cropped.log").read_text().split("\n")[caught.value.line - 1]


def test_what_wscat_writes_into_a_file_is_the_servers(tmp_path: Path) -> None:
    """Where something was typed, what comes next has the sign of what is typed, and is the server's."""
    assert "\n> {" in (SAMPLES / "wscat-piped.log").read_text()
    entries, _, capture = _read("wscat-piped.log", tmp_path)
    assert {e.dir for e in entries} == {"server"}
    assert [e.type for e in entries][:3] == ["session.created", "session.updated", "conversation.item.added"]
    assert any("wscat shows what the client sends to terminals alone" in note for note in capture.notes)
