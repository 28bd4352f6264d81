"""Small traces: responses beside the conversation, and with input of their own."""

from __future__ import annotations

from tests.rules.said import RUNNING, TYPED, begins, client, closes, created, ends, error, opens
from tests.rules.small.rows import Row, Rows

_WITH_INPUT = [client("response.create", response={"input": []}), begins("resp_1")]

ROWS: Rows = {
    # input of its own
    "output to input of its own, out of the conversation": Row("out-of-band/input-joins-only-if-asked",
        [created(), *_WITH_INPUT, opens(TYPED), closes(TYPED), ends("resp_1", output=[TYPED])], "violated",
        told={"expected": "conversation.item.added", "because": ["response.output_item.added"]}),
    "output to input of its own, out of the conversation and cut off": Row(
        "out-of-band/input-joins-only-if-asked", [created(), *_WITH_INPUT, opens(TYPED), closes(TYPED),
        ends("resp_1", "cancelled", output=[TYPED])], "nothing",
        also=("response/done/status-details-given",)),
    "no output to input of its own": Row("out-of-band/input-joins-only-if-asked", [created(), *_WITH_INPUT,
        ends("resp_1")], "nothing", also=("response/done/completed-has-output",)),
    # beside the conversation
    "items that did not join the conversation": Row("out-of-band/not-in-conversation", [created(), *RUNNING,
        opens(TYPED), closes(TYPED), ends("resp_1", output=[TYPED])], "nothing"),
    "a response of no conversation, refused": Row("response/create/acknowledged", [created(),
        client("response.create", event_id="a", response={"conversation": "none"}), error("a")],
        "violated"),
    "a response of no conversation, refused beside another": Row("out-of-band/runs-beside", [created(),
        *RUNNING, client("response.create", event_id="a", response={"conversation": "none"}), error("a",
        "conversation_already_has_active_response")], "violated"),
}  # fmt: skip
