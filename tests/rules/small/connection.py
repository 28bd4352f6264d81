"""Small traces: what a silence shows, what an end does not, and whose business a violation is."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    ASKED,
    CLEAR,
    CLEARED,
    COMMITTED,
    DONE,
    RUNNING,
    audio,
    begins,
    client,
    created,
    deltas,
    ends,
    frame,
    joins,
    message,
    put,
    server,
    silence,
    update,
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
    "a silence after an answer to something sent later": Row("items/create/acknowledged", [created(),
        client("conversation.item.create", item=message()), CLEAR, CLEARED, silence("response.done", 1.0)],
        "violated"),
    "a short silence after an answer beside a response": Row("response/create/acknowledged", [created(),
        ASKED, CLEAR, CLEARED, silence("response.created", 6.0)], "undecided"),
    "a long silence after an answer beside a response": Row("response/create/acknowledged", [created(),
        ASKED, CLEAR, CLEARED, silence("response.created", 15.0)], "violated"),
    "a response after an update that was not answered": Row("turn/none-when-off", [created(),
        update(instructions="Be."), silence("session.updated"), begins("resp_1")], "nothing",
        also=("session/update/acknowledged",)),
    "a response after something else that was not answered": Row("turn/none-when-off", [created(), CLEAR,
        silence("input_audio_buffer.cleared"), begins("resp_1")], "violated",
        also=("audio/clear/acknowledged",)),
    # what was said before may be lost
    "a response not created, after a frame that cannot be read": Row("response/lifecycle/created-is-first",
        [created(), frame("server", raw="{"), ends("resp_1")], "undecided",
        also=("envelope/one-json-object", "response/done/completed-has-output")),
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
