"""Small traces: what a silence shows, what an end does not, and whose business a violation is."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    CLEAR,
    COMMITTED,
    DONE,
    RUNNING,
    audio,
    client,
    created,
    deltas,
    ends,
    joins,
    message,
    put,
    server,
    silence,
)
from tests.rules.small.rows import Row, Rows

_APPEND = client("input_audio_buffer.append", audio=audio(100))
_COMMIT = client("input_audio_buffer.commit", event_id="commit")
_APPROVAL = {"id": "item_2", "type": "mcp_approval_response", "approval_request_id": "r", "approve": True}
_CALL = {"id": "item_2", "type": "mcp_call", "server_label": "l", "name": "n", "arguments": ""}
_EMPTY = {**message("item_a", "assistant"), "status": "in_progress", "content": []}
_OPEN = server("response.output_item.added", response_id="resp_1", output_index=0, item=_EMPTY)

ROWS: Rows = {
    # silence
    "a silence as long as responses are waited for": Row("response/lifecycle/done-exactly-once", [created(),
        *RUNNING, silence("response.done", 14.95)], "violated"),
    "a silence shorter than responses are waited for": Row("response/lifecycle/done-exactly-once",
        [created(), *RUNNING, silence("response.done", 14.94)], "undecided"),
    "a silence as long as answers are waited for": Row("audio/clear/acknowledged", [created(), CLEAR,
        silence("input_audio_buffer.cleared", 4.95)], "violated"),
    "a silence shorter than answers are waited for": Row("audio/clear/acknowledged", [created(), CLEAR,
        silence("input_audio_buffer.cleared", 4.94)], "undecided"),
    "a silence as long as this suite waited": Row("audio/clear/acknowledged", [created(), CLEAR,
        silence("input_audio_buffer.cleared", 2.0)], "violated", header={"patience": {"answer": 2.0}}),
    "a silence after what may have been the end": Row("response/lifecycle/done-exactly-once", [created(),
        *RUNNING, server("response.done", response={"status": "completed"}), silence("response.done")],
        "undecided", also=("payload/response.done",)),
    "a silence beside a response": Row("items/added-then-done", [created(), *RUNNING, _OPEN,
        server("conversation.item.added", previous_item_id=None, item=_EMPTY), *put(message("item_1"),
        "item_a")[:2],
        silence("conversation.item.done", 5.0)], "violated", told={"says":
        "conversation.item.done never came for item item_1"}),
    # responses run beside the order of answers
    "an item done behind the end of a response": Row("items/create/final-at-once", [created(), *RUNNING,
        client("conversation.item.create", item=message()), ADDED, ends("resp_1"), DONE], "holds",
        also=("response/done/completed-has-output",)),
    # one defect, one finding
    "a part not announced, of a response that was not": Row("response/part/added-first", [created(), _OPEN,
        *deltas(1)], "violated", also=("response/lifecycle/created-is-first",)),
    "an MCP call after the end of its response": Row("response/lifecycle/done-is-last", [created(),
        *RUNNING, ends("resp_1"), server("response.output_item.added", response_id="resp_1", output_index=0,
        item=_CALL)], "holds", also=("response/done/completed-has-output",)),
    "committed audio that is passed over by an MCP item": Row("audio/commit/item-follows", [created(),
        _APPEND, _COMMIT, COMMITTED, client("conversation.item.create", item=_APPROVAL), joins(_APPROVAL)[0]],
        "violated"),
}  # fmt: skip
