"""A server repeats whatever it was told, in every way it can; no file and no line shows a secret."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.realtime_conformance.commandline.harness import Command, in_background

HALF = "the-half/that+opens"
KEY = base64.b64encode(f"an-id:{HALF}".encode()).decode()
HEADER = 'header "secret" \\ 7'
QUERY = "query&secret=8/x"
SECRETS = (KEY, HALF, HEADER, QUERY)
_HALVES = (HALF[:9], HALF[9:])


def _forms() -> set[str]:
    """Return the secrets as they may stand in a file: plain, escaped, encoded."""
    found: set[str] = set()
    for secret in SECRETS:
        found |= {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), quote(secret)}
        found.add(base64.b64encode(secret.encode()).decode().rstrip("="))
        found.add(secret.replace('"', '""'))
        found.add(secret.replace("&", "&amp;").replace('"', "&#34;"))
        found.add(secret.replace("&", "&amp;").replace('"', "&quot;"))
    return found


class _Echo:
    """Remembers what it heard from anybody, and tells everybody."""

    def __init__(self) -> None:
        self.heard: list[str] = list(SECRETS)

    async def refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        self.heard = [*self.heard[-3:], request.path, str(dict(request.headers.raw_items()))]
        if "wrong" in str(dict(request.headers.raw_items())) or "no-such-path" in request.path:
            response = connection.respond(401, "denied: " + "; ".join([*SECRETS, *self.heard]))
            response.headers["X-You-Said"] = KEY
            return response
        return None

    async def talk(self, connection: ServerConnection) -> None:
        said: dict[str, Any] = {"heard": self.heard, "secrets": SECRETS, KEY: HALF}
        try:
            await connection.send(json.dumps({"type": "session.created", "event_id": KEY, "session": said}))
            await connection.send(f"not JSON: {KEY} {HEADER}")
            await connection.send(HALF.encode())
            count = 0
            async for frame in connection:
                count += 1
                error = {"type": HALF, "code": KEY, "message": f"you said {frame!r}", "param": QUERY, **said}
                await connection.send(json.dumps({"type": "error", "event_id": f"e{count}", "error": error}))
                await connection.send(json.dumps({"type": f"new.{KEY}", "event_id": HEADER, "x": [[QUERY]]}))
                if count == 1:
                    for event in _in_pieces():
                        await connection.send(json.dumps(event))
                if count > 4:
                    await connection.close(4001, f"enough of {KEY}")
        except ConnectionClosed:
            pass


def _in_pieces() -> list[dict[str, Any]]:
    """Return a response that says a secret in two deltas, and something else at its end."""
    of = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    item = {"id": "item_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    response = {"object": "realtime.response", "id": "resp_1", "status": "in_progress", "output": []}
    part = {"type": "text", "text": ""}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {"type": "response.output_item.added", "response_id": "resp_1", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **of, "part": part},
        {"type": "response.output_text.delta", **of, "delta": _HALVES[0]},
        {"type": "response.output_text.delta", **of, "delta": _HALVES[1]},
        {"type": "response.output_text.done", **of, "text": "something else"},
        *({"type": "response.output_audio_transcript.delta", **of, "delta": piece} for piece in _HALVES),
        *(
            {"type": "response.output_audio.delta", **of, "delta": base64.b64encode(piece.encode()).decode()}
            for piece in _HALVES
        ),
    ]
    return [{"event_id": f"piece_{number}", **event} for number, event in enumerate(events)]


@pytest.fixture
def url() -> Iterator[str]:
    @asynccontextmanager
    async def serving() -> AsyncIterator[str]:
        echo = _Echo()
        async with serve(echo.talk, "127.0.0.1", 0, process_request=echo.refuse) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/api/v1/realtime/session"

    with in_background(serving) as found:
        yield found


def _texts(folder: Path) -> dict[str, str]:
    texts = {
        str(p.relative_to(folder)): p.read_text("utf-8", "replace") for p in folder.rglob("*") if p.is_file()
    }
    return {
        **texts,
        **_unpacked({name: text for name, text in texts.items() if name.endswith("traces.html")}),
    }


def _unpacked(pages: dict[str, str]) -> dict[str, str]:
    """Return what `pages` with conversations hold in other forms than text."""
    found = {}
    for page, text in pages.items():
        packed = re.findall(r'id="(conversation-\d+)">([^<]+)<', text)
        assert packed
        for name, block in packed:
            found[f"{page} {name}"] = zlib.decompress(base64.b64decode(block)).decode()
        for name, block in re.findall(r'id="(sound-[\d-]+)">([^<]+)<', text):
            found[f"{page} {name}"] = base64.b64decode(block).decode("latin-1")
    return found


@pytest.mark.parametrize("scheme", ["basic", "subprotocol"])
def test_no_secret_in_any_file_or_line(
    command: Command, out: Path, url: str, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", KEY)
    timeouts = {"connect": 5, "answer": 0.2, "response": 0.3, "silence": 0.2, "close": 0.1}
    target = {
        "endpoint": url,
        "auth": {"scheme": scheme},
        "headers": {"X-Api-Key": HEADER},
        "query": {"access_token": QUERY},
        "timeouts": timeouts,
    }
    Path("conformance.yaml").write_text(json.dumps({"targets": {"echo": target}}), encoding="utf-8")
    chosen = ("-k", "handshake.", "-k", "session_update", "--no-probe")
    ran = command("run", "--target", "echo", *chosen, "-vv", "--out", out)
    assert ran.code == 1
    assert "< session.created" in ran.out
    texts = {**_texts(out), "stdout": ran.out, "stderr": ran.err}
    assert len(texts) > 20
    leaks = {name: form for name, text in texts.items() for form in _forms() if form in text}
    assert leaks == {}
    assert any("[redacted]" in text for text in texts.values())
    pieces = [r for r in ran.results["requirements"] if r["id"] == "response/text/deltas-add-up"]
    assert [r["verdict"] for r in pieces] == ["fail"], "what came in pieces was put together"

    judged = command("judge", out / "traces", "--out", out.parent / "again")
    texts = {**_texts(out.parent / "again"), "stdout": judged.out, "stderr": judged.err}
    assert {name: form for name, text in texts.items() for form in _forms() if form in text} == {}

    # What is made of several reports repeats what these say.
    site, page = out.parent / "site", out.parent / "pages"
    built = command("site", out, out.parent / "again", "--out", site)
    compared = command("compare", out, out.parent / "again", "--out", page / "matrix.html")
    line = command("compare", "--history", site, "--out", page / "history.html")
    said = "".join(ran.out + ran.err for ran in (built, compared, line))
    texts = {**_texts(site), **_texts(page), "said": said}
    assert {"index.html", "history.html", "matrix.html"} <= set(texts)
    assert {name: form for name, text in texts.items() for form in _forms() if form in text} == {}
