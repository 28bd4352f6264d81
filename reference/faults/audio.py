"""Faults of the input and output audio buffers (facts 4.6)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import (
    Hold,
    after,
    at_path,
    both,
    drop,
    has,
    put,
    repeat,
)
from reference.faults.answers import accept, refusal
from reference.faults.situations import (
    session_has,
    short_commit,
    was_committed_by_hand,
)

_BUFFER = "input_audio_buffer"
_COMMITTED, _CLEARED = f"{_BUFFER}.committed", f"{_BUFFER}.cleared"
_ITEM = "conversation.item.added conversation.item.done"
_UNTRANSCRIBED = session_has("audio.input.transcription", None)
_SPOKEN = has("item.content.0.type", "input_audio")


def _committed(_asked: Json, memory: Memory) -> list[Sent]:
    """Commit what is too short to be committed."""
    last = memory.last_told("conversation.item.added")
    previous = last["item"]["id"] if last else None
    item = {
        "id": f"item_of_silence_{len(memory.said)}",
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
    place = {"previous_item_id": previous}
    return [
        invent(_COMMITTED, **place, item_id=item["id"]),
        invent("conversation.item.added", **place, item=item),
        invent("conversation.item.done", **place, item=item),
    ]


def a_response(event: Json, memory: Memory) -> list[Sent]:
    """Tell a whole response that nobody asked for."""
    session = memory.last_told("session.updated") or memory.last_told("session.created")
    settings = session["session"]
    number = len(memory.said)  # each of them is another one
    spoken = settings["audio"].get("output", {})
    response = {
        "object": "realtime.response",
        "id": f"resp_unasked_{number}",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": memory.last_told("response.created")
        .get("response", {})
        .get("conversation_id", "conv_default"),
        "output_modalities": settings.get("output_modalities", ["text"]),
        "max_output_tokens": settings.get("max_output_tokens", "inf"),
        "usage": None,
        "metadata": None,
        "audio": {"output": {k: v for k, v in spoken.items() if k in ("format", "voice")}},
    }
    usage = {"total_tokens": 1, "input_tokens": 0, "output_tokens": 1}
    item: Json = {
        "id": f"item_unasked_{number}",
        "type": "message",
        "status": "in_progress",
        "role": "assistant",
        "content": [],
    }
    previous = {"previous_item_id": at_path(event, "item.id")}
    place = {"response_id": response["id"], "output_index": 0}
    part = {**place, "item_id": item["id"], "content_index": 0}
    done = {**item, "status": "completed", "content": [{"type": "output_text", "text": "Yes."}]}
    return [
        invent("response.created", response=response),
        invent("response.output_item.added", **place, item=item),
        invent("conversation.item.added", **previous, item=item),
        invent("response.content_part.added", **part, part={"type": "text", "text": ""}),
        invent("response.output_text.delta", **part, delta="Yes."),
        invent("response.output_text.done", **part, text="Yes."),
        invent("response.content_part.done", **part, part={"type": "text", "text": "Yes."}),
        invent("conversation.item.done", **previous, item=done),
        invent("response.output_item.done", **place, item=done),
        invent(
            "response.done", response={**response, "status": "completed", "output": [done], "usage": usage}
        ),
    ]


class _CommitAnswered(SessionStep):
    """A commit by the client creates a response; what is said next stands behind the item of that."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._behind: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        behind = self._behind.get(str(event.get("previous_item_id")))
        if behind is not None:
            event["previous_item_id"] = behind
        if event["type"] != "conversation.item.done" or not short_commit(event, self.memory):
            return [event]
        response = a_response(event, self.memory)
        added = next(e for e in response if isinstance(e, dict) and e["type"] == "conversation.item.added")
        self._behind[event["item"]["id"]] = added["item"]["id"]
        return [event, *response]


class _ErrorForAudio(SessionStep):
    """The first ``append`` is answered with an ``error`` although it is valid."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._asked: Json | None = None
        self._said = False

    def incoming(self, event: Json) -> Json:
        if event.get("type") == f"{_BUFFER}.append" and self._asked is None:
            self._asked = event
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        if self._asked is None or self._said:
            return [event]
        self._said = True
        return [refusal(self._asked), event]


def _cleared(_event: Json, memory: Memory) -> bool:
    """Tell whether the buffer was emptied by the client and not filled since."""
    asked = [each.get("type") for each in memory.asked if str(each.get("type")).startswith(_BUFFER)]
    return asked[-2:] == [f"{_BUFFER}.clear", f"{_BUFFER}.commit"] and f"{_BUFFER}.append" in asked


_INPUT = (
    differs(
        "append-answered-with-error",
        "A valid `input_audio_buffer.append` is answered with an error.",
        _ErrorForAudio,
    ),
    differs(
        "short-commit-unanswered",
        "A commit of a fifth of a second is never answered.",
        drop(f"{_COMMITTED} {_ITEM}", short_commit),
    ),
    differs(
        "committed-without-item",
        "After a commit of a fifth of a second no item is added.",
        drop(_ITEM, short_commit),
    ),
    differs(
        "committed-names-another-item",
        "`input_audio_buffer.committed` names another item than the one that follows.",
        put(_COMMITTED, "item_id", "item_of_another", both(was_committed_by_hand, _UNTRANSCRIBED)),
        models="D-09",
    ),
    differs(
        "committed-late",
        "`input_audio_buffer.committed` comes behind the item's `conversation.item.added`.",
        Hold(_COMMITTED, "conversation.item.done", until_where=_SPOKEN),
    ),
    differs(
        "committed-previous-placeholder",
        "`input_audio_buffer.committed` has a placeholder as `previous_item_id`.",
        put(_COMMITTED, "previous_item_id", "TODO"),
        models="D-07",
    ),
    differs(
        "short-commit-accepted",
        "A commit of too little audio is accepted.",
        accept(f"{_BUFFER}.commit", _committed, lambda event, memory: not _cleared(event, memory)),
    ),
    differs(
        "commit-creates-response",
        "A commit by the client creates a response.",
        _CommitAnswered,
    ),
    differs("cleared-twice", "`input_audio_buffer.cleared` is sent twice.", repeat(_CLEARED, nth=1)),
    differs(
        "committed-twice",
        "`input_audio_buffer.committed` is sent twice for one item.",
        repeat(_COMMITTED, nth=1),
    ),
    differs("clear-unanswered", "`input_audio_buffer.clear` is never answered.", drop(_CLEARED)),
    differs(
        "clear-without-effect",
        "Audio that was cleared can still be committed.",
        accept(f"{_BUFFER}.commit", _committed, _cleared),
    ),
)


_OUTPUT_BUFFER = (
    differs(
        "output-buffer-on-websocket",
        "`output_audio_buffer.started` and `stopped` occur on a WebSocket.",
        after(
            "response.content_part.added",
            lambda event, _memory: invent("output_audio_buffer.started", response_id=event["response_id"]),
            has("part.type", "audio"),
            nth=1,
        ),
        models="D-81",
        only="openai",
    ),
    differs(
        "key-pressed-on-websocket",
        "A key of a telephone is reported on a WebSocket.",
        after(
            "input_audio_buffer.cleared",
            lambda _event, _memory: invent(
                "input_audio_buffer.dtmf_event_received", event="1", received_at=1_800_000_000
            ),
            nth=1,
        ),
        only="openai",
    ),
)

FAULTS: tuple[Difference, ...] = (*_INPUT, *_OUTPUT_BUFFER)
