"""Relays one connection: the handshake head by head, and every byte behind it as it comes.

Theory of operation
-------------------

A `RelaySide` holds a transport. The client's side collects the head of its request; the server is dialled and
gets that head, but for the host; its answer goes back. Where that opens a WebSocket, the two are joined: what
one receives is written to the other first, and then looked at by the observer (`proxy.observer`).
Nothing is decoded on the way, and nothing that the observer does or fails to do reaches a side.

**Back-pressure.** There are no queues. A side whose buffer is full pauses the reading of the other one; TCP
carries that on to the sender.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

from proxy.decoder import UndecodableError
from proxy.heads import HeadError, RequestHead, ResponseHead, plain_answer, request_head, response_head
from proxy.observer import ConversationObserver
from proxy.rewriting import Rewriter, RewrittenLine
from proxy.side import RelaySide
from proxy.upstream import NoUpstreamError, Upstream
from wire.trace import Direction

_HEAD_S = 10.0  # until a client has to have asked
_BODY_S = 10.0  # until the body of a refusal has to have come
_BODY_KEPT = 65_536


class RelayWatch(Protocol):
    """Who is told of what happens to a connection."""

    def asked(self, head: RequestHead) -> ConversationObserver:
        """Take note that a client asks for a WebSocket; return who observes the connection."""

    def no_websocket(self, what: str) -> None:
        """Take note that what connected is no client of WebSocket."""

    def opened(self, observer: ConversationObserver) -> None:
        """Take note that the WebSocket is open."""

    def not_opened(self, observer: ConversationObserver, why: str) -> None:
        """Take note that the server did not open it, or could not be reached."""

    def rewriter(self, observer: ConversationObserver) -> Rewriter | None:
        """Return what alters what the server sends, None where it passes as it is."""

    def ended(self, observer: ConversationObserver) -> None:
        """Take note that the connection is gone, and its trace is finished."""


class Relay:
    """Relays the connections of clients to one server. `sides` are those that there are."""

    def __init__(self, upstream: Upstream, watch: RelayWatch) -> None:
        self._upstream, self._watch = upstream, watch
        self.sides: set[RelaySide] = set()
        self._ending = False

    def cut(self) -> None:
        """End all connections that there are, and drop what waits to be sent."""
        self._ending = True
        for side in list(self.sides):
            if not side.gone:
                side.transport.abort()

    async def serve(self, client: RelaySide) -> None:
        """Relay the connection of `client` to its end."""
        self.sides.add(client)
        try:
            if self._ending:
                return
            head = await self._request(client)
            if head is not None:
                await self._relayed(client, head)
        finally:
            client.part()
            self.sides.discard(client)

    async def _request(self, client: RelaySide) -> RequestHead | None:
        """Return what the client asks for; None where that is no WebSocket, which it is told."""
        try:
            async with asyncio.timeout(_HEAD_S):
                head = request_head(await client.head())
        except (HeadError, TimeoutError) as error:
            what = str(error) or f"no request came within {_HEAD_S:g} s"
            client.write(plain_answer(HTTPStatus.BAD_REQUEST, f"This is a proxy for WebSockets; {what}."))
            self._watch.no_websocket(what)
            return None
        if not head.is_upgrade:
            said = "This is a proxy for WebSockets, and the request asks for none."
            client.write(plain_answer(HTTPStatus.UPGRADE_REQUIRED, said, "Upgrade: websocket"))
            self._watch.no_websocket(f"{head.first.split()[0].decode()} {head.target.partition('?')[0]}")
            return None
        return head

    async def _relayed(self, client: RelaySide, head: RequestHead) -> None:
        observer = self._watch.asked(head)
        try:
            server = await self._upstream.dial()
        except NoUpstreamError as error:
            self._unreachable(client, head, observer, str(error))
            return
        self.sides.add(server)
        try:
            await self._answered(client, server, head, observer)
        finally:
            server.part()
            self.sides.discard(server)

    async def _answered(
        self, client: RelaySide, server: RelaySide, head: RequestHead, observer: ConversationObserver
    ) -> None:
        server.write(head.addressed(self._upstream.url))
        try:
            async with asyncio.timeout(self._upstream.timeout):
                data = await server.head()
            answer = response_head(data)
        except (HeadError, TimeoutError) as error:
            why = f"not a WebSocket endpoint: {error}" if str(error) else "no answer to the handshake"
            self._unreachable(client, head, observer, why)
            return
        client.write(data)
        if answer.status == HTTPStatus.SWITCHING_PROTOCOLS:
            observer.opened(self._upstream.url_of(head), head, answer)
            self._watch.opened(observer)
            await self._joined(client, server, observer, answer.extensions)
            self._watch.ended(observer)
        else:
            body = await _body(client, server, answer)
            observer.refused(head, answer, body)
            self._watch.not_opened(observer, f"HTTP {answer.status}")

    def _unreachable(
        self, client: RelaySide, head: RequestHead, observer: ConversationObserver, why: str
    ) -> None:
        client.write(plain_answer(HTTPStatus.BAD_GATEWAY, f"The server cannot be reached: {why}."))
        observer.unreachable(head, why)
        self._watch.not_opened(observer, why)

    async def _joined(
        self, client: RelaySide, server: RelaySide, observer: ConversationObserver, extensions: str
    ) -> None:
        """Relay until both sides are gone."""
        up, down = self._ways(client, server, observer, extensions)
        server.join(client, down)
        client.join(server, up)
        await asyncio.wait((client.left, server.left), return_when=asyncio.FIRST_COMPLETED)
        by: Direction = "server" if server.left.done() else "client"
        await asyncio.wait((client.lost, server.lost))
        if self._ending:
            observer.stopped()
        else:
            observer.ended(by)

    def _ways(
        self, client: RelaySide, server: RelaySide, observer: ConversationObserver, extensions: str
    ) -> tuple[Callable[[bytes], None], Callable[[bytes], None]]:
        """Return what is done with what the client sends, and with what the server does."""

        def up(data: bytes) -> None:
            server.write(data)
            observer.heard("client", data)

        def down(data: bytes) -> None:
            client.write(data)
            observer.heard("server", data)

        rewriter = self._watch.rewriter(observer)
        if rewriter is None:
            return up, down
        line = RewrittenLine(client, server, observer, rewriter)
        try:
            line.begin(extensions)
        except UndecodableError:
            server.farewell = None
            return up, down  # which the observer has said
        return line.up, line.down


async def _body(client: RelaySide, server: RelaySide, answer: ResponseHead) -> bytes:
    """Relay the body of an answer that opens no WebSocket; return the beginning of it."""
    body, came = bytearray(), 0
    whole = asyncio.get_running_loop().create_future()

    def down(data: bytes) -> None:
        nonlocal came
        client.write(data)
        came += len(data)
        body.extend(data[: _BODY_KEPT - len(body)])
        if answer.length is not None and came >= answer.length and not whole.done():
            whole.set_result(None)

    if answer.length == 0:
        return b""
    server.join(client, down)
    client.join(server, server.write)
    await asyncio.wait(
        (whole, client.lost, server.lost), timeout=_BODY_S, return_when=asyncio.FIRST_COMPLETED
    )
    return bytes(body)
