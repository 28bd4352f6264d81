"""conversation.item.truncate: what was not heard is forgotten."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk, Unmet, assistant

_AUDIO = ("truncation", "audio-output")


async def _spoken(talk: Talk) -> str:
    """Have the assistant say something; return the item's id."""
    await talk.by_voice()
    await talk.say("Say yes.")
    turn = await talk.respond()
    for item in turn.items:
        if item.get("type") == "message":
            return str(item.get("id"))
    raise Unmet("the response has no message")


@scenario(
    "items/truncate/acknowledged",
    "items/truncate/echoes-request",
    "payload/conversation.item.truncated",
    "items/truncate/cuts-transcript",
    "items/truncate/beyond-audio-refused",
    "items/retrieve/acknowledged",
    "items/retrieve/full-item",
    "errors/session-survives",
    "cancel/no-truncation-by-server",
    features=_AUDIO,
    regards=("retrieve",),
    responses=1,
    audio_s=5.0,
)
async def spoken_words(talk: Talk) -> None:
    """Cut off far behind their end, which is refused, then early, then at their beginning; and looked at."""
    item = await _spoken(talk)
    await talk.refused("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=3_600_000)
    await talk.fence()
    if talk.offers.get("retrieve", True):
        await talk.ask("conversation.item.retrieve", item_id=item)
    for end_ms in (100, 0):
        await talk.ask("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=end_ms)
    if talk.offers.get("retrieve", True):
        await talk.ask("conversation.item.retrieve", item_id=item)


@scenario("items/truncate/not-audio-refused", features=("truncation",), shares="together")
async def message_of_the_user(talk: Talk) -> None:
    """What the user wrote cannot be truncated."""
    await talk.opened()
    item = await talk.say("Hello.")
    await talk.refused("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=0)
    await talk.fence()


@scenario("items/truncate/not-audio-refused", features=("truncation",), shares="together")
async def text_of_the_assistant(talk: Talk) -> None:
    """What the assistant wrote cannot be truncated."""
    await talk.opened()
    item = await talk.create(assistant("Hello."))
    await talk.refused("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=0)
    await talk.fence()


@scenario(
    "items/truncate/unknown-refused", "errors/event-id-echoed", features=("truncation",), shares="together"
)
async def unknown(talk: Talk) -> None:
    """An item that does not exist."""
    await talk.opened()
    await talk.refused(
        "conversation.item.truncate", item_id="item_that_never_was", content_index=0, audio_end_ms=0
    )
    await talk.fence()


@scenario(
    "errors/invalid-event-refused", "errors/session-survives", features=("truncation",), shares="together"
)
async def negative_time(talk: Talk) -> None:
    """The cut lies before the beginning."""
    await talk.opened()
    await talk.refused("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=-1)
    await talk.fence()
