"""Rules about function calls (facts 4.8; inworld 5.4, 5.7)."""

from __future__ import annotations

import json
import re
from typing import Any

from protocol.event_types import (
    ARGUMENTS_DONE,
    ITEM_ADDED,
    ITEM_DONE,
    PART_ADDED,
    RESPONSE_CREATED,
    RESPONSE_DONE,
)
from rules.areas.answers import owed_answer
from rules.areas.lifecycle import RESPONSE_ENDS
from rules.case import EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, nothing_after
from rules.registration import on_event, on_exchange
from rules.subjects import dict_of, list_of, text_of
from rules.views import ItemView
from schemas.explain import shown_value

_CALL_ID = re.compile(r"[a-zA-Z0-9_-]+")

ORDER = [
    Bound(
        "calls/arguments-before-item-done",
        "item",
        nothing_after(ARGUMENTS_DONE, ITEM_DONE, until=RESPONSE_ENDS),
    ),
]


@on_event("calls/announced", ITEM_ADDED)
def call_announced(case: EventCase) -> None:
    """A function call is announced with `name` and `call_id`, empty arguments and status `in_progress`."""
    item = dict_of(case.event, "item")
    if item.get("type") != "function_call":
        return
    if item.get("name") and item.get("call_id"):  # they may still come, until the arguments are done
        case.check(
            not item.get("arguments"),
            "not-empty",
            "a function call is announced with arguments, before any delta of them",
            path="item.arguments",
            expected="name and call_id, empty arguments",
            actual=item.get("arguments"),
        )


@on_event("calls/announced", ARGUMENTS_DONE)
def call_announced_by_name(case: EventCase) -> None:
    """The name may come with the conversation item, but belongs into the output item."""
    item = case.item
    if item.added is None or item.conversation_added is None:
        return
    late = [n for n in ("name", "call_id") if not item.added.get(n) and item.conversation_added.get(n)]
    if late:
        case.violated(
            "named-late",
            f"response.output_item.added does not show the {late[0]} of the function call {item.id}",
            path=f"item.{late[0]}",
            expected=item.conversation_added[late[0]],
            actual=item.added.get(late[0]),
            because=[item.added_seq],
        )


@on_event("calls/announced-before-arguments", ARGUMENTS_DONE)
def announced_with_name(case: EventCase) -> None:
    """A call's item is announced with `call_id` and `name` before `response.function_call_arguments.done`.

    Without this, clients cannot tell what is called; a missing announcement is another rule's finding.
    """
    item = case.item
    if item.added is None and item.conversation_added is None:
        return
    shown_value = [item.added or {}, item.conversation_added or {}]
    named = any(text_of(i, "name") and text_of(i, "call_id") for i in shown_value)
    case.check(
        named,
        "unnamed",
        f"{ARGUMENTS_DONE} came before name and call_id of the function call {item.id}",
        expected="an item with name and call_id first",
        actual="no item with both",
        because=[item.added_seq],
    )


@on_event("calls/no-content-parts", PART_ADDED)
def call_has_no_parts(case: EventCase) -> None:
    """A function call has no content parts."""
    if case.item.is_call:
        case.violated(
            "part",
            f"the function call {case.item.id} got a content part",
            expected="arguments only",
            actual=PART_ADDED,
            because=[case.item.added_seq],
        )


@on_event("calls/no-content-parts", Moment.STREAM)
def call_has_no_streams_of_parts(case: EventCase) -> None:
    stream = case.stream
    if stream.part is None or not stream.item.is_call:
        return
    case.violated(
        "stream",
        f"{case.entry.type} came for the function call {stream.item.id}",
        expected="arguments only",
        actual=case.entry.type,
        because=[stream.item.added_seq],
    )


@on_event("calls/no-content-parts", ITEM_DONE)
def call_had_no_parts(case: EventCase) -> None:
    if case.item.is_call and not case.item.parts:
        case.holds()


@on_event("calls/arguments-equal", ITEM_DONE)
def arguments_equal(case: EventCase) -> None:
    """The `arguments` of the finished call are those of `response.function_call_arguments.done`."""
    stream, said = case.item.arguments, dict_of(case.event, "item")
    if stream is None or stream.final is None or said.get("type") != "function_call":
        return
    case.check(
        said.get("arguments") == stream.final,
        "differ",
        f"the arguments of the finished function call {stream.item.id} differ from the streamed arguments",
        path="item.arguments",
        expected=stream.final,
        actual=said.get("arguments"),
        because=[stream.first_seq],
    )


@on_event("calls/name-in-arguments-done", ARGUMENTS_DONE, malformed=("name",))
def name_in_arguments_done(case: EventCase) -> None:
    """`response.function_call_arguments.done` carries the call's `name`."""
    item = case.item
    expected = text_of(item.added, "name")
    said = case.event.get("name")
    if said is None:
        case.observed("left out")
    if expected:
        case.check(
            said == expected,
            "missing" if said is None else "other",
            f"name is {shown_value(said)}; it must be {expected}, as the function call {item.id}"
            " was announced",
            path="name",
            expected=expected,
            actual=said,
            because=[item.added_seq],
        )


@on_event("calls/arguments-are-json", ITEM_DONE)
def arguments_are_json(case: EventCase) -> None:
    """The arguments of a completed call parse as JSON."""
    item = dict_of(case.event, "item")
    if item.get("type") != "function_call" or item.get("status") != "completed":
        return
    arguments = text_of(item, "arguments")
    try:
        json.loads(arguments)
        ok = True
    except (ValueError, RecursionError):
        ok = False
    case.check(
        ok,
        "not-json",
        "the arguments of a completed call are not JSON",
        path="item.arguments",
        expected="JSON, {} for none",
        actual=arguments,
    )


@on_event("calls/call-id", ITEM_ADDED)
def call_id_is_its_own(case: EventCase) -> None:
    """A `call_id` belongs to one call and holds only letters, digits, `_` and `-`."""
    said = dict_of(case.event, "item")
    call_id = text_of(said, "call_id")
    if said.get("type") != "function_call" or not call_id:
        return
    others = _of_the_same_id(case, call_id)
    case.check(
        not others and bool(_CALL_ID.fullmatch(call_id)),
        "unusable",
        f"the call_id {call_id} was that of another function call before"
        if others
        else f"the call_id {call_id} holds characters other than letters, digits, _ and -",
        path="item.call_id",
        expected="letters, digits, _ and -, once",
        actual=call_id,
        because=[o.added_seq for o in others[:1]],
    )


def _of_the_same_id(case: EventCase, call_id: str) -> list[ItemView]:
    return [
        i
        for i in case.reading.items.values()
        if i is not case.link.item and i.is_call and text_of(i.added or i.done, "call_id") == call_id
    ]


@on_event("calls/distinct-in-response", ITEM_ADDED)
def calls_are_told_apart(case: EventCase) -> None:
    """The calls of one response have a `call_id` each."""
    said, response = dict_of(case.event, "item"), case.response
    call_id = text_of(said, "call_id")
    if said.get("type") != "function_call" or not call_id:
        return
    before = [i for i in response.items if i is not case.link.item and i.is_call]
    same = [i for i in _of_the_same_id(case, call_id) if i in before]
    if before:
        case.check(
            not same,
            "repeated",
            f"two function calls of one response have the call_id {call_id}",
            path="item.call_id",
            expected="another call_id",
            actual=call_id,
            because=[i.added_seq for i in same[:1]],
        )


@on_event("calls/ends-normally", RESPONSE_DONE)
def calling_response_ends(case: EventCase) -> None:
    """The response with a call ends; the server waits for no output, and does not go on by itself."""
    response = dict_of(case.event, "response")
    calls = [i for i in list_of(response, "output") if dict_of({"i": i}, "i").get("type") == "function_call"]
    if calls and response.get("status") == "completed":
        case.holds()


@on_event("calls/ends-normally", RESPONSE_CREATED)
def goes_on_by_itself(case: EventCase) -> None:
    called = case.reading.called_seq
    unasked = case.link.exchange is None and case.reading.knows_asking("response.create")
    if called and unasked and not case.reading.may_listen:
        case.observed("the server went on by itself")
        case.violated(
            "unasked",
            "after a function call the server created a response by itself",
            expected="no response without response.create",
            actual=RESPONSE_CREATED,
            because=[called],
        )


@on_exchange("calls/output-acknowledged", "conversation.item.create")
def output_acknowledged(case: ExchangeCase) -> None:
    """A `function_call_output` is acknowledged, also while the calling response is not done."""
    exchange = case.exchange
    if dict_of(exchange.event, "item").get("type") != "function_call_output":
        return
    if exchange.expectation.kind != "accept":
        return
    if exchange.while_active:
        owed_answer(case)
    elif exchange.outcome == "accepted":  # else it is said of every item that is not acknowledged
        case.holds()
    if exchange.outcome == "accepted":
        case.observed("while the response runs" if exchange.while_active else "after it")


def _choice(case: EventCase) -> tuple[Any, set[str]]:
    """Return the tool_choice in force for the response at hand, and the functions it may call."""
    request = case.response.request
    if request is not None and request.doubtful:
        return None, set()
    asked = dict_of(request.event, "response") if request is not None else {}
    choice = asked.get("tool_choice", case.reading.setting("tool_choice"))
    tools = asked.get("tools", case.reading.setting("tools"))
    functions = [t for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return choice, {text_of(t, "name") for t in functions if t.get("type") == "function"}


def _called(case: EventCase) -> list[str]:
    output = list_of(dict_of(case.event, "response"), "output")
    return [text_of(i, "name") for i in output if isinstance(i, dict) and i.get("type") == "function_call"]


def _chosen_at(case: EventCase) -> list[int]:
    """Return the events that chose how functions are called: the request, and the session it was made in."""
    request = case.response.request
    return [case.reading.session_seq, request.seq if request is not None else 0]


@on_event("calls/choice-none", RESPONSE_DONE)
def choice_none(case: EventCase) -> None:
    """With `tool_choice: "none"` no function is called."""
    choice, functions = _choice(case)
    if choice == "none" and functions:
        called = _called(case)
        case.check(
            not called,
            "called",
            f"{', '.join(called)} was called although tool_choice is none",
            path="response.output",
            expected="no function call",
            actual=called,
            because=_chosen_at(case),
        )


@on_event("calls/choice-required", RESPONSE_DONE)
def choice_required(case: EventCase) -> None:
    """With `tool_choice: "required"`, or a function named, a function is called: that one."""
    choice, functions = _choice(case)
    named = text_of(choice, "name")
    if not functions or not (choice == "required" or (named and named in functions)):
        return
    if dict_of(case.event, "response").get("status") != "completed":
        return
    called = _called(case)
    case.check(
        bool(called) and (not named or set(called) == {named}),
        "not-called",
        f"tool_choice requires {named or 'a function call'}, and the response calls "
        + (", ".join(called) or "no function"),
        path="response.output",
        expected=named or "a function call",
        actual=called or "no call",
        because=_chosen_at(case),
    )


@on_event("calls/message-before-call", RESPONSE_DONE)
def message_before_call(case: EventCase) -> None:
    """A message may precede the call in the same response."""
    output = [
        i.get("type") for i in list_of(dict_of(case.event, "response"), "output") if isinstance(i, dict)
    ]
    if "function_call" in output:
        case.observed("message first" if output[0] == "message" else "call first")
