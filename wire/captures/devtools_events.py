"""Reads events of Chrome's DevTools Protocol: `Network.webSocketFrameSent` and its like, one for each frame.

Other events of a browser may stand between them. Drivers put them into messages of their own (`message`, as
an object or as text); what is in there counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.event_types import Event
from wire.captures.capture import (
    BINARY_OPCODE,
    CONTROL_OPCODES,
    Capture,
    Clock,
    Placed,
    SenderOf,
    base64_size,
    binary_entry,
    frame_entry,
)
from wire.captures.file_start import FileStart
from wire.captures.values import values_in
from wire.frames import event_of
from wire.har import is_realtime_address, secrets_of_request
from wire.redaction import Redactor
from wire.trace import Direction, Entry

_DOMAIN = "Network.webSocket"
_SIDES: dict[str, Direction] = {"FrameSent": "client", "FrameReceived": "server"}
_WRAPPERS = 3  # messages of drivers around an event
_SWITCHED = 101


@dataclass(slots=True)
class _Socket:
    """What is known of one connection: its address, its secrets, whether it speaks this protocol."""

    url: str = ""
    secrets: set[str] = field(default_factory=set)
    speaks: bool = False


def is_devtools(head: FileStart, _: SenderOf) -> bool:
    """Tell whether a file begins with events of Chrome."""
    return any(isinstance((_event(each) or {}).get("method"), str) for each in head.objects)


def read_devtools(capture: Capture) -> Iterator[Placed]:
    """Read the frames of each WebSocket; where any speaks this protocol, the others are left out."""
    sockets = _sockets(capture)
    if not sockets:
        raise capture.wrong(0, "holds no frames of a WebSocket", "record with the domain Network enabled")
    chosen = {id_ for id_, each in sockets.items() if each.speaks} or set(sockets)
    redactors = {id_: Redactor(sockets[id_].secrets) for id_ in chosen}
    for id_ in chosen:
        target = redactors[id_].url(sockets[id_].url)
        capture.headers[id_] = {"measured": True, **({"target": target} if target else {})}
    clock = Clock()
    for number, _, value in values_in(capture):
        kind, parameters = _of_sockets(value)
        id_ = str(parameters.get("requestId", ""))
        if id_ in chosen and (entry := _entry(number, kind, parameters, redactors[id_], clock)) is not None:
            yield id_, entry


def _event(value: Any) -> Mapping[str, Any] | None:
    """Return the event of Chrome in `value`, which may be a message around it."""
    for _ in range(_WRAPPERS):
        if isinstance(value, str):
            value = event_of(value)
        if not isinstance(value, dict) or "method" in value:
            break
        value = value.get("message")
    return value if isinstance(value, dict) else None


def _of_sockets(value: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of an event of a WebSocket, as `FrameSent`, and its parameters; of others, nothing."""
    event = _event(value) or {}
    method, parameters = event.get("method"), event.get("params")
    if not isinstance(method, str) or not method.startswith(_DOMAIN) or not isinstance(parameters, dict):
        return "", {}
    return method.removeprefix(_DOMAIN), parameters


def _sockets(capture: Capture) -> dict[str, _Socket]:
    found: dict[str, _Socket] = {}
    for _, _, value in values_in(capture):
        kind, parameters = _of_sockets(value)
        if not kind:
            continue
        socket = found.setdefault(str(parameters.get("requestId", "")), _Socket())
        if kind == "Created":
            socket.url = str(parameters.get("url", ""))
            socket.speaks = socket.speaks or is_realtime_address(socket.url)
            socket.secrets |= secrets_of_request({"url": socket.url})
        for name in ("request", "response"):
            socket.secrets |= _secrets(parameters.get(name))
        if kind in _SIDES and not socket.speaks:
            event = event_of(_payload(parameters))
            socket.speaks = event is not None and capture.sender_of(event) is not None
    return {id_: each for id_, each in found.items() if id_}


def _secrets(message: Any) -> set[str]:
    """Return what is secret in the headers of a handshake."""
    found: set[str] = set()
    for name in ("headers", "requestHeaders"):
        headers = message.get(name) if isinstance(message, dict) else None
        if isinstance(headers, dict):
            pairs = [{"name": key, "value": value} for key, value in headers.items()]
            found |= secrets_of_request({"headers": pairs})
    return found


def _payload(parameters: Mapping[str, Any]) -> str:
    response = parameters.get("response")
    data = response.get("payloadData") if isinstance(response, dict) else None
    return data if isinstance(data, str) else ""


def _entry(
    number: int, kind: str, parameters: Mapping[str, Any], redactor: Redactor, clock: Clock
) -> Entry | None:
    t = clock.since(str(parameters["requestId"]), parameters.get("timestamp"))
    said = parameters.get("response")
    response: Event = said if isinstance(said, dict) else {}
    if kind == "HandshakeResponseReceived":
        status = response.get("status")
        if status == _SWITCHED:
            return Entry(number, t, "harness", "open", None, {"subprotocol": ""})
        return Entry(number, t, "server", "refusal", None, {"status": status if _is_code(status) else None})
    side = _SIDES.get(kind)
    if side is None or response.get("opcode") in CONTROL_OPCODES:
        return None
    text = _payload(parameters)
    if response.get("opcode") == BINARY_OPCODE:
        return binary_entry(number, t, side, base64_size(text))
    return frame_entry(number, t, side, text, redactor)


def _is_code(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
