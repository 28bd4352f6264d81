"""Whole conversations, said by hand, and how they are changed in one place."""

from __future__ import annotations

from typing import Any

from tests.rules.said import (
    ASKED,
    RUNNING,
    Json,
    Said,
    begins,
    call,
    client,
    closes,
    created,
    ends,
    message,
    opens,
    output,
    put,
    server,
    speaks,
)

Conversation = list[Said]


# --- conversations ----------------------------------------------------------------------------------------


def writes(response_id: str = "resp_1", item_id: str = "item_a", **fields: Any) -> Conversation:
    """An answer in writing, from its item to its end."""
    place = {"response_id": response_id, "item_id": item_id, "output_index": 0, "content_index": 0}
    item = message(item_id, "assistant")
    blank = {**item, "status": "in_progress", "content": []}
    return [
        opens(item, response_id=response_id),
        server("conversation.item.added", previous_item_id="item_1", item=blank),
        server("response.content_part.added", **place, part={"type": "text", "text": ""}),
        server("response.output_text.delta", **place, delta="Hel"),
        server("response.output_text.delta", **place, delta="lo."),
        server("response.output_text.done", **place, text="Hello."),
        server("response.content_part.done", **place, part={"type": "text", "text": "Hello."}),
        server("conversation.item.done", previous_item_id="item_1", item=item),
        closes(item, response_id=response_id),
        ends(response_id, output=[item], **fields),
    ]


def calls(number: int = 1, arguments: str = "{}") -> Conversation:
    """A response that calls a function, or several."""
    said: Conversation = []
    items: list[Json] = []
    for index in range(number):
        item = {**call(f"item_c{index}", f"call_{index}"), "arguments": arguments}
        place = {"response_id": "resp_1", "item_id": item["id"], "output_index": index}
        names = {"call_id": item["call_id"]}
        previous = items[-1]["id"] if items else "item_1"
        empty = {**item, "status": "in_progress", "arguments": ""}
        whole = {"name": "get_weather", "arguments": arguments}
        said += [
            opens(item, index),
            server("conversation.item.added", previous_item_id=previous, item=empty),
            server("response.function_call_arguments.delta", **place, **names, delta=arguments),
            server("response.function_call_arguments.done", **place, **names, **whole),
            server("conversation.item.done", previous_item_id=previous, item=item),
            closes(item, index),
        ]
        items.append(item)
    return [*said, ends("resp_1", output=items)]


TOOLS = [{"type": "function", "name": "get_weather", "parameters": {}}]
HELLO = put(message("item_1"))
_ANSWERED = {"id": "item_o", "status": "completed", **output("call_0")}
AUDIO = {"output_modalities": ["audio"]}

WRITTEN = [created(), *HELLO, *RUNNING, *writes()]
SPOKEN = [created(**AUDIO), ASKED, begins("resp_1", **AUDIO), *speaks("resp_1", "item_a", 100, **AUDIO)]
CALLED = [created(tools=TOOLS, tool_choice="required"), *HELLO, *RUNNING, *calls()]
CALLED_TWICE = [created(tools=TOOLS), *HELLO, *RUNNING, *calls(2)]
ANSWERED = [*CALLED, *put(_ANSWERED, "item_c0")]

ASKED_ASIDE = client("response.create", event_id="aside", response={"conversation": "none"})
BEGINS_ASIDE = begins("resp_2", conversation_id=None)
OTHER = message("item_b", "assistant")
OTHERS_PLACE = {"response_id": "resp_2", "item_id": "item_b", "output_index": 0, "content_index": 0}
WRITES_ASIDE = [
    each for each in writes("resp_2", "item_b", conversation_id=None) if "conversation" not in each[1]["type"]
]
ASIDE = [created(), *HELLO, ASKED_ASIDE, BEGINS_ASIDE, *WRITES_ASIDE]
TWO_AT_ONCE = [created(), *HELLO, *RUNNING, ASKED_ASIDE, BEGINS_ASIDE, *WRITES_ASIDE, *writes()]


# --- changes ----------------------------------------------------------------------------------------------


def less(said: Conversation, *types: str) -> Conversation:
    """Leave out all events of some types."""
    return [each for each in said if each[1]["type"] not in types]


def changed(said: Conversation, type_: str, **members: Any) -> Conversation:
    """Give the last event of a type other members; of objects, only those named."""
    place = _last(said, type_)
    who, event = said[place]
    return [*said[:place], (who, _merged(event, members)), *said[place + 1 :]]


def _merged(old: Json, new: Json) -> Json:
    both = {name: value for name, value in new.items() if isinstance(value, dict) and name in old}
    return {**old, **new, **{name: {**old[name], **value} for name, value in both.items()}}


def late(said: Conversation, type_: str, behind: str) -> Conversation:
    """Send the last event of a type behind the last of another."""
    place, end = _last(said, type_), _last(said, behind) + 1
    return [*said[:place], *said[place + 1 : end], said[place], *said[end:]]


def _last(said: Conversation, type_: str) -> int:
    return max(place for place, each in enumerate(said) if each[1]["type"] == type_)


def twice(said: Conversation, type_: str) -> Conversation:
    """Send the events of a type twice."""
    return [again for each in said for again in ([each, each] if each[1]["type"] == type_ else [each])]
