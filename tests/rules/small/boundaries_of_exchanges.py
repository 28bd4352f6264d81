"""Small traces: where a requirement holds and where it is violated, in what answers a client."""

from __future__ import annotations

from typing import Any

from tests.rules.bounds import Bound, bounded
from tests.rules.said import (
    COMMIT,
    COMMITTED,
    IDLE,
    RUNNING,
    Json,
    Said,
    append,
    begins,
    client,
    created,
    ends,
    error,
    hears,
    joins,
    listening,
    message,
    output,
    server,
    silence,
    started,
    stopped,
    transcribed,
    triggered,
    update,
    updated,
)
from tests.rules.small.rows import Rows
from tests.rules.whole import BEGINS_ASIDE, HELLO, SPOKEN, TOOLS, WRITTEN, Conversation, writes

_REFERRING = client(
    "response.create",
    event_id="aside",
    response={"conversation": "none", "input": [{"type": "item_reference", "id": "item_x"}]},
)
_LISTING = server("mcp_list_tools.in_progress", item_id="item_l")
_MCP: Json = {"id": "item_m", "type": "mcp_call", "server_label": "docs", "name": "look", "arguments": "{}"}
_MCP_PLACE = {"response_id": "resp_1", "item_id": "item_m", "output_index": 0}
_MCP_ARGUMENTS = server("response.mcp_call_arguments.done", **_MCP_PLACE, arguments="{}")
_MCP_RUNS = [
    server(f"response.mcp_call.{step}", item_id="item_m", output_index=0)
    for step in ("in_progress", "completed")
]
_MCP_OPENS = [
    *RUNNING,
    server(
        "response.output_item.added", response_id="resp_1", output_index=0, item={**_MCP, "arguments": ""}
    ),
]
_MCP_APPROVED = {
    "id": "item_y",
    "type": "mcp_approval_response",
    "approval_request_id": "ask_1",
    "approve": True,
}
_MCP_CLOSES = server(
    "response.output_item.done",
    response_id="resp_1",
    output_index=0,
    item={**_MCP, "approval_request_id": "ask_1"},
)


def _refused(requirement: str, said: Conversation, taken: Conversation, code: str, *also: str) -> list[Bound]:
    """A client event that is to be refused, the last of `said`, and is; or is `taken`."""
    culprit = said[-1][1]["event_id"]
    return [(requirement, [*said, *taken], *also), ("+" + requirement, [*said, error(culprit, code)])]


def _odd(type_: str, **members: Any) -> Said:
    return client(type_, event_id="odd", **members)


_GONE = {"item_id": "item_x"}
_CUT = {"content_index": 0, "audio_end_ms": 0}
_DELETED = [
    client("conversation.item.delete", item_id="item_1"),
    server("conversation.item.deleted", item_id="item_1"),
]
_OF_REFUSALS: list[Bound] = [
    *_refused(
        "out-of-band/unknown-reference-refused", [created(), _REFERRING], [BEGINS_ASIDE], "item_not_found"
    ),
    *_refused(
        "audio/commit/empty-refused", [created(), COMMIT], [COMMITTED], "input_audio_buffer_commit_empty"
    ),
    *_refused(
        "items/previous/unknown-refused",
        [created(), _odd("conversation.item.create", previous_item_id="item_x", item=message())],
        joins(message("item_1")),
        "item_not_found",
    ),
    *_refused(
        "items/delete/unknown-refused",
        [created(), _odd("conversation.item.delete", **_GONE)],
        [server("conversation.item.deleted", **_GONE)],
        "item_not_found",
    ),
    *_refused(
        "items/delete/twice-refused",
        [created(), *HELLO, *_DELETED, _odd("conversation.item.delete", item_id="item_1")],
        [server("conversation.item.deleted", item_id="item_1")],
        "item_not_found",
    ),
    *_refused(
        "items/retrieve/unknown-refused",
        [created(), _odd("conversation.item.retrieve", **_GONE)],
        [server("conversation.item.retrieved", item=message("item_x"))],
        "item_not_found",
    ),
    *_refused(
        "items/truncate/unknown-refused",
        [created(), _odd("conversation.item.truncate", **_GONE, **_CUT)],
        [server("conversation.item.truncated", **_GONE, **_CUT)],
        "item_not_found",
    ),
    *_refused(
        "items/truncate/not-audio-refused",
        [created(), *HELLO, _odd("conversation.item.truncate", item_id="item_1", **_CUT)],
        [server("conversation.item.truncated", item_id="item_1", **_CUT)],
        "invalid_value",
    ),
    *_refused(
        "items/truncate/beyond-audio-refused",
        [*SPOKEN, _odd("conversation.item.truncate", item_id="item_a", content_index=0, audio_end_ms=90_000)],
        [server("conversation.item.truncated", item_id="item_a", content_index=0, audio_end_ms=90_000)],
        "invalid_value",
    ),
    *_refused(
        "items/create/unknown-call-refused",
        [created(), _odd("conversation.item.create", item=output("call_x"))],
        joins({"id": "item_1", **output("call_x")}),
        "invalid_tool_call_id",
    ),
    (
        "+response/create/one-at-a-time",
        [
            created(),
            *RUNNING,
            _odd("response.create"),
            error("odd", "conversation_already_has_active_response"),
        ],
    ),
    *_refused(
        "errors/not-an-event-refused",
        [created(), ("client", {"event_id": "odd"})],
        [silence("error")],
        "invalid_value",
    ),
    (
        "+errors/unknown-type-code",
        [created(), _odd("conversation.item.praise"), error("odd", "invalid_value", param="type")],
    ),
    (
        "errors/unknown-type-code",
        [created(), _odd("conversation.item.praise"), error("odd", "unknown_event", param="type")],
    ),
]

_DELETE = client("conversation.item.delete", event_id="odd", item_id="item_1")
_RETRIEVE = client("conversation.item.retrieve", event_id="odd", item_id="item_1")
_TRUNCATE = client("conversation.item.truncate", event_id="odd", item_id="item_a", **_CUT)
_UPDATE = update(instructions="Be brief.")
_OF_ANSWERED: list[Bound] = [
    ("payload/null-for-optional", [created(instructions=None)]),
    ("audio/commit/acknowledged", [created(), append(200), COMMIT, error("commit", "broken")]),
    ("items/delete/acknowledged", [created(), *HELLO, _DELETE, error("odd")]),
    ("+items/delete/acknowledged", [created(), *HELLO, *_DELETED]),
    ("items/retrieve/acknowledged", [created(), *HELLO, _RETRIEVE, error("odd")]),
    (
        "+items/retrieve/acknowledged",
        [created(), *HELLO, _RETRIEVE, server("conversation.item.retrieved", item=message("item_1"))],
    ),
    ("items/truncate/acknowledged", [*SPOKEN, _TRUNCATE, error("odd")]),
    (
        "+items/truncate/acknowledged",
        [*SPOKEN, _TRUNCATE, server("conversation.item.truncated", item_id="item_a", **_CUT)],
    ),
    ("+session/update/acknowledged", [created(), _UPDATE, updated(instructions="Be brief.")]),
    ("items/done-after-added", [created(), *HELLO[:1], HELLO[2], HELLO[1]], "items/previous/appended"),
    (
        "items/no-beta-created",
        [*WRITTEN, server("conversation.item.created", previous_item_id=None, item=message("item_9"))],
    ),
]

_TURNS = listening(create_response=False)
_HEARD = [_TURNS, append(2000), started(100), stopped(900)]
_WRITES_DOWN = created(audio={"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}})
_TAKEN = [
    _WRITES_DOWN,
    append(200),
    COMMIT,
    COMMITTED,
    *joins(message("item_1", content=[{"type": "input_audio"}])),
]
_LATE_WORDS = [hears("Hello."), transcribed(text="Hello.")]
_OF_AUDIO: list[Bound] = [
    ("turn/alternate", [_TURNS, append(2000), started(100), started(200)]),
    ("+turn/alternate", _HEARD),
    (
        "idle/then-committed",
        [IDLE, append(6000), triggered(0, 5000), silence("input_audio_buffer.committed")],
    ),
    ("+transcription/deltas-before-end", [*_TAKEN, *_LATE_WORDS]),
]
_OF_OTHERS: list[Bound] = [
    ("mcp/list-tools", [created(), _LISTING, silence("mcp_list_tools.completed")]),
    ("+mcp/list-tools", [created(), _LISTING, server("mcp_list_tools.completed", item_id="item_l")]),
    ("mcp/call-order", [created(), *_MCP_OPENS, _MCP_RUNS[0], _MCP_ARGUMENTS, _MCP_RUNS[1]]),
    ("+mcp/call-order", [created(), *_MCP_OPENS, _MCP_ARGUMENTS, *_MCP_RUNS]),
    ("mcp/approval", [created(), *_MCP_OPENS, _MCP_ARGUMENTS, *_MCP_RUNS, _MCP_CLOSES]),
    (
        "+mcp/approval",
        [
            created(),
            client("conversation.item.create", item=_MCP_APPROVED),
            *joins(_MCP_APPROVED),
            *_MCP_OPENS,
            _MCP_ARGUMENTS,
            *_MCP_RUNS,
            _MCP_CLOSES,
        ],
    ),
    ("+calls/choice-none", [created(tools=TOOLS, tool_choice="none"), *HELLO, *RUNNING, *writes()]),
    (
        "+response/incomplete/says-why",
        [
            created(),
            *RUNNING,
            ends("resp_1", "incomplete", status_details={"type": "incomplete", "reason": "content_filter"}),
        ],
    ),
    (
        "+response/failed/ends-in-done",
        [
            created(),
            *RUNNING,
            ends(
                "resp_1",
                "failed",
                status_details={"type": "failed", "error": {"type": "server_error", "code": "broken"}},
            ),
        ],
    ),
    (
        "+out-of-band/input-joins-only-if-asked",
        [
            created(),
            *HELLO,
            client("response.create", response={"input": [message()]}),
            begins("resp_1"),
            *writes(),
        ],
    ),
]
ROWS: Rows = dict(bounded(*each) for each in (*_OF_REFUSALS, *_OF_ANSWERED, *_OF_AUDIO, *_OF_OTHERS))
