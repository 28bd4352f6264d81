"""Who is let in to the two services, and what is said to who is not (CN-01 to CN-08)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from reference.channels.doors import CHANNEL_PATHS, ChannelAdmission, admit_to_channel, service_at
from reference.conditions import Conditions
from reference.handshake import Rejection
from reference.server import ReferenceServer, ServerOptions
from tests.reference.channels.channel_dialogue import HEADERS, kind_of

KEY = "a2V5OnNlY3JldA=="
KNOWN = frozenset({KEY})

ADMITTED: list[tuple[str, dict[str, str], str | None]] = [
    ("", {"Authorization": f"Basic {KEY}"}, None),
    ("", {"authorization": f"bearer {KEY}"}, None),
    ("", {"Sec-WebSocket-Protocol": f"other, bearer_{KEY.rstrip('=')}"}, f"bearer_{KEY.rstrip('=')}"),
    (f"?authorization=Basic%20{KEY}", {}, None),
    (f"?Authorization=Bearer%20{KEY}&key=x", {}, None),
]
REFUSED: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("", {"Authorization": "Basic "}),
    ("", {"Authorization": "Basic d3Jvbmc="}),
    ("", {"Authorization": f"Digest {KEY}"}),
    ("", {"Authorization": KEY}),
    ("", {"Sec-WebSocket-Protocol": "bearer_"}),
    ("", {"Sec-WebSocket-Protocol": f"basic_{KEY.rstrip('=')}"}),
    (f"?authorization={KEY}", {}),
    (f"?key={KEY}", {}),
]


@pytest.mark.parametrize("channel", CHANNEL_PATHS)
@pytest.mark.parametrize(("query", "headers", "subprotocol"), ADMITTED)
def test_let_in(channel: str, query: str, headers: dict[str, str], subprotocol: str | None) -> None:
    verdict = admit_to_channel(channel, CHANNEL_PATHS[channel] + query, headers.items(), KNOWN)
    assert verdict == ChannelAdmission(channel, subprotocol)


@pytest.mark.parametrize(("query", "headers"), REFUSED)
def test_not_let_in(query: str, headers: dict[str, str]) -> None:
    verdict = admit_to_channel("tts", CHANNEL_PATHS["tts"] + query, headers.items(), KNOWN)
    assert isinstance(verdict, Rejection)
    assert verdict.status == 401
    assert KEY not in json.dumps(verdict.body)


def test_any_credential_is_let_in_where_none_is_known() -> None:
    headers = {"Authorization": "Basic d3Jvbmc="}.items()
    assert isinstance(admit_to_channel("tts", CHANNEL_PATHS["tts"], headers, None), ChannelAdmission)
    assert isinstance(admit_to_channel("tts", CHANNEL_PATHS["tts"], {}.items(), None), Rejection)


def test_paths() -> None:
    for channel, path in CHANNEL_PATHS.items():
        assert service_at(path) == service_at(path.replace(":", "%3A") + "?a=b") == channel
    assert service_at("/v1/realtime") is None
    assert service_at("/tts/v1/voice") is None


def _with_server(talk: Any, **options: Any) -> None:
    async def run() -> None:
        async with ReferenceServer(ServerOptions(pace=0, **options)) as server:
            await talk(server)

    asyncio.run(run())


@pytest.mark.parametrize("channel", CHANNEL_PATHS)
def test_a_refused_handshake_is_plain_http(channel: str) -> None:
    async def talk(server: ReferenceServer) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.channel_url(channel), proxy=None)
        response = refused.value.response
        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/json"
        assert "error" in json.loads(response.body)

    _with_server(talk)


@pytest.mark.parametrize("channel", CHANNEL_PATHS)
def test_a_subprotocol_with_a_token_is_named_in_the_answer(channel: str) -> None:
    async def talk(server: ReferenceServer) -> None:
        offered = [Subprotocol("bearer_token-1")]
        async with connect(server.channel_url(channel), subprotocols=offered, proxy=None) as socket:
            assert socket.subprotocol == offered[0]

    _with_server(talk, credentials=frozenset({"token-1"}))


@pytest.mark.parametrize("channel", CHANNEL_PATHS)
def test_no_room(channel: str) -> None:
    async def by_http(server: ReferenceServer) -> None:
        url = server.channel_url(channel)
        async with connect(url, additional_headers=HEADERS, proxy=None):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, additional_headers=HEADERS, proxy=None)
            assert refused.value.response.status_code == 429
        assert server.turned_away == 1

    async def by_error(server: ReferenceServer) -> None:
        url = server.channel_url(channel)
        async with (
            connect(url, additional_headers=HEADERS, proxy=None),
            connect(url, additional_headers=HEADERS, proxy=None) as second,
        ):
            frame = json.loads(await second.recv())
            assert kind_of(frame) == "error"
            assert frame["error"]["code"] == 8
            await second.wait_closed()
            assert second.close_code == 1008

    _with_server(by_http, conditions=Conditions(sessions=1, full="http-429"))
    _with_server(by_error, conditions=Conditions(sessions=1))


def test_all_three_channels_on_one_server() -> None:
    async def talk(server: ReferenceServer) -> None:
        realtime = server.url("inworld") + "?key=x&protocol=realtime"
        async with (
            connect(realtime, additional_headers=HEADERS, proxy=None) as first,
            connect(server.channel_url("tts"), additional_headers=HEADERS, proxy=None) as second,
            connect(server.channel_url("stt"), additional_headers=HEADERS, proxy=None) as third,
        ):
            assert json.loads(await first.recv())["type"] == "session.created"
            await second.send(
                '{"create": {"voiceId": "Dennis", "modelId": "inworld-tts-2"}, "contextId": "a"}'
            )
            assert kind_of(json.loads(await second.recv())) == "contextCreated"
            await third.send('{"transcribeConfig": {"modelId": "inworld/inworld-stt-1"}}')
            await third.send('{"closeStream": {}}')
            assert kind_of(json.loads(await third.recv())) == "usage"

    _with_server(talk)
