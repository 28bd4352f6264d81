"""What comes and should not: an event nothing asked for, one sent twice, one after its end."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from protocol.json_values import Json
from reference.absence.flows import Following
from reference.absence.invented import ITEM, invented, whole_item, whole_response, whole_turn
from reference.absence.vocabulary import all_server_types, known_to
from reference.alterations import Memory, Sent, again
from reference.differences import BOTH, Difference
from reference.edits import at_path, repeat

_STREAMS = ("output_text", "output_audio", "output_audio_transcript")
_HEARD = "conversation.item.input_audio_transcription"
_QUIET = ("session.updated", "input_audio_buffer.cleared", "conversation.item.done")

ENDS = {
    **{f"response.{stream}.delta": f"response.{stream}.done" for stream in _STREAMS},
    **{f"response.{stream}.done": "response.content_part.done" for stream in _STREAMS},
    "response.function_call_arguments.delta": "response.function_call_arguments.done",
    "response.function_call_arguments.done": "response.output_item.done",
    "response.content_part.added": "response.content_part.done",
    "response.content_part.done": "response.output_item.done",
    "response.output_item.added": "response.output_item.done",
    "response.output_item.done": "response.done",
    "response.created": "response.done",
    "conversation.item.added": "conversation.item.done",
    "conversation.item.done": "conversation.item.deleted",
    "input_audio_buffer.speech_started": "input_audio_buffer.committed",
    "input_audio_buffer.speech_stopped": "input_audio_buffer.committed",
    "input_audio_buffer.committed": "conversation.item.done",
    "input_audio_buffer.timeout_triggered": "input_audio_buffer.committed",
    f"{_HEARD}.delta": f"{_HEARD}.completed",
    "mcp_list_tools.in_progress": "mcp_list_tools.failed",
    "response.mcp_call_arguments.delta": "response.mcp_call_arguments.done",
    "response.mcp_call_arguments.done": "response.mcp_call.completed",
    "response.mcp_call.in_progress": "response.mcp_call.completed",
    "response.backchannel.audio.delta": "response.backchannel.audio.done",
    "session.created": "session.updated",
}
"""What ends the part, item, response or turn that an event belongs to."""


class _Unasked(Following):
    """Sends something once, at a moment of rest: nothing runs, and nothing is open."""

    def __init__(
        self, memory: Memory, make: Callable[[Memory], Sequence[Json]], behind: frozenset[str] | None
    ) -> None:
        super().__init__(memory)
        self._make = make
        self._behind = behind
        self._item: str | None = None
        self._previous: str | None = None
        self._end_gone = False  # what the invented item was appended to
        self._told = False

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:
        event = self._chained(event)
        if self._told or not self._rests(event, labels):
            return [event]
        self._told = True
        told = copy.copy(self.memory.told)
        more = self._make(Memory(self.memory.asked, [*told, event], []))
        for each in more:
            if each["type"] == "conversation.item.added":
                self._previous = each["previous_item_id"]
                self._item = ""
        return [event, *more]

    def _rests(self, event: Json, labels: frozenset[str]) -> bool:
        running = any(not course.over for course in self.courses.values())
        if self._behind is not None:
            meant = event["type"] == "conversation.item.done" and bool(labels & self._behind)
            return meant and not running
        resting = not running and not labels & {"spoken-turn", "idle-timeout"} and not self._creating(event)
        return event["type"] in _QUIET and resting

    def _creating(self, event: Json) -> bool:
        """Tell whether an item that the client wants to create is still to be announced."""
        asked = [each.get("type") for each in self.memory.asked].count("conversation.item.create")
        told = [each["type"] for each in (*self.memory.told, event)]
        answered = told.count("conversation.item.added") + told.count("error")
        return bool(asked > answered)

    def _chained(self, event: Json) -> Json:
        """Let the next item that is appended follow what was invented."""
        if event["type"] == "conversation.item.deleted" and event["item_id"] == self._previous:
            self._end_gone = True
        if self._item is None or "previous_item_id" not in event:
            return event
        item_id = event.get("item_id") or at_path(event, "item.id")
        if self._item == "" and (self._end_gone or event["previous_item_id"] == self._previous):
            self._item = item_id if isinstance(item_id, str) else None
        return {**event, "previous_item_id": ITEM} if item_id == self._item else event


class _AfterEnd(Following):
    """Sends an event again, once the subject that it belongs to has ended."""

    def __init__(self, memory: Memory, event_type: str) -> None:
        super().__init__(memory)
        self._type = event_type
        self._seen: dict[object, Json] = {}

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:  # noqa: ARG002
        if event["type"] == self._type:
            self._seen[_subject(self._type, event)] = event
        elif event["type"] == ENDS[self._type]:
            last = self._seen.pop(_subject(self._type, event), None)
            if last is not None:
                return [event, again(last)]
        return [event]


def _subject(event_type: str, event: Json) -> object:
    """Return what an event of a type, and the one that ends it, have in common."""
    if event_type.startswith("session."):
        return None
    if event_type in ("response.created", "response.output_item.done"):
        return event.get("response_id") or at_path(event, "response.id")
    if event_type.startswith("response.backchannel."):
        return event.get("backchannel_id")
    return event.get("item_id") or at_path(event, "item.id")


def _unasked(make: Callable[[Memory], Sequence[Json]], *behind: str) -> Callable[[Memory], Following]:
    chosen = frozenset(behind) if behind else None
    return lambda memory: _Unasked(memory, make, chosen)


def _one(event_type: str) -> Callable[[Memory], list[Json]]:
    return lambda memory: [invented(event_type, memory)]


def _late(event_type: str) -> Callable[[Memory], Following]:
    return lambda memory: _AfterEnd(memory, event_type)


AN_ITEM = _unasked(whole_item)
"""An item of the user that nobody created is announced."""

_WHOLE = {
    "a-response": ("A response that nobody asked for is told in full.", _unasked(whole_response)),
    "an-item": ("An item of the user that nobody created is announced.", AN_ITEM),
    "a-turn": ("A turn that nobody spoke is told of.", _unasked(whole_turn)),
    "a-response-behind-commit": (
        "A commit by the client starts a response.",
        _unasked(whole_response, "client-commit"),
    ),
    "a-response-behind-item": (
        "An item that the client creates starts a response.",
        _unasked(whole_response, "user-item"),
    ),
    "a-response-behind-output": (
        "The output of a function call starts a response.",
        _unasked(whole_response, "function-call-output"),
    ),
}


def unasked() -> Iterator[Difference]:
    """Yield every way to say what should not be said."""
    for name in all_server_types():
        statement = f"A `{name}` comes for which there is no reason."
        yield Difference(
            f"unasked:{name}", statement, (_unasked(_one(name)),), dialects=known_to(name), wide=True
        )
    for name, (statement, change) in _WHOLE.items():
        yield Difference(f"unasked:{name}", statement, (change,), dialects=BOTH, wide=True)
    for name in all_server_types():
        yield Difference(
            f"twice:{name}",
            f"Each `{name}` comes twice.",
            (repeat(name),),
            dialects=known_to(name),
            wide=True,
        )
    for name, end in ENDS.items():
        statement = f"`{name}` comes once more after the `{end}` that ends it."
        yield Difference(f"after-end:{name}", statement, (_late(name),), dialects=known_to(name), wide=True)
