"""Small traces: function calls."""

from __future__ import annotations

from tests.rules.said import RUNNING, TYPED, call, created, server
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # calls
    "a call announced by the response": Row("calls/announced-before-arguments", [created(), *RUNNING,
        server("response.output_item.added", response_id="resp_1", output_index=0, item={**call("item_1",
        "call_1"), "status": "in_progress", "arguments": ""}),
        server("response.function_call_arguments.done", response_id="resp_1", item_id="item_1",
        output_index=0, call_id="call_1", name="get_weather", arguments="{}")], "holds"),
    "a call announced by the conversation": Row("calls/announced-before-arguments", [created(), *RUNNING,
        server("conversation.item.added", previous_item_id=None, item={**call("item_1", "call_1"),
        "status": "in_progress", "arguments": ""}), server("response.function_call_arguments.done",
        response_id="resp_1", item_id="item_1", output_index=0, call_id="call_1", name="get_weather",
        arguments="{}")], "holds", also=("response/item/added-first",)),
    "a call behind a message": Row("calls/distinct-in-response", [created(), *RUNNING,
        server("response.output_item.added", response_id="resp_1", output_index=0, item={**TYPED, "status":
        "in_progress", "content": []}), server("response.output_item.added", response_id="resp_1",
        output_index=1, item={**call("item_2", "call_1"), "status": "in_progress", "arguments": ""})],
        "nothing"),
    "a call not announced": Row("calls/announced-before-arguments", [created(), *RUNNING,
        server("response.function_call_arguments.done", response_id="resp_1", item_id="item_1",
        output_index=0, call_id="call_1", name="get_weather", arguments="{}")], "nothing",
        also=("response/item/added-first",)),
}  # fmt: skip
