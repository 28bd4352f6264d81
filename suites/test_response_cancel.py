"""response.cancel: a running response ends, and nothing else does."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk
from wire.frames import Received

_LONG = "Tell me a long story about a lighthouse."


async def _running(talk: Talk) -> Received:
    """Have a long written response under way."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say(_LONG)
    created = await talk.start()
    await talk.streaming(created)
    return created


def _response_id(created: Received) -> str:
    return str(created.event.get("response", {}).get("id"))


@scenario(
    "cancel/active-ends-cancelled",
    "cancel/reason-client",
    "cancel/closes-what-is-open",
    "cancel/finals-are-what-was-streamed",
    "cancel/cut-item-incomplete",
    "cancel/keeps-items",
    "response/done/status-details-given",
    "response/done/status-details-shape",
    "cancel/then-create",
    "response/lifecycle/done-is-last",
    "cancel/before-created",
    "cancel/idle-refused",
    "errors/idle-cancel-harmless",
    responses=2,
    shares="together",
)
async def the_running_one(talk: Talk) -> None:
    """Cancelled in the middle of its text; so is another, right behind its response.create; and then again.

    Whether the second time is too early is the server's to say; the third time it is too late.
    """
    created = await _running(talk)
    await talk.session.send("response.cancel")
    await talk.finish(created)
    before = talk.session.sent_seq
    await talk.session.send("response.create")
    await talk.session.send("response.cancel")
    created = await talk.hears("response.created", after=before)
    await talk.finish(created)
    await talk.refused("response.cancel", response_id=_response_id(created))
    await talk.fence()


@scenario(
    "cancel/active-ends-cancelled",
    "cancel/closes-what-is-open",
    "cancel/keeps-items",
    features=("audio-output",),
    responses=1,
    audio_s=20.0,
    shares="together",
)
async def while_it_speaks(talk: Talk) -> None:
    """A spoken response is cancelled by its id."""
    await talk.by_voice(instructions="Answer at length.")
    await talk.say(_LONG)
    created = await talk.start()
    await talk.streaming(created)
    await talk.session.send("response.cancel", response_id=_response_id(created))
    await talk.finish(created)
    await talk.fence()


@scenario(
    "response/create/slot-frees-at-done",
    "cancel/active-ends-cancelled",
    "cancel/reason-client",
    "cancel/late-deltas",
    responses=2,
    shares="together",
)
async def with_the_next_asked_for_at_once(talk: Talk) -> None:
    """Cancelled by its id, and another asked for before this one is done; the server may refuse that one."""
    created = await _running(talk)
    await talk.session.send("response.cancel", response_id=_response_id(created))
    answer = await talk.ask("response.create", response={"instructions": "Answer in one word."})
    await talk.finish(created)
    if answer.type == "response.created":
        await talk.finish(answer)
    await talk.fence()


@scenario(
    "cancel/idle-refused",
    "errors/idle-cancel-harmless",
    "errors/event-id-echoed",
    "errors/session-survives",
    shares="together",
)
async def nothing_to_cancel(talk: Talk) -> None:
    """No response is running, as when a client cancels on each start of speech."""
    await talk.opened()
    await talk.refused("response.cancel", idle=True)
    await talk.fence()


@scenario("cancel/idle-refused", shares="together")
async def an_unknown_one(talk: Talk) -> None:
    """The response named never was."""
    await talk.opened()
    await talk.refused("response.cancel", idle=True, response_id="resp_that_never_was")
    await talk.fence()
