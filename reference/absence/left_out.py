"""What is left out: an event type, a layer of a response or a turn, the answers to a client event."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from protocol.json_values import Json
from reference.absence.flows import Following
from reference.absence.vocabulary import CONFIRMED_BY, all_client_types, all_server_types, known_to
from reference.alterations import Memory, Sent, invent
from reference.differences import BOTH, Difference
from reference.edits import at_path, drop
from reference.errors import Code
from reference.item_chain import ItemChain

_HEARD = "conversation.item.input_audio_transcription.*"
_TWINS = ("conversation.item.added", "conversation.item.done")
_AUDIO = "response.output_audio.* response.output_audio_transcript.*"
_STREAMS = f"response.output_text.* {_AUDIO} response.function_call_arguments.*"

LAYERS = {
    "output-items": "response.output_item.*",
    "content-parts": "response.content_part.*",
    "text-stream": "response.output_text.*",
    "audio-stream": "response.output_audio.*",
    "transcript-stream": "response.output_audio_transcript.*",
    "audio-and-transcript": _AUDIO,
    "arguments-stream": "response.function_call_arguments.*",
    "streams": _STREAMS,
    "parts-and-streams": f"response.content_part.* {_STREAMS}",
    "items-parts-and-streams": f"response.output_item.* response.content_part.* {_STREAMS}",
    "conversation-items": "conversation.item.added conversation.item.done",
    "speech-events": "input_audio_buffer.speech_started input_audio_buffer.speech_stopped",
    "transcription": _HEARD,
    "mcp-listing": "mcp_list_tools.*",
    "mcp-call-progress": "response.mcp_call.* response.mcp_call_arguments.*",
    "back-channel-audio": "response.backchannel.audio.*",
}
"""Layers that are event types together."""


class _LeavingOut(Following):
    """Leaves out events; the items that stay follow each other without those that are gone."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._chain = ItemChain()

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        """Tell whether an event is left out."""
        raise NotImplementedError

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:
        if not self.left_out(event, labels):
            return [self._chain.linked(event)]
        if event["type"] == _TWINS[0]:
            self._chain.leave_out(event["item"]["id"], event.get("previous_item_id"))
        return []


class _Responses(_LeavingOut):
    """Leaves out responses, with all that tells of them or of their items."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._lost: set[str] = set()
        self._limits = False

    def lost(self, created: Json, labels: frozenset[str]) -> bool:  # noqa: ARG002
        """Tell whether a response, as ``response.created`` shows it, is left out."""
        return True

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        response = event.get("response_id") or at_path(event, "response.id")
        if event["type"] == "response.created" and self.lost(event, labels):
            self._lost.add(event["response"]["id"])
        if event["type"] == "response.done":
            self._limits = response in self._lost
        if event["type"] == "rate_limits.updated" and self._limits:
            return True
        item = event.get("item_id") or at_path(event, "item.id")
        of_lost = isinstance(item, str) and self.items.get(item) in self._lost
        return of_lost or response in self._lost


class _TurnResponses(_Responses):
    """Leaves out the responses to turns."""

    def lost(self, created: Json, labels: frozenset[str]) -> bool:  # noqa: ARG002
        return "spoken-turn" in labels


class _Turns(_TurnResponses):
    """Leaves out whole turns: speech, commit, item, transcription and the response.

    What the client commits while it speaks stays, for the client has asked for that.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._asked = False
        self._kept: set[object] = set()

    def incoming(self, event: Json) -> Json | None:
        self._asked |= event.get("type") == "input_audio_buffer.commit"
        return super().incoming(event)

    def retold(self, event: Json) -> Json:
        self._asked |= event.get("type") == "input_audio_buffer.commit"
        return super().retold(event)

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        if event["type"] == "input_audio_buffer.committed" and self._asked:
            self._asked = False
            self._kept.add(event["item_id"])
        if super().left_out(event, labels):
            return True
        item = event.get("item_id") or at_path(event, "item.id")
        speech = event["type"].startswith("input_audio_buffer.speech_")
        return "spoken-turn" in labels and (speech or item not in self._kept)


class _TurnEnds(_Turns):
    """Leaves out all of a turn but its beginning."""

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        begins = event["type"] == "input_audio_buffer.speech_started"
        return super().left_out(event, labels) and not begins


class _TurnCommits(_LeavingOut):
    """Leaves out the commit and the item of a turn; transcription and response come."""

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        return event["type"] in ("input_audio_buffer.committed", *_TWINS) and "spoken-turn" in labels


class _CommittedItems(_LeavingOut):
    """Leaves out the items that come of audio."""

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        return event["type"] in _TWINS and bool(labels & {"spoken-turn", "client-commit", "idle-timeout"})


class _GeneratedItems(_LeavingOut):
    """Leaves out ``conversation.item.*`` for the items of responses."""

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:  # noqa: ARG002
        return event["type"] in _TWINS and self.items.get(event["item"]["id"], "") in self.courses


class _ClientItems(_LeavingOut):
    """Leaves out ``conversation.item.*`` for the items that the client creates."""

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        return event["type"] in _TWINS and bool(labels & {"user-item", "function-call-output"})


_BY_ORIGIN: dict[str, tuple[str, Callable[[Memory], Following]]] = {
    "responses": ("Responses are never told of.", _Responses),
    "turn-responses": ("Turns are never answered by a response.", _TurnResponses),
    "turns": ("Nothing tells of turns: no speech, no commit, no item, no response.", _Turns),
    "turn-ends": ("Speech starts, and never stops.", _TurnEnds),
    "turn-commits": ("Turns stop, and are never committed nor added.", _TurnCommits),
    "committed-items": ("Audio is committed, and its item never added.", _CommittedItems),
    "generated-conversation-items": (
        "The items of responses never enter the conversation.",
        _GeneratedItems,
    ),
    "client-items": ("The items that the client creates are never announced.", _ClientItems),
}


class _Unanswered(_Responses):
    """Does not hear the client events of one type.

    A recorded session was heard, though: there, what the events caused is left out.
    """

    def __init__(self, memory: Memory, client_type: str) -> None:
        super().__init__(memory)
        self._type = client_type
        self._answer = CONFIRMED_BY[client_type]
        self._open: list[Json] = []

    def incoming(self, event: Json) -> Json | None:
        if event.get("type") != self._type:
            return super().incoming(event)
        if self._open:
            super().incoming(event)
        return None

    def retold(self, event: Json) -> Json:
        if event.get("type") == self._type:
            self._open.append(event)
        return event

    def lost(self, created: Json, labels: frozenset[str]) -> bool:  # noqa: ARG002
        turn = labels & {"spoken-turn", "idle-timeout"}
        if self._type == "input_audio_buffer.append":
            return bool(self._open) and "spoken-turn" in labels
        return self._type == "response.create" and not turn and self._answered()

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:
        commits = event["type"] == "input_audio_buffer.committed" and "client-commit" in labels
        if commits and self._open and self._type == "input_audio_buffer.append":
            self._chain.leave_out(event["item_id"], event.get("previous_item_id"))
            return [_too_little(self.memory.last_asked("input_audio_buffer.commit"))]
        return super().told(event, labels)

    def left_out(self, event: Json, labels: frozenset[str]) -> bool:
        if super().left_out(event, labels) or self._refuses(event):
            return True
        item_id = event.get("item_id") or at_path(event, "item.id")
        if self._type == "input_audio_buffer.append":
            return bool(self._open) and ("spoken-turn" in labels or item_id in self._chain)
        if self._type == "response.cancel":
            # A response that is not cancelled goes on, but its rest was never recorded.
            return bool(self._open) and "cancelled-response" in labels
        if self._confirms(event, labels) and self._answered():
            if isinstance(item_id, str) and self._answer.endswith(("added", "committed")):
                self._chain.leave_out(item_id, event.get("previous_item_id"))
            return True
        return item_id in self._chain

    def _confirms(self, event: Json, labels: frozenset[str]) -> bool:
        if event["type"] != self._answer or self._type == "response.create":
            return False
        if self._type == "conversation.item.create":
            return bool(labels & {"user-item", "function-call-output"})
        return self._type != "input_audio_buffer.commit" or "client-commit" in labels

    def _answered(self) -> bool:
        """Take the oldest event that is still to be answered; tell whether there was one."""
        if self._open:
            self._open.pop(0)
            return True
        return False

    def _refuses(self, event: Json) -> bool:
        named = at_path(event, "error.event_id") if event["type"] == "error" else None
        meant = [each for each in self._open if named and each.get("event_id") == named]
        if meant and self._type != "input_audio_buffer.append":
            self._open.remove(meant[0])
        return bool(meant)


def _too_little(commit: Json) -> Json:
    error = {
        "type": "invalid_request_error",
        "code": str(Code.INPUT_AUDIO_BUFFER_COMMIT_EMPTY),
        "message": "The buffer holds 0 ms of audio; at least 100 ms are needed.",
        "param": None,
        "event_id": commit.get("event_id"),
    }
    return invent("error", error=error)


def unanswered(client_type: str) -> Callable[[Memory], Following]:
    """Return a change by which client events of a type are not heard."""
    return lambda memory: _Unanswered(memory, client_type)


def left_out() -> Iterator[Difference]:
    """Yield every way to leave something out."""
    for name in all_server_types():
        yield Difference(
            f"absent:{name}", f"`{name}` is never sent.", (drop(name),), dialects=known_to(name), wide=True
        )
    for name in all_client_types():
        statement = f"`{name}` is never answered, and has no effect."
        yield Difference(f"unanswered:{name}", statement, (unanswered(name),), dialects=BOTH, wide=True)
    for name, types in LAYERS.items():
        dialects = tuple(d for d in BOTH if any(d in known_to(t) for t in _meant(types)))
        shown = ", ".join(f"`{each}`" for each in types.split())
        statement = f"Left out together: {shown}."
        yield Difference(f"without:{name}", statement, (drop(types),), dialects=dialects, wide=True)
    for name, (statement, change) in _BY_ORIGIN.items():
        yield Difference(f"without:{name}", statement, (change,), dialects=BOTH, wide=True)


def _meant(types: str) -> list[str]:
    stems = [each.rstrip("*") for each in types.split()]
    return [each for each in all_server_types() if each.startswith(tuple(stems))]
