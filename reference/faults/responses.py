"""Faults of when responses begin and end (facts 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    Hold,
    after,
    answers_to,
    at_path,
    before,
    both,
    drop,
    has,
    repeat,
)
from reference.faults.answers import refusal
from reference.faults.situations import out_of_band, session_shown
from reference.item_chain import ItemChain

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"


class WithoutResponses(SessionStep):
    """Leaves out all that responses which meet a condition cause, and says something else instead."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._lost: set[str] = set()
        self._items: set[str] = set()
        self._limits = False  # whether those of a response that is left out come next
        self._chain = ItemChain()

    def lost(self, _created: Json) -> bool:
        """Tell whether a response, as ``response.created`` shows it, is left out."""
        return True

    def instead(self, _created: Json) -> list[Sent]:
        """Return what is said in place of ``response.created``."""
        return []

    def outgoing(self, event: Json) -> list[Sent]:
        response = event.get("response_id") or at_path(event, "response.id")
        if event["type"] == _CREATED and self.lost(event):
            self._lost.add(response)
            return self.instead(event)
        if response in self._lost:
            item = at_path(event, "item.id")
            self._items |= {item} if isinstance(item, str) else set()
            self._limits = event["type"] == _DONE
            return []
        if self._limits and event["type"] == "rate_limits.updated":
            self._limits = False
            return []
        event = self._chain.linked(event)
        item = at_path(event, "item.id")
        if item not in self._items:
            return [event]
        if "previous_item_id" in event:
            self._chain.leave_out(item, event["previous_item_id"])
        return []


class _Refused(WithoutResponses):
    """``response.create`` with settings of its own is refused."""

    def lost(self, _created: Json) -> bool:
        return bool(self.memory.last_asked(_CREATE).get("response"))

    def instead(self, _created: Json) -> list[Sent]:
        return [refusal(self.memory.last_asked(_CREATE), param="response")]


class _MetadataRefused(_Refused):
    def lost(self, created: Json) -> bool:
        # Without functions: what a client says of a call that never came is another matter.
        return bool(at_path(created, "response.metadata")) and not session_shown(self.memory).get("tools")


class _UnknownEvent(WithoutResponses):
    def instead(self, _created: Json) -> list[Sent]:
        return [refusal(self.memory.last_asked(_CREATE), param="type", message="Unknown event type.")]


class _FailedSilently(WithoutResponses):
    """A response that fails has an ``error`` and no ``response.done``."""

    def lost(self, _created: Json) -> bool:
        return False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _DONE and event["response"]["status"] == "failed":
            return [
                invent(
                    "error",
                    error={
                        "type": "server_error",
                        "code": None,
                        "message": "Failed.",
                        "param": None,
                        "event_id": None,
                    },
                )
            ]
        return [event]


class _SecondKillsFirst(SessionStep):
    """A second ``response.create`` is accepted; the response that was running is never heard of again."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._killed: str | None = None
        self._items: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if (
            answers_to(_CREATE)(event, self.memory)
            and event["error"]["code"] == "conversation_already_has_active_response"
        ):
            created = self.memory.last_told(_CREATED)
            self._killed = created["response"]["id"]
            return [self._of_second(again(created))]
        if self._killed is None:
            return [event]
        return [self._of_second(event)] if event["type"] != "rate_limits.updated" else [event]

    def _of_second(self, event: Json) -> Json:
        """Tell the rest of the first response as if it were the second."""
        text: Json = _replaced(event, {str(self._killed): "resp_second"})
        return text


class _SecondBesideFirst(SessionStep):
    """A second ``response.create`` is accepted, and its response told at once, while the first goes on."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._moved: dict[str, str] = {}
        self._last: str | None = None

    def outgoing(self, event: Json) -> list[Sent]:
        error = event.get("error", {})
        if error.get("code") == "conversation_already_has_active_response":
            self._last = self.memory.last_told("conversation.item.added")["item"]["id"]
            return [*self._second()]
        if event["type"] == "conversation.item.added" and event["previous_item_id"] == self._last is not None:
            self._moved[event["item"]["id"]] = "item_second"
            self._last = None
        if at_path(event, "item.id") in self._moved and "previous_item_id" in event:
            event = {**event, "previous_item_id": "item_second"}
        return [event]

    def _second(self) -> Iterator[Json]:
        created = again(self.memory.last_told(_CREATED))["response"] | {"id": "resp_second"}
        text, place = "Certainly.", {"response_id": "resp_second", "output_index": 0}
        opened = {
            "id": "item_second",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        closed = {**opened, "status": "completed", "content": [{"type": "output_text", "text": text}]}
        part = {**place, "item_id": "item_second", "content_index": 0}
        usage = {"total_tokens": 1, "input_tokens": 0, "output_tokens": 1}
        yield invent(_CREATED, response=created)
        yield invent("response.output_item.added", **place, item=opened)
        yield invent("conversation.item.added", previous_item_id=self._last, item=opened)
        yield invent("response.content_part.added", **part, part={"type": "text", "text": ""})
        yield invent("response.output_text.delta", **part, delta=text)
        yield invent("response.output_text.done", **part, text=text)
        yield invent("response.content_part.done", **part, part={"type": "text", "text": text})
        yield invent("conversation.item.done", previous_item_id=self._last, item=closed)
        yield invent("response.output_item.done", **place, item=closed)
        yield invent(_DONE, response={**created, "status": "completed", "output": [closed], "usage": usage})


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def _delta_of(event: Json, _memory: Memory) -> Json:
    """Return a delta that belongs to a response which is done."""
    item = event["response"]["output"][0]
    return invent(
        "response.output_text.delta",
        response_id=event["response"]["id"],
        item_id=item["id"],
        output_index=0,
        content_index=0,
        delta=" Oh!",
    )


def _stray_delta(_event: Json, _memory: Memory) -> Json:
    place = {"response_id": "resp_never_announced", "item_id": "item_never_announced"}
    return invent("response.output_text.delta", **place, output_index=0, content_index=0, delta="Hello.")


def is_written(event: Json, _memory: Memory) -> bool:
    return bool(at_path(event, "response.output.0.content.0.type") == "output_text")


class _IdUsedAgain(SessionStep):
    """The second response has the id of the first."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._ids: dict[str, str] = {}
        self._first: str | None = None

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _CREATED and self._first is not None and not self._ids:
            self._ids[event["response"]["id"]] = self._first
        sent = _replaced(event, self._ids)
        if event["type"] == _DONE and self._first is None:
            self._first = event["response"]["id"]
        return [sent]


def _usage(**members: Any) -> Any:
    return lambda event, _memory: {**event["response"]["usage"], **members}


_LIFECYCLE = (
    differs(
        "response-create-unanswered",
        "`response.create` has no effect and no answer.",
        WithoutResponses,
        models="D-01",
        wide=True,
    ),
    differs(
        "response-create-unknown",
        "`response.create` is answered with an error: unknown event type.",
        _UnknownEvent,
        models="D-02",
        wide=True,
    ),
    differs(
        "response-settings-refused",
        "Every `response.create` with settings of its own is refused.",
        _Refused,
        models="D-72",
        wide=True,
    ),
    differs("metadata-refused", "A `response.create` with `metadata` is refused.", _MetadataRefused),
    differs(
        "response-created-twice",
        "`response.created` is sent twice for one response.",
        repeat(_CREATED, nth=1),
    ),
    differs(
        "response-created-late",
        "`response.created` comes behind the first item of the response.",
        Hold(_CREATED, "response.output_item.added", out_of_band, until_where=out_of_band),
    ),
    differs(
        "response-created-missing",
        "A response is told without `response.created`.",
        drop(_CREATED, nth=1),
        models="D-58",
        wide=True,
    ),
    differs(
        "delta-of-unannounced-response",
        "A delta comes for a response that was never announced.",
        before(_DONE, _stray_delta, nth=1),
        models="D-58",
    ),
    differs("response-done-missing", "`response.done` is never sent.", drop(_DONE), models="D-45 D-57 D-66"),
    differs("response-done-twice", "`response.done` is sent twice for one response.", repeat(_DONE, nth=1)),
    differs(
        "cancelled-response-not-done",
        "A response that was cut off gets no `response.done`.",
        drop(_DONE, both(has("response.status", "cancelled"), has("response.output.0"))),
        models="D-45",
    ),
    differs(
        "failed-response-not-done",
        "A response that fails has an `error` and no `response.done`.",
        _FailedSilently,
        models="D-38",
    ),
    differs(
        "late-delta-after-done",
        "A delta comes after its response's `response.done`.",
        after(_DONE, _delta_of, is_written, nth=1),
    ),
    differs(
        "second-response-accepted",
        "A second `response.create` is accepted while a response runs, and ends the first one's story.",
        _SecondKillsFirst,
        models="D-19",
        wide=True,
    ),
    differs(
        "second-response-beside-first",
        "A second `response.create` is accepted while a response runs.",
        _SecondBesideFirst,
    ),
    differs("response-ids-repeat", "Two responses have the same id.", _IdUsedAgain),
)


FAULTS: tuple[Difference, ...] = (*_LIFECYCLE,)
