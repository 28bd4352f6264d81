"""conversation.item.retrieve: the whole item, or an error."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk

_NEEDS = ("retrieve",)


@scenario(
    "items/retrieve/acknowledged",
    "items/retrieve/full-item",
    "payload/conversation.item.retrieved",
    features=_NEEDS,
    shares="together",
)
async def a_message(talk: Talk) -> None:
    """A message of the user."""
    await talk.opened()
    item = await talk.say("Remember me.")
    await talk.ask("conversation.item.retrieve", item_id=item)


@scenario(
    "items/retrieve/unknown-refused",
    "errors/event-id-echoed",
    "errors/session-survives",
    features=_NEEDS,
    shares="together",
)
async def unknown(talk: Talk) -> None:
    """An item that does not exist."""
    await talk.opened()
    await talk.refused("conversation.item.retrieve", item_id="item_that_never_was")
    await talk.fence()


@scenario("items/delete/twice-refused", "items/delete/acknowledged", features=_NEEDS, shares="together")
async def deleted(talk: Talk) -> None:
    """An item that was deleted."""
    await talk.opened()
    item = await talk.say("Forget me.")
    await talk.need("conversation.item.delete", item_id=item)
    await talk.refused("conversation.item.retrieve", item_id=item)


@scenario("errors/invalid-event-refused", "errors/session-survives", features=_NEEDS, shares="together")
async def without_id(talk: Talk) -> None:
    """The id is missing."""
    await talk.opened()
    await talk.refused("conversation.item.retrieve")
    await talk.fence()
