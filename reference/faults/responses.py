"""Faults of the life of a response: its beginning, its end, and what both say (facts 4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference.alterations import Json, Memory, Sent, Step, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    Hold,
    after,
    answers,
    before,
    both,
    drop,
    has,
    lacks,
    put,
    repeat,
    unset,
    value_at,
)
from reference.faults.answers import refusal
from reference.faults.situations import out_of_band

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"
_COMPLETED = has("response.status", "completed")
_OF_CONVERSATION = lacks("response.conversation_id", None)
_NOT_COMPLETED = has("response.status", "cancelled", "incomplete", "failed")


class WithoutResponses(Step):
    """Leaves out all that responses which meet a condition cause, and says something else instead."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._lost: set[str] = set()
        self._items: set[str] = set()

    def lost(self, _created: Json) -> bool:
        """Tell whether a response, as ``response.created`` shows it, is left out."""
        return True

    def instead(self, _created: Json) -> list[Sent]:
        """Return what is said in place of ``response.created``."""
        return []

    def outgoing(self, event: Json) -> list[Sent]:
        response = event.get("response_id") or value_at(event, "response.id")
        if event["type"] == _CREATED and self.lost(event):
            self._lost.add(response)
            return self.instead(event)
        if response in self._lost:
            item = value_at(event, "item.id")
            self._items |= {item} if isinstance(item, str) else set()
            return []
        return [] if value_at(event, "item.id") in self._items else [event]


class _Refused(WithoutResponses):
    """``response.create`` with settings of its own is refused."""

    def lost(self, _created: Json) -> bool:
        return bool(self.memory.last_asked(_CREATE).get("response"))

    def instead(self, _created: Json) -> list[Sent]:
        return [refusal(self.memory.last_asked(_CREATE), param="response")]


class _MetadataRefused(_Refused):
    def lost(self, created: Json) -> bool:
        return bool(value_at(created, "response.metadata"))


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


class _SecondKillsFirst(Step):
    """A second ``response.create`` is accepted; the response that was running is never heard of again."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._killed: str | None = None
        self._items: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if (
            answers(_CREATE)(event, self.memory)
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


class _SecondBesideFirst(Step):
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
        if value_at(event, "item.id") in self._moved and "previous_item_id" in event:
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
    return invent("response.output_text.delta", response_id=event["response"]["id"], item_id=item["id"],
                  output_index=0, content_index=0, delta=" Oh!")  # fmt: skip


def _stray_delta(_event: Json, _memory: Memory) -> Json:
    place = {"response_id": "resp_never_announced", "item_id": "item_never_announced"}
    return invent("response.output_text.delta", **place, output_index=0, content_index=0, delta="Hello.")


def _written(event: Json, _memory: Memory) -> bool:
    return bool(value_at(event, "response.output.0.content.0.type") == "output_text")


class _IdUsedAgain(Step):
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


def _limited(_event: Json, memory: Memory) -> bool:
    return isinstance(value_at(memory.last_asked(_CREATE), "response.max_output_tokens"), int)


def _asked_for(_event: Json, memory: Memory) -> bool:
    return bool(memory.last_asked(_CREATE))


def _usage(**members: Any) -> Any:
    return lambda event, _memory: {**event["response"]["usage"], **members}


def _more_tokens(usage: Json) -> Json:
    return {
        "total_tokens": usage["input_tokens"] + 99,
        "input_tokens": usage["input_tokens"],
        "output_tokens": 99,
        "input_token_details": usage["input_token_details"],
        "output_token_details": {"text_tokens": 99, "audio_tokens": 0},
    }


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
        after(_DONE, _delta_of, _written, nth=1),
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

_CONTENT = (
    differs(
        "response-created-queued",
        "`response.created` shows the status `queued`.",
        put(_CREATED, "response.status", "incomplete"),
        models="D-16",
    ),
    differs(
        "response-created-with-usage",
        "`response.created` shows the usage of something else.",
        put(_CREATED, "response.usage", {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}),
    ),
    differs(
        "response-done-in-progress",
        "`response.done` shows the status `in_progress`.",
        put(_DONE, "response.status", "in_progress", _COMPLETED, nth=1),
    ),
    differs(
        "status-details-plain-text",
        "`status_details` is a plain string.",
        put(_DONE, "response.status_details", "completed", _COMPLETED),
        models="D-42",
    ),
    differs(
        "status-details-of-other-type",
        "The `type` of `status_details` is another status.",
        put(
            _DONE, "response.status_details.type", "failed", has("response.status", "cancelled", "incomplete")
        ),
    ),
    differs(
        "status-details-when-completed",
        "A completed response gives status details.",
        put(_DONE, "response.status_details", {"type": "completed"}, _COMPLETED),
    ),
    differs(
        "status-details-left-open",
        "A response that was cut off gives no status details.",
        put(_DONE, "response.status_details", None, _NOT_COMPLETED),
    ),
    differs(
        "metadata-not-echoed",
        "The `metadata` of the request do not show.",
        put(f"{_CREATED} {_DONE}", "response.metadata", None),
        models="D-76 D-74",
    ),
    differs(
        "metadata-out-of-nowhere",
        "A response without `metadata` in its request has some.",
        put(f"{_CREATED} {_DONE}", "response.metadata", {"trace": "1"}, has("response.metadata", None)),
    ),
    differs(
        "conversation-id-changes",
        "The second response names another conversation than the first.",
        put(_CREATED, "response.conversation_id", "conv_of_another", _OF_CONVERSATION, nth=2),
        put(_DONE, "response.conversation_id", "conv_of_another", _OF_CONVERSATION, nth=2),
    ),
    differs(
        "conversation-id-null",
        "Responses of the default conversation have a null `conversation_id`.",
        put(f"{_CREATED} {_DONE}", "response.conversation_id", None, _asked_for),
    ),
    differs(
        "conversation-id-lost-at-done",
        "`response.done` has no `conversation_id`.",
        put(_DONE, "response.conversation_id", None, _OF_CONVERSATION),
        models="D-65",
    ),
    differs(
        "modalities-change-at-done",
        "`response.done` shows other `output_modalities` than `response.created`.",
        put(_DONE, "response.output_modalities", ["audio"], has("response.output_modalities", ["text"])),
    ),
    differs(
        "identity-left-out",
        "A response shows neither `conversation_id` nor `metadata` nor `output_modalities`.",
        *(
            unset(f"{_CREATED} {_DONE}", f"response.{key}")
            for key in ("conversation_id", "metadata", "output_modalities")
        ),
        models="D-43",
        wide=True,
    ),
    differs(
        "completed-without-output",
        "A completed response has no output item.",
        put(_DONE, "response.output", [], out_of_band),
        drop("response.output_* response.content_part.* response.function_call_arguments.*", out_of_band),
    ),
    differs(
        "output-list-empty",
        "`response.done` lists no items although some were told.",
        put(_DONE, "response.output", [], has("response.status", "cancelled")),
    ),
    differs(
        "output-list-reversed",
        "`response.done` lists the items in the wrong order.",
        put(
            _DONE,
            "response.output",
            lambda event, _memory: event["response"]["output"][::-1],
            has("response.output.1"),
        ),
    ),
    differs(
        "output-item-differs-at-done",
        "An item in `response.done` differs from the one in `response.output_item.done`.",
        put(_DONE, "response.output.0.content.0.text", "Something else.", _written),
    ),
    differs(
        "usage-left-out",
        "`response.done` of a completed response has no usage.",
        put(_DONE, "response.usage", None),
        models="D-41",
    ),
    differs(
        "usage-beside-response",
        "Usage stands beside `response`, and `response.usage` is empty.",
        put(_DONE, "usage", lambda event, _memory: event["response"]["usage"]),
        put(_DONE, "response.usage", None),
        models="D-41 D-52",
        only="openai",
    ),
    differs(
        "usage-total-wrong",
        "`total_tokens` is not the sum of input and output.",
        put(_DONE, "response.usage.total_tokens", 1),
    ),
    differs(
        "usage-output-details-wrong",
        "The details of the output tokens do not add up.",
        put(_DONE, "response.usage.output_token_details.text_tokens", 99_999),
    ),
    differs(
        "usage-cached-details-wrong",
        "The details of the cached tokens do not add up.",
        put(_DONE, "response.usage.input_token_details.cached_tokens_details.text_tokens", 99_999),
    ),
    differs(
        "incomplete-without-reason",
        "An incomplete response names no reason that the protocol knows.",
        put(_DONE, "response.status_details.reason", "tired", has("response.status", "incomplete")),
    ),
    differs(
        "token-limit-passed",
        "A response that reaches `max_output_tokens` ends as completed, with more tokens.",
        put(_DONE, "response.status_details", None, has("response.status", "incomplete")),
        put(
            "response.output_item.done conversation.item.done",
            "item.status",
            "completed",
            both(has("item.status", "incomplete"), _limited),
        ),
        put(_DONE, "response.output.*.status", "completed", has("response.status", "incomplete")),
        put(
            _DONE,
            "response.usage",
            lambda event, _memory: _more_tokens(event["response"]["usage"]),
            has("response.status", "incomplete"),
        ),
        put(_DONE, "response.status", "completed", has("response.status", "incomplete")),
    ),
    differs(
        "failed-without-error",
        "A response that failed does not show the error in `status_details`.",
        put(_DONE, "response.status_details", {"type": "failed"}, has("response.status", "failed")),
    ),
)


FAULTS: tuple[Difference, ...] = (*_LIFECYCLE, *_CONTENT)
