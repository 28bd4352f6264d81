"""A server that breaks the framing of RFC 6455 is never taken for a mistake of the suite."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from reference.altered_behaviour import differing
from reference.broken_frames import WAYS_TO_BREAK
from reference.faults import FAULTS
from tests.realtime_conformance.commandline.harness import SHORT, Command, hostile_server, reference_server
from tests.wire import hostile
from tests.wire.hostile import CREATED, TEXT, framed
from wire.trace_files import TraceFile

_GREETING = framed(TEXT, json.dumps(CREATED).encode())
_BROKEN = {
    "text that is not UTF-8": framed(TEXT, b'{"type": "\xff"}'),
    "a reserved bit": bytes((0xC1, 1)) + b"a",
    "a masked frame": bytes((0x81, 0x84)) + bytes(4) + b"text",
    "a length with its highest bit": bytes((0x81, 127)) + struct.pack("!Q", 2**63 + 5),
    "a long control frame": bytes((0x89, 126)) + struct.pack("!H", 200) + bytes(200),
}


@pytest.mark.parametrize("first", [b"", _GREETING], ids=["at once", "after session.created"])
@pytest.mark.parametrize("frames", _BROKEN.values(), ids=_BROKEN.keys())
def test_broken_framing_is_the_servers_fault(
    command: Command, out: Path, frames: bytes, first: bytes
) -> None:
    with hostile_server(hostile.says(first, frames) if first else hostile.says(frames)) as url:
        ran = command(
            "run",
            "--endpoint",
            url,
            "--dialect",
            "openai",
            "--auth",
            "none",
            "--no-probe",
            *SHORT,
            "-k",
            "session_update",
            "--out",
            out,
        )
    assert ran.code != 3
    outcomes = {s["outcome"] for s in ran.results["scenarios"]}
    assert "harness-error" not in outcomes
    assert "passed" not in outcomes
    closes = [
        e.detail for path in (out / "traces").glob("*.jsonl") for e in TraceFile(path) if e.kind == "close"
    ]
    assert closes
    assert all(detail and detail["protocol_error"] and detail["by"] == "server" for detail in closes)


@pytest.mark.parametrize("way", WAYS_TO_BREAK)
def test_broken_framing_is_one_finding(command: Command, out: Path, way: str) -> None:
    behaviour = differing([FAULTS[way]])
    endpoint = ("--dialect", "openai", "--auth-env", "SOME_KEY", "--no-probe", "--silence", 1)
    with (
        pytest.MonkeyPatch.context() as patch,
        reference_server(behaviour) as url,
    ):
        patch.setenv("SOME_KEY", "a-key-of-ours")
        ran = command("run", "--endpoint", url, *endpoint, "-k", "response_create", "--out", out)
    assert ran.code == 1
    assert ran.verdicts("fail") == ["transport/rfc6455"]
    assert ran.verdicts("warn") == []
    assert ran.verdicts("harness-error") == []


def test_an_extension_that_nobody_offered(command: Command, out: Path) -> None:
    server = hostile.accepts_with("Sec-WebSocket-Extensions: permessage-deflate")
    with hostile_server(server) as url:
        ran = command(
            "run", "--endpoint", url, "--dialect", "openai", "--auth", "none", "-k", "bootstrap", "--out", out
        )
    assert ran.code == 6, "there is no session"
    assert "the handshake selects what was not offered: no extensions supported" in ran.said
