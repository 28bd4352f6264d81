"""Small traces: several connections in one capture."""

from __future__ import annotations

from tests.rules.said import CLEAR, CLEARED, created, server, session
from tests.rules.small.rows import Row, Rows

ANEW = created(id="sess_2")
WITHOUT_ID = server("session.created", session={n: v for n, v in session().items() if n != "id"})

ROWS: Rows = {
    "a client that connects anew": Row("session/created/once", [created(), CLEAR, CLEARED, ANEW], "holds",
        measured=False),
    "a client that connects anew, and is heard there": Row("audio/clear/acknowledged", [created(), ANEW,
        CLEAR, CLEARED], "holds", measured=False),
    "a session created anew where all is recorded": Row("session/created/once", [created(), CLEAR, CLEARED,
        ANEW], "violated"),
    "a session created again": Row("session/created/once", [created(), CLEAR, CLEARED, created()],
        "violated", measured=False),
    "a session created again, without its id": Row("session/created/once", [created(), WITHOUT_ID],
        "violated", measured=False, dialect="inworld"),
    "a session created late": Row("session/created/first", [CLEARED, created()], "violated",
        measured=False),
    "a session created after the end of another": Row("session/created/first", [CLEARED, created()],
        "holds", measured=False, whole=False),
    "a client that says much before it hears anything": Row("audio/clear/acknowledged", [*51 * [CLEAR],
        created(), CLEARED], "holds", measured=False, whole=False),
}  # fmt: skip
