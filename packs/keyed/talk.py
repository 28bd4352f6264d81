"""The client's side of a conversation without types: what a scenario says, and what it waits for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from packs.keyed.messages import ERROR, STATUS, KeyedMessage, ReadMessage, message_of
from wire.budget import Cost
from wire.failures import Ended
from wire.frames import Received, dump
from wire.session import Session
from wire.trace import Entry


class KeyedTalk:
    """A conversation over an open `session`. What it raises is what a session raises (`wire.session`)."""

    def __init__(
        self,
        session: Session,
        read: ReadMessage = message_of,
        costs: Callable[[KeyedMessage], Cost] = lambda _: Cost(),
    ) -> None:
        """`read` tells the channel's messages apart, `costs` what one of the client's takes of a budget."""
        self.session = session
        self._read, self._costs = read, costs

    async def say(self, message: Mapping[str, Any], **label: Any) -> int:
        """Send `message` as one text frame, with `label` beside it in the trace; return its `seq`.

        Raises `OverBudget` where it must not be sent.
        """
        read = self._read(Entry(0, None, "client", "text", dict(message)))
        if read is not None:
            self.session.tab.spend(self._costs(read))
        return await self.session.send_text(dump(message), **label)

    async def hear(
        self,
        *names: str,
        context: str | None = None,
        after: int = 0,
        where: Callable[[KeyedMessage], bool] = lambda _: True,
        streaming: bool = False,
    ) -> KeyedMessage:
        """Return the first message past `seq` `after` that is called one of `names`, of `context` if given.

        What is heard while it is `streaming` may take as long as a response does. Raises `Stalled` where it
        does not come in time, which is noted in the trace.
        """
        received = await self.session.wait(
            " or ".join(names),
            lambda each: self._is(each, names, context, where),
            after=after,
            streaming=streaming,
        )
        return self._told(received)

    async def refused(self, context: str | None = None, after: int = 0) -> KeyedMessage:
        """Return the first error past `seq` `after`, of `context` or of none."""
        return await self.hear(
            STATUS,
            ERROR,
            "contextCreated",
            after=after,
            where=lambda each: (each.name == ERROR or each.code != 0) and each.context in (context, None),
        )

    async def listen_on(self, seconds: float) -> None:
        """Hear what still comes within so many seconds, or until the server closes; nothing is awaited."""
        await self.session.wait_closed(seconds)

    async def end(self) -> None:
        """Wait until the server has closed the connection. Raises `Stalled` where it does not, as `hear`."""
        with contextlib.suppress(Ended):
            await self.session.wait("the end of the connection", lambda _: False)

    def heard(self, *names: str, context: str | None = None) -> list[KeyedMessage]:
        """Return what has come so far that is called one of `names`, of `context` if given."""
        found = self.session.received
        return [self._told(each) for each in found if self._is(each, names, context, lambda _: True)]

    def _told(self, received: Received) -> KeyedMessage:
        message = self._read(Entry(received.seq, None, "server", "text", received.event))
        assert message is not None
        return message

    def _is(
        self,
        received: Received,
        names: tuple[str, ...],
        context: str | None,
        where: Callable[[KeyedMessage], bool],
    ) -> bool:
        message = self._told(received)
        return message.name in names and context in (None, message.context) and where(message)
