"""Small traces: responses."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    ASKED,
    CANCEL,
    COMMITTED,
    DONE,
    LIMITED,
    RUNNING,
    TYPED,
    begins,
    client,
    closes,
    created,
    ends,
    error,
    listening,
    message,
    opens,
    response,
    server,
    silence,
    used,
)
from tests.rules.small.rows import Row, Rows

_BARE = server("response.created", response={n: v for n, v in response("resp_1").items() if n != "metadata"})
_OF_RAIN = client("response.create", response={"metadata": {"topic": "rain"}})
_OTHER = message("item_2", "assistant")

ROWS: Rows = {
    # responses
    "tokens within the limit": Row("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
        used(10)], "holds", also=("response/done/completed-has-output",)),
    "tokens past the limit": Row("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
        used(11)], "violated", also=("response/done/completed-has-output",)),
    "tokens past the limit, and cut off": Row("response/incomplete/token-limit", [created(), LIMITED,
        begins("resp_1"), used(11, "incomplete")], "holds", also=("response/done/status-details-given",)),
    "tokens past the limit, and failed": Row("response/incomplete/token-limit", [created(), LIMITED,
        begins("resp_1"), used(11, "failed")], "nothing", also=("response/done/status-details-given",)),
    "tokens not told": Row("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
        used(None)], "nothing", also=("response/done/completed-has-output", "response/usage/present")),
    "tokens without a limit": Row("response/incomplete/token-limit", [created(), *RUNNING, used(11)],
        "nothing", also=("response/done/completed-has-output",)),
    "tokens not counted": Row("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
        used(0, output=[TYPED])], "undecided", also=("response/done/lists-items",)),
    "a second answer while one is written": Row("response/create/one-at-a-time", [created(), *RUNNING,
        opens(TYPED), ASKED, begins("resp_2")], "violated"),
    "a second answer when the first is done": Row("response/create/one-at-a-time", [created(), *RUNNING,
        ends("resp_1"), ASKED, begins("resp_2")], "nothing", also=("response/done/completed-has-output",)),
    "a second answer kept until the first was done": Row("response/create/one-at-a-time",
        [begins("resp_1"), ASKED, silence("response.created", 3.0), ends("resp_1"), begins("resp_2")],
        "violated", whole=False, also=("response/done/completed-has-output",),
        told={"because": ["response.created", "response.create"]}),
    "a second answer just after the first": Row("response/create/one-at-a-time", [created(), *RUNNING,
        silence("response.done", 3.0), ASKED, ends("resp_1"), begins("resp_2")], "undecided",
        also=("response/done/completed-has-output",)),
    "a second answer asked for behind a cancel": Row("response/create/slot-frees-at-done", [created(),
        *RUNNING, CANCEL, ASKED, ends("resp_1", "cancelled"), begins("resp_2")], "seen: accepted",
        also=("response/done/status-details-given",)),
    "a second answer asked for while the first is written": Row("response/create/slot-frees-at-done",
        [created(), *RUNNING, client("response.create", event_id="a"), error("a")], "nothing"),
    "a second answer when another has taken the place of the first": Row("response/create/one-at-a-time",
        [listening(create_response=True, interrupt_response=True), *RUNNING, _OF_RAIN, COMMITTED, ADDED, DONE,
        begins("resp_2"), ends("resp_2"), begins("resp_3", metadata={"topic": "rain"})], "undecided",
        also=("response/done/completed-has-output", "response/lifecycle/done-exactly-once",
        "turn/stopped-after-started")),
    "a second answer, the first of which ended two tenths of a second later": Row(
        "response/create/one-at-a-time", [begins("resp_1"), ASKED, server("rate_limits.updated",
        rate_limits=[]), ends("resp_1"), begins("resp_2")], "undecided", whole=False,
        also=("response/done/completed-has-output",)),
    # items
    "an item that ended otherwise, behind one that did not end": Row("response/done/items-equal",
        [created(), *RUNNING, opens(TYPED), opens(_OTHER, 1), closes(_OTHER, 1), ends("resp_1",
        output=[TYPED, message("item_2", "assistant", "Else.")])], "violated", told={"path":
        "response.output[1].content[0].text", "expected": "Hello.", "actual": "Else.", "because":
        ["response.output_item.done"]}, also=("response/item/done-exactly-once",)),
    "an item that ended otherwise, behind one that did not": Row("response/done/items-equal",
        [created(), *RUNNING, opens(TYPED), closes(TYPED), opens(_OTHER, 1), closes(_OTHER, 1),
        ends("resp_1", output=[TYPED, message("item_2", "assistant", "Else.")])], "violated"),
    "items announced out of order": Row("response/done/lists-items", [created(), *RUNNING, opens(_OTHER, 1),
        closes(_OTHER, 1), opens(TYPED), closes(TYPED), ends("resp_1", output=[TYPED, _OTHER])], "holds",
        also=("response/item/indices",)),
    # usage
    "tokens that are no integers to Python": Row("response/usage/adds-up", [created(), *RUNNING,
        ends("resp_1", usage={"total_tokens": 5, "input_tokens": 2, "output_tokens": 3,
        "output_token_details": {"text_tokens": 1.0, "audio_tokens": 2}})], "holds",
        also=("response/done/completed-has-output",)),
    "tokens of the output that do not add up": Row("response/usage/adds-up", [created(), *RUNNING,
        ends("resp_1", usage={"total_tokens": 5, "input_tokens": 2, "output_tokens": 3,
        "output_token_details": {"text_tokens": 1, "audio_tokens": 1}})], "violated", told={"says":
        "output_tokens is not the sum of text_tokens and audio_tokens", "path":
        "response.usage.output_tokens", "expected": "2 = 1 + 1", "actual": "3"},
        also=("response/done/completed-has-output",)),
    "tokens of the cache that do not add up": Row("response/usage/adds-up", [created(), *RUNNING,
        ends("resp_1", usage={"input_tokens": 2, "output_tokens": 3, "input_token_details": {"cached_tokens":
        1, "cached_tokens_details": {"text_tokens": 1, "audio_tokens": 1}}})], "violated", told={"path":
        "response.usage.input_token_details.cached_tokens"},
        also=("response/done/completed-has-output",)),
    # how a response begins
    "a response that begins with a reason for its end": Row("response/created/empty", [created(), ASKED,
        begins("resp_1", status_details={"type": "completed"})], "violated",
        told={"path": "response.status_details", "expected": "nothing yet"}),
    "a response that begins with details that are none": Row("response/created/empty", [created(), ASKED,
        begins("resp_1", status_details="none")], "nothing", also=("response/done/status-details-shape",)),
    # how a response ends
    "a response that fails, and does not say how": Row("response/failed/ends-in-done", [created(), *RUNNING,
        ends("resp_1", "failed", status_details={"type": "failed", "error": {}})], "violated",
        told={"path": "response.status_details.error", "expected": "an object", "actual": "{}"}),
    # metadata
    "metadata not shown": Row("response/metadata-echoed", [created(), _OF_RAIN, _BARE], "violated"),
    "no metadata, and none shown": Row("response/metadata-echoed", [created(), ASKED, _BARE], "nothing",
        also=("envelope/explicit-nulls",)),
}  # fmt: skip
