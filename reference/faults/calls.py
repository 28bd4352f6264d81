"""Faults of function calls (facts 4.8)."""

from __future__ import annotations

from typing import Any

from protocol.json_values import MISSING, Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import (
    Hold,
    after,
    asked,
    at_path,
    before,
    both,
    has,
    put,
    unset,
)
from reference.faults.answers import refusal
from reference.faults.situations import session_has, session_shown
from reference.faults.streams import generated
from reference.faults.turns import untold_response

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"
_ADDED, _ITEM_DONE = "response.output_item.added", "response.output_item.done"
_ARGUMENTS_DONE = "response.function_call_arguments.done"
_CALL = has("item.type", "function_call")
_ROME = '{"city": "Rome"}'


def _calls(status: str, **members: Any) -> Any:
    """Make the calls in ``response.done`` have other members."""

    def output(event: Json, _memory: Memory) -> list[Json]:
        return [
            {**item, **members} if item["type"] == "function_call" and item["status"] == status else item
            for item in event["response"]["output"]
        ]

    return output


class _NotJson(SessionStep):
    """The arguments of each call begin with a word, from the first delta to ``response.done``."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._begun: set[str] = set()

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "response.function_call_arguments.delta":
            if event["item_id"] not in self._begun:
                event["delta"] = "call " + event["delta"]
            self._begun.add(event["item_id"])
        elif event["type"] == _ARGUMENTS_DONE:
            event["arguments"] = "call " + event["arguments"]
        elif at_path(event, "item.id") in self._begun:
            self._spoil(event["item"])
        elif event["type"] == _DONE:
            for item in event["response"]["output"]:
                self._spoil(item)
        return [event]

    def _spoil(self, item: Json) -> None:
        if item.get("arguments") and item["id"] in self._begun:
            item["arguments"] = "call " + item["arguments"]


class _SameCallId(SessionStep):
    """The second call of a response has the ``call_id`` of the first, everywhere."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._own: dict[str, str] = {}

    def retold(self, event: Json) -> Json:
        return _renamed(event, self._own)

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _ADDED and event["output_index"] == 1 and _CALL(event, self.memory):
            first = self.memory.last_told("response.function_call_arguments.done")
            self._own = {event["item"]["call_id"]: first["call_id"]} if first else {}
        return [_renamed(event, self._own)]


class _StrangeCallId(SessionStep):
    """The ``call_id`` of a call holds what clients cannot send back, and is understood all the same."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._own: dict[str, str] = {}

    def incoming(self, event: Json) -> Json:
        return _renamed(event, {told: own for own, told in self._own.items()})

    def retold(self, event: Json) -> Json:
        return _renamed(event, self._own)

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _ADDED and _CALL(event, self.memory):
            own = event["item"]["call_id"]
            self._own[own] = f"{own} (get weather)"
        return [_renamed(event, self._own)]


def _renamed(event: Json, names: dict[str, str]) -> Json:
    renamed: Json = _replaced(event, names)
    return renamed


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


def _part_of_call(event: Json, _memory: Memory) -> list[Sent]:
    place = {key: event[key] for key in ("response_id", "item_id", "output_index")}
    part = {**place, "content_index": 0, "part": {"type": "text", "text": ""}}
    return [invent("response.content_part.added", **part), invent("response.content_part.done", **part)]


def _goes_on(event: Json, memory: Memory) -> list[Sent]:
    return untold_response(event, memory)


def _with_call(event: Json, _memory: Memory) -> bool:
    kinds = [item["type"] for item in event["response"]["output"]]
    return event["response"]["status"] == "completed" and "function_call" in kinds


class _CallsAnyway(SessionStep):
    """A response whose ``tool_choice`` is ``none`` calls a function behind its message."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != _DONE or not asked(_CREATE, has("response.tool_choice", "none"))(
            event, self.memory
        ):
            return [event]
        response = event["response"]
        index = len(response["output"])
        item = {"id": "item_uncalled", "type": "function_call", "name": "get_weather", "call_id": "call_un"}
        begun = {**item, "status": "in_progress", "arguments": ""}
        done = {**item, "status": "completed", "arguments": "{}"}
        place = {"response_id": response["id"], "output_index": index}
        stream = {**place, "item_id": begun["id"], "call_id": begun["call_id"]}
        last = self.memory.last_told("conversation.item.added")["item"]["id"]
        told = {**event, "response": {**response, "output": [*response["output"], done]}}
        return [
            invent(_ADDED, **place, item=begun),
            invent("conversation.item.added", previous_item_id=last, item=begun),
            invent("response.function_call_arguments.delta", **stream, delta="{}"),
            invent(_ARGUMENTS_DONE, **stream, name=begun["name"], arguments="{}"),
            invent("conversation.item.done", previous_item_id=last, item=done),
            invent(_ITEM_DONE, **place, item=done),
            told,
        ]


def _chosen(event: Json, memory: Memory) -> bool:
    for_this = asked(_CREATE, has("response.tool_choice.name"))
    return for_this(event, memory) or at_path(session_shown(memory), "tool_choice.name") is not MISSING


class _OutputRefused(SessionStep):
    """The output of a call is refused while the calling response runs."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._refused: dict[str, str | None] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        item_id = at_path(event, "item.id")
        if event["type"] == "conversation.item.added" and event["item"]["type"] == "function_call_output":
            created, done = self.memory.last_told(_CREATED), self.memory.last_told(_DONE)
            if at_path(created, "response.id") != at_path(done, "response.id"):
                self._refused[item_id] = event["previous_item_id"]
                return [refusal(self.memory.last_asked("conversation.item.create"))]
        if event.get("previous_item_id") in self._refused:
            event["previous_item_id"] = self._refused[event["previous_item_id"]]
        return [] if item_id in self._refused else [event]


FAULTS: tuple[Difference, ...] = (
    differs(
        "call-announced-with-arguments",
        "A function call is announced with arguments that are not empty.",
        put(_ADDED, "item.arguments", "{}", _CALL),
    ),
    differs(
        "call-announced-without-name",
        "A function call is announced without its name.",
        put(
            f"{_ADDED} conversation.item.added",
            "item.name",
            "",
            both(_CALL, has("item.status", "in_progress")),
        ),
    ),
    differs(
        "arguments-done-behind-item",
        "The arguments of a call are done after its item is.",
        Hold(_ARGUMENTS_DONE, _ITEM_DONE),
    ),
    differs(
        "call-with-content-part",
        "A function call has a content part.",
        before(_ARGUMENTS_DONE, _part_of_call),
    ),
    differs(
        "call-done-with-other-arguments",
        "A finished call has other arguments than were streamed.",
        put(
            f"{_ITEM_DONE} conversation.item.done",
            "item.arguments",
            _ROME,
            both(_CALL, has("item.status", "completed"), generated),
        ),
        put(_DONE, "response.output", _calls("completed", arguments=_ROME)),
    ),
    differs(
        "arguments-done-without-name",
        "`response.function_call_arguments.done` has no `name`.",
        unset(_ARGUMENTS_DONE, "name"),
        models="D-20 D-51",
        only="openai",
    ),
    differs("call-arguments-not-json", "The arguments of a call are not JSON.", _NotJson),
    differs("call-ids-repeat", "The second call of a response has the `call_id` of the first.", _SameCallId),
    differs("call-id-with-spaces", "A `call_id` holds spaces and brackets.", _StrangeCallId),
    differs(
        "goes-on-after-call",
        "After a function call the server creates the next response by itself.",
        after(_DONE, _goes_on, both(_with_call, session_has("output_modalities", ["text"]))),
        models="D-84",
        only="openai",
    ),
    differs(
        "output-refused-while-running",
        "The output of a call is refused while its response runs.",
        _OutputRefused,
    ),
    differs("calls-although-none", 'With `tool_choice: "none"` a function is called.', _CallsAnyway),
    differs(
        "calls-another-function",
        "Another function is called than `tool_choice` names.",
        put(
            f"{_ADDED} {_ITEM_DONE} conversation.item.added conversation.item.done",
            "item.name",
            "get_weather",
            both(_CALL, _chosen),
        ),
        put(_ARGUMENTS_DONE, "name", "get_weather", _chosen),
        put(_DONE, "response.output.*.name", "get_weather", _chosen),
    ),
)
