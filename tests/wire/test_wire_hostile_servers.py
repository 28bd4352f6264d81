"""Whatever a server does, a session on it ends by its deadlines and leaves a trace that can be read."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest

import wire.incoming
from tests.wire import hostile
from tests.wire.hostile import BINARY, CLOSE, CREATED, PING, TEXT, Behaviour, framed
from tests.wire.recorded_calls import HASTY, KEY, PATIENT, SHORT, Call, call, greeting
from wire.endpoint import Timeouts
from wire.failures import Ended, Flooded, Refused, Stalled, Unreachable
from wire.session import Session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "traces" / "call.jsonl"


def _whole(made: Call) -> Call:
    """Check what is true of every trace: it has its footer, and its entries are numbered without a gap."""
    assert made.complete
    assert [entry.seq for entry in made.entries] == list(range(1, len(made.entries) + 1))
    times = [entry.t for entry in made.entries if entry.t is not None]
    assert times == sorted(times)
    return made


# --- at the handshake -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500, 503])
def test_a_refusal_names_its_status_and_never_the_credential(path: Path, status: int) -> None:
    made = _whole(call(path, hostile.refuses(status)))
    assert isinstance(made.failure, Refused)
    assert made.failure.status == status
    assert f"HTTP {status}" in made.failure.reason
    assert made.kinds() == [("server", "refusal")]
    assert made.detail("refusal")["status"] == status
    for secret in (KEY, "secret-half"):
        assert secret not in made.failure.reason
        assert secret not in made.written


def test_a_secret_on_the_edge_of_what_is_kept_of_a_body_is_masked_whole(path: Path) -> None:
    async def refuses_at_length(peer: hostile.Peer) -> None:
        await peer.answer(401, "x" * 1990 + KEY)

    made = call(path, refuses_at_length)
    assert KEY[:8] not in made.written
    assert len(made.detail("refusal")["body"]) <= 2000


@pytest.mark.parametrize(
    ("behaviour", "timeouts", "why"),
    [
        (hostile.says_nothing_at_all, HASTY, "no answer to the handshake within 0.3 s"),
        (hostile.answers_byte_by_byte, HASTY, "no answer to the handshake within 0.3 s"),
        (hostile.never_ends_its_headers, PATIENT, "not a WebSocket endpoint"),
        (hostile.hangs_up_at_once, PATIENT, "not a WebSocket endpoint"),
        (hostile.is_no_web_server, PATIENT, "not a WebSocket endpoint"),
        (hostile.shakes_the_wrong_hand, PATIENT, "not a WebSocket endpoint"),
    ],
)
def test_what_is_no_websocket_server_is_unreachable(
    path: Path, behaviour: Behaviour, timeouts: Timeouts, why: str
) -> None:
    made = _whole(call(path, behaviour, timeouts=timeouts))
    assert isinstance(made.failure, Unreachable)
    assert why in made.failure.reason
    assert made.detail("refusal")["problem"] == made.failure.reason


def test_a_redirect_is_not_followed_for_the_credential_is_not_meant_for_strangers(path: Path) -> None:
    made = call(path, hostile.redirects)
    assert isinstance(made.failure, Refused)
    assert made.failure.status == 302


def test_a_subprotocol_that_nobody_offered_is_no_handshake(path: Path) -> None:
    async def behaviour(peer: hostile.Peer) -> None:
        await peer.accept(f"Sec-WebSocket-Protocol: {KEY}")
        await peer.wait()

    made = _whole(call(path, behaviour))
    assert isinstance(made.failure, Unreachable)
    assert KEY not in made.written + made.failure.reason


# --- on an open connection --------------------------------------------------------------------------------


def test_silence_is_a_deadline(path: Path) -> None:
    made = _whole(call(path, hostile.accepts_and_says_nothing, timeouts=SHORT))
    assert isinstance(made.failure, Stalled)
    assert made.failure.silent
    assert made.kinds() == [("harness", "open"), ("harness", "deadline"), ("client", "close")]
    assert made.detail("deadline")["awaited"] == "session.created"
    assert made.detail("deadline")["silent"] is True


def _texts(*lines: str) -> list[bytes]:
    return [framed(TEXT, line.encode("utf-8", "surrogatepass")) for line in lines]


_GARBAGE = {
    "binary frames": [framed(BINARY, b"\x00\x01" * 500)],
    "no JSON": _texts("hello", "{", '{"type": "session.created"', "{'type': 'x'}", "NaN", ""),
    "JSON that is no object": _texts("[]", "5", "null", '"session.created"', "true"),
    "objects without a type": _texts("{}", '{"type": 5}', '{"type": null}', '{"type": ["session.created"]}'),
    "deep objects": _texts(*('{"a":' * n + "1" + "}" * n for n in (90, 300, 980, 1100, 100_000))),
    "deep arrays": _texts("[" * 100_000 + "]" * 100_000),
    "numbers without an end": _texts('{"n": 1e999}', *('{"n": ' + "1" * n + "}" for n in (30, 10_000))),
    "numbers beyond doubles and words": _texts(
        '{"type": "x", "n": [1e999, -1e999, 1e400, ' + "1" * 400 + ", -" + "9" * 5_000 + "]}",
        '{"type": "\\ud800", "n": [1e999, 18446744073709551616, 123456789012345678901234567890]}',
    ),
    "lone surrogates": _texts('{"type": "\\ud800", "\\udfff": 1}'),
    "control characters": _texts('{"type": "\\u0000\\u001b[2J\\u202e"}', "\x1b]0;title\x07"),
    "empty frames": [framed(TEXT), framed(BINARY)],
}


@pytest.mark.parametrize("frames", _GARBAGE.values(), ids=_GARBAGE.keys())
def test_garbage_is_written_down_and_does_not_hide_the_event_behind_it(
    path: Path, frames: list[bytes]
) -> None:
    behaviour = hostile.says(framed(PING), *frames, framed(TEXT, json.dumps(CREATED).encode()))
    made = _whole(call(path, behaviour))
    assert made.failure is None
    assert made.result.event == CREATED
    heard = [entry for entry in made.entries if entry.dir == "server"]
    assert len(heard) == len(frames) + 1
    for word in ("Infinity", "NaN"):
        assert word not in made.written.replace('"raw":"NaN"', ""), "no JSON, for whoever reads the trace"
    assert heard[-1].event == CREATED


def test_garbage_alone_is_waited_through(path: Path) -> None:
    made = _whole(call(path, hostile.text("{", "[]", "{}"), timeouts=SHORT))
    assert isinstance(made.failure, Stalled)


_BROKEN = {
    "text that is not UTF-8": (framed(TEXT, b'{"type": "\xff\xfe"}'), 1007, "not UTF-8"),
    "an opcode that does not exist": (framed(5, b"?"), 1002, "invalid opcode"),
    "a masked frame": (bytes((0x81, 0x84)) + bytes(4) + b"text", 1002, "incorrect masking"),
    "a fragment cut in its middle": (bytes((0x01, 1)) + b"a" + framed(TEXT, b"b"), 1002, "continuation"),
    "a continuation of nothing": (framed(0, b"a"), 1002, "unexpected continuation"),
    "a reserved bit": (bytes((0xC1, 1)) + b"a", 1002, "reserved bits"),
    "a long control frame": (bytes((0x89, 126)) + struct.pack("!H", 200) + bytes(200), 1002, "too long"),
    "a control frame in fragments": (bytes((0x09, 0)), 1002, "fragmented control frame"),
    "a length with its highest bit": (bytes((0x81, 127)) + struct.pack("!Q", 2**63 + 5), 1009, "announces"),
    "a length that is too short": (bytes((0x81, 3)) + b"a text", 1002, ""),
    "a close of one byte": (framed(CLOSE, b"a"), 1002, "too short"),
    "a close with no code of anybody": (framed(CLOSE, struct.pack("!H", 999)), 1002, "status code"),
    "a close whose reason is not UTF-8": (
        framed(CLOSE, struct.pack("!H", 1000) + b"\xff"),
        1007,
        "not UTF-8",
    ),
}


@pytest.mark.parametrize(("frames", "code", "what"), _BROKEN.values(), ids=_BROKEN.keys())
def test_broken_framing_ends_the_connection_and_the_trace_says_how(
    path: Path, frames: bytes, code: int, what: str
) -> None:
    made = _whole(call(path, hostile.says(frames)))
    assert isinstance(made.failure, Ended)
    assert "the server broke the WebSocket protocol (RFC 6455)" in made.failure.reason
    assert made.kinds()[-1] == ("client", "close")
    closed = made.detail("close")
    assert closed["code"] == code
    assert closed["by"] == "server"
    assert closed["protocol_error"]
    assert what in closed["protocol_error"]


def test_a_frame_that_is_only_too_large_for_us_breaks_no_framing(path: Path) -> None:
    made = _whole(call(path, hostile.says(framed(TEXT, b'"' + b"a" * 20_000_000 + b'"'))))
    assert isinstance(made.failure, Ended)
    assert made.kinds()[-1] == ("client", "close")
    assert made.detail("close")["code"] == 1009
    assert "protocol_error" not in made.detail("close")


def test_a_frame_that_is_shorter_than_it_says_is_waited_for_in_vain(path: Path) -> None:
    made = _whole(call(path, hostile.says(bytes((0x81, 100)) + b"short"), timeouts=SHORT))
    assert isinstance(made.failure, Stalled)
    assert made.detail("close")["unfinished_bytes"] == 5


def test_a_flood_is_cut_off(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.incoming, "MAX_FRAMES", 500)
    made = _whole(call(path, hostile.floods))
    assert isinstance(made.failure, Flooded)
    assert made.detail("limit")["frames"] == 501  # the last of them was not read any more
    assert len(made.entries) < 510


def test_a_flood_of_bytes_is_cut_off(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.incoming, "MAX_BYTES", 100_000)
    frame = framed(BINARY, bytes(30_000))
    made = _whole(call(path, hostile.says(*[frame] * 20)))
    assert isinstance(made.failure, Flooded)
    assert made.detail("limit")["bytes"] == 120_000


def test_a_few_megabytes_that_would_become_gigabytes_are_not_read(path: Path) -> None:
    bomb = b'{"type":"x","n":[' + b"[]," * 1_000_000 + b"[]]}"
    made = _whole(call(path, hostile.says(framed(TEXT, bomb))))
    assert isinstance(made.failure, Flooded)
    assert made.detail("limit")["bytes"] > 100_000_000
    assert len(made.written) < 2_000


def test_a_flood_that_brings_what_was_awaited_is_no_failure(path: Path) -> None:
    lines = ['{"type":"flood"}'] * 200
    made = _whole(call(path, hostile.text(*lines, json.dumps(CREATED), *lines)))
    assert made.failure is None


def test_pings_without_end_are_no_answer(path: Path) -> None:
    made = _whole(call(path, hostile.pings_without_end, timeouts=SHORT))
    assert isinstance(made.failure, Stalled)


# --- endings ----------------------------------------------------------------------------------------------


def test_a_close_by_the_server_is_noticed(path: Path) -> None:
    made = _whole(call(path, hostile.closes_at_once))
    assert isinstance(made.failure, Ended)
    assert made.kinds()[-1] == ("server", "close")
    assert made.detail("close")["code"] == 1000


def test_a_close_in_the_middle_of_a_response_is_noticed(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        await session.wait_for("response.done", streaming=True)

    made = _whole(call(path, hostile.breaks_off_with_1011, act))
    assert isinstance(made.failure, Ended)
    assert made.detail("close") == {"code": 1011, "reason": "internal error"}
    assert "1011" in made.failure.reason


def test_a_dropped_line_is_a_close_by_the_server(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        await session.wait_for("session.updated")

    made = _whole(call(path, hostile.drops_the_line, act))
    assert isinstance(made.failure, Ended)
    assert made.kinds()[-1] == ("server", "close")
    assert made.detail("close")["code"] == 1006


def test_a_close_reason_that_repeats_the_credential_is_masked(path: Path) -> None:
    async def behaviour(peer: hostile.Peer) -> None:
        await peer.accept()
        await peer.close(4001, f"bad key {KEY}")
        await peer.wait()

    made = _whole(call(path, behaviour))
    assert isinstance(made.failure, Ended)
    assert KEY not in made.written + made.failure.reason
    assert made.detail("close")["reason"] == "bad key [redacted]"


def test_a_server_that_never_answers_the_close_is_left(path: Path) -> None:
    made = _whole(call(path, hostile.says_that_it_is_there))
    assert made.failure is None
    assert made.kinds()[-1] == ("client", "close")


def test_a_server_that_stops_reading_is_left(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        for _ in range(40):
            await session.send("input_audio_buffer.append", audio="A" * 1_000_000)

    made = _whole(call(path, hostile.stops_reading, act, timeouts=replace(PATIENT, response=0.5)))
    assert isinstance(made.failure, Ended)
    assert "stopped reading" in made.failure.reason


def test_sending_to_a_server_that_has_left_says_how_it_left(path: Path) -> None:
    async def act(session: Session) -> None:
        await session.wait_closed()
        await session.send("session.update", session={})

    made = _whole(call(path, hostile.closes_at_once, act))
    assert isinstance(made.failure, Ended)
    assert "close code 1000" in made.failure.reason


def test_nobody_listens(path: Path, refusing: str) -> None:
    made = call(path, hostile.says_that_it_is_there, url=refusing)
    assert isinstance(made.failure, Unreachable)
    assert "connection refused" in made.failure.reason
