"""What a proxy alters of what a server sends: faults, variants, and what is left out, late, or the end."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from packs.catalogue import channels
from proxy.rewriting import Ending, Sending
from proxy.sessions import Spoken
from realtime_conformance.application.actions.serve import catalogue_of
from realtime_conformance.application.proxy_altering import AlteredTraffic, rewriting
from reference.channels.messages import enveloped, opened_envelope
from reference.client.conversation import converse
from reference.faults import FAULTS
from reference.faults.services import SERVICE_FAULTS
from reference.server import ReferenceServer, ServerOptions
from reference.variants import VARIANTS
from rules.requirements import registry
from tests.proxy.relayed import Standing, bounded, standing
from wire.frames import parse
from wire.trace_files import TraceFile

_QUERY = "?model=gpt-realtime"
_KILLED = {name: entry.id for entry in registry() for name in entry.killers}


def _conversed(folder: Path, traffic: AlteredTraffic) -> list[dict[str, Any]]:
    """Hold the reference client's conversation through a proxy that alters; return what it heard."""
    heard: list[dict[str, Any]] = []

    async def act() -> None:
        async with ReferenceServer(ServerOptions()) as server:
            url = server.url("openai")
            async with standing(folder, url, traffic.rewriter) as proxy:
                with contextlib.suppress(ConnectionClosed):
                    heard.extend(await converse(f"ws://127.0.0.1:{proxy.port}/v1/realtime{_QUERY}"))
                await proxy.over()

    bounded(act())
    return heard


def _violated(folder: Path) -> set[str]:
    """Return what the server violates, as the trace shows it: what the client was sent."""
    (path,) = folder.glob("*.jsonl")
    counted = channels()["realtime"].judge("openai").judge(TraceFile(path))
    musts = {e.id for e in registry().judged("openai") if e.level["openai"] != "MAY"}
    return {id_ for id_, tally in counted.items() if tally.violations and id_ in musts}


# --- faults and variants ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "event-id-left-out",
        "event-id-empty",
        "event-id-constant",
        "client-event-id-sent-back",
    ],
)
def test_a_fault_makes_an_obedient_server_disobey(tmp_path: Path, name: str) -> None:
    _conversed(tmp_path, AlteredTraffic((FAULTS[name],)))
    assert _KILLED[name] in _violated(tmp_path)


@pytest.mark.parametrize("name", sorted(rewriting(VARIANTS))[::12])
def test_a_variant_is_none_the_worse(tmp_path: Path, name: str) -> None:
    _conversed(tmp_path, AlteredTraffic((VARIANTS[name],)))
    assert _violated(tmp_path) == set()


def test_without_an_alteration_bytes_pass() -> None:
    assert AlteredTraffic().rewriter(Spoken("openai"), 1) is None


def test_most_faults_and_variants_only_rewrite() -> None:
    faults, variants = catalogue_of("fault"), catalogue_of("variant")
    assert len(rewriting(FAULTS)) > 350
    assert len(rewriting(variants)) > 70
    assert not [name for name, each in rewriting(faults).items() if each.door is not None]


# --- by type ----------------------------------------------------------------------------------------------


def test_what_is_dropped_reaches_neither_client_nor_trace(tmp_path: Path) -> None:
    heard = _conversed(tmp_path, AlteredTraffic(drop=frozenset({"rate_limits.updated"})))
    (path,) = tmp_path.glob("*.jsonl")
    assert "response.done" in {each["type"] for each in heard}
    assert "rate_limits.updated" not in {each["type"] for each in heard}
    assert "rate_limits.updated" not in path.read_text("utf-8")


def test_what_is_late_holds_up_what_comes_behind(tmp_path: Path) -> None:
    plain, late = tmp_path / "plain", tmp_path / "late"
    before = _conversed(plain, AlteredTraffic(drop=frozenset({"nothing"})))
    after = _conversed(late, AlteredTraffic(delay={"session.created": (0.3, 0.3)}))
    assert [each["type"] for each in after] == [each["type"] for each in before]
    (path,) = late.glob("*.jsonl")
    opened, created = list(TraceFile(path))[:2]
    assert opened.t is not None
    assert created.t is not None
    assert created.t - opened.t >= 0.29


@pytest.mark.parametrize(("code", "seen"), [(1011, 1011), (4000, 4000), (1006, 1006)])
def test_the_connection_is_closed_behind_a_type(tmp_path: Path, code: int, seen: int) -> None:
    heard = _conversed(tmp_path, AlteredTraffic(close_after={"session.updated": code}))
    (path,) = tmp_path.glob("*.jsonl")
    *_, before, last = list(TraceFile(path))
    assert [each["type"] for each in heard] == ["session.created", "session.updated"]  # it broke off
    assert before.type == "session.updated"
    assert (last.kind, (last.detail or {})["code"]) == ("close", seen)
    if code != 1006:
        assert last.dir == "server"


def test_what_is_late_comes_though_the_server_has_left(tmp_path: Path) -> None:
    async def talk(connection: ServerConnection) -> None:
        await connection.send('{"type":"session.created","event_id":"e1"}')

    async def act() -> None:
        traffic = AlteredTraffic(delay={"session.created": (0.3, 0.3)})
        async with _served(talk, tmp_path, traffic) as (client, _):
            assert json.loads(await client.recv())["type"] == "session.created"
            with pytest.raises(ConnectionClosed):
                await client.recv()

    bounded(act())


# --- frames that hold no events ---------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def _served(talk: Any, folder: Path, traffic: AlteredTraffic) -> Any:
    """Serve `talk`, compressed where the client wants it, behind a proxy that alters; yield a client."""
    async with serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with (
            standing(folder, f"ws://127.0.0.1:{port}", traffic.rewriter) as proxy,
            connect(f"ws://127.0.0.1:{proxy.port}/v1/realtime", proxy=None) as client,
        ):
            yield client, proxy


def test_all_else_passes_and_compression_is_read(tmp_path: Path) -> None:
    long = json.dumps({"type": "error", "event_id": "e1", "said": "word " * 500})

    async def talk(connection: ServerConnection) -> None:
        assert connection.protocol.extensions
        for message in (b"\x00\x01", "no json", long, '{"type":"drop.me"}', long):
            await connection.send(message)
        await (await connection.ping())
        await connection.close(4321, "enough")

    async def act() -> None:
        traffic = AlteredTraffic(drop=frozenset({"drop.me"}))
        proxy: Standing
        client: ClientConnection
        async with _served(talk, tmp_path, traffic) as (client, proxy):
            assert [await client.recv() for _ in range(4)] == [
                b"\x00\x01",
                "no json",
                _as_dumped(long),
                _as_dumped(long),
            ]
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "enough")
            await proxy.over()
            assert [entry.kind for entry in proxy.entries()] == [
                "open",
                "binary",
                "text",
                "text",
                "text",
                "close",
            ]

    bounded(act())


def _as_dumped(text: str) -> str:
    return json.dumps(json.loads(text), separators=(",", ":"))


# --- seeds, and the other channels ------------------------------------------------------------------------


def _lateness(seed: int, number: int) -> list[float]:
    rewriter = AlteredTraffic(delay={"a": (0.0, 1.0)}, seed=seed).rewriter(Spoken("openai"), number)
    assert rewriter is not None
    sent = [each for _ in range(5) for each in rewriter.said({"type": "a"})]
    return [each.late_s for each in sent if isinstance(each, Sending)]


def test_a_seed_makes_it_repeatable() -> None:
    assert _lateness(1, 1) == _lateness(1, 1)
    assert _lateness(1, 1) != _lateness(2, 1)
    assert _lateness(1, 1) != _lateness(1, 2)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "audioChunk", "contextId": "a", "body": {"audioContent": "AA=="}},
        {"type": "flushCompleted", "contextId": "a", "body": {}, "status": {"code": 0}},
        {"type": "status", "contextId": "a", "status": {"code": 3}},
        {"type": "error", "body": {"code": 3}},
    ],
)
def test_an_envelope_is_opened_as_it_was_made(message: Mapping[str, Any]) -> None:
    assert opened_envelope(enveloped(dict(message))) == message


def test_what_is_no_envelope_is_left_as_it_is() -> None:
    assert opened_envelope({"result": 5}) is None
    traffic = AlteredTraffic(drop=frozenset({"audioChunk"}))
    rewriter = traffic.rewriter(Spoken("inworld", "tts"), 1)
    assert rewriter is not None
    (sent,) = rewriter.said({"result": 5})
    assert isinstance(sent, Sending)
    assert parse(sent.frame[2:]) == {"result": 5}
    assert list(rewriter.said({"result": {"contextId": "a", "audioChunk": {}}})) == []
    assert list(rewriter.said({"result": {"contextId": "a", "contextClosed": {}}}))


def test_faults_of_the_other_channels_alter_those_only() -> None:
    names = [name for name in rewriting(SERVICE_FAULTS) if name.startswith("tts-")]
    assert len(names) > 30
    traffic = AlteredTraffic(tuple(SERVICE_FAULTS[name] for name in names))
    realtime = traffic.rewriter(Spoken("openai"), 1)
    assert realtime is not None
    (sent,) = realtime.said({"type": "response.done", "event_id": "e"})
    assert isinstance(sent, Sending)


def test_an_end_is_an_end() -> None:
    rewriter = AlteredTraffic(close_after={"a": 1011}).rewriter(Spoken("openai"), 1)
    assert rewriter is not None
    assert list(rewriter.said({"type": "a"}))[1:] == [Ending(1011)]
