"""One call to a server: what was tried on it, how that ended, and the trace it left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.wire.hostile import Behaviour, serving
from wire.endpoint import Auth, Endpoint, Timeouts
from wire.failures import WireError
from wire.frames import Received
from wire.patience import Patience
from wire.session import Session, open_session
from wire.trace import Entry, Recorder
from wire.trace_files import TraceFile

KEY = "c2VjcmV0LWlkOnNlY3JldC1oYWxm"
"""A credential as the portal hands it out: `secret-id:secret-half` in Base64."""

PATIENT = Timeouts(connect=10.0, answer=10.0, response=10.0, silence=10.0, close=0.1)
"""For what is going to happen: nobody waits that long."""

SHORT = Timeouts(connect=10.0, answer=0.15, response=0.3, silence=0.15, close=0.1)
"""For what is never going to happen, once the connection is open."""

HASTY = Timeouts(connect=0.3, close=0.1)
"""For a handshake that is never going to end."""

_FOR_EVER = 30.0

Act = Callable[[Session], Awaitable[Any]]


@dataclass(frozen=True)
class Call:
    """What came of a call. `failure` is what it raised, `result` what it returned."""

    failure: WireError | None
    result: Any
    entries: list[Entry]
    complete: bool
    written: str

    def kinds(self) -> list[tuple[str, str]]:
        """Who did what, in order."""
        return [(entry.dir, entry.kind) for entry in self.entries]

    def detail(self, kind: str) -> dict[str, Any]:
        """What is known of the one entry of a kind."""
        [entry] = [entry for entry in self.entries if entry.kind == kind]
        return dict(entry.detail or {})


async def greeting(session: Session) -> Received:
    """Wait for session.created."""
    return await session.wait_for("session.created", after=0)


def call(
    path: Path,
    behaviour: Behaviour,
    act: Act = greeting,
    patience: Patience | None = None,
    **endpoint: Any,
) -> Call:
    """Call a server that behaves so, do `act` on the session, and return what came of it.

    Without `patience`, no wait goes on past its deadline. A call that takes for ever fails the test.
    """
    endpoint.setdefault("auth", Auth("bearer", KEY))
    endpoint.setdefault("timeouts", PATIENT)

    async def conversation() -> tuple[WireError | None, Any]:
        async with serving(behaviour) as url, asyncio.timeout(_FOR_EVER):
            target = replace(Endpoint(url, dialect="openai"), **endpoint)
            recorder = Recorder(path, target.redactor, scenario="call")
            try:
                async with open_session(target, recorder, patience=patience) as session:
                    return None, await act(session)
            except WireError as failure:
                return failure, None
            finally:
                recorder.close("closed")

    failure, result = asyncio.run(conversation())
    trace = TraceFile(path)
    entries = list(trace)
    return Call(failure, result, entries, trace.complete, path.read_text(encoding="utf-8"))
