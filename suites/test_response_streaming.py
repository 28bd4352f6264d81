"""How a response is told: items, parts, deltas and their ends."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import WEATHER, Talk
from wire.frames import Received

_TIME = {**WEATHER, "name": "get_time", "description": "Look up the time in a city."}
_MARK = {"purpose": "conformance"}
"""Goes along with settings: where it does not come back either, they were ignored as a whole."""
_ORDER = (
    "response/lifecycle/created-is-first",
    "response/lifecycle/done-exactly-once",
    "response/item/added-first",
    "response/item/indices",
    "response/item/added-to-conversation",
    "response/item/done-exactly-once",
    "response/order/stream-part-item",
    "response/order/conversation-item-done",
    "response/stream/done-exactly-once",
    "response/stream/done-is-last",
    "response/item/twins-equal",
    "response/done/items-equal",
    "response/done/lists-items",
    "response/done/completed-has-output",
    "response/usage/present",
    "response/usage/adds-up",
    "response/item/status-follows",
    "response/item/completed-stays-completed",
    "items/added/generated-empty",
)
_PARTS = (
    "response/part/added-first",
    "response/part/indices",
    "response/part/type",
    "response/part/begins-empty",
    "response/part/present",
    "response/part/done-exactly-once",
    "response/part/final-equals-stream",
    "response/item/content-is-the-parts",
)


@scenario(
    *_ORDER,
    *_PARTS,
    "response/text/deltas-add-up",
    "response/modality/text-only",
    "response/item/status-values",
    "response/item/number",
    "dialect/ga",
    "dialect/not-mixed",
    "rate-limits/may-be-absent",
    "rate-limits/anywhere",
    "rate-limits/well-formed",
    "payload/rate_limits.updated",
    "payload/response.output_item.added",
    "payload/response.output_item.done",
    "payload/response.content_part.added",
    "payload/response.content_part.done",
    "payload/response.output_text.delta",
    "payload/response.output_text.done",
    "envelope/event-id-unique",
    "envelope/event-id-minted-by-server",
    "envelope/ids-keep-their-meaning",
    responses=1,
    shares="together",
)
async def text(talk: Talk) -> None:
    """A written answer of some length."""
    await talk.by_text(instructions="Answer in two sentences.")
    await talk.say("Tell me a short story about a lighthouse.")
    await talk.respond()
    await talk.fence()


@scenario(
    *_ORDER,
    *_PARTS,
    "response/transcript/deltas-add-up",
    "response/modality/audio-with-transcript",
    "response/audio/streamed",
    "response/modality/audio-without-text-stream",
    "response/audio/whole-samples",
    "response/order/audio-and-transcript-done",
    "response/stream/may-interleave",
    "response/audio/timestamps-on-request",
    "output-buffer/not-on-websocket",
    "items/added/no-audio-bytes",
    "payload/response.output_audio.delta",
    "payload/response.output_audio.done",
    "payload/response.output_audio_transcript.delta",
    "payload/response.output_audio_transcript.done",
    features=("audio-output",),
    responses=1,
    audio_s=10.0,
    shares="together",
)
async def audio(talk: Talk) -> None:
    """A spoken answer."""
    await talk.by_voice(instructions="Answer in one sentence.")
    await talk.say("What is a lighthouse?")
    await talk.respond()
    await talk.fence()


@scenario(
    "response/transcript/deltas-add-up",
    "session/update/both-modalities",
    where="takes_both_modalities",
    features=("audio-output",),
    responses=1,
    audio_s=10.0,
    shares="together",
)
async def text_and_audio(talk: Talk) -> None:
    """An answer with both modalities."""
    await talk.by_voice(output_modalities=["text", "audio"])
    await talk.say("Say yes.")
    await talk.respond()
    await talk.fence()


@scenario(
    "calls/announced",
    "calls/announced-before-arguments",
    "calls/arguments-before-item-done",
    "calls/no-content-parts",
    "calls/arguments-equal",
    "calls/name-in-arguments-done",
    "calls/arguments-are-json",
    "calls/call-id",
    "calls/ends-normally",
    "calls/message-before-call",
    "calls/output-acknowledged",
    "calls/choice-required",
    "calls/choice-none",
    "response/arguments/deltas-add-up",
    "payload/response.function_call_arguments.delta",
    "payload/response.function_call_arguments.done",
    features=("function-calls",),
    responses=2,
    shares="calls",
)
async def function_call_and_answer(talk: Talk) -> None:
    """A function has to be called, its output is given, and the answer is told, which must not call one."""
    await talk.by_text(tools=[WEATHER])
    await talk.say("What is the weather in Paris? Use the tool get_weather.")
    turn = await talk.respond(tool_choice="required", metadata=_MARK)
    call = turn.call()
    output = {"type": "function_call_output", "call_id": call.get("call_id"), "output": "Rain, 12 degrees."}
    await talk.create(output)
    await talk.fence()
    await talk.say("And what is the weather in Rome?")
    await talk.respond(tool_choice="none")


@scenario(
    "calls/distinct-in-response",
    "calls/call-id",
    "calls/output-acknowledged",
    "response/item/may-overlap",
    "response/item/indices",
    features=("function-calls",),
    responses=1,
    shares="calls",
)
async def two_function_calls(talk: Talk) -> None:
    """Two functions are called in one response; the output of the first is given as soon as it is called."""
    await talk.by_text(tools=[WEATHER, _TIME], instructions="Call all functions that help, at once.")
    await talk.say("Weather and time in Paris? Use both get_weather and get_time.")
    created = await talk.start(tool_choice="required")
    call = await talk.session.wait("a function call", _is_call_or_end, after=created.seq, streaming=True)
    if call.type != "response.done":
        item = call.event["item"]
        output = {"type": "function_call_output", "call_id": item.get("call_id"), "output": "Rain."}
        await talk.ask("conversation.item.create", meanwhile=True, item=output)
    await talk.finish(created)
    await talk.fence()


def _is_call_or_end(received: Received) -> bool:
    item = received.event.get("item")
    called = isinstance(item, dict) and item.get("type") == "function_call"
    return received.type == "response.done" or (called and received.type == "response.output_item.done")
