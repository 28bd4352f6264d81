"""Small traces: items."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    ASKED,
    CLEAR,
    CLEARED,
    DONE,
    begins,
    create,
    created,
    joins,
    message,
    put,
    retrieved,
    spoken,
    truncated,
)
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # items
    "an item done at once": Row("items/create/final-at-once", [created(), *put(message("item_1"))],
        "holds"),
    "an item done behind another answer": Row("items/create/final-at-once", [created(), create("a",
        message()), CLEAR, ADDED, CLEARED, DONE], "violated"),
    "an item done behind a response": Row("items/create/final-at-once", [created(), create("a", message()),
        ASKED, ADDED, begins("resp_1"), DONE], "violated"),
    "a transcript left when all is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(0), *retrieved(spoken("item_1"))], "violated",
        also=("session/created/then-quiet",)),
    "a transcript left when some is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(10), *retrieved(spoken("item_1"))], "nothing",
        also=("session/created/then-quiet",)),
    "a transcript left when nothing is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *retrieved(spoken("item_1"))], "nothing",
        also=("session/created/then-quiet",)),
    "no transcript left": Row("items/truncate/cuts-transcript", [created(), *joins(spoken("item_1")),
        *truncated(0), *retrieved({**spoken("item_1"), "content": []})], "holds",
        also=("items/retrieve/full-item", "session/created/then-quiet")),
}  # fmt: skip
