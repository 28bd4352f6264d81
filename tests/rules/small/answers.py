"""Small traces: what answers a client event."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    CLEAR,
    CLEARED,
    VAD,
    begins,
    client,
    create,
    created,
    error,
    joins,
    message,
)
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # one answer
    "success, then an error": Row("errors/one-answer", [created(), CLEAR, CLEARED, error("clear")],
        "violated"),
    "an error, then success": Row("errors/one-answer", [created(), CLEAR, error("clear"), CLEARED],
        "violated", also=("audio/clear/acknowledged",)),
    "an error": Row("errors/one-answer", [created(), CLEAR, error("clear")], "holds",
        also=("audio/clear/acknowledged",)),
    "an error for a response that began": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), begins("resp_1"), error("r")], "nothing"),
    "an item refused, then one like it": Row("errors/one-answer", [created(), create("a", message()),
        error("a"), ADDED], "violated", also=("items/create/acknowledged",)),
    "an item refused, then one unlike it": Row("errors/one-answer", [created(), create("a", message()),
        error("a"), joins(message("item_1", text="Else."))[0]], "holds",
        also=("items/create/acknowledged",)),
    "an item refused, then its id": Row("errors/one-answer", [created(), create("a", message("item_1")),
        error("a"), joins(message("item_1", text="Else."))[0]], "violated",
        also=("items/create/acknowledged",)),
    "an item refused, then the same words": Row("errors/one-answer", [created(), create("a",
        message("item_2")), error("a"), ADDED], "holds", also=("items/create/acknowledged",)),
    "an answer refused, then begun": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), begins("resp_1")], "violated", also=("response/create/acknowledged",
        "turn/none-when-off")),
    "an answer refused, then one to speech": Row("errors/one-answer", [created(audio=VAD),
        client("response.create", event_id="r"), error("r"), begins("resp_1")], "holds",
        also=("response/create/acknowledged",)),
    "an answer refused, much later one": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), CLEAR, CLEARED, begins("resp_1")], "holds",
        also=("response/create/acknowledged", "turn/none-when-off")),
    # answered once
    "cleared once": Row("envelope/answered-once", [created(), CLEAR, CLEARED], "holds"),
    "cleared twice": Row("envelope/answered-once", [created(), CLEAR, CLEARED, CLEARED], "violated"),
    "cleared after another client event was refused": Row("envelope/answered-once", [created(), create("a",
        message("item_1")), error("a"), CLEAR, CLEARED, CLEARED], "violated",
        also=("items/create/acknowledged",)),
    "cleared after it was refused": Row("envelope/answered-once", [created(), CLEAR, error("clear"),
        CLEARED], "nothing", also=("audio/clear/acknowledged", "errors/one-answer")),
}  # fmt: skip
