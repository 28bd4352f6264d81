"""The shell: sessions behind a WebSocket, on the caller's event loop."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State as ConnectionState
from websockets.typing import Subprotocol

from reference.behaviour import Admit, Behaviour
from reference.frames import encode
from reference.handshake import PATHS, Admission, HangUp
from reference.session import Opening, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from websockets.http11 import Request, Response

    from reference.state import Timer

CLOSE_TIMEOUT = 0.5
"""Seconds a client has to answer a close frame. Stopping the server takes no longer than this."""
BACKLOG = 512
"""Events that may wait for a client that does not read, before responses pause."""

_LOG = logging.getLogger(__name__)
# The library logs the request with its headers at DEBUG, and with it the credential. Its logger for
# this server therefore starts at WARNING, whatever the root logger is set to.
_WEBSOCKETS_LOG = logging.getLogger("reference.websockets")
_WEBSOCKETS_LOG.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Options:
    """How a server is run.

    * ``host``, ``port``: where it listens; port 0 takes a free one.
    * ``seed``: decides all ids and answers. Two runs with one seed send the same.
    * ``pace``: seconds between two deltas of a response.
    * ``credentials``: API keys and tokens that are let in; None lets in any that is not empty.
    * ``max_frame_bytes``: a larger frame closes the connection with 1009.
    * ``lifetime``: longest duration of a session, in seconds.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 0
    pace: float = 0.002
    credentials: frozenset[str] | None = None
    max_frame_bytes: int = 16 * 1024 * 1024
    lifetime: float = 3600.0

    def __repr__(self) -> str:
        # A repr ends up in logs and tracebacks; credentials do not.
        shown = "any" if self.credentials is None else f"{len(self.credentials)} known"
        return f"Options({self.host}:{self.port}, seed={self.seed}, pace={self.pace}, credentials: {shown})"


class ReferenceServer:
    """A Realtime server that obeys. Use as ``async with ReferenceServer(Options()) as server:``.

    It runs on the event loop of its caller and is stopped, with all sessions closed and all tasks
    ended, when the block is left.
    """

    def __init__(self, options: Options | None = None, behaviour: Behaviour | None = None) -> None:
        self.options = options or Options()
        self._behaviour = behaviour or Behaviour()
        self._ordinals = count(1)
        self._connections: set[_Connection] = set()
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """The port the server listens on. Raise ``RuntimeError`` while it does not."""
        if self._server is None:
            raise RuntimeError("the reference server is not running; enter it with `async with`")
        return int(next(iter(self._server.sockets)).getsockname()[1])

    def url(self, dialect: Literal["inworld", "openai"]) -> str:
        """Return the address of a dialect, without the query parameters that the client adds."""
        path = next(path for path, known in PATHS.items() if known.name == dialect)
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"ws://{host}:{self.port}{path}"

    async def start(self) -> None:
        """Begin to listen. Raise ``OSError`` if the port is taken."""
        self._server = await serve(
            self._serve,
            self.options.host,
            self.options.port,
            create_connection=_tracked(self._connections),
            process_request=_process_request(self.options.credentials, self._behaviour.admit),
            select_subprotocol=_select_subprotocol,
            compression=None,
            max_size=self.options.max_frame_bytes,
            # Pings would drop a client that is being debugged; a session ends with its socket.
            ping_interval=None,
            close_timeout=CLOSE_TIMEOUT,
            server_header=None,
            logger=_WEBSOCKETS_LOG,
        )

    async def stop(self) -> None:
        """Close all sessions with 1001 and wait until everything has ended."""
        server, self._server = self._server, None
        if server is None:
            return
        # The library waits for handshakes to end, and for clients to read what was sent before the
        # close frame. A client that does neither would hold us up for as long as it likes.
        self._abort(ConnectionState.CONNECTING)
        server.close()
        patience = asyncio.get_running_loop().call_later(CLOSE_TIMEOUT, self._abort, *ConnectionState)
        try:
            await server.wait_closed()
        finally:
            patience.cancel()

    def _abort(self, *states: ConnectionState) -> None:
        """Drop the connections that are in one of some states."""
        for connection in list(self._connections):
            if connection.protocol.state in states:
                connection.transport.abort()

    async def _serve(self, connection: ServerConnection) -> None:
        """Run one session for as long as its connection lasts."""
        assert isinstance(connection, _Connection)
        admission = connection.admission
        assert admission is not None
        line = _Line(connection, self.options.pace)
        opening = Opening(
            dialect=admission.dialect,
            model=admission.model,
            seed=self.options.seed,
            ordinal=next(self._ordinals),
            lifetime=self.options.lifetime,
        )
        session = Session(opening, line, self._behaviour)
        tasks = [asyncio.create_task(line.write()), asyncio.create_task(line.keep_pace())]
        try:
            if admission.beta:
                session.refuse_beta()
            else:
                session.start()
            async for frame in connection:
                session.receive(frame)
        except ConnectionClosed:
            pass  # How a client leaves is its own affair.
        finally:
            session.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def serve_forever(
    options: Options, announce: Callable[[str], None], behaviour: Behaviour | None = None
) -> None:
    """Serve until cancelled. ``announce`` is called once, with ``listening <address>``."""
    async with ReferenceServer(options, behaviour) as server:
        announce(f"listening {server.url('inworld')}")
        await asyncio.get_running_loop().create_future()


class _Connection(ServerConnection):
    """A connection that knows what it was admitted to."""

    admission: Admission | None = None


def _tracked(known: set[_Connection]) -> type[_Connection]:
    """Return a class of connections that are in ``known`` from their first byte to their last."""

    class Tracked(_Connection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            known.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            known.discard(self)
            super().connection_lost(exc)

    return Tracked


class _Line:
    """The host of one session: a queue of frames out, a pacemaker, a clock."""

    def __init__(self, connection: ServerConnection, pace: float) -> None:
        self._connection = connection
        self._pace = pace
        self._frames: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue()
        self._streams: list[Iterator[None]] = []
        self._started = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def deliver(self, event: dict[str, Any]) -> None:
        self._frames.put_nowait(encode(event))
        if self._frames.qsize() > BACKLOG:
            self._room.clear()

    def stream(self, steps: Iterator[None]) -> None:
        self._streams.append(steps)
        self._started.set()

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, call)

    def now(self) -> float:
        return time.time()

    def close(self, code: int, reason: str) -> None:
        self._frames.put_nowait((code, reason))

    async def write(self) -> None:
        """Send what was delivered, in order, until the connection is gone or to be closed."""
        try:
            while True:
                frame = await self._frames.get()
                if self._frames.qsize() <= BACKLOG:
                    self._room.set()
                if isinstance(frame, str):
                    await self._connection.send(frame)
                else:
                    await self._connection.close(*frame)
                    return
        except ConnectionClosed:
            pass

    async def keep_pace(self) -> None:
        """Take a step of each stream, again and again, with a pause before each round.

        One pacemaker for all streams of a session: they advance in turn, in the order in which they
        began, which makes a session repeatable.
        """
        while True:
            await self._started.wait()
            await asyncio.sleep(self._pace)
            await self._room.wait()
            for steps in list(self._streams):
                try:
                    next(steps)
                except StopIteration:
                    self._streams.remove(steps)
                except Exception:  # noqa: BLE001 (the other streams of the session go on)
                    _LOG.exception("a stream of events broke off")
                    self._streams.remove(steps)
            if not self._streams:
                self._started.clear()


def _process_request(
    credentials: frozenset[str] | None,
    admit: Admit,
) -> Callable[[ServerConnection, Request], Response | None]:
    def process(connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, _Connection)
        verdict = admit(request.path, list(request.headers.raw_items()), credentials)
        if isinstance(verdict, Admission):
            connection.admission = verdict
            return None
        if isinstance(verdict, HangUp):
            connection.transport.abort()
            return None
        response = connection.respond(verdict.status, json.dumps(verdict.body) + "\n")
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "application/json"
        if verdict.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="realtime"'
        return response

    return process


def _select_subprotocol(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    assert isinstance(connection, _Connection)
    chosen = connection.admission.subprotocol if connection.admission else None
    return Subprotocol(chosen) if chosen is not None and chosen in offered else None
