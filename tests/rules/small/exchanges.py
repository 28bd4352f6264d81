"""Small traces: which client event an answer belongs to, and which got none."""

from __future__ import annotations

from tests.rules.said import (
    CANCEL,
    CLEAR,
    CLEARED,
    COMMITTED,
    RUNNING,
    append,
    begins,
    client,
    create,
    created,
    deltas,
    ends,
    error,
    joins,
    listening,
    message,
    silence,
)
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    "passed over, just before the end": Row("audio/clear/acknowledged", [created(),
        silence("session.updated", 6.0), CLEAR, create("a", message()), *joins(message("item_1"))],
        "undecided"),
    "nothing to cancel, says an error without a name, when all is over": Row("cancel/active-ends-cancelled",
        [created(), *RUNNING, CANCEL, *deltas(20), ends("resp_1"), error(code="response_cancel_not_active"),
        CLEAR, CLEARED], "undecided", also=("response/done/completed-has-output",
        "response/item/added-first")),
    "an answer refused, because the server began one to a turn": Row("response/create/acknowledged",
        [listening(create_response=True), COMMITTED, *joins(message("item_1")), client("response.create",
        event_id="r", response={"metadata": {"n": "1"}}), begins("resp_1"), error("r",
        "conversation_already_has_active_response")], "undecided"),
    "nothing to commit, says an error without a name, when all is committed": Row("errors/one-answer",
        [created(), append(200), client("input_audio_buffer.commit"), COMMITTED,
        error(code="input_audio_buffer_commit_empty")], "nothing"),
}  # fmt: skip
