"""Small traces: cancelling and barge-in."""

from __future__ import annotations

from tests.rules.said import (
    CANCEL,
    CLEAR,
    CLEARED,
    RUNNING,
    SPEECH,
    created,
    deltas,
    ends,
    error,
    listening,
    silence,
)
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # cancelling
    "a response that runs on, and the next answer": Row("cancel/active-ends-cancelled", [created(),
        *RUNNING, *deltas(1), CANCEL, *deltas(25), ends("resp_1"), CLEAR, CLEARED], "violated",
        also=("response/done/completed-has-output", "response/item/added-first")),
    "a response that runs on, and silence": Row("cancel/active-ends-cancelled", [created(), *RUNNING,
        *deltas(1), CANCEL, *deltas(25), ends("resp_1"), silence("input_audio_buffer.cleared")], "violated",
        also=("response/done/completed-has-output", "response/item/added-first")),
    "a response that runs on, and then it is too late": Row("cancel/active-ends-cancelled", [created(),
        *RUNNING, *deltas(1), CANCEL, *deltas(25), ends("resp_1"), error("cancel"), CLEAR, CLEARED],
        "undecided", also=("response/done/completed-has-output", "response/item/added-first")),
    "a response that runs on, and an answer asked for before": Row("cancel/active-ends-cancelled",
        [created(), *RUNNING, *deltas(1), CLEAR, CANCEL, *deltas(25), ends("resp_1"), CLEARED], "undecided",
        also=("response/done/completed-has-output", "response/item/added-first")),
    "a response that was all but over": Row("cancel/active-ends-cancelled", [created(), *RUNNING,
        *deltas(1), CANCEL, *deltas(2), ends("resp_1"), CLEAR, CLEARED], "undecided",
        also=("response/done/completed-has-output", "response/item/added-first")),
    "a response that ends at once": Row("cancel/active-ends-cancelled", [created(), *RUNNING, CANCEL,
        ends("resp_1", "cancelled")], "holds", also=("response/done/status-details-given",)),
    "nothing to cancel": Row("cancel/idle-refused", [created(), CANCEL, error("cancel")], "holds"),
    "nothing to cancel, and no word": Row("cancel/idle-refused", [created(), CANCEL, silence("error")],
        "violated"),
    "speech that may not cut off, and does": Row("barge-in/not-when-disabled",
        [listening(interrupt_response=False), *RUNNING, SPEECH, ends("resp_1", "cancelled")], "violated",
        also=("response/done/status-details-given",)),
    "speech that may not cut off": Row("barge-in/not-when-disabled", [listening(interrupt_response=False),
        *RUNNING, SPEECH, ends("resp_1")], "holds", also=("response/done/completed-has-output",)),
    "speech that may not cut off, and a client that does": Row("barge-in/not-when-disabled",
        [listening(interrupt_response=False), *RUNNING, SPEECH, CANCEL, ends("resp_1", "cancelled")],
        "nothing", also=("response/done/status-details-given",)),
    "no speech": Row("barge-in/not-when-disabled", [listening(interrupt_response=False), *RUNNING,
        ends("resp_1", "cancelled")], "nothing", also=("response/done/status-details-given",)),
    "speech that may cut off": Row("barge-in/not-when-disabled", [listening(interrupt_response=True),
        *RUNNING, SPEECH, ends("resp_1", "cancelled")], "nothing",
        also=("response/done/status-details-given",)),
}  # fmt: skip
