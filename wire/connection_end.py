"""How a connection ended, for the trace and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection

from wire.frame_rules import broken_framing
from wire.redaction import Redactor
from wire.trace import Direction


@dataclass(frozen=True, slots=True)
class ConnectionEnd:
    """The end of a connection: who closed it, with which `code`, the `detail`, and all of it `told`."""

    by: Direction
    code: int | None
    detail: dict[str, Any]
    told: str


def end_of_connection(connection: ClientConnection, redactor: Redactor, unfinished: int) -> ConnectionEnd:
    """Return how `connection` ended; `unfinished` bytes of a frame had come that never came to its end."""
    code, reason = connection.close_code, connection.close_reason or ""
    sent = connection.protocol.close_sent
    by: Direction = "server"
    if sent is not None and not connection.protocol.close_rcvd_then_sent:
        by, code, reason = "client", sent.code, sent.reason
    reason = redactor.text(reason)
    detail: dict[str, Any] = {"code": code, "reason": reason}
    told = f"close code {code}" + (f" ({reason})" if reason else "")
    broken = broken_framing(connection.protocol.parser_exc, by, code, reason)
    if broken:
        detail |= {"protocol_error": broken, "by": "server"}
        told = f"the server broke the WebSocket protocol (RFC 6455): {broken}"
    if unfinished:
        detail["unfinished_bytes"] = unfinished
    return ConnectionEnd(by, code, detail, told)
