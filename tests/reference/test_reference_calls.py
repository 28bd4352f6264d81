"""Function calls: what is called, and what their outputs lead to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from protocol.dialect import DialectName
from tests.reference.dialogue import (
    OPENING,
    WEATHER,
    Chat,
    done,
    every,
    every_but,
    kinds,
    only,
    said,
    squeezed,
)
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
TIME = {"type": "function", "name": "get_time", "parameters": {"type": "object", "properties": {}}}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_function_call(dialect: DialectName) -> None:
    chat = Chat(dialect)
    chat.user("weather?")
    events = chat.respond(tools=[WEATHER])
    assert squeezed(every_but(events, "rate_limits.updated")) == [
        *OPENING,
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    added = only(events, "response.output_item.added")["item"]
    assert list(added) == ["id", "type", "status", "name", "call_id", "arguments"]
    assert (added["status"], added["name"], added["arguments"]) == ("in_progress", "get_weather", "")
    finished = only(events, "response.function_call_arguments.done")
    assert finished["name"] == "get_weather"
    assert finished["call_id"] == added["call_id"]
    assert isinstance(json.loads(finished["arguments"])["city"], str)
    assert done(events)["status"] == "completed"


def test_tool_choice() -> None:
    chat = Chat()
    chat.updated(tools=[WEATHER, TIME], output_modalities=["text"])
    chat.user("hello")

    def called(**response: Any) -> list[str]:
        return [item["name"] for item in done(chat.respond(**response))["output"] if "name" in item]

    assert called() == []
    assert called(tool_choice="required") == ["get_weather"]
    assert called(tool_choice={"type": "function", "name": "get_time"}) == ["get_time"]
    chat.user("use get_time and get_weather")
    assert called(tool_choice="none") == []
    assert called() == ["get_weather", "get_time"]
    assert called(tools=[TIME]) == ["get_time"]
    assert called(tools=[]) == []
    assert called(tools=[], tool_choice="required") == []


def test_several_calls_are_told_apart() -> None:
    chat = Chat()
    chat.user("get_time and get_weather")
    output = done(chat.respond(tools=[WEATHER, TIME]))["output"]
    assert len({item["id"] for item in output}) == len({item["call_id"] for item in output}) == 2
    Ledger().read(chat.events)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_after_a_tool_result_the_server_waits(dialect: DialectName) -> None:
    chat = Chat(dialect)
    chat.user("weather")
    [call] = done(chat.respond(tools=[WEATHER]))["output"]
    chat.send(
        "conversation.item.create",
        item={"type": "function_call_output", "call_id": call["call_id"], "output": "x"},
    )
    assert chat.finish() == []


def test_inworld_goes_on_by_itself_if_asked_to() -> None:
    chat = Chat("inworld")
    chat.updated(providerData={"auto_tool_response": True}, tools=[WEATHER, TIME])
    chat.user("get_weather and get_time")
    chat.send("response.create")
    first = chat.ticks(12)
    calls = [e["item"] for e in every(first, "conversation.item.added")]
    assert len(calls) == 2

    def output(call: dict[str, Any]) -> list[dict[str, Any]]:
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": "fine"}
        return chat.send("conversation.item.create", item=item)

    rest = chat.finish() if chat.host.streams else []
    assert "response.created" not in kinds(rest)
    assert kinds(output(calls[0])) == ["conversation.item.added", "conversation.item.done"]
    assert kinds(output(calls[1]))[-1] == "response.created"
    assert said(chat.finish()) == "The function says: fine"


def test_a_tool_result_during_the_response_is_answered_after_it() -> None:
    chat = Chat("inworld")
    chat.updated(providerData={"auto_tool_response": True}, tools=[WEATHER])
    chat.user("weather")
    chat.send("response.create")
    call = only(chat.ticks(2), "conversation.item.added")["item"]
    item = {"type": "function_call_output", "call_id": call["call_id"], "output": "fine"}
    assert "response.created" not in kinds(chat.send("conversation.item.create", item=item))
    events = chat.finish()
    assert len(every(events, "response.done")) == 2
    assert len(every(events, "response.created")) == 1


def test_an_interrupted_call_is_not_answered_by_the_server() -> None:
    chat = Chat("inworld")
    chat.updated(providerData={"auto_tool_response": True}, tools=[WEATHER, TIME])
    chat.user("get_weather and get_time")
    chat.send("response.create")
    call = only(chat.ticks(3), "conversation.item.added")["item"]
    item = {"type": "function_call_output", "call_id": call["call_id"], "output": "fine"}
    chat.send("conversation.item.create", item=item)
    assert "response.created" not in kinds(chat.send("response.cancel"))
    assert chat.finish() == []


def test_the_server_waits_for_every_output() -> None:
    chat = Chat("inworld")
    chat.updated(providerData={"auto_tool_response": True}, tools=[WEATHER, TIME])
    chat.user("get_weather and get_time")
    chat.send("response.create")
    calls = [only(chat.ticks(3), "conversation.item.added")["item"]]

    def output() -> list[str]:
        item = {"type": "function_call_output", "call_id": calls[-1]["call_id"], "output": "fine"}
        return kinds(chat.send("conversation.item.create", item=item))

    output()
    rest = chat.finish()
    assert "response.created" not in kinds(rest)
    calls.append(only(rest, "conversation.item.added")["item"])
    assert output()[-1] == "response.created"
