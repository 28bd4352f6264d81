"""WebSocket messages in HAR files, as developer tools export them."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from wire.har import read_har
from wire.trace_files import TraceError

KEY = "c2VjcmV0LWlkOnNlY3JldC1oYWxm"


def _message(kind: str, data: Any, time: Any = None, opcode: int = 1) -> dict[str, Any]:
    text = data if isinstance(data, str) else json.dumps(data)
    return {"type": kind, "time": time, "opcode": opcode, "data": text}


def _exchange(*messages: dict[str, Any], status: int = 101, **request: Any) -> dict[str, Any]:
    return {
        "request": {"method": "GET", "url": "wss://host/v1/realtime?model=m", "headers": [], **request},
        "response": {"status": status},
        "_webSocketMessages": list(messages),
    }


def _har(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8")
    return path


def test_a_conversation_becomes_a_trace(tmp_path: Path) -> None:
    path = _har(
        tmp_path / "call.har",
        {"request": {"url": "https://host/page.js"}, "response": {"status": 200}},
        _exchange(
            _message("receive", {"type": "session.created"}, 1000.5),
            _message("send", {"type": "response.create"}, 1001.0),
            _message("receive", "no JSON", 1001.25),
            _message("receive", base64.b64encode(b"12345678").decode(), 1001.5, opcode=2),
        ),
    )
    [trace] = read_har(path, "call")
    assert trace.name == "call"
    assert trace.whole
    assert trace.header["target"] == "wss://host/v1/realtime?model=m"
    assert [(e.seq, e.t, e.dir, e.kind, e.type) for e in trace] == [
        (1, 0.0, "harness", "open", ""),
        (2, 0.0, "server", "text", "session.created"),
        (3, 0.5, "client", "text", "response.create"),
        (4, 0.75, "server", "text", ""),
        (5, 1.0, "server", "binary", ""),
    ]
    assert trace.entries[3].detail == {"raw": "no JSON"}
    assert trace.entries[4].detail == {"size": 8}


def test_several_sockets_are_several_traces(tmp_path: Path) -> None:
    exchange = _exchange(_message("receive", {"type": "session.created"}))
    traces = read_har(_har(tmp_path / "calls.har", exchange, exchange), "calls")
    assert [t.name for t in traces] == ["calls-1", "calls-2"]
    assert all(e.t is None for e in traces[0].entries[1:])  # nobody measured


def test_other_connections_of_the_page_are_left_out(tmp_path: Path) -> None:
    spoken = _exchange(_message("receive", {"type": "session.created"}), url="wss://gateway/ws")
    other = _exchange(_message("receive", {"type": "connected"}), url="wss://localhost/hot-reload")
    by_address = _exchange(_message("receive", {"type": "error"}))
    [first, second] = read_har(_har(tmp_path / "page.har", other, spoken, by_address), "page")
    assert [next(iter(e.type for e in t if e.event)) for t in (first, second)] == ["session.created", "error"]
    assert [t.name for t in read_har(_har(tmp_path / "other.har", other), "other")] == ["other"]


@pytest.mark.parametrize("opcode", [8, 9, 10])
def test_control_frames_are_no_entries(opcode: int, tmp_path: Path) -> None:
    exchange = _exchange(
        _message("receive", {"type": "session.created"}), _message("receive", "", 1.0, opcode)
    )
    [trace] = read_har(_har(tmp_path / "control.har", exchange), "control")
    assert [e.kind for e in trace] == ["open", "text"]


def test_a_call_that_was_joined_has_no_beginning(tmp_path: Path) -> None:
    exchange = _exchange(
        _message("receive", {"type": "response.created"}), url="wss://host/v1/realtime?call_id=rtc_1"
    )
    [trace] = read_har(_har(tmp_path / "joined.har", exchange), "joined")
    assert not trace.whole


@pytest.mark.parametrize(
    "request_",
    [
        {"headers": [{"name": "Authorization", "value": f"Bearer {KEY}"}]},
        {"headers": [{"name": "authorization", "value": f"Basic {KEY}"}]},
        {"headers": [{"name": "sec-websocket-protocol", "value": f"a,openai-insecure-api-key.{KEY}"}]},
        {"headers": [{"name": "Sec-WebSocket-Protocol", "value": f"basic_{KEY}"}]},
        {"headers": [{"name": "Cookie", "value": f"theme=dark; token={KEY}"}]},
        {"headers": [{"name": "X-Auth-Token", "value": KEY}]},
        {"cookies": [{"name": "session", "value": KEY}]},
        {"url": f"wss://host/v1/realtime?model=m&access_token={KEY}"},
        {"queryString": [{"name": "api_key", "value": KEY}]},
    ],
    ids=lambda request: json.dumps(request)[:60],
)
def test_secrets_of_the_request_are_replaced_wherever_they_appear(
    tmp_path: Path, request_: dict[str, Any]
) -> None:
    messages = (
        _message("receive", {"type": "error", "error": {"message": f"you sent {KEY}"}}),
        _message("receive", f"you sent {KEY}"),
    )
    [trace] = read_har(_har(tmp_path / "call.har", _exchange(*messages, **request_)), "call")
    assert KEY not in repr(trace)
    assert "[redacted]" in repr(trace.entries[1])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a HAR file"),
        ('{"log": {}}', "is not a HAR file"),
        ('{"log": {"entries": {}}}', "is not a HAR file"),
        ('{"log": {"entries": [null, 5, {"request": {}}]}}', "holds no WebSocket messages"),
    ],
    ids=["cut off", "deep", "list", "empty log", "no list", "no sockets"],
)
def test_what_is_no_har_file_says_so(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "broken.har"
    path.write_text(text)
    with pytest.raises(TraceError, match=problem) as caught:
        read_har(path, "broken")
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot be read"):
        read_har(tmp_path / "absent.har", "absent")


def test_bytes_that_are_no_text_say_so(tmp_path: Path) -> None:
    path = tmp_path / "binary.har"
    path.write_bytes(bytes(range(128, 256)))
    with pytest.raises(TraceError, match="is not JSON"):
        read_har(path, "binary")


@pytest.mark.parametrize(
    "messages",
    [
        [None, 5, "x"],
        [{"type": "receive"}],
        [{"type": "receive", "data": 5, "time": "then", "opcode": "1"}],
        [{"type": "gesture", "data": "{}"}],
        [{"type": "receive", "data": "\ud800", "time": True}],
    ],
)
def test_odd_messages_are_no_reason_to_stop(tmp_path: Path, messages: list[Any]) -> None:
    exchange = {**_exchange(), "_webSocketMessages": messages, "request": None, "response": 5}
    [trace] = read_har(_har(tmp_path / "odd.har", exchange), "odd")
    assert all(e.dir in ("client", "server") for e in trace)
