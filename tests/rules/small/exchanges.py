"""Small traces: which client event an answer belongs to, and which got none."""

from __future__ import annotations

from tests.rules.said import CLEAR, create, created, joins, message, silence
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    "passed over, just before the end": Row("audio/clear/acknowledged", [created(),
        silence("session.updated", 6.0), CLEAR, create("a", message()), *joins(message("item_1"))],
        "undecided"),
}  # fmt: skip
