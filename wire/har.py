"""Reads WebSocket messages from HAR files, as Chrome's developer tools, mitmproxy and Playwright write them.

Each WebSocket request becomes one trace. Headers, query and cookies are used only to know the secrets that
are then replaced wherever they appear.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from protocol.catalogue import key_prefixes
from protocol.event_types import Event
from wire.frames import dump, event_of
from wire.redaction import Redactor, names_a_secret, secrets_in_headers
from wire.trace import Direction, Entry, RecordedTrace
from wire.trace_files import TraceError, seconds_of

_DIRECTIONS: dict[str, Direction] = {"send": "client", "receive": "server"}
_BINARY = 2
_CONTROL = (8, 9, 10)  # opcodes of close, ping and pong, which are no events; browsers leave them out
_LARGEST = 512 * 2**20  # bytes of a file, which is read as a whole
_FAMILIES = (
    "session.",
    "transcription_session.",
    "conversation.",
    "response.",
    "input_audio_buffer.",
    "output_audio_buffer.",
)
"""What the types of this protocol's events begin with, by which its connections are told from others."""


def read_har(
    path: Path, name: str, file: str = "", knows: Callable[[Event], Any] | None = None
) -> list[RecordedTrace]:
    """Return the WebSocket conversations in the HAR file at `path`, called `name` (and numbered if several).

    A page has other connections as well: where one speaks this protocol, those that do not are left out.
    `knows` tells whether an event is of a protocol that is judged; without it, those of the realtime channel
    are. People call the file `file`, where that is not its path.

    Raises `TraceError` for a file that cannot be read, is no HAR file, or holds no WebSocket messages.
    """
    file = file or str(path)
    content = _content(path, file)
    log = content.get("log") if isinstance(content, dict) else None
    requests = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(requests, list):
        raise TraceError(file, 0, "is not a HAR file", "log.entries is expected")
    spoken = [r for r in requests if isinstance(r, dict) and isinstance(r.get("_webSocketMessages"), list)]
    if not spoken:
        remedy = "export it with content while the socket is open"
        raise TraceError(file, 0, "holds no WebSocket messages", remedy)
    spoken = [r for r in spoken if _speaks(r, knows or _is_realtime)] or spoken
    names = [name] if len(spoken) == 1 else [f"{name}-{n}" for n in range(1, len(spoken) + 1)]
    return [_trace(each, request) for each, request in zip(names, spoken, strict=True)]


def _content(path: Path, file: str) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            problem = f"is a HAR file of more than {_LARGEST // 2**20} MB"
            raise TraceError(file, 0, problem, "export fewer connections")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TraceError(file, 0, f"cannot be read ({reason})", "check the path") from None
    except (ValueError, RecursionError):
        raise TraceError(file, 0, "is not JSON", "export it again") from None


def _is_realtime(event: Event) -> bool:
    return str(event.get("type", "")).startswith(_FAMILIES)


def is_realtime_address(url: str) -> bool:
    """Tell whether `url` is where servers have this protocol."""
    return "realtime" in url.partition("?")[0]


def _speaks(exchange: dict[str, Any], knows: Callable[[Event], Any]) -> bool:
    """Tell whether a connection is of a protocol that is judged: by its address, or by some event."""
    request = exchange.get("request")
    if isinstance(request, dict) and is_realtime_address(str(request.get("url", ""))):
        return True
    texts = (m.get("data") for m in exchange["_webSocketMessages"] if isinstance(m, dict))
    events = (event_of(text) for text in texts if isinstance(text, str))
    return any(knows(event) for event in events if event is not None)


def _trace(name: str, exchange: dict[str, Any]) -> RecordedTrace:
    request = exchange.get("request") if isinstance(exchange.get("request"), dict) else {}
    response = exchange.get("response") if isinstance(exchange.get("response"), dict) else {}
    redactor = Redactor(secrets_of_request(request or {}) | _set_cookies(response or {}))
    entries: list[Entry] = []
    joined = "call_id=" in str((request or {}).get("url", ""))  # a call that had begun elsewhere
    if (response or {}).get("status") == 101 and not joined:  # the capture began with the handshake
        entries.append(Entry(1, 0.0, "harness", "open", None, {"subprotocol": ""}))
    messages = [m for m in exchange["_webSocketMessages"] if isinstance(m, dict)]
    times = [seconds_of(m.get("time")) for m in messages]
    began = min((t for t in times if t is not None), default=0.0)
    for message, time in zip(messages, times, strict=True):
        direction = _DIRECTIONS.get(str(message.get("type")))
        if direction is None or message.get("opcode") in _CONTROL:
            continue
        t = round(time - began, 6) if time is not None else None
        entries.append(_entry(len(entries) + 1, t, direction, message, redactor))
    url = redactor.url(str((request or {}).get("url", "")))
    return RecordedTrace(name, entries, {"name": name, "target": url, "measured": True})


def _entry(
    seq: int, t: float | None, direction: Direction, message: dict[str, Any], redactor: Redactor
) -> Entry:
    data = message.get("data")
    text = redactor.text(data) if isinstance(data, str) else ""
    if message.get("opcode") == _BINARY:
        return Entry(seq, t, direction, "binary", None, {"size": len(text.rstrip("=")) * 3 // 4})
    event = event_of(text)
    if event is None:
        return Entry(seq, t, direction, "text", None, {"raw": text[:65_536]})
    # Once more, now that escapes are undone.
    clean = redactor.text(dump(event))
    return Entry(seq, t, direction, "text", event_of(clean))


def _set_cookies(response: dict[str, Any]) -> set[str]:
    return {value for _, value in _named(response, "cookies")} - {""}


def secrets_of_request(request: dict[str, Any]) -> set[str]:
    """Return what is secret in a request as HAR files have it: in its URL, query, headers and cookies."""
    headers = _named(request, "headers")
    found = secrets_in_headers({name: value for name, value in headers if names_a_secret(name)})
    for name, value in headers:
        if name.lower() == "sec-websocket-protocol":
            offered = [each.strip() for each in value.split(",")]
            prefixes = key_prefixes()
            found.update(each.removeprefix(p) for each in offered for p in prefixes if each.startswith(p))
            found.update(each.partition(".")[2] for each in offered if "key." in each)
    pairs = _named(request, "queryString")
    with contextlib.suppress(ValueError):  # a URL that is none holds no query
        pairs += parse_qsl(urlsplit(str(request.get("url", ""))).query)
    found.update(value for name, value in pairs if names_a_secret(name))
    found.update(value for _, value in _named(request, "cookies"))
    return found - {""}


def _named(request: dict[str, Any], member: str) -> list[tuple[str, str]]:
    """Return names and values of a list such as `headers`; what is no such list is empty."""
    listed = request.get(member)
    each = [pair for pair in listed if isinstance(pair, dict)] if isinstance(listed, list) else []
    return [(str(pair.get("name", "")), str(pair.get("value", ""))) for pair in each]
