"""conversation.item.create: what is added, where, and what is refused."""

from __future__ import annotations

from generators.audio import encode_pcm, tone
from suites.scenario import scenario
from suites.talk import WEATHER, Talk, assistant, system, user

_UNKNOWN = "item_that_never_was"


@scenario(
    "items/create/acknowledged",
    "items/added-then-done",
    "items/done-after-added",
    "items/added-once",
    "items/done-once",
    "items/create/final-at-once",
    "items/added/full-content",
    "items/previous/appended",
    "items/done/same-previous",
    "items/content-fits-role",
    "items/no-beta-created",
    "payload/conversation.item.added",
    "payload/conversation.item.done",
    shares="together",
)
async def message_of_the_user(talk: Talk) -> None:
    """A text message of the user."""
    await talk.opened()
    await talk.say("Hello.")
    await talk.fence()


@scenario(
    "items/create/acknowledged", "items/added/full-content", "items/content-fits-role", shares="together"
)
async def message_of_the_system(talk: Talk) -> None:
    """A system message."""
    await talk.opened()
    await talk.create(system("The user's name is Ada."))
    await talk.fence()


@scenario(
    "items/create/acknowledged", "items/added/full-content", "items/content-fits-role", shares="together"
)
async def message_of_the_assistant(talk: Talk) -> None:
    """A text message of the assistant, as when a conversation is restored."""
    await talk.opened()
    await talk.say("My name is Ada.")
    await talk.create(assistant("Nice to meet you, Ada."))
    await talk.fence()


@scenario("items/create/keeps-client-id", "items/previous/appended", shares="together")
async def id_of_the_client(talk: Talk) -> None:
    """The client chooses the item's id, a UUID as pipecat does."""
    await talk.opened()
    await talk.create(user("Hello.", id="5f1c7f0e-9f6b-4b7e-9d59-0f6c5ad0b7e1"))
    await talk.say("And again.")


@scenario(
    "items/previous/appended",
    "items/previous/announced",
    "envelope/answers-in-order",
    "envelope/answered-once",
    "items/added-then-done",
    shares="together",
)
async def three_in_a_burst(talk: Talk) -> None:
    """Three items are sent without waiting, and something else behind them; they are added in that order."""
    await talk.opened()
    for text in ("One.", "Two.", "Three."):
        await talk.session.send("conversation.item.create", item=user(text))
    await talk.fence()
    await talk.say("Four.")
    await talk.fence()


@scenario("items/previous/root", shares="together")
async def at_the_head(talk: Talk) -> None:
    """An item is put before all others."""
    await talk.opened()
    await talk.say("Second.")
    await talk.create(user("First."), previous_item_id="root")
    await talk.say("Third.")


@scenario("items/previous/inserted", "items/previous/appended", shares="together")
async def in_the_middle(talk: Talk) -> None:
    """An item is inserted between two others."""
    await talk.opened()
    first = await talk.say("First.")
    await talk.say("Third.")
    await talk.create(user("Second."), previous_item_id=first)
    await talk.say("Fourth.")


@scenario(
    "items/previous/unknown-refused",
    "items/previous/appended",
    "errors/event-id-echoed",
    "errors/one-answer",
    "errors/type-names-culprit",
    shares="together",
)
async def behind_an_unknown_item(talk: Talk) -> None:
    """The predecessor does not exist; the item is not added."""
    await talk.opened()
    await talk.say("First.")
    await talk.refused("conversation.item.create", item=user("Lost."), previous_item_id=_UNKNOWN)
    await talk.say("Second.")


@scenario("items/create/duplicate-id", shares="together")
async def id_in_use(talk: Talk) -> None:
    """An id that is in use; a server may refuse it or not."""
    await talk.opened()
    await talk.create(user("One.", id="item_of_conformance_1"))
    await talk.ask("conversation.item.create", item=user("Two.", id="item_of_conformance_1"))
    await talk.fence()


@scenario(
    "items/create/acknowledged",
    "items/added/full-content",
    "calls/output-acknowledged",
    features=("function-calls",),
    shares="together",
)
async def call_and_output(talk: Talk) -> None:
    """A function call and its output, as when a conversation is restored."""
    await talk.update(tools=[WEATHER])
    call = {
        "type": "function_call",
        "call_id": "call_conformance_1",
        "name": "get_weather",
        "arguments": '{"city": "Paris"}',
    }
    await talk.create(call)
    output = {"type": "function_call_output", "call_id": "call_conformance_1", "output": "Rain."}
    await talk.create(output)
    await talk.fence()


@scenario("items/create/unknown-call-refused", features=("function-calls",), shares="together")
async def output_without_call(talk: Talk) -> None:
    """The output of a call that nobody made."""
    await talk.opened()
    output = {"type": "function_call_output", "call_id": "call_never_made", "output": "42"}
    await talk.refused("conversation.item.create", item=output)
    await talk.fence()


@scenario(
    "items/added/no-audio-bytes",
    "items/create/acknowledged",
    features=("audio-input",),
    audio_s=0.5,
    shares="together",
)
async def message_with_audio(talk: Talk) -> None:
    """A message of the user with audio content; the events do not send the audio back."""
    await talk.opened()
    content = [{"type": "input_audio", "audio": encode_pcm(tone(500)), "transcript": "Hum."}]
    await talk.create({"type": "message", "role": "user", "content": content})
    await talk.fence()


@scenario("items/added/full-content", shares="together")
async def text_in_many_scripts(talk: Talk) -> None:
    """Text beyond ASCII, with what JSON must escape."""
    await talk.opened()
    await talk.say('Grüße, "Ada"! 日本語 — ﷽ 👩‍🚀 \\ \n\t nul-free')
    await talk.fence()


@scenario("items/create/acknowledged", "items/added/full-content", shares="together")
async def long_text(talk: Talk) -> None:
    """Eight thousand characters."""
    await talk.opened()
    await talk.say("All work and no play makes Jack a dull boy. " * 180)
    await talk.fence()


@scenario(
    "errors/invalid-event-refused", "errors/session-survives", "errors/event-id-echoed", shares="together"
)
async def without_item(talk: Talk) -> None:
    """The item is missing."""
    await talk.opened()
    await talk.refused("conversation.item.create")
    await talk.fence()


@scenario("errors/invalid-event-refused", "errors/session-survives", shares="together")
async def unknown_item_type(talk: Talk) -> None:
    """An item of a type that does not exist."""
    await talk.opened()
    await talk.refused("conversation.item.create", item={"type": "poem", "content": []})
    await talk.fence()


@scenario("errors/invalid-event-refused", "errors/session-survives", shares="together")
async def content_without_text(talk: Talk) -> None:
    """A text part without its text."""
    await talk.opened()
    item = {"type": "message", "role": "user", "content": [{"type": "input_text"}]}
    await talk.refused("conversation.item.create", item=item)
    await talk.fence()
