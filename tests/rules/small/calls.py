"""Small traces: function calls."""

from __future__ import annotations

from tests.rules.said import (
    ASKED,
    RUNNING,
    TYPED,
    begins,
    call,
    closes,
    create,
    created,
    ends,
    error,
    message,
    opens,
    output,
    server,
)
from tests.rules.small.rows import Row, Rows

_PLACE = {"response_id": "resp_1", "output_index": 0}
_PART = {**_PLACE, "item_id": "item_1", "content_index": 0}
_ARGUMENTS_DONE = server("response.function_call_arguments.done", **_PLACE, item_id="item_1",
    call_id="call_1", name="get_weather", arguments="{}")  # fmt: skip
_TOOL = {"type": "function", "name": "get_weather", "parameters": {}}
_CALL = call("item_1", "call_1")
_JOINED = server("conversation.item.added", previous_item_id=None,
                 item={**_CALL, "status": "in_progress", "arguments": ""})  # fmt: skip

ROWS: Rows = {
    # announced
    "a call announced by the response": Row("calls/announced-before-arguments", [created(), *RUNNING,
        opens(_CALL), _ARGUMENTS_DONE], "holds"),
    "a call announced by the conversation": Row("calls/announced-before-arguments", [created(), *RUNNING,
        _JOINED, _ARGUMENTS_DONE], "holds", also=("response/item/added-first",)),
    "a call not announced": Row("calls/announced-before-arguments", [created(), *RUNNING, _ARGUMENTS_DONE],
        "nothing", also=("response/item/added-first",)),
    "a call whose name only the conversation is told": Row("calls/announced", [created(), *RUNNING,
        opens({**_CALL, "name": ""}), _JOINED, _ARGUMENTS_DONE], "violated", told={"path": "item.name",
        "expected": "get_weather", "because": ["response.output_item.added"]}),
    "a call announced twice alike": Row("calls/announced", [created(), *RUNNING, opens(_CALL), _JOINED,
        _ARGUMENTS_DONE], "holds"),
    "a call announced in full, without an id": Row("calls/announced", [created(), *RUNNING, server(
        "response.output_item.added", **_PLACE, item={**_CALL, "status": "in_progress", "call_id": ""})],
        "nothing"),
    # told apart
    "a call with the id of one in an earlier response": Row("calls/call-id", [created(), *RUNNING,
        opens(_CALL), closes(_CALL), ends("resp_1", output=[_CALL]), ASKED, begins("resp_2"),
        opens(call("item_2", "call_1"), 0, "resp_2")], "violated", told={"path": "item.call_id", "actual":
        "call_1", "because": ["response.output_item.added"]}),
    "a call behind a message": Row("calls/distinct-in-response", [created(), *RUNNING, opens(TYPED),
        opens(call("item_2", "call_1"), 1)], "nothing"),
    "two calls without an id": Row("calls/distinct-in-response", [created(), *RUNNING, opens({**_CALL,
        "call_id": ""}), opens(call("item_2", ""), 1)], "nothing"),
    # parts
    "a call that says something": Row("calls/no-content-parts", [created(), *RUNNING, opens(_CALL),
        server("response.output_text.delta", **_PART, delta="Hello.")], "violated", told={"expected":
        "arguments only", "actual": "response.output_text.delta", "because": ["response.output_item.added"]}),
    "a call that sounds, in a response of text": Row("calls/no-content-parts", [created(), *RUNNING,
        opens(_CALL), server("response.output_audio.done", **_PART)], "nothing",
        also=("response/modality/text-only",)),
    "a call that sounds": Row("calls/no-content-parts", [created(output_modalities=["audio"]), ASKED,
        begins("resp_1", output_modalities=["audio"]), opens(_CALL), server("response.output_audio.done",
        **_PART)], "violated"),
    # arguments
    "a call that ends with other arguments, and is listed with its own": Row("calls/arguments-equal",
        [created(), *RUNNING, opens(_CALL), _ARGUMENTS_DONE, closes({**_CALL, "arguments": "[]"}),
        ends("resp_1", output=[_CALL])], "violated", told={"path": "item.arguments", "expected": "{}",
        "actual": "[]"}),
    # choice
    "no call of a function that does not exist": Row("calls/choice-required", [created(tools=[_TOOL],
        tool_choice={"type": "function", "name": "get_time"}), *RUNNING, ends("resp_1")],
        "nothing", also=("response/done/completed-has-output",)),
    "no call of the function that has to be called": Row("calls/choice-required", [created(tools=[_TOOL],
        tool_choice={"type": "function", "name": "get_weather"}), *RUNNING, ends("resp_1")],
        "violated", told={"path": "response.output", "expected": "get_weather", "actual": "no call"},
        also=("response/done/completed-has-output",)),
    # outputs
    "the output of a call, refused when the call is over": Row("items/create/acknowledged", [created(),
        *RUNNING, opens(_CALL), closes(_CALL), ends("resp_1", output=[_CALL]), create("a",
        output("call_1")), error("a")], "violated"),
    "the output of a call, refused while the call runs": Row("calls/output-acknowledged", [created(),
        *RUNNING, opens(_CALL), closes(_CALL), create("a", output("call_1")), error("a")], "violated"),
    "a message, refused while a response runs": Row("items/create/acknowledged", [created(), *RUNNING,
        create("a", message()), error("a")], "violated"),
}  # fmt: skip
