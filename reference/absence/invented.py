"""Valid server events that nothing asked for, one of each type."""

from __future__ import annotations

import copy

from protocol.json_values import Json
from reference.alterations import Memory, again, invent

RESPONSE = "resp_unasked"
ITEM = "item_unasked"
_TEXT = "Nobody asked."

_PLACE = {"response_id": RESPONSE, "item_id": ITEM, "output_index": 0, "content_index": 0}
_CALL_PLACE = {"response_id": RESPONSE, "item_id": ITEM, "output_index": 0}
_HEARD = {"item_id": ITEM, "content_index": 0}
_USER = {
    "id": ITEM,
    "type": "message",
    "status": "completed",
    "role": "user",
    "content": [{"type": "input_text", "text": _TEXT}],
}
_BEGUN = {"id": ITEM, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
_ENDED = {**_BEGUN, "status": "completed", "content": [{"type": "output_text", "text": _TEXT}]}
_USAGE = {
    "total_tokens": 2,
    "input_tokens": 1,
    "output_tokens": 1,
    "input_token_details": {"text_tokens": 1, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 1, "audio_tokens": 0},
}
_FAILURE = {"type": "server_error", "code": None, "message": "Something happened.", "param": None}
_LISTING = {"item_id": ITEM}
_CALLING = {"item_id": ITEM, "output_index": 0}
_TRANSCRIPTION = "conversation.item.input_audio_transcription"

_MEMBERS: dict[str, Json] = {
    "error": {"error": {**_FAILURE, "event_id": None}},
    "rate_limits.updated": {
        "rate_limits": [{"name": "tokens", "limit": 100, "remaining": 99, "reset_seconds": 1.0}]
    },
    "conversation.created": {"conversation": {"id": "conv_unasked", "object": "realtime.conversation"}},
    "conversation.item.added": {"previous_item_id": None, "item": _USER},
    "conversation.item.done": {"previous_item_id": None, "item": _USER},
    "conversation.item.created": {"previous_item_id": None, "item": _USER},
    "conversation.item.retrieved": {"item": _USER},
    "conversation.item.deleted": {"item_id": ITEM},
    "conversation.item.truncated": {"item_id": ITEM, "content_index": 0, "audio_end_ms": 0},
    f"{_TRANSCRIPTION}.delta": {**_HEARD, "delta": _TEXT},
    f"{_TRANSCRIPTION}.completed": {
        **_HEARD,
        "transcript": _TEXT,
        "usage": {"type": "duration", "seconds": 1.0},
    },
    f"{_TRANSCRIPTION}.failed": {**_HEARD, "error": _FAILURE},
    f"{_TRANSCRIPTION}.segment": {
        **_HEARD,
        "text": _TEXT,
        "id": "seg_unasked",
        "speaker": "A",
        "start": 0.0,
        "end": 1.0,
    },
    "input_audio_buffer.committed": {"previous_item_id": None, "item_id": ITEM},
    "input_audio_buffer.cleared": {},
    "input_audio_buffer.speech_started": {"audio_start_ms": 0, "item_id": ITEM},
    "input_audio_buffer.speech_stopped": {"audio_end_ms": 0, "item_id": ITEM},
    "input_audio_buffer.timeout_triggered": {"audio_start_ms": 0, "audio_end_ms": 5000, "item_id": ITEM},
    "input_audio_buffer.dtmf_event_received": {"event": "1", "received_at": 1_800_000_000},
    "input_audio_buffer.turn_suggestion": {"item_id": ITEM, "utterance_index": 0, "probability": 0.9},
    "input_audio_buffer.turn_suggestion_revoked": {"item_id": ITEM, "utterance_index": 0},
    "response.output_item.added": {"response_id": RESPONSE, "output_index": 0, "item": _BEGUN},
    "response.output_item.done": {"response_id": RESPONSE, "output_index": 0, "item": _ENDED},
    "response.content_part.added": {**_PLACE, "part": {"type": "text", "text": ""}},
    "response.content_part.done": {**_PLACE, "part": {"type": "text", "text": _TEXT}},
    "response.output_text.delta": {**_PLACE, "delta": _TEXT},
    "response.output_text.done": {**_PLACE, "text": _TEXT},
    "response.output_audio.delta": {**_PLACE, "delta": "AAAAAAAA"},
    "response.output_audio.done": _PLACE,
    "response.output_audio_transcript.delta": {**_PLACE, "delta": _TEXT},
    "response.output_audio_transcript.done": {**_PLACE, "transcript": _TEXT},
    "response.function_call_arguments.delta": {**_CALL_PLACE, "call_id": "call_unasked", "delta": "{}"},
    "response.function_call_arguments.done": {
        **_CALL_PLACE,
        "call_id": "call_unasked",
        "name": "unasked",
        "arguments": "{}",
    },
    "mcp_list_tools.in_progress": _LISTING,
    "mcp_list_tools.completed": _LISTING,
    "mcp_list_tools.failed": _LISTING,
    "response.mcp_call_arguments.delta": {**_CALL_PLACE, "delta": "{}"},
    "response.mcp_call_arguments.done": {**_CALL_PLACE, "arguments": "{}"},
    "response.mcp_call.in_progress": _CALLING,
    "response.mcp_call.completed": _CALLING,
    "response.mcp_call.failed": _CALLING,
    "output_audio_buffer.started": {"response_id": RESPONSE},
    "output_audio_buffer.stopped": {"response_id": RESPONSE},
    "output_audio_buffer.cleared": {"response_id": RESPONSE},
    "ping": {"timestamp": 1_800_000_000_000},
    "response.backchannel.audio.delta": {"backchannel_id": "bc_unasked", "delta": "AAAAAAAA"},
    "response.backchannel.audio.done": {"backchannel_id": "bc_unasked"},
    "response.backchannel.skipped": {"backchannel_id": "bc_unasked", "reason": "no_phrase"},
}


def invented(event_type: str, memory: Memory) -> Json:
    """Return a valid event of a type that nothing asked for, as far as the session allows."""
    if event_type in ("session.created", "session.updated"):
        shown = memory.last_told("session.updated") or memory.last_told("session.created")
        return again(shown, type=event_type)
    if event_type in ("response.created", "response.done"):
        return invent(event_type, response=response(memory, done=event_type == "response.done"))
    members = copy.deepcopy(_MEMBERS[event_type])
    if "previous_item_id" in members:
        members["previous_item_id"] = last_item(memory)
    return invent(event_type, **members)


def response(memory: Memory, *, done: bool) -> Json:
    """Return a response that nobody asked for, as it begins or ends."""
    session = _session(memory)
    before = memory.last_told("response.created")
    output = (session.get("audio") or {}).get("output") or {}
    return {
        "object": "realtime.response",
        "id": RESPONSE,
        "status": "completed" if done else "in_progress",
        "status_details": None,
        "output": [_message(memory)] if done else [],
        "conversation_id": before["response"].get("conversation_id") if before else "conv_1",
        "output_modalities": session.get("output_modalities", ["audio"]),
        "max_output_tokens": session.get("max_output_tokens", "inf"),
        "audio": {"output": {key: output[key] for key in ("format", "voice") if key in output}},
        "usage": copy.deepcopy(_USAGE) if done else None,
        "metadata": None,
    }


def _session(memory: Memory) -> Json:
    shown = memory.last_told("session.updated") or memory.last_told("session.created")
    session: Json = shown.get("session", {})
    return session


def _spoken(memory: Memory) -> bool:
    return _session(memory).get("output_modalities") != ["text"]


def _message(memory: Memory) -> Json:
    spoken = {"type": "output_audio", "transcript": _TEXT}
    return {**copy.deepcopy(_ENDED), "content": [spoken]} if _spoken(memory) else copy.deepcopy(_ENDED)


def whole_response(memory: Memory) -> list[Json]:
    """Return all events of a response that nobody asked for, spoken where the session's responses are."""
    begun = {"previous_item_id": last_item(memory), "item": copy.deepcopy(_BEGUN)}
    ended = {"previous_item_id": last_item(memory), "item": _message(memory)}
    place = {"response_id": RESPONSE, "output_index": 0}
    return [
        invented("response.created", memory),
        invent("response.output_item.added", **place, item=copy.deepcopy(_BEGUN)),
        invent("conversation.item.added", **begun),
        *_streams(memory),
        invent("conversation.item.done", **ended),
        invent("response.output_item.done", **place, item=_message(memory)),
        invented("response.done", memory),
    ]


def _streams(memory: Memory) -> list[Json]:
    types = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"]
    if _spoken(memory):
        stream = ["output_audio_transcript.delta", "output_audio.delta", "output_audio.done"]
        types = [types[0], *stream, "output_audio_transcript.done", types[-1]]
    told = [invented(f"response.{each}", memory) for each in types]
    if _spoken(memory):
        told[0]["part"] = {"type": "audio", "transcript": ""}
        told[-1]["part"] = {"type": "audio", "transcript": _TEXT}
    return told


def whole_item(memory: Memory) -> list[Json]:
    """Return the announcement of a user's item that nobody created."""
    return [invented(each, memory) for each in ("conversation.item.added", "conversation.item.done")]


def whole_turn(memory: Memory) -> list[Json]:
    """Return the events of a turn that nobody spoke."""
    spoken = {**copy.deepcopy(_USER), "content": [{"type": "input_audio", "transcript": None}]}
    stem = "input_audio_buffer"
    heard = [invented(f"{stem}.{each}", memory) for each in ("speech_started", "speech_stopped", "committed")]
    return [*heard, *({**each, "item": copy.deepcopy(spoken)} for each in whole_item(memory))]


def last_item(memory: Memory) -> str | None:
    """Return the id of the item at the end of the conversation, as far as was told."""
    order: list[str] = []
    for event in memory.told:
        if event["type"] == "conversation.item.added":
            previous = event.get("previous_item_id")
            place = order.index(previous) + 1 if previous in order else 0
            order.insert(place, event["item"]["id"])
        elif event["type"] == "conversation.item.deleted" and event["item_id"] in order:
            order.remove(event["item_id"])
    return order[-1] if order else None
