"""Small traces: misuse, and what comes after it."""

from __future__ import annotations

from tests.rules.said import (
    CANCEL,
    CLEAR,
    CLEARED,
    RUNNING,
    VAD,
    begins,
    client,
    created,
    ends,
    error,
    frame,
    hangs_up,
    in_fragments,
    made_up,
    silence,
)
from tests.rules.small.rows import Row, Rows

_MISUSE = [client("item.praise", event_id="a"), error("a")]
_PRIVATE = ("errors/unknown-type-code",)
_FAILED = ends("resp_1", "failed", status_details={"type": "failed", "error": {"type": "x", "code": "odd"}})
_WRONG = client("conversation.item.delete", event_id="wrong", item_id=7)
_MADE_UP = made_up(_WRONG, operator="number-for-text", path="item_id", expects="refusal")
_BROKEN = made_up(frame("client", raw="{no"), frame="cut-short", expects="refusal")

ROWS: Rows = {
    # a turn after misuse
    "a turn that fails after misuse": Row("robustness/turn-after-misuse", [created(), *_MISUSE, *RUNNING,
        _FAILED], "violated", also=_PRIVATE, told={"expected": "completed", "actual": "failed odd",
        "because": ["item.praise", "response.create"]}),
    "a turn that fails without misuse": Row("robustness/turn-after-misuse", [created(), *RUNNING, _FAILED],
        "nothing"),
    "a turn that fails before misuse is settled": Row("robustness/turn-after-misuse", [created(), *RUNNING,
        *_MISUSE, _FAILED], "nothing", also=_PRIVATE),
    "a turn after misuse": Row("robustness/turn-after-misuse", [created(), *_MISUSE, *RUNNING,
        ends("resp_1")], "holds", also=(*_PRIVATE, "response/done/completed-has-output")),
    "a turn for which the quota is spent": Row("robustness/turn-after-misuse", [created(), *_MISUSE,
        *RUNNING, ends("resp_1", "failed", status_details={"type": "failed", "error": {"type": "x",
        "code": "insufficient_quota"}})], "undecided", also=_PRIVATE),
    "a turn of the server's own after misuse fails": Row("robustness/turn-after-misuse", [created(audio=VAD),
        *_MISUSE, begins("resp_1"), _FAILED], "nothing", also=_PRIVATE),
    "a turn that is made up fails": Row("robustness/turn-after-misuse", [created(), made_up(
        client("response.create"), operator="none"), begins("resp_1"), _FAILED], "nothing"),
    "a turn that may be refused after misuse fails": Row("robustness/turn-after-misuse", [created(),
        *_MISUSE, made_up(client("response.create"), operator="none", expects="either"), begins("resp_1"),
        _FAILED], "nothing", also=_PRIVATE),
    "a turn cancelled after misuse fails": Row("robustness/turn-after-misuse", [created(), *_MISUSE,
        *RUNNING, CANCEL, _FAILED], "nothing", also=_PRIVATE),
    "a turn after something made up fails": Row("robustness/turn-after-misuse", [created(), made_up(CLEAR,
        operator="none"), CLEARED, *RUNNING, _FAILED], "violated"),
    "a turn after proper events fails": Row("robustness/turn-after-misuse", [created(), CLEAR, CLEARED,
        *RUNNING, _FAILED], "nothing"),
    # where param points
    "param names the fault": Row("errors/param-points-at-fault", [created(), _WRONG, error("wrong",
        param="item_id")], "holds"),
    "param names something near": Row("errors/param-points-at-fault", [created(), _WRONG, error("wrong",
        param="item")], "violated", told={"expected": "item_id", "actual": "item"}),
    "param names something as long": Row("errors/param-points-at-fault", [created(), _WRONG, error("wrong",
        param="session")], "violated"),
    "param says nothing": Row("errors/param-points-at-fault", [created(), _WRONG, error("wrong")], "nothing"),
    "param of an error for nobody": Row("errors/param-points-at-fault", [created(), _WRONG, error(
        param="event")], "nothing", also=("errors/event-id-echoed",)),
    "param where nothing is malformed": Row("errors/param-points-at-fault", [created(), client(
        "conversation.item.delete", event_id="wrong", item_id="item_9"), error("wrong", param="session")],
        "nothing"),
    # what a server chooses
    "a made up event refused": Row("robustness/mutants/choice", [created(), _MADE_UP, error("wrong")],
        "seen: number-for-text: an error"),
    "a made up event ignored": Row("robustness/mutants/choice", [created(), _MADE_UP, silence("error")],
        "seen: number-for-text: no answer", also=("errors/invalid-event-refused",)),
    "a made up event, and no more": Row("robustness/mutants/choice", [created(), _MADE_UP], "nothing"),
    "a made up event, and the client hangs up": Row("robustness/mutants/choice", [created(), _MADE_UP,
        ("client", hangs_up(1000)[1])], "nothing"),
    "a made up event, and the server hangs up": Row("robustness/mutants/choice", [created(), _MADE_UP,
        hangs_up(1011)], "seen: number-for-text: end of connection", also=("errors/session-survives",)),
    "an event that is not made up": Row("robustness/mutants/choice", [created(), _WRONG, error("wrong")],
        "nothing"),
    "a broken frame refused": Row("robustness/frames/choice", [created(), _BROKEN, error()],
        "seen: cut-short: an error"),
    "a broken frame taken for an event": Row("robustness/mutants/choice", [created(), _BROKEN, error()],
        "nothing"),
    # fragments
    "an event in fragments": Row("robustness/fragments-joined", [created(), in_fragments(CLEAR), CLEARED],
        "holds"),
    "an event in fragments ignored": Row("robustness/fragments-joined", [created(), in_fragments(CLEAR),
        silence("input_audio_buffer.cleared")], "violated"),
    "an event in one piece": Row("robustness/fragments-joined", [created(), CLEAR, CLEARED], "nothing"),
}  # fmt: skip
