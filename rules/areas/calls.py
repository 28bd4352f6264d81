"""Rules about function calls (facts 4.8; inworld 5.4, 5.7)."""

from __future__ import annotations

import json
import re
from typing import Any

from rules.areas.answers import SPECIAL, Special, owed_answer
from rules.areas.lifecycle import ENDS
from rules.case import Case, rule
from rules.exchanges import Exchange
from rules.order import Bound, nothing_after
from rules.subjects import TEXT, Item, dict_of, list_of, text_of

ITEM_ADDED, ITEM_DONE, DONE = "response.output_item.added", "response.output_item.done", "response.done"
ARGUMENTS_DONE = "response.function_call_arguments.done"
PART_ADDED = "response.content_part.added"
CREATED, CONVERSATION_ADDED = "response.created", "conversation.item.added"
_CALL_ID = re.compile(r"[a-zA-Z0-9_-]+")

ORDER = [
    Bound("calls/arguments-before-item-done", "item", nothing_after(ARGUMENTS_DONE, ITEM_DONE, until=ENDS)),
]


def _is_call(item: Item | None) -> bool:
    return item is not None and text_of(item.added or item.done, "type") == "function_call"


@rule("calls/announced", ITEM_ADDED)
def call_announced(case: Case) -> None:
    item = dict_of(case.event, "item")
    if item.get("type") != "function_call":
        return
    if item.get("name") and item.get("call_id"):  # without them, calls/announced-before-arguments has a say
        case.check(
            not item.get("arguments"),
            "a function call is not announced as one that has yet to be filled",
            path="item.arguments",
            expected="name and call_id, empty arguments",
            actual=item.get("arguments"),
        )


@rule("calls/announced", ARGUMENTS_DONE)
def call_announced_by_name(case: Case) -> None:
    """The name may come with the conversation item, but belongs into the output item."""
    item = case.link.item
    if item is None or item.added is None or item.conversation_added is None:
        return
    late = [n for n in ("name", "call_id") if not item.added.get(n) and item.conversation_added.get(n)]
    if late:
        case.violated(
            f"response.output_item.added does not show the {late[0]} of a function call",
            path=f"item.{late[0]}",
            expected=item.conversation_added[late[0]],
            actual=item.added.get(late[0]),
            because=[item.added_seq],
        )


@rule("calls/announced-before-arguments", ARGUMENTS_DONE)
def announced_with_name(case: Case) -> None:
    """Without this, clients cannot tell what is called; a missing announcement is another rule's finding."""
    item = case.link.item
    if item is None or (item.added is None and item.conversation_added is None):
        return
    shown = [item.added or {}, item.conversation_added or {}]
    named = any(text_of(i, "name") and text_of(i, "call_id") for i in shown)
    case.check(
        named,
        "a call's arguments were done before its name and call_id were announced",
        expected="an item with name and call_id",
        actual="not both",
        because=[item.added_seq],
    )


@rule("calls/no-content-parts", PART_ADDED)
def call_has_no_parts(case: Case) -> None:
    if _is_call(case.link.item):
        case.violated(
            "a function call got a content part",
            expected="arguments only",
            actual=PART_ADDED,
            because=[case.link.item.added_seq if case.link.item is not None else 0],
        )


@rule("calls/no-content-parts", "@stream")
def call_has_no_streams_of_parts(case: Case) -> None:
    stream = case.link.stream
    if stream is None or stream.part is None or not _is_call(stream.item):
        return
    if case.link.response is not None and case.link.response.modalities == ["text"] and stream.family != TEXT:
        return  # the business of response/modality/text-only
    case.violated(
        f"{case.entry.type} came for a function call",
        expected="arguments only",
        actual=case.entry.type,
        because=[stream.item.added_seq],
    )


@rule("calls/no-content-parts", ITEM_DONE)
def call_had_no_parts(case: Case) -> None:
    item = case.link.item
    if item is not None and _is_call(item) and not item.parts:
        case.holds()


@rule("calls/arguments-equal", ITEM_DONE)
def arguments_equal(case: Case) -> None:
    item, said = case.link.item, dict_of(case.event, "item")
    stream = item.arguments if item is not None else None
    if item is None or stream is None or stream.final is None or said.get("type") != "function_call":
        return
    ok = case.check(
        said.get("arguments") == stream.final,
        "the finished call has other arguments than were streamed",
        path="item.arguments",
        expected=stream.final,
        actual=said.get("arguments"),
        because=[stream.first_seq],
    )
    item.faulty = not ok


@rule("calls/name-in-arguments-done", ARGUMENTS_DONE)
def name_in_arguments_done(case: Case) -> None:
    item = case.link.item
    expected = text_of(item.added, "name") if item is not None else ""
    said = case.event.get("name")
    if said is None:
        case.observed("left out")
    if expected:
        case.check(
            said == expected,
            "the call's name is missing, or another",
            path="name",
            expected=expected,
            actual=said,
            because=[item.added_seq if item is not None else 0],
        )


@rule("calls/arguments-are-json", ITEM_DONE)
def arguments_are_json(case: Case) -> None:
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
        "the arguments of a completed call are not JSON",
        path="item.arguments",
        expected="JSON, {} for none",
        actual=arguments,
    )


@rule("calls/call-id", ITEM_ADDED)
def call_id_is_its_own(case: Case) -> None:
    said = dict_of(case.event, "item")
    call_id = text_of(said, "call_id")
    if said.get("type") != "function_call" or not call_id:
        return
    others = _of_the_same_id(case, call_id)
    if any(o.response is case.link.response for o in others):
        return  # the business of calls/distinct-in-response
    case.check(
        not others and bool(_CALL_ID.fullmatch(call_id)),
        "a call_id is used twice, or holds characters that clients cannot send back",
        path="item.call_id",
        expected="letters, digits, _ and -, once",
        actual=call_id,
        because=[o.added_seq for o in others[:1]],
    )


def _of_the_same_id(case: Case, call_id: str) -> list[Item]:
    return [
        i
        for i in case.reading.items.values()
        if i is not case.link.item and _is_call(i) and text_of(i.added or i.done, "call_id") == call_id
    ]


@rule("calls/distinct-in-response", ITEM_ADDED)
def calls_are_told_apart(case: Case) -> None:
    said, response = dict_of(case.event, "item"), case.link.response
    call_id = text_of(said, "call_id")
    if said.get("type") != "function_call" or not call_id or response is None:
        return
    before = [i for i in response.items if i is not case.link.item and _is_call(i)]
    same = [i for i in _of_the_same_id(case, call_id) if i in before]
    if before:
        case.check(
            not same,
            "two calls of one response have the same call_id",
            path="item.call_id",
            expected="another call_id",
            actual=call_id,
            because=[i.added_seq for i in same[:1]],
        )


@rule("calls/ends-normally", DONE)
def calling_response_ends(case: Case) -> None:
    response = dict_of(case.event, "response")
    calls = [i for i in list_of(response, "output") if dict_of({"i": i}, "i").get("type") == "function_call"]
    if calls and response.get("status") == "completed":
        case.holds()
        case.reading.watched["calls"] = case.entry.seq


@rule("calls/ends-normally", CREATED)
def goes_on_by_itself(case: Case) -> None:
    called = case.reading.watched.pop("calls", 0)
    unasked = case.link.exchange is None and case.reading.knows_asking("response.create")
    if called and unasked and not case.reading.may_listen:
        case.observed("the server went on by itself")
        case.violated(
            "after a function call the server created a response by itself",
            expected="no response without response.create",
            actual=CREATED,
            because=[called],
        )


@rule("calls/output-acknowledged", "@conversation.item.create")
def output_acknowledged(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or dict_of(exchange.event, "item").get("type") != "function_call_output":
        return
    if exchange.expectation.kind != "accept":
        return
    if exchange.notes.get("active"):
        owed_answer(case, exchange)
    if exchange.outcome == "accepted":
        case.observed("while the response runs" if exchange.notes.get("active") else "after it")


def _output_of_running_call(_case: Case, exchange: Exchange) -> bool:
    item = dict_of(exchange.event, "item")
    return item.get("type") == "function_call_output" and bool(exchange.notes.get("active"))


SPECIAL["conversation.item.create"].append(Special("calls/output-acknowledged", _output_of_running_call))


def _choice(case: Case) -> tuple[Any, set[str]]:
    """Return the tool_choice in force for the response at hand, and the functions it may call."""
    response = case.link.response
    request = response.request if response is not None else None
    if request is not None and request.doubtful:
        return None, set()
    asked = dict_of(request.event, "response") if request is not None else {}
    choice = asked.get("tool_choice", case.reading.setting("tool_choice"))
    tools = asked.get("tools", case.reading.setting("tools"))
    functions = [t for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return choice, {text_of(t, "name") for t in functions if t.get("type") == "function"}


def _called(case: Case) -> list[str]:
    output = list_of(dict_of(case.event, "response"), "output")
    return [text_of(i, "name") for i in output if isinstance(i, dict) and i.get("type") == "function_call"]


def _chosen_at(case: Case) -> list[int]:
    """Return the events that chose how functions are called: the request, and the session it was made in."""
    request = case.link.response.request if case.link.response is not None else None
    return [case.reading.session_seq, request.seq if request is not None else 0]


@rule("calls/choice-none", DONE)
def choice_none(case: Case) -> None:
    choice, functions = _choice(case)
    if choice == "none" and functions:
        called = _called(case)
        case.check(
            not called,
            "a function was called although tool_choice is none",
            path="response.output",
            expected="no function call",
            actual=called,
            because=_chosen_at(case),
        )


@rule("calls/choice-required", DONE)
def choice_required(case: Case) -> None:
    choice, functions = _choice(case)
    named = text_of(choice, "name")
    if not functions or not (choice == "required" or (named and named in functions)):
        return
    if dict_of(case.event, "response").get("status") != "completed":
        return
    called = _called(case)
    case.check(
        bool(called) and (not named or set(called) == {named}),
        "the function that tool_choice requires was not called",
        path="response.output",
        expected=named or "a function call",
        actual=called or "no call",
        because=_chosen_at(case),
    )


@rule("calls/message-before-call", DONE)
def message_before_call(case: Case) -> None:
    output = [
        i.get("type") for i in list_of(dict_of(case.event, "response"), "output") if isinstance(i, dict)
    ]
    if "function_call" in output:
        case.observed("message first" if output[0] == "message" else "call first")
