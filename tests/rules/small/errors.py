"""Small traces: errors and the end of a connection."""

from __future__ import annotations

from tests.rules.said import CLEAR, CLEARED, created, error, hangs_up, server
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # the end of a connection
    "hanging up in the middle of anything": Row("errors/announced-before-close", [created(),
        hangs_up(1011)], "violated"),
    "hanging up after saying why": Row("errors/announced-before-close", [created(),
        error(code="session_expired"), hangs_up(1011)], "holds"),
    "hanging up when all is done": Row("errors/announced-before-close", [created(), hangs_up(1000)],
        "nothing"),
    # the shape of an error
    "an error without a message": Row("errors/shape", [created(), CLEAR, error("clear", message="")],
        "violated", also=("audio/clear/acknowledged",)),
    "an error with its message beside it": Row("errors/shape", [created(), server("error", message="No.",
        error={})], "violated"),
    # whom an error names
    "an error that names whom it is about": Row("errors/event-id-echoed", [created(), CLEAR,
        error("clear")], "holds", also=("audio/clear/acknowledged",)),
    "an error that names nobody": Row("errors/event-id-echoed", [created(), CLEAR, error()], "violated",
        also=("audio/clear/acknowledged",)),
    "an error that names nobody, and is malformed": Row("errors/event-id-echoed", [created(), CLEAR,
        error(message=7)], "violated", also=("audio/clear/acknowledged",)),
    "an error that names somebody unknown": Row("errors/event-id-echoed", [created(), error("nobody")],
        "violated"),
    "an error with its message beside it, of Inworld": Row("errors/shape", [created(), server("error",
        message="No.", error={})], "holds", dialect="inworld"),
    "hanging up first thing": Row("errors/announced-before-close", [hangs_up(1011)], "undecided",
        whole=False),
    "hanging up later": Row("errors/announced-before-close", [CLEARED, hangs_up(1011)], "violated",
        whole=False),
}  # fmt: skip
