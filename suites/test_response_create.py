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
    "response/conversation-id/constant",
    "response/ids-unique",
    "response/done/lists-items",
    "items/create/acknowledged",
    "items/create/burst-with-response",
    "items/previous/appended",
    responses=2,
    shares="together",
)
async def bare(talk: Talk) -> None:
    """Without any settings of its own; then once more, in one burst with its item, as all samples do."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond()
    await talk.fence()
    await talk.session.send("conversation.item.create", item=user("Say no."))
    await talk.respond()
    await talk.fence()


@scenario(
    "response/modality/text-only",
    "response/create/acknowledged",
    features=("audio-output",),
    responses=1,
    shares="together",
)
async def text_in_a_session_of_audio(talk: Talk) -> None:
    """The response is written although the session speaks."""
    await talk.by_voice()
    await talk.say("Say yes.")
    await talk.respond(output_modalities=["text"])


@scenario(
    "response/create/acknowledged",
    "response/metadata-echoed",
    "response/done/same-as-created",
    "response/item/content-is-the-parts",
    "response/incomplete/says-why",
    "response/incomplete/token-limit",
    "response/done/status-details-given",
    "cancel/cut-item-incomplete",
    "cancel/closes-what-is-open",
    responses=1,
    shares="together",
)
async def with_few_tokens(talk: Talk) -> None:
    """With instructions and metadata of its own, and an answer that does not fit into the tokens allowed."""
    await talk.by_text()
    await talk.say("Tell me a long story about a lighthouse.")
    await talk.respond(
        max_output_tokens=16, instructions="Answer at length.", metadata={"purpose": "conformance", "n": "1"}
    )


@scenario(
    "response/create/one-at-a-time",
    "errors/no-side-effects",
    "errors/event-id-echoed",
    "session/update/running-response-unaffected",
    "session/update/acknowledged",
    responses=2,
    shares="together",
)
async def while_another_runs(talk: Talk) -> None:
    """A second response is asked for, and the session updated, while the first is told; the first goes on."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say("Tell me a long story about a lighthouse.")
    first = await talk.start()
    second = await talk.refused("response.create")
    await talk.streaming(first)
    await talk.update(meanwhile=True, max_output_tokens=150)
    await talk.finish(first)
    if second is not None and second.type == "response.created":
        await talk.finish(second)
    await talk.fence()


@scenario(
    "response/create/unknown-keys-ignored",
    "provider-data/locked-fields",
    "backchannel/only-when-enabled",
    where="not refuses_unknown_fields",
    regards=("provider-data",),
    responses=1,
    shares="together",
)
async def with_unknown_keys(talk: Talk) -> None:
    """A key of the beta that pipecat still sends, and one of nobody; then fields that are locked by then."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.respond(modalities=["text"], conformance_probe=True)
    if talk.offers.get("provider-data", True):
        await talk.update(providerData={"tts": {"conversational": True, "user_turn_mode": "both"}})
    await talk.fence()


@scenario(
    "errors/invalid-event-refused",
    "errors/session-survives",
    "errors/event-id-echoed",
    responses=1,
    shares="together",
)
async def with_tokens_below_one(talk: Talk) -> None:
    """No tokens at all are allowed."""
    await talk.by_text()
    await talk.say("Say yes.")
    await talk.refused("response.create", response={"max_output_tokens": 0})
    await talk.fence()


# --- out of band ----------------------------------------------------------------------------------------


@scenario(
    "out-of-band/runs-beside",
    "out-of-band/told-apart",
    "out-of-band/no-conversation-id",
    "out-of-band/not-in-conversation",
    "items/previous/appended",
    features=("out-of-band",),
    responses=2,
    shares="together",
)
async def out_of_band_beside_another(talk: Talk) -> None:
    """An out-of-band response with input of its own beside one of the conversation; it leaves no trace."""
    await talk.by_text(instructions="Answer at length.")
    await talk.say("Tell me a long story about a lighthouse.")
    first = await talk.start()
    second = await talk.start(
        conversation="none", input=[user("Say yes.")], instructions="Answer in one word.", metadata=_MARK
    )
    await talk.finish(second)
    await talk.finish(first)
    await talk.say("Where were we?")


@scenario(
    "out-of-band/not-in-conversation",
    features=("out-of-band",),
    responses=1,
    shares="together",
    least="standard",
)
async def with_reference_to_an_item(talk: Talk) -> None:
    """Its input is an item of the conversation."""
    await talk.by_text()
    item = await talk.say("Say yes.")
    await talk.respond(conversation="none", input=[{"type": "item_reference", "id": item}])


@scenario("out-of-band/input-joins-only-if-asked", features=("out-of-band",), responses=1, shares="together")
async def with_input_in_the_conversation(talk: Talk) -> None:
    """Its input is given along, and the answer joins the conversation all the same."""
    await talk.by_text()
    await talk.respond(input=[user("Say yes.")])
    await talk.fence()


@scenario("out-of-band/unknown-reference-refused", features=("out-of-band",), responses=1, shares="together")
async def with_unknown_reference(talk: Talk) -> None:
    """Its input is an item that does not exist."""
    await talk.by_text()
    reference = {"type": "item_reference", "id": "item_that_never_was"}
    await talk.refused("response.create", response={"conversation": "none", "input": [reference]})
    await talk.fence()


# --- functions ------------------------------------------------------------------------------------------

_CALLS = ("function-calls",)


@scenario("calls/choice-required", features=_CALLS, responses=1, shares="together")
async def a_function_is_named(talk: Talk) -> None:
    """tool_choice names the function."""
    other = {**WEATHER, "name": "get_time", "description": "Look up the time in a city."}
    await talk.by_text(tools=[WEATHER, other])
    await talk.say("Hello from Paris.")
    await talk.respond(tool_choice={"type": "function", "name": "get_time"}, metadata=_MARK)
