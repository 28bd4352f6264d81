"""Small traces: sessions."""

from __future__ import annotations

from tests.rules.said import created, error, update, updated
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # sessions
    "an update shown": Row("session/update/echoes-values", [created(), update(instructions="Be."),
        updated(instructions="Be.")], "holds"),
    "an update not shown": Row("session/update/echoes-values", [created(), update(instructions="Be."),
        updated(instructions="Else.")], "violated"),
    "an update nobody asked for": Row("session/update/echoes-values", [created(),
        updated(instructions="Be.")], "nothing"),
    "a refused value shown by the next update": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"), update(speed=1.0),
        updated(instructions="New.")], "violated", also=("errors/invalid-event-refused",
        "session/update/acknowledged")),
    "another value shown by the next update": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old.", tracing=None), update(instructions="New."), error("update"),
        update(speed=1.0), updated(instructions="Else.")], "holds", also=("errors/invalid-event-refused",
        "session/update/acknowledged", "session/updated/full-configuration")),
    "a refused value shown unasked": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"),
        updated(instructions="New.")], "violated", dialect="inworld",
        also=("session/update/acknowledged",)),
    "an update asked for before": Row("session/update/echoes-values", [update(instructions="Be."),
        updated(instructions="Else.")], "nothing", whole=False),
    "an update asked for in sight": Row("session/update/echoes-values", [updated(),
        update(instructions="Be."), updated(instructions="Else.")], "violated", whole=False),
}  # fmt: skip
