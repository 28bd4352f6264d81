"""Small traces: what a response produces."""

from __future__ import annotations

from tests.rules.said import RUNNING, begins, client, created, deltas, server
from tests.rules.small.rows import Row, Rows

_APART = [
    client("response.create", response={"conversation": "none"}),
    begins("resp_2", conversation_id=None),
]
_ON_AND_ON = server("response.output_text.done", response_id="resp_1", item_id="item_a", output_index=0,
                    content_index=0, text="on and on")  # fmt: skip

ROWS: Rows = {
    # deltas and finals
    "more text than was streamed": Row("response/text/deltas-add-up", [created(), *RUNNING, *deltas(1),
        _ON_AND_ON], "violated", also=("response/item/added-first",)),
    "more text than was streamed, of a response that is cancelled": Row("response/text/deltas-add-up",
        [created(), *RUNNING, *deltas(1), client("response.cancel"), _ON_AND_ON], "nothing",
        also=("response/item/added-first",)),
    "more text than was streamed, beside a response that is cancelled": Row("response/text/deltas-add-up",
        [created(), *RUNNING, *_APART, *deltas(1), client("response.cancel", response_id="resp_2"),
        _ON_AND_ON], "violated", also=("response/item/added-first",)),
}  # fmt: skip
