"""What is sent to an endpoint so that it lets us in."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import trustme
from websockets.asyncio.server import ServerConnection, serve

from wire.endpoint import Auth, Endpoint, EndpointError, Tls
from wire.failures import Unreachable
from wire.redaction import Redactor
from wire.refusals import advice
from wire.session import open_session
from wire.trace import Recorder

KEY = "c2VjcmV0LWlkOnNlY3JldC1oYWxm"
INWORLD = "wss://host/api/v1/realtime/session"
OPENAI = "wss://host/v1/realtime"


def _query(endpoint: Endpoint) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(endpoint.session_url()).query, keep_blank_values=True))


# --- URL and query ----------------------------------------------------------------------------------------


def test_each_session_of_inworld_has_a_key_of_its_own() -> None:
    endpoint = Endpoint(INWORLD, "inworld")
    queries = [_query(endpoint) for _ in range(3)]
    assert {q["protocol"] for q in queries} == {"realtime"}
    assert len({q["key"] for q in queries}) == 3
    assert all(q["key"] for q in queries)


def test_a_session_of_openai_has_a_model() -> None:
    assert _query(Endpoint(OPENAI, "openai")) == {"model": "gpt-realtime"}
    assert _query(Endpoint(OPENAI, "openai", query={"call_id": "rtc_1"})) == {"call_id": "rtc_1"}


def test_what_the_user_said_is_kept() -> None:
    endpoint = Endpoint(f"{INWORLD}?key=mine&x=a%20b", "inworld", query={"protocol": "", "y": "ü&="})
    assert _query(endpoint) == {"key": "mine", "x": "a b", "protocol": "", "y": "ü&="}
    assert _query(Endpoint(f"{OPENAI}?model=m", "openai")) == {"model": "m"}


def test_a_url_without_a_path_and_with_a_fragment_is_a_url() -> None:
    assert Endpoint("ws://host:1#x", "openai").session_url() == "ws://host:1/?model=gpt-realtime"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host",
        "http://host/",
        "https://host/",
        "ws://",
        "ws:///p",
        "ws://host:port/",
        "ws://h:99999/",
        "ws://[::1/",
        "wss//host",
        "ws:host",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(EndpointError, match="is not a ws:// or wss:// URL with a host"):
        Endpoint(url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(EndpointError) as caught:
        Endpoint("http://user:a-password@host/?token=a-token")
    assert "a-password" not in str(caught.value)
    assert "a-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("ws://127.0.0.1/", True),
        ("ws://127.8.0.1/", True),
        ("ws://[::1]/", True),
        ("ws://localhost/", True),
        ("wss://host/", False),
        ("ws://192.0.2.1/", False),
        ("ws://localhost.example/", False),
    ],
)
def test_which_endpoints_are_on_this_machine(url: str, local: bool) -> None:
    assert Endpoint(url).local is local


# --- authentication ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "headers", "inworld", "openai"),
    [
        (Auth(), {}, [], []),
        (Auth("basic", KEY), {"Authorization": f"Basic {KEY}"}, [], []),
        (Auth("bearer", KEY), {"Authorization": f"Bearer {KEY}"}, [], []),
        (Auth("subprotocol", KEY), {}, [f"basic_{KEY}"], ["realtime", f"openai-insecure-api-key.{KEY}"]),
        (Auth("subprotocol", "YTpi=="), {}, ["basic_YTpi"], ["realtime", "openai-insecure-api-key.YTpi"]),
    ],
)
def test_how_a_credential_is_presented(
    auth: Auth, headers: dict[str, str], inworld: list[str], openai: list[str]
) -> None:
    assert Endpoint(INWORLD, "inworld", auth).session_headers() == headers
    assert Endpoint(INWORLD, "inworld", auth).subprotocols() == inworld
    assert Endpoint(OPENAI, "openai", auth).subprotocols() == openai


def test_a_key_that_cannot_travel_as_a_subprotocol() -> None:
    with pytest.raises(EndpointError, match="no subprotocol can carry"):
        Endpoint(OPENAI, "openai", Auth("subprotocol", "a,b")).subprotocols()


def test_extra_headers_go_along_and_have_the_last_word() -> None:
    endpoint = Endpoint(OPENAI, "openai", Auth("bearer", KEY), {"X-Team": "a", "Authorization": "Special k"})
    assert endpoint.session_headers() == {"Authorization": "Special k", "X-Team": "a"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"auth": Auth("basic")}, "needs a key, and none was given"),
        ({"auth": Auth("basic", "a\nb")}, "was it copied whole"),
        ({"auth": Auth("basic", "schlüssel")}, "was it copied whole"),
        ({"headers": {"X Y": "a"}}, "holds characters that no header can carry"),
        ({"headers": {"X": "a\r\nHost: b"}}, "holds characters that no header can carry"),
        ({"headers": {"": "a"}}, "holds characters that no header can carry"),
    ],
)
def test_what_no_handshake_can_carry(changes: dict[str, object], why: str) -> None:
    with pytest.raises(EndpointError, match=why):
        replace(Endpoint(OPENAI), **changes)  # type: ignore[arg-type]


# --- on the wire ------------------------------------------------------------------------------------------


@asynccontextmanager
async def _listening(
    context: ssl.SSLContext | None = None, chosen: int = 0
) -> AsyncIterator[tuple[int, list[ServerConnection]]]:
    """Serve on a free port; the second value grows by each connection."""
    calls: list[ServerConnection] = []

    async def handler(connection: ServerConnection) -> None:
        calls.append(connection)
        await connection.wait_closed()

    def choose(_: ServerConnection, offered: list[str]) -> str | None:
        return offered[chosen] if offered else None

    server = serve(handler, "127.0.0.1", 0, ssl=context, select_subprotocol=choose)  # type: ignore[arg-type]
    async with server as running:
        yield next(iter(running.sockets)).getsockname()[1], calls


async def _opens(endpoint: Endpoint, path: Path) -> None:
    recorder = Recorder(path, endpoint.redactor)
    try:
        async with open_session(endpoint, recorder):
            pass
    finally:
        recorder.close("closed")


@pytest.mark.parametrize("key", [KEY, "abc"])
def test_a_trace_shows_which_subprotocols_were_offered_and_selected_and_no_key(
    tmp_path: Path, key: str
) -> None:
    async def conversation() -> None:
        async with _listening(chosen=1) as (port, _):
            await _opens(
                Endpoint(f"ws://127.0.0.1:{port}/v1/realtime", "openai", Auth("subprotocol", key)),
                tmp_path / "1.jsonl",
            )

    asyncio.run(conversation())
    text = (tmp_path / "1.jsonl").read_text(encoding="utf-8")
    opened = json.loads(text.splitlines()[1])["detail"]
    masked = "openai-insecure-api-key.[redacted]"
    assert opened["offered"] == ["realtime", masked]
    assert opened["subprotocol"] == opened["headers"]["Sec-WebSocket-Protocol"] == masked
    assert key not in text


def test_what_arrives_at_the_server(tmp_path: Path) -> None:
    async def conversation() -> list[ServerConnection]:
        async with _listening() as (port, calls):
            base = Endpoint(f"ws://127.0.0.1:{port}/api/v1/realtime/session", "inworld")
            await _opens(
                replace(base, auth=Auth("basic", KEY), headers={"X-Team": "a"}), tmp_path / "1.jsonl"
            )
            await _opens(replace(base, auth=Auth("subprotocol", KEY)), tmp_path / "2.jsonl")
            return calls

    first, second = asyncio.run(conversation())
    assert first.request is not None
    assert second.request is not None
    assert first.request.headers["Authorization"] == f"Basic {KEY}"
    assert first.request.headers["X-Team"] == "a"
    assert "Authorization" not in second.request.headers
    assert second.subprotocol == f"basic_{KEY}"
    paths = [urlsplit(c.request.path) for c in (first, second) if c.request]
    assert {p.path for p in paths} == {"/api/v1/realtime/session"}
    keys = [dict(parse_qsl(p.query))["key"] for p in paths]
    assert keys[0] != keys[1]
    for name in ("1.jsonl", "2.jsonl"):
        assert KEY not in (tmp_path / name).read_text()
    assert "basic_[redacted]" in (tmp_path / "2.jsonl").read_text()


# --- TLS --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def _call_over_tls(authority: trustme.CA, tls: Tls, path: Path, host: str = "127.0.0.1") -> int:
    """Open a session on a server with a certificate for `localhost`; return how many it saw."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def conversation() -> int:
        async with _listening(context) as (port, calls):
            await _opens(Endpoint(f"wss://{host}:{port}/v1/realtime", "openai", tls=tls), path)
            return len(calls)

    return asyncio.run(conversation())


def test_an_authority_of_ones_own_is_trusted_when_named(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    assert _call_over_tls(authority, Tls(ca_file), tmp_path / "t.jsonl", "localhost") == 1


def test_any_certificate_is_accepted_only_when_asked_for(authority: trustme.CA, tmp_path: Path) -> None:
    assert _call_over_tls(authority, Tls(verify=False), tmp_path / "t.jsonl") == 1


def test_an_unknown_authority_is_not_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="the certificate is not trusted"):
        _call_over_tls(authority, Tls(), tmp_path / "t.jsonl", "localhost")
    assert "the certificate is not trusted" in (tmp_path / "t.jsonl").read_text()


def test_a_certificate_for_another_host_is_not_trusted(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(Unreachable, match="the certificate is not trusted"):
        _call_over_tls(authority, Tls(ca_file), tmp_path / "t.jsonl")


def test_tls_to_a_server_without_it_is_unreachable(tmp_path: Path) -> None:
    async def conversation() -> None:
        async with _listening() as (port, _):
            await _opens(Endpoint(f"wss://127.0.0.1:{port}/", "openai"), tmp_path / "t.jsonl")

    with pytest.raises(Unreachable, match=r"TLS failed|TLS should begin|cannot connect"):
        asyncio.run(conversation())


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_an_authorities_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(EndpointError, match=r"ca\.pem holds no PEM certificates"):
        Endpoint("wss://host/", tls=Tls(path)).tls_context()
    assert Endpoint("ws://host/", tls=Tls(path)).tls_context() is None


def test_an_endpoint_without_secrets_redacts_nothing() -> None:
    assert Endpoint(OPENAI).redactor.secrets == Redactor().secrets


# --- what is said of a refusal ----------------------------------------------------------------------------

_GIVEN = Auth("bearer", KEY, "the environment variable SOME_KEY (--auth-env)")


@pytest.mark.parametrize(
    ("endpoint", "status", "words"),
    [
        (Endpoint(OPENAI, "openai"), 401, ["No key was sent", "REALTIME_API_KEY", "--auth-env"]),
        (Endpoint(OPENAI, "openai", _GIVEN), 401, ["A key was sent as Bearer", "SOME_KEY (--auth-env)"]),
        (Endpoint(OPENAI, "openai", _GIVEN), 403, ["SOME_KEY", "/v1/realtime", "many servers answer 403"]),
        (Endpoint(OPENAI, "openai"), 403, ["No key was sent", "/v1/realtime"]),
        (
            Endpoint(OPENAI, "openai", headers={"api-key": KEY}, sources={"api-key": "--header"}),
            401,
            ["A key was sent in the header api-key, from --header"],
        ),
        (
            Endpoint(f"{OPENAI}?api_key={KEY}", "openai"),
            401,
            ["in the query's api_key, from the endpoint's URL"],
        ),
        (Endpoint(OPENAI, "openai", _GIVEN), 404, ["The path asked for was /v1/realtime."]),
        (Endpoint(OPENAI, "openai", _GIVEN), 400, ["The path asked for was /v1/realtime."]),
        (Endpoint(OPENAI, "openai", _GIVEN), 500, []),
        (Endpoint(OPENAI, "openai", _GIVEN), 429, ["try again later, or with a lower --concurrency"]),
        (Endpoint(OPENAI, "openai", _GIVEN), 503, ["try again later, or with a lower --concurrency"]),
        (Endpoint(OPENAI, "openai", _GIVEN), 200, ["The path /v1/realtime", "is no WebSocket endpoint"]),
        (Endpoint(OPENAI, "openai", _GIVEN), 301, ["It redirects elsewhere, which is not followed"]),
    ],
)
def test_a_refusal_says_which_key_was_sent_and_to_which_path(
    endpoint: Endpoint, status: int, words: list[str]
) -> None:
    said = advice(endpoint, status)
    assert all(word in said for word in words)
    assert bool(said) == bool(words)
    assert KEY not in said


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_says_where_it_leads_without_a_secret(status: int) -> None:
    location = f"wss://user:{KEY}@other.example/v2?token=hidden&model=m#{KEY}"
    said = advice(Endpoint(OPENAI, "openai", _GIVEN), status, location)
    assert "It redirects to wss://other.example/v2?token=" in said
    assert "model=m, which is not followed: name that address with --endpoint" in said
    assert KEY not in said
    assert "hidden" not in said
