"""Variants of order and of when something comes (facts 8.3, 3, 4, 5 and 9)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import MOMENT_S, Hold, at_path, before, put, rename, unset
from reference.faults.situations import session_shown
from reference.faults.streams import generated

_AUDIO = "response.output_audio"
_WORDS = "response.output_audio_transcript"
_STEM = "conversation.item.input_audio_transcription"
_IN_ORDER = "response.output_item.done"


class _WordsFirst(SessionStep):
    """The whole transcript of a part comes ahead of its audio."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._held: list[Json] = []

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == f"{_AUDIO}.delta":
            self._held.append(event)
            return []
        if event["type"] in (f"{_AUDIO}.done", f"{_WORDS}.done"):
            held, self._held = self._held, []
            return [*held, event]
        return [event]


class _IdleMessage(SessionStep):
    """A system message of the server stands between an idle timeout and what it commits."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._idle = ""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "input_audio_buffer.timeout_triggered":
            self._idle = event["item_id"]
            last = self.memory.last_told("conversation.item.added")
            previous = last["item"]["id"] if last else None
            content = [{"type": "input_text", "text": "The user has said nothing for a while."}]
            item = {"id": f"system_{self._idle}", "type": "message", "status": "completed", "role": "system"}
            place = {"previous_item_id": previous, "item": {**item, "content": content}}
            return [
                event,
                invent("conversation.item.added", **place),
                invent("conversation.item.done", **place),
            ]
        about = event.get("item_id") or at_path(event, "item.id")
        if self._idle and about == self._idle and "previous_item_id" in event:
            event["previous_item_id"] = f"system_{self._idle}"
        return [event]


def _early_delta(event: Json, _memory: Memory) -> Json:
    return invent(f"{_STEM}.delta", item_id=event["item_id"], content_index=0, delta="")


def _transcribing(_event: Json, memory: Memory) -> bool:
    return bool(at_path(session_shown(memory), "audio.input.transcription"))


def _behind_the_head(event: Json, memory: Memory) -> bool:
    items = [each["item"]["id"] for each in memory.told if each["type"] == "conversation.item.added"]
    return bool(items) and event["previous_item_id"] == items[0] and generated(event, memory)


VARIANTS: tuple[Difference, ...] = (
    differs("transcript-first", "The transcript of a part comes ahead of its audio.", _WordsFirst),
    differs(
        "audio-done-last",
        "`response.output_audio.done` comes behind `response.output_audio_transcript.done`.",
        Hold(f"{_AUDIO}.done", f"{_WORDS}.done"),
    ),
    differs(
        "output-item-done-first",
        "`response.output_item.done` comes ahead of `conversation.item.done`.",
        Hold("conversation.item.done", _IN_ORDER, generated),
    ),
    differs(
        "transcription-late",
        "Transcriptions end behind the response to what was said.",
        Hold(f"{_STEM}.*", "response.done", at_most=4 * MOMENT_S),
    ),
    differs(
        "transcription-early",
        "Transcription begins while the user still speaks.",
        before("input_audio_buffer.speech_stopped", _early_delta, _transcribing),
    ),
    differs(
        "idle-system-message",
        "An idle timeout is explained by a system message of the server.",
        _IdleMessage,
    ),
    differs(
        "transcription-fails",
        "Every transcription fails.",
        unset(f"{_STEM}.completed", "transcript"),
        unset(f"{_STEM}.completed", "usage"),
        unset(f"{_STEM}.completed", "logprobs"),
        put(
            f"{_STEM}.completed",
            "error",
            {"type": "transcription_error", "code": "no_model", "message": "No."},
        ),
        rename(f"{_STEM}.completed", f"{_STEM}.failed"),
        models="D-55",
    ),
    differs(
        "done-previous-null",
        "`conversation.item.done` of a generated item behind the first item says `previous_item_id: null`.",
        put("conversation.item.done", "previous_item_id", None, _behind_the_head),
        models="D-75",
    ),
)
