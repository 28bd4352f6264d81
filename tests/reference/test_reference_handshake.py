"""Who is let in: the decision, and what a client sees of it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from reference.handshake import Admission, Rejection, admit
from reference.server import ReferenceServer, ServerOptions

INWORLD = "/api/v1/realtime/session?key=k&protocol=realtime"
OPENAI = "/v1/realtime?model=gpt-realtime"
KEY = "a2V5OnNlY3JldA=="


def knock(target: str, credentials: frozenset[str] | None = None, **headers: str) -> Admission | Rejection:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return admit(target, fields, credentials)


def status(verdict: Admission | Rejection) -> int:
    return 101 if isinstance(verdict, Admission) else verdict.status


@pytest.mark.parametrize(
    ("target", "expected", "param"),
    [
        (INWORLD, 101, None),
        ("/api/v1/realtime/session?protocol=realtime&key=any%20thing&extra=1", 101, None),
        ("/api/v1/realtime/session?protocol=realtime", 400, "key"),
        ("/api/v1/realtime/session?key=&protocol=realtime", 400, "key"),
        ("/api/v1/realtime/session?key=k", 400, "protocol"),
        ("/api/v1/realtime/session?key=k&protocol=mqtt", 400, "protocol"),
        (OPENAI, 101, None),
        ("/v1/realtime", 400, "model"),
        ("/v1/realtime?model=", 400, "model"),
        ("/", 404, None),
        ("//[x?model=m", 404, None),
        ("", 404, None),
        ("/v1/realtime/?model=m", 404, None),
        ("/v2/realtime?model=m", 404, None),
    ],
)
def test_paths_and_parameters(target: str, expected: int, param: str | None) -> None:
    verdict = knock(target, Authorization="Bearer x")
    assert status(verdict) == expected
    if isinstance(verdict, Rejection):
        assert verdict.param == param
        assert param is None or param in verdict.message


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        (INWORLD, {}, 401),
        (INWORLD, {"Authorization": "Basic " + KEY}, 101),
        (INWORLD, {"Authorization": "basic  " + KEY}, 101),
        (INWORLD, {"Authorization": "Bearer token"}, 101),
        (INWORLD, {"Authorization": "Digest x"}, 401),
        (INWORLD, {"Authorization": "Basic "}, 401),
        (INWORLD, {"Authorization": KEY}, 401),
        (INWORLD, {"Sec_WebSocket_Protocol": "basic_a2V5OnNlY3JldA"}, 101),
        (INWORLD, {"Sec_WebSocket_Protocol": "basic_"}, 401),
        (INWORLD, {"Sec_WebSocket_Protocol": "realtime"}, 401),
        (OPENAI, {}, 401),
        (OPENAI, {"Authorization": "Bearer sk-x"}, 101),
        (OPENAI, {"Authorization": "Basic sk-x"}, 401),
        (OPENAI, {"Sec_WebSocket_Protocol": "realtime, openai-insecure-api-key.sk-x"}, 101),
        (OPENAI, {"Sec_WebSocket_Protocol": "realtime, openai-insecure-api-key."}, 401),
        (OPENAI, {"Sec_WebSocket_Protocol": "realtime"}, 401),
    ],
)
def test_any_credential(target: str, headers: dict[str, str], expected: int) -> None:
    assert status(knock(target, None, **headers)) == expected


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        (INWORLD, {"Authorization": "Basic " + KEY}, 101),
        (INWORLD, {"Authorization": "Bearer " + KEY}, 101),
        (INWORLD, {"Sec_WebSocket_Protocol": "basic_a2V5OnNlY3JldA"}, 101),
        (INWORLD, {"Sec_WebSocket_Protocol": "basic_a2V5OnNlY3JldB"}, 401),
        (INWORLD, {"Authorization": "Basic wrong"}, 401),
        (OPENAI, {"Authorization": "Bearer other"}, 101),
        (OPENAI, {"Authorization": "Bearer othe"}, 401),
        (OPENAI, {"Sec_WebSocket_Protocol": "realtime, openai-insecure-api-key.other"}, 101),
        (OPENAI, {"Sec_WebSocket_Protocol": "realtime, openai-insecure-api-key.wrong"}, 401),
        (OPENAI, {"Authorization": "Bearer h\u00e9"}, 401),
        (OPENAI, {"Authorization": "Bearer h\udce9"}, 401),
    ],
)
def test_known_credentials(target: str, headers: dict[str, str], expected: int) -> None:
    assert status(knock(target, frozenset({KEY, "other"}), **headers)) == expected


def test_the_subprotocol_that_is_named() -> None:
    def named(target: str, offered: str) -> str | None:
        verdict = knock(target, Authorization="Bearer x", Sec_WebSocket_Protocol=offered)
        assert isinstance(verdict, Admission)
        return verdict.subprotocol

    assert named(INWORLD, "basic_a2V5") == "basic_a2V5"
    assert named(INWORLD, "realtime") == "realtime"
    assert named(OPENAI, "realtime, openai-insecure-api-key.x") == "realtime"
    assert named(OPENAI, "openai-insecure-api-key.x") is None
    assert named(OPENAI, "chat") is None


def test_the_beta_protocol_is_noticed() -> None:
    for headers in (
        {"OpenAI_Beta": "realtime=v1"},
        {"Sec_WebSocket_Protocol": "realtime, openai-beta.realtime-v1"},
    ):
        verdict = knock(OPENAI, None, Authorization="Bearer x", **headers)
        assert isinstance(verdict, Admission)
        assert verdict.beta
        inworld = knock(INWORLD, None, Authorization="Bearer x", **headers)
        assert isinstance(inworld, Admission)
        assert not inworld.beta


async def _open(server: ReferenceServer, target: str, **options: Any) -> Any:
    url = f"ws://127.0.0.1:{server.port}{target}"
    async with connect(url, proxy=None, compression=None, **options) as socket:
        return socket.subprotocol, [json.loads(await socket.recv())["type"]]


def test_on_the_wire() -> None:
    async def run() -> None:
        async with ReferenceServer(ServerOptions(credentials=frozenset({KEY}))) as server:
            for target, headers, expected in (
                ("/nowhere", {}, 404),
                (INWORLD, {}, 401),
                (INWORLD, {"Authorization": "Basic secret-but-wrong"}, 401),
                ("/v1/realtime", {"Authorization": "Bearer " + KEY}, 400),
            ):
                with pytest.raises(InvalidStatus) as caught:
                    await _open(server, target, additional_headers=headers)
                response = caught.value.response
                assert response.status_code == expected
                assert response.headers["Content-Type"] == "application/json"
                error = json.loads(response.body or b"")["error"]
                assert list(error) == ["type", "code", "message", "param"]
                assert b"secret" not in (response.body or b"")
            offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.wrong")]
            with pytest.raises(InvalidStatus):
                await _open(server, OPENAI, subprotocols=offered)
            chosen = Subprotocol("basic_" + KEY.replace("=", ""))
            assert await _open(server, INWORLD, subprotocols=[chosen]) == (chosen, ["session.created"])
            headers = {"Authorization": "Basic " + KEY}
            assert await _open(server, INWORLD, additional_headers=headers) == (None, ["session.created"])

    asyncio.run(run())


def test_a_browser_of_the_openai_dialect() -> None:
    async def run() -> None:
        async with ReferenceServer() as server:
            offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.ek_123")]
            assert await _open(server, OPENAI, subprotocols=offered) == ("realtime", ["session.created"])

    asyncio.run(run())


def test_the_beta_protocol_on_the_wire() -> None:
    async def run() -> None:
        async with ReferenceServer() as server:
            headers = {"Authorization": "Bearer x", "OpenAI-Beta": "realtime=v1"}
            url = server.url("openai") + "?model=gpt-realtime"
            async with connect(url, proxy=None, additional_headers=headers) as socket:
                event = json.loads(await socket.recv())
                assert event["error"]["code"] == "beta_api_shape_disabled"
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
                assert socket.close_code == 4000
                assert socket.close_reason == "invalid_request_error.beta_api_shape_disabled"

    asyncio.run(run())


def test_credentials_are_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        options = ServerOptions(credentials=frozenset({"let-me-in"}))
        async with ReferenceServer(options) as server:
            headers = {"Authorization": "Bearer let-me-in"}
            await _open(server, OPENAI, additional_headers=headers)
            with pytest.raises(InvalidStatus):
                await _open(server, OPENAI, additional_headers={"Authorization": "Bearer keep-me-out"})
            assert "let-me-in" not in repr(options)

    with caplog.at_level(logging.DEBUG):
        # The client logs its own requests; what counts here is what the server says.
        logging.getLogger("websockets.client").setLevel(logging.WARNING)
        asyncio.run(run())
        logging.getLogger("websockets.client").setLevel(logging.NOTSET)
    assert "let-me-in" not in caplog.text
    assert "keep-me-out" not in caplog.text
