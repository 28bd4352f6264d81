"""conversation.item.delete: gone is gone, and the chain heals."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk, user


@scenario(
    "items/delete/acknowledged",
    "items/delete/names-item",
    "payload/conversation.item.deleted",
    "items/previous/after-delete",
    "items/previous/appended",
    shares="together",
)
async def the_last(talk: Talk) -> None:
    """The last item is deleted; the next one follows the one before."""
    await talk.opened()
    await talk.say("Stays.")
    last = await talk.say("Goes.")
    await talk.ask("conversation.item.delete", item_id=last)
    await talk.say("Comes.")


@scenario("items/delete/acknowledged", "items/previous/appended", shares="together")
async def in_the_middle(talk: Talk) -> None:
    """An item between two others is deleted."""
    await talk.opened()
    await talk.say("First.")
    middle = await talk.say("Second.")
    await talk.say("Third.")
    await talk.ask("conversation.item.delete", item_id=middle)
    await talk.say("Fourth.")


@scenario("items/previous/inserted", "items/delete/acknowledged", shares="together")
async def then_insert_behind_its_predecessor(talk: Talk) -> None:
    """After a deletion, an item is inserted where the deleted one was."""
    await talk.opened()
    first = await talk.say("First.")
    second = await talk.say("Second.")
    await talk.say("Third.")
    await talk.ask("conversation.item.delete", item_id=second)
    await talk.create(user("New second."), previous_item_id=first)


@scenario("items/delete/twice-refused", "items/delete/acknowledged", "errors/one-answer", shares="together")
async def twice(talk: Talk) -> None:
    """The same item is deleted again."""
    await talk.opened()
    item = await talk.say("Goes.")
    await talk.need("conversation.item.delete", item_id=item)
    await talk.refused("conversation.item.delete", item_id=item)
    await talk.fence()


@scenario(
    "items/delete/unknown-refused", "errors/event-id-echoed", "errors/session-survives", shares="together"
)
async def unknown(talk: Talk) -> None:
    """An item that does not exist."""
    await talk.opened()
    await talk.refused("conversation.item.delete", item_id="item_that_never_was")
    await talk.fence()


@scenario("errors/invalid-event-refused", "errors/session-survives", shares="together")
async def id_of_wrong_type(talk: Talk) -> None:
    """The id is a number."""
    await talk.opened()
    await talk.refused("conversation.item.delete", item_id=7)
    await talk.fence()
