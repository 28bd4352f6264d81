"""Small traces: the envelope."""

from __future__ import annotations

from tests.rules.said import ADDED, ASKED, CLEAR, CLEARED, DONE, begins, create, created, error, message
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # order of answers
    "answers in order": Row("envelope/answers-in-order", [created(), create("a", message()), CLEAR, ADDED,
        DONE, CLEARED], "holds"),
    "answers out of order": Row("envelope/answers-in-order", [created(), create("a", message()), CLEAR,
        CLEARED, ADDED, DONE], "violated"),
    "a response beside the order": Row("envelope/answers-in-order", [created(), ASKED, CLEAR, CLEARED,
        begins("resp_1")], "holds"),
    "an error for who knows whom": Row("envelope/answers-in-order", [created(), create("a", message()),
        CLEAR, error(), CLEARED], "holds", also=("errors/event-id-echoed", "items/create/acknowledged")),
}  # fmt: skip
