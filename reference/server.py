"""The shell: sessions behind a WebSocket, on the caller's event loop."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State as ConnectionState
from websockets.typing import Subprotocol

from protocol.catalogue import DEFAULT
from protocol.dialect import DialectName
from protocol.words import Words
from reference.behaviour import Behaviour
from reference.channels.conduct import OBEDIENT, ChannelVerdict
from reference.channels.doors import CHANNEL_PATHS, ChannelAdmission, admit_to_channel, service_at
from reference.channels.line import ChannelLine
from reference.channels.services import SERVICES
from reference.channels.session import ChannelSession
from reference.conditions import HTTP_STATUS, Conditions, House
from reference.errors import Code
from reference.handshake import DOORS, Admission, HangUp, Rejection, doors
from reference.line import SessionLine
from reference.profiles import INWORLD
from reference.session import ServedSession, SessionOpening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.http11 import Request, Response


CLOSE_TIMEOUT = 0.5
"""Seconds a client has to answer a close frame. Stopping the server takes no longer than this."""
# The library logs the request with its headers at DEBUG, and with it the credential. Its logger for
# this server therefore starts at WARNING, whatever the root logger is set to.
_WEBSOCKETS_LOG = logging.getLogger("reference.websockets")
_WEBSOCKETS_LOG.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a server is run.

    * ``host``, ``port``: where it listens; port 0 takes a free one.
    * ``seed``: decides all ids and answers. Two runs with one seed send the same.
    * ``pace``: seconds between two deltas of a response.
    * ``credentials``: API keys and tokens that are let in; None lets in any that is not empty.
    * ``max_frame_bytes``: a larger frame closes the connection with 1009.
    * ``lifetime``: longest duration of a session, in seconds.
    * ``conditions``: how much room, money and time there is.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 0
    pace: float = 0.002
    credentials: frozenset[str] | None = None
    max_frame_bytes: int = 16 * 1024 * 1024
    lifetime: float = 3600.0
    conditions: Conditions = field(default_factory=Conditions)

    def __repr__(self) -> str:
        # A repr ends up in logs and tracebacks; credentials do not.
        shown = "any" if self.credentials is None else f"{len(self.credentials)} known"
        return f"Options({self.host}:{self.port}, seed={self.seed}, pace={self.pace}, credentials: {shown})"


class ReferenceServer:
    """A Realtime server that obeys. Use as ``async with ReferenceServer(Options()) as server:``.

    It runs on the event loop of its caller and is stopped, with all sessions closed and all tasks
    ended, when the block is left.
    """

    def __init__(self, options: ServerOptions | None = None, behaviour: Behaviour | None = None) -> None:
        self.options = options or ServerOptions()
        self._behaviour = behaviour or Behaviour()
        self._ordinals = count(1)
        self._house = House(self.options.conditions)
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

    @property
    def turned_away(self) -> int:
        """How many clients there was no room for so far."""
        return self._house.turned_away

    def url(self, dialect: DialectName) -> str:
        """Return the address of a dialect, without the query parameters that the client adds."""
        return self._address(next(path for path, door in doors().items() if door.name == dialect))

    def channel_url(self, channel: str) -> str:
        """Return the address of another channel, ``tts`` or ``stt``."""
        return self._address(CHANNEL_PATHS[channel])

    def _address(self, path: str) -> str:
        host = f"[{self.options.host}]" if ":" in self.options.host else self.options.host
        return f"ws://{host}:{self.port}{path}"

    async def start(self) -> None:
        """Begin to listen. Raise ``OSError`` if the port is taken."""
        self._server = await serve(
            self._serve,
            self.options.host,
            self.options.port,
            create_connection=_tracked(self._connections, self._house),
            process_request=_process_request(self.options.credentials, self._behaviour, self._house),
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
        line, session = self._line_and_session(connection)
        tasks = [asyncio.create_task(line.write()), asyncio.create_task(line.keep_pace())]
        try:
            if connection.turned_away:
                session.turn_away(self.options.conditions.full)
            elif self._house.broke:
                session.refuse_for_quota()
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

    def _line_and_session(
        self, connection: _Connection
    ) -> tuple[SessionLine, ServedSession | ChannelSession]:
        """Return what a connection was admitted to, and the line that it speaks on."""
        admission, options, ordinal = connection.admission, self.options, next(self._ordinals)
        assert admission is not None
        if isinstance(admission, ChannelAdmission):
            channel = ChannelLine(connection, options, self._house, ordinal, Words())
            conduct = self._behaviour.services.get(admission.channel, OBEDIENT)
            return channel, ChannelSession(SERVICES[admission.channel], channel, conduct, options.seed)
        line = SessionLine(connection, options, self._house, ordinal, admission.words)
        opening = SessionOpening(
            dialect=admission.dialect,
            model=admission.model,
            seed=options.seed,
            ordinal=ordinal,
            lifetime=options.lifetime,
            silent_age=options.conditions.silent_age,
            words=admission.words,
            beta=admission.beta,
        )
        behaviour = self._behaviour if self._house.overworked else Behaviour()
        return line, ServedSession(opening, line, behaviour)


async def serve_forever(
    options: ServerOptions,
    announce: Callable[[str], None],
    behaviour: Behaviour | None = None,
    dialect: DialectName = DEFAULT,
) -> None:
    """Serve until cancelled.

    ``announce`` is called with ``listening <address>``, that of ``dialect``; then, for the dialect that has
    other channels, with the name and address of each; then for each dialect that a user has added.
    """
    async with ReferenceServer(options, behaviour) as server:
        announce(f"listening {server.url(dialect)}")
        if dialect == INWORLD.name:
            for channel in CHANNEL_PATHS:
                announce(f"{channel} {server.channel_url(channel)}")
        for door in doors().values():
            if not any(door.name == own.name for own in DOORS.values()):
                announce(f"{door.name} {server.url(door.name)}")
        await asyncio.get_running_loop().create_future()


class _Connection(ServerConnection):
    """A connection that knows what it was admitted to."""

    admission: Admission | ChannelAdmission | None = None
    housed = False
    """It has taken one of the places there are."""
    turned_away = False
    """It is let in only to be told that there is no place."""


def _tracked(known: set[_Connection], house: House) -> type[_Connection]:
    """Return a class of connections that are in ``known`` from their first byte to their last."""

    class Tracked(_Connection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            known.add(self)

        def connection_lost(self, exc: Exception | None) -> None:
            known.discard(self)
            super().connection_lost(exc)
            if self.housed:
                self.housed = False
                self.loop.call_later(house.conditions.slot_freed_after, house.free_place)

    return Tracked


def _process_request(
    credentials: frozenset[str] | None,
    behaviour: Behaviour,
    house: House,
) -> Callable[[ServerConnection, Request], Response | None]:
    def process(connection: ServerConnection, request: Request) -> Response | None:
        assert isinstance(connection, _Connection)
        headers = list(request.headers.raw_items())
        channel = service_at(request.path)
        verdict = (
            behaviour.admit(request.path, headers, credentials)
            if channel is None
            else _at_channel(behaviour, channel, request.path, headers, credentials)
        )
        if isinstance(verdict, Admission | ChannelAdmission):
            connection.admission = verdict
            connection.housed = house.take_place()
            connection.turned_away = not connection.housed
            status = HTTP_STATUS.get(house.conditions.full)
            return None if connection.housed or status is None else _full(connection, status, house)
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


def _at_channel(
    behaviour: Behaviour,
    channel: str,
    target: str,
    headers: list[tuple[str, str]],
    credentials: frozenset[str] | None,
) -> ChannelVerdict:
    """Return the verdict on an upgrade request for another channel than Realtime."""
    verdict: ChannelVerdict = admit_to_channel(channel, target, headers, credentials)
    for door in behaviour.services.get(channel, OBEDIENT).doors:
        verdict = door(verdict)
    return verdict


def _full(connection: ServerConnection, status: int, house: House) -> Response:
    """Return the HTTP answer to a client for which there is no room."""
    refusal = Rejection(HTTPStatus(status), Code.RATE_LIMIT_EXCEEDED, "Too many concurrent sessions.")
    response = connection.respond(refusal.status, json.dumps(refusal.body) + "\n")
    if house.conditions.retry_after is not None:
        response.headers["Retry-After"] = str(house.conditions.retry_after)
    return response


def _select_subprotocol(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    assert isinstance(connection, _Connection)
    chosen = connection.admission.subprotocol if connection.admission else None
    return Subprotocol(chosen) if chosen is not None and chosen in offered else None
