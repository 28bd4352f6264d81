"""Faults of single payloads: one field of one event type is wrong, all else is as it should be (EV-07)."""

from __future__ import annotations

from typing import Any

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.alterations import Memory, invent
from reference.differences import Difference, differs
from reference.edits import Condition, before, has, put

_STEM = "conversation.item.input_audio_transcription"

_SENT: tuple[tuple[str, str, Any, int, Condition | None], ...] = (
    ("session.created", "session.object", 7, 0, None),
    ("session.updated", "session.object", 7, 0, None),
    ("error", "error.param", 7, 0, has("error.code", "response_cancel_not_active")),
    ("conversation.item.added", "item.object", 7, 0, None),
    ("conversation.item.done", "item.object", 7, 0, None),
    ("conversation.item.retrieved", "item", 7, 0, None),
    ("conversation.item.deleted", "item_id", 7, 0, None),
    ("conversation.item.truncated", "content_index", "0", 0, None),
    (f"{_STEM}.delta", "content_index", "0", 0, None),
    (f"{_STEM}.completed", "logprobs", 7, 0, None),
    ("input_audio_buffer.committed", "previous_item_id", 7, 0, has("previous_item_id", None)),
    ("input_audio_buffer.timeout_triggered", "audio_end_ms", "late", 0, None),
    ("response.created", "response.object", 7, 0, None),
    ("response.done", "response.object", 7, 0, None),
    ("response.output_item.added", "item.object", 7, 0, None),
    ("response.output_item.done", "item.object", 7, 0, None),
    ("response.content_part.added", "part.text", 7, 0, has("part.type", "text")),
    ("response.content_part.done", "part.text", 7, 0, has("part.type", "text")),
    *(
        (f"response.{family}.{suffix}", "output_index", "0", 2 if suffix == "delta" else 0, None)
        for family in ("output_text", "output_audio", "output_audio_transcript", "function_call_arguments")
        for suffix in ("delta", "done")
    ),
)
"""Event type, path, what stands there, for the how manieth such event, and for which of them."""

_INVENTED: tuple[tuple[str, DialectName | None, Json], ...] = (
    ("rate_limits.updated", None, {"rate_limits": "none"}),
    ("conversation.created", None, {"conversation": 7}),
    ("conversation.item.created", None, {"item": 7}),
    (f"{_STEM}.failed", None, {"item_id": "item_of_nobody", "error": 7}),
    (f"{_STEM}.segment", None, {"item_id": 7, "text": 7}),
    ("input_audio_buffer.dtmf_event_received", "openai", {"event": 9}),
    ("input_audio_buffer.turn_suggestion", "inworld", {"item_id": 7}),
    ("input_audio_buffer.turn_suggestion_revoked", "inworld", {"item_id": 7}),
    ("mcp_list_tools.in_progress", None, {"item_id": 7}),
    ("mcp_list_tools.completed", None, {"item_id": 7}),
    ("mcp_list_tools.failed", None, {"item_id": 7}),
    ("response.mcp_call_arguments.delta", None, {"delta": 7}),
    ("response.mcp_call_arguments.done", None, {"arguments": 7}),
    ("response.mcp_call.in_progress", None, {"item_id": 7}),
    ("response.mcp_call.completed", None, {"item_id": 7}),
    ("response.mcp_call.failed", None, {"item_id": 7}),
    ("output_audio_buffer.started", "openai", {"response_id": 7}),
    ("output_audio_buffer.stopped", "openai", {"response_id": 7}),
    ("output_audio_buffer.cleared", "openai", {"response_id": 7}),
    ("response.backchannel.audio.delta", "inworld", {"delta": 7}),
    ("response.backchannel.audio.done", "inworld", {"backchannel_id": 7}),
    ("response.backchannel.skipped", "inworld", {"backchannel_id": 7}),
)
"""Event types that a session without MCP tools and back-channel does not have, and what they hold."""


def _named(event_type: str) -> str:
    return "malformed-" + event_type.replace(".", "-").replace("_", "-")


def _sent(event_type: str, path: str, value: Any, nth: int, where: Condition | None) -> Difference:
    there = where if where is not None else has(path.rpartition(".")[0] or "type")
    return differs(
        _named(event_type),
        f"`{event_type}` has `{path}: {value!r}`.",
        put(event_type, path, value, there, nth),
    )


def _invented(event_type: str, only: DialectName | None, members: Json) -> Difference:
    def malformed(_event: Json, _memory: Memory) -> Json:
        return invent(event_type, **members)

    statement = f"A malformed `{event_type}` comes ahead of `input_audio_buffer.cleared`."
    return differs(
        _named(event_type), statement, before("input_audio_buffer.cleared", malformed, nth=1), only=only
    )


FAULTS: tuple[Difference, ...] = (
    *(_sent(*each) for each in _SENT),
    *(_invented(*each) for each in _INVENTED),
)
