"""What is peculiar to a form."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire.captures.form_writers import har, read_capture, side_by_prefix, websockets_log
from wire.har import read_har
from wire.trace_files import TraceError

SAID = {"type": "client.said"}
DONE = {"type": "server.done"}
KEY = "a-key-of-somebody"


def _written(path: Path, *lines: Any) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


# --- lines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "side"),
    [
        ("sent", "client"),
        ("OUT", "client"),
        ("client->server", "client"),
        ("client", "client"),
        ("received", "server"),
        ("server_to_client", "server"),
        ("inbound", "server"),
    ],
)
def test_a_direction_has_many_words(tmp_path: Path, word: str, side: str) -> None:
    path = _written(tmp_path / "a", {"direction": word, "message": json.dumps(DONE)})
    assert read_capture(path).spoken == [(side, DONE)]


@pytest.mark.parametrize(
    ("at", "later"),
    [
        ("2026-11-29T20:55:40.500Z", "2026-11-29T20:55:42.000Z"),
        (1795985740.5, 1795985742.0),
        (1795985740500, 1795985742000),
        (3.5, 5.0),
    ],
)
def test_times_are_dates_or_numbers_of_any_unit(tmp_path: Path, at: Any, later: Any) -> None:
    lines = [{"direction": "in", "time": t, "data": DONE} for t in (at, later)]
    [entries] = read_capture(_written(tmp_path / "a", *lines)).entries
    assert [e.t for e in entries] == [0.0, 1.5]


def test_binary_frames_have_their_size_and_control_frames_are_no_entries(tmp_path: Path) -> None:
    data = base64.b64encode(b"12345678").decode()
    path = _written(
        tmp_path / "a",
        {"type": "send", "time": 1.0, "opcode": 2, "data": data},
        {"type": "receive", "time": 1.5, "opcode": 9, "data": ""},
        {"type": "receive", "time": 2.0, "opcode": 1, "data": "no JSON"},
    )
    [entries] = read_capture(path).entries
    assert [(e.dir, e.kind, e.detail) for e in entries] == [
        ("client", "binary", {"size": 8}),
        ("server", "text", {"raw": "no JSON"}),
    ]


def test_bare_events_of_nobody_are_left_out_and_counted(tmp_path: Path) -> None:
    path = _written(tmp_path / "a", SAID, {"type": "who.knows"}, DONE, {"type": "who.else"}, {"a": 1})
    read = read_capture(path)
    assert read.spoken == [("client", SAID), ("server", DONE)]
    assert read.notes[0] == (
        "3 of its events are left out, the first in line 2: "
        "nothing says who sent who.knows, who.else, no type; "
        'write {"dir": …, "event": …}'
    )


def test_bare_events_of_the_server_alone_are_told_of(tmp_path: Path) -> None:
    assert "holds nothing that the client sent" in read_capture(_written(tmp_path / "a", DONE)).notes


def test_entries_are_lines_of_the_file_where_it_has_lines(tmp_path: Path) -> None:
    path = _written(tmp_path / "a", {"direction": "in", "data": DONE}, "", {"direction": "out", "data": SAID})
    read = read_capture(path)
    assert ([e.seq for e in read.entries[0]], read.lines_before) == ([1, 3], [0])
    path.write_text(json.dumps([{"direction": "in", "data": DONE}]))
    assert read_capture(path).lines_before == [-1]


@pytest.mark.parametrize(
    ("field", "line", "problem"),
    [
        (
            "call",
            {"dir": "server", "event": DONE},
            "line 2: has no call, by which sessions are to be told apart",
        ),
        ("call", {"dir": "server", "event": DONE, "call": {}}, "line 2: has no call"),
    ],
)
def test_a_line_without_the_field_is_named(tmp_path: Path, field: str, line: Any, problem: str) -> None:
    path = _written(tmp_path / "a", {"dir": "client", "event": SAID, "call": 1}, line)
    with pytest.raises(TraceError, match=problem):
        read_capture(path, field)


def test_sessions_with_odd_keys_are_numbered(tmp_path: Path) -> None:
    lines = [{"dir": "client", "event": SAID, "call": key} for key in ("a b", "../c")]
    assert read_capture(_written(tmp_path / "calls", *lines), "call").names == ["calls-1", "calls-2"]


def test_more_sessions_than_files_can_be_open_at_once(tmp_path: Path) -> None:
    lines = [{"dir": "client", "event": SAID, "call": n % 100} for n in range(300)]
    read = read_capture(_written(tmp_path / "calls", *lines), "call")
    assert [len(entries) for entries in read.entries] == [3] * 100
    assert all(read.complete)


def test_there_is_a_bound_to_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.captures.conversion.MOST_SESSIONS", 2)
    lines = [{"dir": "client", "event": SAID, "call": n} for n in range(3)]
    with pytest.raises(TraceError, match="holds more than 2 sessions"):
        read_capture(_written(tmp_path / "calls", *lines), "call")


def test_forms_that_know_their_sessions_take_no_field(tmp_path: Path) -> None:
    path = tmp_path / "call.har"
    path.write_text(har([("client", SAID)]))
    with pytest.raises(TraceError, match="in which no field tells sessions apart; leave --group-by out"):
        read_capture(path, "call")


# --- Chrome -----------------------------------------------------------------------------------------------


def _event(kind: str, id_: str = "1", **parameters: Any) -> dict[str, Any]:
    return {"method": f"Network.webSocket{kind}", "params": {"requestId": id_, **parameters}}


def _frame(kind: str, data: Any, id_: str = "1", opcode: int = 1) -> dict[str, Any]:
    text = data if isinstance(data, str) else json.dumps(data)
    return _event(f"Frame{kind}", id_, timestamp=5.0, response={"opcode": opcode, "payloadData": text})


def test_sockets_of_chrome_are_sessions_and_those_of_others_are_left_out(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "page",
        {"method": "Page.loadEventFired", "params": {}},
        _event("Created", "1", url="wss://host/ours"),
        _event("Created", "2", url="wss://host/reload"),
        _frame("Received", {"type": "hot-reload"}, "2"),
        _frame("Received", DONE),
        _event("Created", "3", url=f"wss://host/v1/realtime?api_key={KEY}"),
        _frame("Received", "hello", "3"),
    )
    read = read_capture(path)
    assert [[e.event for e in entries] for entries in read.entries] == [[DONE], [None]]
    assert [h.get("target") for h in read.headers] == [
        "wss://host/ours",
        "wss://host/v1/realtime?api_key=[redacted]",
    ]


def test_a_refusal_and_a_binary_frame_of_chrome(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "page",
        _event("HandshakeResponseReceived", timestamp=1.0, response={"status": 401}),
        _frame("Sent", base64.b64encode(b"123").decode(), opcode=2),
        _frame("Sent", "", opcode=8),
    )
    [entries] = read_capture(path).entries
    assert [(e.kind, e.detail) for e in entries] == [("refusal", {"status": 401}), ("binary", {"size": 3})]


@pytest.mark.parametrize("as_text", [True, False])
def test_events_of_chrome_in_messages_of_a_driver(tmp_path: Path, *, as_text: bool) -> None:
    message: Any = {"message": _frame("Received", DONE), "webview": "A"}
    line = {"level": "INFO", "message": json.dumps(message) if as_text else message, "timestamp": 5}
    assert read_capture(_written(tmp_path / "performance", line)).spoken == [("server", DONE)]


@pytest.mark.parametrize(
    "handshake",
    [
        {"request": {"headers": {"Authorization": f"Bearer {KEY}"}}},
        {"request": {"headers": {"Sec-WebSocket-Protocol": f"realtime, openai-insecure-api-key.{KEY}"}}},
        {"request": {"headers": {"Cookie": f"session={KEY}"}}},
    ],
)
def test_secrets_of_chromes_handshake_are_replaced(tmp_path: Path, handshake: dict[str, Any]) -> None:
    path = _written(
        tmp_path / "page",
        _frame("Received", {**DONE, "said": KEY}),
        _event("WillSendHandshakeRequest", **handshake),
        _frame("Received", f"you said {KEY}"),
    )
    assert KEY not in repr(read_capture(path))


def test_chrome_without_sockets(tmp_path: Path) -> None:
    path = _written(tmp_path / "page", {"method": "Page.loadEventFired", "params": {}})
    with pytest.raises(TraceError, match="holds no frames of a WebSocket; record with the domain Network"):
        read_capture(path)


# --- HAR files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [1.0, 1e3, 1e6, 1e9])
def test_a_har_file_counts_in_any_unit(tmp_path: Path, unit: float) -> None:
    path = tmp_path / "a.har"
    path.write_text(har([("client", SAID), ("server", DONE)], unit))
    [entries] = read_capture(path).entries
    assert [round(e.t, 3) for e in entries if e.t is not None] == [0.0, 0.0, 0.25]


def test_events_of_any_channel_tell_the_sockets_of_a_page_apart(tmp_path: Path) -> None:
    ours = json.loads(har([("server", DONE)], request={"url": "wss://host/tts"}))
    theirs = json.loads(har([("server", {"type": "reload"})], request={"url": "wss://host/reload"}))
    ours["log"]["entries"] += theirs["log"]["entries"]
    path = tmp_path / "page.har"
    path.write_text(json.dumps(ours))
    assert read_capture(path).spoken == [("server", DONE)]
    assert len(read_har(path, "page", knows=side_by_prefix)) == 1


# --- wscat ------------------------------------------------------------------------------------------------


def test_connections_of_wscat_follow_each_other(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "a",
        "Connected (press CTRL+C to quit)",
        '> {"type": "client.said"}',
        'Disconnected (code: 1011, reason: "going")',
        "Connected (press CTRL+C to quit)",
        "< {",
        '  "type": "server.done"',
        "}",
        '< Received ping (data: "")',
    )
    read = read_capture(path)
    assert [[(e.seq, e.dir, e.kind) for e in entries] for entries in read.entries] == [
        [(1, "harness", "open"), (2, "client", "text"), (3, "server", "close")],
        [(4, "harness", "open"), (5, "server", "text")],
    ]
    assert read.entries[0][-1].detail == {"code": 1011, "reason": "going"}
    assert read.entries[1][-1].event == DONE


def test_signs_of_wscat_without_its_first_line(tmp_path: Path) -> None:
    path = _written(tmp_path / "a", '> {"type": "client.said"}', '< {"type": "server.done"}')
    assert read_capture(path).spoken == [("client", SAID), ("server", DONE)]


def test_a_transcript_is_not_taken_for_wscat(tmp_path: Path) -> None:
    path = _written(tmp_path / "a", "dialect: openai", '> {"type": "response.create"}', "… 5 s for error")
    assert [e.kind for e in read_capture(path).entries[0]][-1] == "deadline"


# --- websockets -------------------------------------------------------------------------------------------


def test_connections_of_a_log_follow_each_other(tmp_path: Path) -> None:
    one = websockets_log([("client", SAID)]) + "DEBUG:websockets.client:= connection is CLOSED\n"
    path = tmp_path / "a.log"
    path.write_text("INFO:app:begins\n" + one + one)
    assert [[e.kind for e in entries] for entries in read_capture(path).entries] == [["open", "text"]] * 2


def test_connections_at_once_cannot_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(websockets_log([("client", SAID)]) * 2)
    with pytest.raises(TraceError, match="line 4: another connection begins before the last one ended"):
        read_capture(path)


def test_frames_in_parts_and_a_refusal(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "a.log",
        "DEBUG:websockets.client:= connection is CONNECTING",
        "DEBUG:websockets.client:> GET /v1/realtime HTTP/1.1",
        "DEBUG:websockets.client:< HTTP/1.1 403 Forbidden",
        "DEBUG:websockets.client:= connection is CLOSED",
        "DEBUG:websockets.client:= connection is CONNECTING",
        "DEBUG:websockets.client:= connection is OPEN",
        """DEBUG:websockets.client:< TEXT '{"type":' [8 bytes, continued]""",
        "DEBUG:websockets.client:< PING '' [0 bytes]",
        """DEBUG:websockets.client:< CONT '"server.done"}' [text, 14 bytes]""",
        "DEBUG:websockets.client:< BINARY 00 01 [2 bytes, continued]",
        "DEBUG:websockets.client:< CONT 02 [binary, 1 byte]",
        "DEBUG:websockets.client:< CLOSE 1011 (internal error) went away [11 bytes]",
        "DEBUG:websockets.client:> CLOSE 1011 (internal error) went away [11 bytes]",
    )
    refused, spoken = read_capture(path).entries
    assert [(e.kind, e.detail) for e in refused] == [("refusal", {"status": 403})]
    assert [(e.kind, e.dir, e.event or e.detail) for e in spoken[1:]] == [
        ("text", "server", DONE),
        ("binary", "server", {"size": 3}),
        ("close", "server", {"code": 1011, "reason": "went away"}),
    ]


def test_text_that_stands_between_quotes_as_it_is(tmp_path: Path) -> None:
    event = {"type": "server.done", "arguments": '{"a": 1}'}
    path = _written(tmp_path / "a.log", f"DEBUG:websockets.client:< TEXT '{json.dumps(event)}'")
    assert read_capture(path).spoken == [("server", event)]


def test_secrets_of_a_logged_handshake_are_replaced(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "a.log",
        "DEBUG:websockets.client:> GET /v1/realtime?token=token-of-somebody HTTP/1.1",
        f"DEBUG:websockets.client:> Authorization: Bearer {KEY}",
        f"DEBUG:websockets.client:< TEXT '{KEY} token-of-somebody'",
    )
    assert "somebody" not in repr(read_capture(path))
