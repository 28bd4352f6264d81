"""The protocol's own words: types of events that many rooms name, and what answers what."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
"""One event as JSON: an object with a `type`."""

ITEM_CREATE = "conversation.item.create"
CONVERSATION_ADDED = "conversation.item.added"
CONVERSATION_DONE = "conversation.item.done"
COMMIT = "input_audio_buffer.commit"
COMMITTED = "input_audio_buffer.committed"
CLEARED = "input_audio_buffer.cleared"
SPEECH_STARTED = "input_audio_buffer.speech_started"
SPEECH_STOPPED = "input_audio_buffer.speech_stopped"
TIMEOUT_TRIGGERED = "input_audio_buffer.timeout_triggered"
TRANSCRIPTION_DELTA = "conversation.item.input_audio_transcription.delta"
TRANSCRIPTION_COMPLETED = "conversation.item.input_audio_transcription.completed"
TRANSCRIPTION_FAILED = "conversation.item.input_audio_transcription.failed"
RESPONSE_CREATED = "response.created"
ITEM_ADDED = "response.output_item.added"
PART_ADDED = "response.content_part.added"
PART_DONE = "response.content_part.done"
ARGUMENTS_DONE = "response.function_call_arguments.done"
ITEM_DONE = "response.output_item.done"
RESPONSE_DONE = "response.done"
SESSION_UPDATED = "session.updated"

ANSWERS: dict[str, str] = {
    "session.update": "session.updated",
    "input_audio_buffer.commit": "input_audio_buffer.committed",
    "input_audio_buffer.clear": "input_audio_buffer.cleared",
    "conversation.item.create": "conversation.item.added",
    "conversation.item.retrieve": "conversation.item.retrieved",
    "conversation.item.delete": "conversation.item.deleted",
    "conversation.item.truncate": "conversation.item.truncated",
    "response.create": "response.created",
    "response.cancel": "response.done",
    "output_audio_buffer.clear": "output_audio_buffer.cleared",
}
"""What answers each client event that succeeds; `input_audio_buffer.append` has no answer."""
