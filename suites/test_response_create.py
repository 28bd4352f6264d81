"""response.create: one response at a time, with settings of its own, in or out of the conversation."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import WEATHER, Talk, user

_TEXT = (
    "response/create/acknowledged",
    "response/create/acknowledged-once",
    "response/create/asked-for",
    "response/created/in-progress",
    "response/created/empty",
    "response/lifecycle/done-exactly-once",
    "response/done/terminal-status",
)
_MARK = {"purpose": "conformance"}
"""Goes along with settings: where it does not come back either, they were ignored as a whole."""


@scenario(
    *_TEXT,
    "response/create/bare",
    "payload/response.created",
    "payload/response.done",
    "response/metadata-echoed",
    "envelope/explicit-nulls",
    responses=1,
)
async def bare(talk: Talk) -> None:
    """Without any settings of its own."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond()
    await talk.fence()


@scenario("response/metadata-echoed", "response/done/same-as-created", responses=1)
async def with_metadata(talk: Talk) -> None:
    """Metadata come back with the response."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond(metadata={"purpose": "conformance", "n": "1"})


@scenario("response/create/acknowledged", "response/item/content-is-the-parts", responses=1)
async def with_instructions(talk: Talk) -> None:
    """Instructions for this response only."""
    await talk.by_text()
    await talk.say("What do you say?")
    await talk.respond(instructions="Answer with one word: yes.")


@scenario(
    "response/modality/text-only", "response/create/acknowledged", features=("audio-output",), responses=1
)
async def text_in_a_session_of_audio(talk: Talk) -> None:
    """The response is written although the session speaks."""
    await talk.by_voice()
    await talk.say("Say yes.")
    await talk.respond(output_modalities=["text"])


@scenario(
    "response/modality/audio-without-text-stream",
    "response/modality/audio-with-transcript",
    features=("audio-output",),
    responses=1,
    audio_s=5.0,
)
async def audio_in_a_session_of_text(talk: Talk) -> None:
    """The response is spoken although the session writes."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond(output_modalities=["audio"])


@scenario(
    "response/incomplete/says-why",
    "response/incomplete/token-limit",
    "response/done/status-details-given",
    "cancel/cut-item-incomplete",
    "cancel/closes-what-is-open",
    responses=1,
)
async def with_few_tokens(talk: Talk) -> None:
    """The answer does not fit into the tokens allowed."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say("Tell me a long story about a lighthouse.")
    await talk.respond(max_output_tokens=16, metadata=_MARK)


@scenario(
    "response/conversation-id/constant",
    "response/ids-unique",
    "items/previous/appended",
    "response/done/lists-items",
    responses=2,
)
async def two_in_a_row(talk: Talk) -> None:
    """Two turns, one after the other."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond()
    await talk.say("Say no.")
    await talk.respond()


@scenario("items/create/burst-with-response", "items/create/acknowledged", responses=1)
async def in_one_burst_with_its_item(talk: Talk) -> None:
    """Item and response.create are sent back to back, as all samples do."""
    await talk.by_text()
    await talk.session.send("conversation.item.create", item=user("Say yes."))
    await talk.respond()
    await talk.fence()


@scenario("response/create/one-at-a-time", "errors/no-side-effects", "errors/event-id-echoed", responses=2)
async def while_another_runs(talk: Talk) -> None:
    """A second response is asked for while the first is being told; the first goes on."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say("Tell me a long story about a lighthouse.")
    first = await talk.start()
    second = await talk.refused("response.create")
    await talk.finish(first)
    if second is not None and second.type == "response.created":
        await talk.finish(second)
    await talk.fence()


@scenario("response/create/unknown-keys-ignored", dialects=("inworld",), responses=1)
async def with_unknown_keys(talk: Talk) -> None:
    """A key of the beta that pipecat still sends."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond(modalities=["text"])


@scenario("errors/invalid-event-refused", "errors/session-survives", "errors/event-id-echoed", responses=1)
async def with_tokens_below_one(talk: Talk) -> None:
    """No tokens at all are allowed."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.refused("response.create", response={"max_output_tokens": 0})
    await talk.fence()


# --- out of band ----------------------------------------------------------------------------------------


@scenario(
    "out-of-band/no-conversation-id",
    "out-of-band/not-in-conversation",
    "items/previous/appended",
    features=("out-of-band",),
    responses=1,
)
async def out_of_band(talk: Talk) -> None:
    """A response that writes to no conversation; the next item does not follow it."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond(conversation="none", metadata={"topic": "side"})
    await talk.say("Where were we?")


@scenario(
    "out-of-band/runs-beside",
    "out-of-band/told-apart",
    "out-of-band/no-conversation-id",
    features=("out-of-band",),
    responses=2,
)
async def out_of_band_beside_another(talk: Talk) -> None:
    """An out-of-band response while one of the conversation runs."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say("Tell me a long story about a lighthouse.")
    first = await talk.start()
    second = await talk.start(conversation="none", instructions="Answer in one word.")
    await talk.finish(second)
    await talk.finish(first)
    await talk.fence()


@scenario("out-of-band/not-in-conversation", features=("out-of-band",), responses=1)
async def with_input_of_its_own(talk: Talk) -> None:
    """Its input is given along, out of band."""
    await talk.by_text()
    await talk.respond(conversation="none", input=[user("Say yes.")])


@scenario("out-of-band/not-in-conversation", features=("out-of-band",), responses=1)
async def with_reference_to_an_item(talk: Talk) -> None:
    """Its input is an item of the conversation."""
    await talk.by_text()
    item = await talk.say("Say yes.")
    await talk.respond(conversation="none", input=[{"type": "item_reference", "id": item}])


@scenario("out-of-band/input-joins-only-if-asked", features=("out-of-band",), responses=1)
async def with_input_in_the_conversation(talk: Talk) -> None:
    """Its input is given along, and the answer joins the conversation all the same."""
    await talk.by_text()
    await talk.respond(input=[user("Say yes.")])
    await talk.fence()


@scenario("out-of-band/unknown-reference-refused", features=("out-of-band",), responses=1)
async def with_unknown_reference(talk: Talk) -> None:
    """Its input is an item that does not exist."""
    await talk.by_text()
    reference = {"type": "item_reference", "id": "item_that_never_was"}
    await talk.refused("response.create", response={"conversation": "none", "input": [reference]})
    await talk.fence()


# --- functions ------------------------------------------------------------------------------------------

_CALLS = ("function-calls",)


@scenario("calls/choice-required", "calls/announced", "calls/call-id", features=_CALLS, responses=1)
async def a_function_is_required(talk: Talk) -> None:
    """tool_choice is required."""
    await talk.by_text(tools=[WEATHER])
    await talk.say("Hello.")
    await talk.respond(tool_choice="required", metadata=_MARK)


@scenario("calls/choice-required", features=_CALLS, responses=1)
async def a_function_is_named(talk: Talk) -> None:
    """tool_choice names the function."""
    other = {**WEATHER, "name": "get_time", "description": "Look up the time in a city."}
    await talk.by_text(tools=[WEATHER, other])
    await talk.say("Hello from Paris.")
    await talk.respond(tool_choice={"type": "function", "name": "get_time"}, metadata=_MARK)


@scenario("calls/choice-none", features=_CALLS, responses=1)
async def no_function_is_allowed(talk: Talk) -> None:
    """tool_choice is none although a function would help."""
    await talk.by_text(tools=[WEATHER])
    await talk.say("What is the weather in Paris?")
    await talk.respond(tool_choice="none", metadata=_MARK)
