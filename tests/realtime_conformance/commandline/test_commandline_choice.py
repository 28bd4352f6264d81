"""Which dialect it is where nobody says: the address decides, else the traffic, else the user."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from protocol.catalogue import own_dialects
from realtime_conformance.application.dialect_choice import Heard, by_address, by_traffic
from realtime_conformance.application.targets import TargetError
from realtime_conformance.cli import run_command_line
from reference.behaviour import Behaviour
from reference.handshake import Admission, HangUp, Rejection, admit, doors
from tests.realtime_conformance.commandline.harness import in_background, reference_server

GA = {"type": "session.created", "session": {"type": "realtime", "audio": {}, "output_modalities": ["audio"]}}
FLAT = {"type": "session.created", "session": {"modalities": ["text"], "voice": "a", "turn_detection": None}}
ADDED, CREATED = {"type": "conversation.item.added"}, {"type": "conversation.item.created"}
DELTA, OLD_DELTA = {"type": "response.output_audio.delta"}, {"type": "response.audio.delta"}
AVATAR = {"type": "session.avatar.connecting"}
PROVIDER = {"type": "session.updated", "session": {**GA["session"], "providerData": {}}}  # type: ignore[dict-item]


def _heard(*events: object) -> Heard:
    heard = Heard()
    for each in events:
        heard.hear(each)
    return heard


@pytest.mark.parametrize(
    ("events", "dialect"),
    [
        ((GA, ADDED, DELTA), "openai"),
        ((GA,), "openai"),
        ((DELTA,), "openai"),
        ((PROVIDER, ADDED), "inworld"),
        ((FLAT, CREATED, OLD_DELTA), "beta"),
        ((FLAT, CREATED), "beta"),
        ((FLAT, CREATED, AVATAR), "azure-voice-live"),
        ((FLAT, ADDED), "xai"),
        ((FLAT, ADDED, DELTA), "xai"),
        ((GA, CREATED, DELTA), "openai"),  # FS-04: two of three families
        ((), "openai"),
        (({"type": 7}, "no event", {"type": "error"}), "openai"),
    ],
)
def test_the_families_of_events_tell_the_dialect(events: tuple[object, ...], dialect: str) -> None:
    found = by_traffic(_heard(*events))
    assert found.dialect == dialect
    assert found.note.startswith("judged by ")


@pytest.mark.parametrize(
    ("events", "options"),
    [((FLAT,), "beta or xai"), ((GA, OLD_DELTA), "beta or openai")],
)
def test_what_speaks_for_several_is_a_question(events: tuple[object, ...], options: str) -> None:
    with pytest.raises(
        TargetError, match=f"do not tell whether it speaks {options} .*name it with --dialect"
    ):
        by_traffic(_heard(*events))


def test_each_dialect_of_ours_is_known_by_an_address() -> None:
    for each in own_dialects():
        for sign in each.recognised_by:
            found = by_address(f"wss://{sign}" if not sign.startswith("/") else f"wss://host{sign}")
            assert found is not None
            assert found.dialect == each.name
    assert by_address("wss://host/talk") is None


def _anywhere(dialect: str) -> Behaviour:
    """A server that has a dialect at a path that tells nothing."""
    path = next(path for path, door in doors().items() if door.name == dialect)

    def door(
        target: str, headers: list[tuple[str, str]], credentials: frozenset[str] | None
    ) -> Admission | Rejection | HangUp:
        return admit(target.replace("/talk", path), headers, credentials)

    return Behaviour(admit=door)


@pytest.mark.parametrize("dialect", ["openai", "beta", "xai"])
def test_a_server_whose_path_tells_nothing_is_asked(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "a-key")
    with reference_server(_anywhere(dialect)) as address:
        url = address.replace("/v1/realtime", "/talk")
        given = ["-k", "session_created_comes_first", "--no-probe", "--auth", "bearer"]
        assert run_command_line(["run", "--endpoint", url, *given, "--out", str(tmp_path)]) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert f"({dialect}), judged by " in first
    assert "its events have" in first
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["target"]["dialect"] == dialect
    assert "its events have" in results["notes"][0]


def test_a_known_path_decides_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "a-key")
    with reference_server(dialect="beta") as address:
        given = ["-k", "session_created_comes_first", "--no-probe", "--out", str(tmp_path)]
        assert run_command_line(["run", "--endpoint", address, *given]) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.endswith("(beta), judged by OpenAI's beta: its address holds /v1/realtime/beta")
    assert "its address holds" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_recordings_that_do_not_say_theirs_are_judged_by_what_they_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talk.jsonl"

    def judged(*events: object) -> int:
        lines = [json.dumps({"dir": "server", "event": each}) for each in events]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return run_command_line(["judge", str(file), "--out", str(tmp_path / "out")])

    judged(FLAT, CREATED)
    assert capsys.readouterr().out.startswith("1 file judged by OpenAI's beta: its events have")
    assert judged(FLAT) == 4
    assert "name it with --dialect" in capsys.readouterr().err


# --- another protocol -------------------------------------------------------------------------------------


def test_the_address_of_another_protocol_is_named_and_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_command_line(["run", "--endpoint", "wss://api.example.com/v1/live/sessions?model=gpt-live-1"])
    assert code == 4
    told = capsys.readouterr().err
    assert "OpenAI Live is another protocol" in told
    assert "--dialect" in told


def test_a_recording_of_another_protocol_is_named_and_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [
        ("client", "session.start"),
        ("server", "session.started"),
        ("server", "session.output_audio.delta"),
    ]
    trace = tmp_path / "live.jsonl"
    trace.write_text("".join(json.dumps({"dir": d, "event": {"type": t}}) + "\n" for d, t in said))
    assert run_command_line(["judge", str(trace), "--out", str(tmp_path / "report")]) == 4
    assert "OpenAI Live is another protocol" in capsys.readouterr().err


def _greeting(frames: list[str]) -> contextlib.AbstractContextManager[str]:
    """A server that says `frames` when one connects, and nothing more."""

    async def greet(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
        await connection.wait_closed()

    @contextlib.asynccontextmanager
    async def serving() -> AsyncIterator[str]:
        async with serve(greet, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"

    return in_background(serving)


@pytest.mark.parametrize(
    ("frames", "sentence"),
    [
        (
            [json.dumps({"type": "session.started"})],
            "the server speaks OpenAI Live: OpenAI Live is another protocol",
        ),
        (
            [json.dumps({"type": "welcome"}), "pong"],
            "the server speaks another protocol: events of type welcome came",
        ),
        (
            ["hello"],
            "the server speaks another protocol: frames that are no events came, and none of this one",
        ),
    ],
)
def test_a_server_of_another_protocol_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], frames: list[str], sentence: str
) -> None:
    with _greeting(frames) as url:
        code = run_command_line(
            [
                *("run", "--endpoint", url, "--dialect", "openai", "--depth", "quick", "--no-probe"),
                *("--answer-timeout", "1", "--concurrency", "2", "--out", str(tmp_path / "report")),
            ]
        )
    assert sentence in " ".join(capsys.readouterr().out.split())
    assert code in (1, 5)
    assert sentence in " ".join((tmp_path / "report" / "summary.md").read_text(encoding="utf-8").split())
