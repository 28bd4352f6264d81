"""Faults of function calls, of out-of-band responses and of MCP (facts 4.8, 4.12, 4.13)."""

from __future__ import annotations

import copy
from typing import Any

from protocol.json_values import MISSING, Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import (
    Hold,
    after,
    answers_to,
    asked,
    at_path,
    before,
    both,
    drop,
    has,
    instead,
    put,
    unset,
    with_value,
)
from reference.faults.answers import refusal
from reference.faults.responses import WithoutResponses
from reference.faults.situations import out_of_band, session_has, session_shown
from reference.faults.streams import generated
from reference.faults.turns import untold_response

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"
_ADDED, _ITEM_DONE = "response.output_item.added", "response.output_item.done"
_ARGUMENTS_DONE = "response.function_call_arguments.done"
_CALL = has("item.type", "function_call")
_APPROVAL, _UNGIVEN = "item.approval_request_id", "mcpr_never_approved"
_ROME = '{"city": "Rome"}'


def _calls(status: str, **members: Any) -> Any:
    """Make the calls in ``response.done`` have other members."""

    def output(event: Json, _memory: Memory) -> list[Json]:
        return [
            {**item, **members} if item["type"] == "function_call" and item["status"] == status else item
            for item in event["response"]["output"]
        ]

    return output


def _ungiven(event: Json, _memory: Memory) -> list[Json]:
    return [
        {**item, "approval_request_id": _UNGIVEN} if item["type"] == "mcp_call" else item
        for item in event["response"]["output"]
    ]


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


def _running(memory: Memory) -> list[str]:
    ids = [each["response"]["id"] for each in memory.told if each["type"] == _CREATED]
    done = {each["response"]["id"] for each in memory.told if each["type"] == _DONE}
    return [each for each in ids if each not in done]


class _BesideRefused(WithoutResponses):
    """An out-of-band response is refused while another response runs."""

    def lost(self, created: Json) -> bool:
        return created["response"]["conversation_id"] is None and bool(_running(self.memory))

    def instead(self, _created: Json) -> list[Sent]:
        code = "conversation_already_has_active_response"
        return [refusal(self.memory.last_asked(_CREATE), code)]


class _Strayed(SessionStep):
    """One delta carries the id of the response that runs beside its own."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._begun: set[str] = set()
        self._said = False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != "response.output_text.delta":
            return [event]
        others = [each for each in _running(self.memory) if each != event["response_id"]]
        if others and not self._said and event["item_id"] in self._begun:
            self._said = True
            return [{**event, "response_id": others[0]}]
        self._begun.add(event["item_id"])
        return [event]


def _joins(event: Json, memory: Memory) -> Json:
    previous = None
    for told in memory.told:
        if told["type"] == "conversation.item.added":
            previous = told["item"]["id"]
        if told["type"] == _ADDED and told["item"]["id"] == event["item"]["id"]:
            break
    status = "added" if event["type"] == _ADDED else "done"
    return invent(f"conversation.item.{status}", previous_item_id=previous, item=copy.deepcopy(event["item"]))


def _reference_taken(error: Json, memory: Memory) -> list[Sent]:
    told = untold_response(error, memory)
    return [_of_nobody(each) if isinstance(each, dict) else each for each in told]


def _of_nobody(event: Json) -> Json:
    return with_value(event, "response.conversation_id", None) if "response" in event else event


_FUNCTIONS = (
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

_OUT_OF_BAND = (
    differs(
        "out-of-band-names-conversation",
        "An out-of-band response names a conversation.",
        put(
            f"{_CREATED} {_DONE}",
            "response.conversation_id",
            "conv_default",
            has("response.conversation_id", None),
        ),
        models="D-74",
    ),
    differs(
        "out-of-band-joins",
        "The items of an out-of-band response join the conversation.",
        after(_ADDED, _joins, out_of_band),
        before(_ITEM_DONE, _joins, out_of_band),
    ),
    differs(
        "out-of-band-refused-beside", "An out-of-band response is refused while another runs.", _BesideRefused
    ),
    differs(
        "delta-of-the-other-response", "A delta carries the id of the response beside its own.", _Strayed
    ),
    differs(
        "unknown-reference-taken",
        "An `item_reference` to an unknown item is not refused.",
        instead(
            "error", _reference_taken, answers_to(_CREATE, has("response.input.0.type", "item_reference"))
        ),
        only="openai",
    ),
)


def _listing_unasked(_event: Json, _memory: Memory) -> list[Sent]:
    return [
        invent(f"mcp_list_tools.{what}", item_id="item_listing_unasked") for what in ("in_progress", "failed")
    ]


_MCP = (
    differs(
        "mcp-listing-never-ends",
        "`mcp_list_tools.in_progress` is followed by nothing.",
        drop("mcp_list_tools.failed"),
        only="openai",
    ),
    differs(
        "mcp-listing-untold",
        "Nothing is told of the listing of an MCP server's tools.",
        drop("mcp_list_tools.in_progress mcp_list_tools.failed"),
        only="openai",
    ),
    differs(
        "mcp-listing-unasked",
        "A listing of an MCP server's tools is told of that nobody configured.",
        after("input_audio_buffer.cleared", _listing_unasked, nth=1),
        only="openai",
    ),
    differs(
        "mcp-call-runs-before-its-arguments",
        "An MCP call is in progress before its arguments are done.",
        Hold("response.mcp_call_arguments.done", "response.mcp_call.in_progress"),
        only="openai",
    ),
    differs(
        "mcp-call-without-approval",
        "An MCP call runs although nobody gave the approval that it names.",
        put(f"{_ITEM_DONE} conversation.item.done", _APPROVAL, _UNGIVEN, has("item.type", "mcp_call")),
        put(_DONE, "response.output", _ungiven),
        only="openai",
    ),
)

FAULTS: tuple[Difference, ...] = (*_FUNCTIONS, *_OUT_OF_BAND, *_MCP)
