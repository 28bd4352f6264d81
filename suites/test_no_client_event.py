"""Frames that are no client event of the protocol: they are refused, and the session goes on."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk


@scenario(
    "errors/unknown-type-refused",
    "errors/unknown-type-code",
    "errors/event-id-echoed",
    "errors/type-names-culprit",
    "errors/one-answer",
    "errors/session-survives",
    "payload/error",
    shares="together",
)
async def unknown_type(talk: Talk) -> None:
    """An event of a type that does not exist."""
    await talk.opened()
    await talk.refused("conformance.no_such_event")
    await talk.fence()


@scenario(
    "errors/not-an-event-refused", "errors/event-id-echoed", "errors/session-survives", shares="together"
)
async def without_type(talk: Talk) -> None:
    """An object without a type."""
    await talk.opened()
    await talk.refused_text('{"event_id": "evt_without_type"}')
    await talk.fence()


@scenario("errors/not-an-event-refused", "errors/session-survives", shares="together")
async def broken_json(talk: Talk) -> None:
    """Text that is not JSON."""
    await talk.opened()
    await talk.refused_text('{"type": "response.create"')
    await talk.fence()


@scenario("errors/not-an-event-refused", "errors/session-survives", shares="together")
async def an_array(talk: Talk) -> None:
    """JSON, and no object."""
    await talk.opened()
    await talk.refused_text("[]")
    await talk.fence()


@scenario("errors/not-an-event-refused", "errors/session-survives", shares="together")
async def a_string(talk: Talk) -> None:
    """JSON, and no object either."""
    await talk.opened()
    await talk.refused_text('"response.create"')
    await talk.fence()


@scenario("errors/not-an-event-refused", "errors/session-survives", shares="together")
async def binary_frame(talk: Talk) -> None:
    """A binary frame, as if audio were sent bare."""
    await talk.opened()
    await talk.session.send_bytes(bytes(320))
    await talk.refusal_of("what is no client event")
    await talk.fence()
