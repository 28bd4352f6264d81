"""The exchanges, responses and turns of a session, and to which of them a server event belongs.

A *flow* is one course of events: an exchange of a client event and its answer, a response of some kind, a
turn. Its *steps* are the types of the server events of which it consists, in their order. An event can belong
to two flows: the `response.created` that answers a spoken turn is a step of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep
from reference.edits import at_path

_ITEM = ("conversation.item.added", "conversation.item.done")
_HEARD = "conversation.item.input_audio_transcription"
_CLOSING = (
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
)


def _message(*streams: str, conversation: bool = True) -> tuple[str, ...]:
    """Return the steps of a response that holds one message with some streams."""
    added, done = (_ITEM[:1], _ITEM[1:]) if conversation else ((), ())
    return (
        "response.created",
        "response.output_item.added",
        *added,
        "response.content_part.added",
        *(f"response.{stream}" for stream in streams),
        "response.content_part.done",
        *done,
        "response.output_item.done",
        "response.done",
    )


_SPOKEN = ("output_audio_transcript.delta", "output_audio.delta", "output_audio.done")

FLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "opening": ("session.created",),
        "session-update": ("session.updated",),
        "refusal": ("error",),
        "user-item": _ITEM,
        "function-call-output": _ITEM,
        "item-retrieve": ("conversation.item.retrieved",),
        "item-delete": ("conversation.item.deleted",),
        "item-truncate": ("conversation.item.truncated",),
        "buffer-clear": ("input_audio_buffer.cleared",),
        "output-buffer-clear": ("output_audio_buffer.cleared",),
        "client-commit": ("input_audio_buffer.committed", *_ITEM, f"{_HEARD}.delta", f"{_HEARD}.completed"),
        "spoken-turn": (
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            *_ITEM,
            f"{_HEARD}.delta",
            f"{_HEARD}.completed",
            "response.created",
            "response.done",
        ),
        "idle-timeout": (
            "input_audio_buffer.timeout_triggered",
            "input_audio_buffer.committed",
            *_ITEM,
            "response.created",
        ),
        "text-response": _message("output_text.delta", "output_text.done"),
        "audio-response": _message(*_SPOKEN, "output_audio_transcript.done"),
        "out-of-band-response": _message("output_text.delta", "output_text.done", conversation=False),
        "function-call-response": (
            "response.output_item.added",
            "conversation.item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ),
        "failed-response": ("response.done",),
        "incomplete-response": ("response.done",),
        "cancelled-response": ("response.output_text.done", *_CLOSING),
        "barge-in": ("input_audio_buffer.speech_started", "response.output_text.done", *_CLOSING),
        "mcp-listing": ("mcp_list_tools.in_progress", "mcp_list_tools.failed"),
        "mcp-call": (
            "response.output_item.added",
            "conversation.item.added",
            "response.mcp_call_arguments.delta",
            "response.mcp_call_arguments.done",
            "response.mcp_call.in_progress",
            "response.mcp_call.completed",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ),
        "back-channel": ("response.backchannel.audio.delta", "response.backchannel.audio.done"),
    }
)
"""The steps of each flow; of a delta, of which there are many, the first is meant."""

_ALONE = {
    steps[0]: flow for flow, steps in FLOWS.items() if len(steps) == 1 and not flow.endswith("response")
}
_BY_PREFIX = {
    "response.mcp_call": "mcp-call",
    "mcp_list_tools.": "mcp-listing",
    "response.backchannel.": "back-channel",
}
_BY_STATUS = {"failed": "failed-response", "incomplete": "incomplete-response"}
_BY_ITEM = {"function_call": "function-call-response", "mcp_call": "mcp-call"}


@dataclass(slots=True)
class Course:
    """What is known of a response: the kind of its messages, how it began, and what cut it off."""

    kind: str
    begun_by: str | None = None
    cut_by: str | None = None
    over: bool = False


class Following(SessionStep):
    """A step that knows of each event of the obedient server to which flows it belongs."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self.courses: dict[str, Course] = {}
        self.items: dict[str, str] = {}
        """Items that are no answer to a client event, by their ids: the response, or the flow of audio."""
        self._types: dict[str, str] = {}
        self._last: frozenset[str] = frozenset()
        self._interrupts = True

    def incoming(self, event: Json) -> Json | None:
        """Take note of what a client event asks for."""
        if event.get("type") == "response.create":
            self._last = frozenset()
        if event.get("type") == "response.cancel":
            named = event.get("response_id")
            self._cut("cancelled-response", {named} if isinstance(named, str) else None)
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        """Pass an event on with the flows it belongs to."""
        labels = self._labels(event)
        sent = self.told(event, labels)
        if not event["type"].startswith(_HEARD):
            self._last = labels if event["type"] == "conversation.item.done" else frozenset()
        if event["type"] == "response.done":
            course = self.courses.get(event["response"]["id"])
            if course is not None:
                course.over = True
        return sent

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:  # noqa: ARG002
        """Return what is sent in place of an event that is a step of the flows in ``labels``."""
        return [event]

    def _cut(self, by: str, named: set[str] | None = None) -> None:
        for id_, course in self.courses.items():
            of_conversation = course.kind != "out-of-band-response"
            if not course.over and (of_conversation if named is None else id_ in named):
                course.cut_by = course.cut_by or by

    def _labels(self, event: Json) -> frozenset[str]:
        event_type = event["type"]
        for prefix, flow in _BY_PREFIX.items():
            if event_type.startswith(prefix):
                return frozenset((flow,))
        if event_type in ("session.created", "session.updated"):
            interrupts = at_path(event, "session.audio.input.turn_detection.interrupt_response")
            self._interrupts = interrupts is True
        if event_type in _ALONE:
            return frozenset((_ALONE[event_type],))
        if event_type.startswith("response."):
            return self._of_response(event)
        if event_type.startswith("input_audio_buffer."):
            return self._of_buffer(event)
        if event_type.startswith(_HEARD):
            return frozenset((self.items.get(event["item_id"], "client-commit"),))
        if event_type in _ITEM:
            return self._of_item(event["item"])
        return frozenset()

    def _of_response(self, event: Json) -> frozenset[str]:
        if event["type"] == "response.created":
            return self._begun(event["response"])
        if event["type"] == "response.done":
            return self._ended(event["response"])
        course = self.courses.get(event.get("response_id", ""))
        if course is None:
            return frozenset()
        if event["type"] == "response.output_item.added":
            self.items[event["item"]["id"]] = event["response_id"]
            self._types[event["item"]["id"]] = event["item"]["type"]
        return self._of_course(course, event.get("item_id") or at_path(event, "item.id"))

    def _of_course(self, course: Course, item_id: Any) -> frozenset[str]:
        kind = _BY_ITEM.get(self._types.get(item_id, ""), course.kind)
        return frozenset((course.cut_by or kind,))

    def _begun(self, response: Json) -> frozenset[str]:
        kind = "text-response" if response.get("output_modalities") == ["text"] else "audio-response"
        course = Course("out-of-band-response" if response.get("conversation_id") is None else kind)
        turn = self._last & {"spoken-turn", "idle-timeout"}
        if turn and course.kind != "out-of-band-response":
            course.begun_by = next(iter(turn))
        self.courses[response["id"]] = course
        return frozenset((course.kind, *turn) if course.begun_by else (course.kind,))

    def _ended(self, response: Json) -> frozenset[str]:
        course = self.courses.get(response["id"])
        if course is None:
            return frozenset()
        kinds = {_BY_ITEM[item["type"]] for item in response["output"] if item["type"] in _BY_ITEM}
        labels = kinds or {course.kind}
        if response["status"] in _BY_STATUS:
            labels = {_BY_STATUS[response["status"]]}
        elif response["status"] == "cancelled" and course.cut_by:
            labels = {course.cut_by}
        return frozenset(labels | ({course.begun_by} if course.begun_by else set()))

    def _of_buffer(self, event: Json) -> frozenset[str]:
        item_id = event.get("item_id", "")
        if event["type"].endswith("speech_started"):
            self.items[item_id] = "spoken-turn"
            running = any(not c.over and c.kind != "out-of-band-response" for c in self.courses.values())
            if running and self._interrupts:
                self._cut("barge-in")
                return frozenset(("spoken-turn", "barge-in"))
        elif event["type"].endswith("timeout_triggered"):
            self.items[item_id] = "idle-timeout"
        elif event["type"].endswith("committed"):
            self._committed(item_id)
        elif not event["type"].endswith("speech_stopped"):
            return frozenset()
        return frozenset((self.items.get(item_id, "spoken-turn"),))

    def _committed(self, item_id: str) -> None:
        """Take note of a commit; that of a turn follows directly on its ``speech_stopped`` (FB-02)."""
        last = self.memory.told[-1] if self.memory.told else {}
        stopped = last.get("type") == "input_audio_buffer.speech_stopped" and last.get("item_id") == item_id
        if not stopped and self.items.get(item_id) != "idle-timeout":
            self.items[item_id] = "client-commit"

    def _of_item(self, item: Json) -> frozenset[str]:
        origin = self.items.get(item["id"])
        if origin is None:
            output = item["type"] == "function_call_output"
            return frozenset(("function-call-output" if output else "user-item",))
        course = self.courses.get(origin)
        return frozenset((origin,)) if course is None else self._of_course(course, item["id"])
