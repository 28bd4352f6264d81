"""Small traces: responses beside the conversation, and with input of their own."""

from __future__ import annotations

from tests.rules.said import TYPED, begins, client, created, ends, server
from tests.rules.small.rows import Row, Rows

_WITH_INPUT = [client("response.create", response={"input": []}), begins("resp_1")]
_PLACE = {"response_id": "resp_1", "output_index": 0}
_ANNOUNCED = server("response.output_item.added", **_PLACE, item={**TYPED, "status": "in_progress",
    "content": []})  # fmt: skip
_ITEM_DONE = server("response.output_item.done", **_PLACE, item=TYPED)

ROWS: Rows = {
    # input of its own
    "output to input of its own, out of the conversation": Row("out-of-band/input-joins-only-if-asked",
        [created(), *_WITH_INPUT, _ANNOUNCED, _ITEM_DONE, ends("resp_1", output=[TYPED])], "violated",
        told={"expected": "conversation.item.added", "because": ["response.output_item.added"]}),
    "output to input of its own, out of the conversation and cut off": Row(
        "out-of-band/input-joins-only-if-asked", [created(), *_WITH_INPUT, _ANNOUNCED, _ITEM_DONE,
        ends("resp_1", "cancelled", output=[TYPED])], "nothing",
        also=("response/done/status-details-given",)),
    "no output to input of its own": Row("out-of-band/input-joins-only-if-asked", [created(), *_WITH_INPUT,
        ends("resp_1")], "nothing", also=("response/done/completed-has-output",)),
}  # fmt: skip
