"""The first events of a session."""

from __future__ import annotations

import contextlib

from suites.scenario import scenario
from suites.talk import Talk
from wire.failures import Stalled

_QUIET_S = 0.3


@scenario(
    "session/created/first",
    "session/created/once",
    "session/created/full-configuration",
    "payload/session.created",
    "envelope/one-json-object",
    "envelope/event-id-present",
    "session/updated/format-echo",
    "connection/survives-valid-events",
    "transport/rfc6455",
)
async def session_created_comes_first(talk: Talk) -> None:
    """Nothing is sent; session.created comes by itself."""
    await talk.opened()
    await talk.fence()


@scenario("session/created/then-quiet")
async def nothing_until_the_client_acts(talk: Talk) -> None:
    """The client only listens for a moment."""
    created = await talk.opened()
    with contextlib.suppress(Stalled):  # as it should be
        await talk.session.wait(
            "nothing more",
            lambda r: r.type not in ("ping", "conversation.created"),
            after=created.seq,
            within=_QUIET_S,
        )
    await talk.fence()


@scenario(
    "session/update/before-session-created",
    "session/update/acknowledged",
    where="listens_at_once",
    hasty=True,
)
async def update_before_created_was_read(talk: Talk) -> None:
    """A session.update is sent at once, as official samples do, without reading session.created first."""
    await talk.update(instructions="Answer in one word.")
