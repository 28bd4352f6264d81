"""The opening handshake: one attempt, bounded in time, captured whichever way it ends."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    InvalidURI,
    NegotiationError,
    ProxyError,
)
from websockets.http11 import Response
from websockets.typing import Subprotocol

from wire.capacity import quota_ended_in
from wire.endpoint import Endpoint
from wire.failures import QuotaEnded, Refused, Unreachable
from wire.refusals import advice
from wire.trace import Recorder

MAX_FRAME = 16 * 2**20
"""Bytes of the largest frame accepted; a larger one ends the connection with code 1009."""

_BODY_SHOWN = 2_000
_BODY_TOLD = 160  # characters of it in a message


class _Connection(ClientConnection):
    """A connection that ends soon after a close frame, also where the server does not hang up then."""

    _parting: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.close_deadline is not None and self._parting is None:
            self._parting = self.loop.call_at(self.close_deadline, self.transport.abort)


class _Connect(connect):
    """`websockets.connect` without redirects: the credential is meant for the host it was given for."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def shake_hands(endpoint: Endpoint, recorder: Recorder) -> ClientConnection:
    """Connect to `endpoint`; note in `recorder` how it went.

    Raises `Unreachable`, `Refused`, `QuotaEnded`, or `EndpointError` for TLS options that cannot be used.
    """
    redact = recorder.redactor
    url, context, offered = endpoint.session_url(), endpoint.tls_context(), endpoint.subprotocols()
    shown: dict[str, Any] = {"offered": [redact.subprotocols(each) for each in offered]} if offered else {}
    try:
        connection = await _connected(endpoint, url, context, offered)
    except InvalidStatus as error:
        raise _refused(endpoint, recorder, error.response, shown) from None
    except (
        OSError,
        TimeoutError,
        InvalidHandshake,
        InvalidMessage,
        InvalidURI,
        ProxyError,
        EOFError,
    ) as error:
        secure, timeout = url.startswith("wss:"), endpoint.timeouts.connect
        reason = redact.subprotocols(why_unreachable(error, timeout, secure=secure))
        recorder.add("server", "refusal", problem=reason, **shown)
        raise Unreachable(reason) from None
    recorder.add(
        "harness",
        "open",
        url=redact.url(url),
        subprotocol=redact.subprotocols(connection.subprotocol or ""),
        **shown,
        headers=redact.headers(connection.response.headers.raw_items()) if connection.response else {},
    )
    return connection


async def _connected(
    endpoint: Endpoint, url: str, context: ssl.SSLContext | None, offered: Sequence[str]
) -> ClientConnection:
    """Return a connection to `url`, as `endpoint` says; raises whatever `websockets` does."""
    timeout = endpoint.timeouts.connect
    arguments: dict[str, Any] = {"proxy": None} if endpoint.local else {}
    if context is not None:
        arguments["ssl"] = context
    # The timeout around it also bounds a proxy or a server that trickles its answer byte by byte.
    async with asyncio.timeout(timeout + 1):
        return await _Connect(
            url,
            additional_headers=endpoint.session_headers(),
            subprotocols=[Subprotocol(s) for s in offered] or None,
            compression=None,
            user_agent_header="realtime-conformance",
            open_timeout=timeout,
            close_timeout=endpoint.timeouts.close,
            ping_interval=None,
            max_size=MAX_FRAME,
            max_queue=64,
            create_connection=_Connection,
            **arguments,
        )


def _refused(
    endpoint: Endpoint, recorder: Recorder, response: Response, shown: Mapping[str, Any]
) -> Refused | QuotaEnded:
    """Note the answer that refuses the handshake; return what is to be raised."""
    redact = recorder.redactor
    # Redacted first and cut then: half a secret is not recognised any more.
    body = redact.text(bytes(response.body or b"").decode("utf-8", "replace"))[:_BODY_SHOWN]
    headers = redact.headers(response.headers.raw_items())
    recorder.add("server", "refusal", status=response.status_code, headers=headers, body=body, **shown)
    quota = quota_ended_in(response.status_code, body)
    if quota:
        return QuotaEnded(quota)
    said = " ".join(body.split())[:_BODY_TOLD]
    reason = f"the handshake was refused with HTTP {response.status_code}" + (f": {said}" if said else "")
    hint = advice(endpoint, response.status_code, response.headers.get("Location", ""))
    reason = f"{reason.removesuffix('.')}. {hint}" if hint else reason
    return Refused(response.status_code, reason, _seconds(response.headers.get("Retry-After")))


def why_unreachable(error: BaseException, timeout: float, *, secure: bool) -> str:
    """Return in words why no handshake came about within `timeout` seconds, from what was raised."""
    if isinstance(error, TimeoutError):
        return f"no answer to the handshake within {timeout:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if secure and isinstance(error, ConnectionResetError | EOFError | ssl.SSLEOFError):
        return "the server ended the connection where TLS should begin; write ws:// if it does not speak it"
    if isinstance(error, ssl.SSLError):
        if error.reason in _NO_TLS:
            return "TLS failed: the server does not speak it at that port; write ws:// where it is meant"
        return f"TLS failed: {error.reason or _said(error)}"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens at that address (connection refused)"
    if isinstance(error, OSError) and not isinstance(error, InvalidHandshake):
        return f"cannot connect: {error.strerror or _said(error)}"
    if isinstance(error, NegotiationError):
        return f"the answer to the handshake selects what was not offered: {_said(error)}"
    return f"not a WebSocket endpoint: {_said(error)}"


_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
"""What OpenSSL calls an answer that is none of TLS."""


def _said(error: BaseException) -> str:
    """Return what `error` says, its name where it says nothing."""
    return str(error).strip() or type(error).__name__


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, None where it says nothing."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    now = dt.datetime.now(when.tzinfo)
    return max(0.0, (when - now).total_seconds())
