"""Faults of the input and output audio buffers (facts 4.6)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import (
    Condition,
    Hold,
    after,
    answers_to,
    at_path,
    both,
    drop,
    has,
    put,
    repeat,
)
from reference.faults.answers import refusal
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


class _CommitAccepted(SessionStep):
    """Commits of audio that is not there are accepted, and what is said next stands behind their items."""

    def __init__(self, memory: Memory, meant: Condition) -> None:
        super().__init__(memory)
        self._meant = answers_to(f"{_BUFFER}.commit", meant)
        self._order: list[str] = []  # the items of the conversation, those that are made up included
        self._made_up: dict[str, Json] = {}
        self._behind: dict[str, str | None] = {}

    def incoming(self, event: Json) -> Json:
        behind = event.get("previous_item_id")
        if behind not in self._made_up:
            return event
        known = [each for each in self._order[: self._place(behind)] if each not in self._made_up]
        return {**event, "previous_item_id": known[-1] if known else "root"}

    def outgoing(self, event: Json) -> list[Sent]:
        if self._meant(event, self.memory):
            return self._committed()
        if event["type"] == "error":
            return [self._answered(self.memory.offender(event)) or event]
        item_id = str(at_path(event, "item.id") if "item" in event else event.get("item_id"))
        if "previous_item_id" in event:
            if item_id not in self._behind:
                self._behind[item_id] = self._previous(event["previous_item_id"])
            event = {**event, "previous_item_id": self._behind[item_id]}
        if event["type"] == "conversation.item.added" and item_id not in self._order:
            self._order.insert(self._place(event["previous_item_id"]), item_id)
        elif event["type"] == "conversation.item.deleted" and item_id in self._order:
            self._order.remove(item_id)
        return [event]

    def _answered(self, asked: Json) -> Json | None:
        """Return the answer to a client event about an item that is made up; None for others."""
        item_id = str(asked.get("item_id"))
        if item_id not in self._made_up:
            return None
        if asked.get("type") == "conversation.item.retrieve":
            return invent("conversation.item.retrieved", item=self._made_up[item_id])
        if asked.get("type") == "conversation.item.delete":
            del self._made_up[item_id]
            self._order.remove(item_id)
            return invent("conversation.item.deleted", item_id=item_id)
        return None

    def _place(self, previous: str | None) -> int:
        return self._order.index(previous) + 1 if previous in self._order else 0

    def _previous(self, said: str | None) -> str | None:
        """Return what an item stands behind that the obedient server puts behind another one."""
        rest = self._order[self._place(said) :]
        return rest[-1] if rest and self._made_up.keys() >= set(rest) else said

    def _committed(self) -> list[Sent]:
        item = {
            "id": f"item_of_silence_{len(self.memory.said)}",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        place = {"previous_item_id": self._order[-1] if self._order else None}
        self._order.append(str(item["id"]))
        self._made_up[str(item["id"])] = item
        return [
            invent(_COMMITTED, **place, item_id=item["id"]),
            invent("conversation.item.added", **place, item=item),
            invent("conversation.item.done", **place, item=item),
        ]


def a_response(event: Json, memory: Memory) -> list[Sent]:
    """Tell a whole response that nobody asked for."""
    number = len(memory.said)  # each of them is another one
    response = _unasked(memory, number)
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


def _unasked(memory: Memory, number: int) -> Json:
    """Return a response as it is created, with the settings of the session as last shown."""
    session = memory.last_told("session.updated") or memory.last_told("session.created")
    settings = session["session"]
    spoken = settings["audio"].get("output", {})
    before = memory.last_told("response.created").get("response", {})
    return {
        "object": "realtime.response",
        "id": f"resp_unasked_{number}",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": before.get("conversation_id", "conv_default"),
        "output_modalities": settings.get("output_modalities", ["text"]),
        "max_output_tokens": settings.get("max_output_tokens", "inf"),
        "usage": None,
        "metadata": None,
        "audio": {"output": {k: v for k, v in spoken.items() if k in ("format", "voice")}},
    }


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


def _cleared(memory: Memory, *, committed: bool) -> bool:
    """Tell whether a clear of the client took audio out of the buffer, and nothing has filled it since.

    `committed` tells whether a commit after that was accepted, so that the next one commits something else.
    """
    audio = cleared = False
    for asked in memory.asked[:-1]:
        match asked.get("type"):
            case "input_audio_buffer.append":
                audio, cleared = True, False
            case "input_audio_buffer.clear":
                audio, cleared = False, cleared or audio
            case "input_audio_buffer.commit":
                audio, cleared = False, cleared and not committed
    return cleared


def _what_was_cleared(_event: Json, memory: Memory) -> bool:
    return _cleared(memory, committed=True)


def _too_little(_event: Json, memory: Memory) -> bool:
    return not _cleared(memory, committed=False)


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
        lambda memory: _CommitAccepted(memory, _too_little),
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
        lambda memory: _CommitAccepted(memory, _what_was_cleared),
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
