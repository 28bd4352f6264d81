"""Small traces: function calls."""

from __future__ import annotations

from tests.rules.said import ASKED, RUNNING, TYPED, begins, call, created, opens, server
from tests.rules.small.rows import Row, Rows

_PLACE = {"response_id": "resp_1", "output_index": 0}
_PART = {**_PLACE, "item_id": "item_1", "content_index": 0}
_ARGUMENTS_DONE = server("response.function_call_arguments.done", **_PLACE, item_id="item_1",
    call_id="call_1", name="get_weather", arguments="{}")  # fmt: skip


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
    # told apart
    "a call behind a message": Row("calls/distinct-in-response", [created(), *RUNNING, opens(TYPED),
        opens(call("item_2", "call_1"), 1)], "nothing"),
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
}  # fmt: skip
