"""Small traces: cancelling and barge-in."""

from __future__ import annotations

from typing import Any

from tests.rules.said import (
    ASKED,
    CANCEL,
    CLEAR,
    CLEARED,
    RUNNING,
    SPEECH,
    Json,
    Said,
    append,
    begins,
    call,
    client,
    created,
    cut_off,
    deltas,
    ends,
    error,
    joins,
    listening,
    message,
    server,
    silence,
    speaks,
    stopped,
    truncated,
    updated,
    waits,
)
from tests.rules.small.rows import Row, Rows

PLACE = {"response_id": "resp_1", "output_index": 0}
PART = {**PLACE, "item_id": "item_a", "content_index": 0}
BLANK = message("item_a", "assistant", status="in_progress", content=[])
ADDED = joins(BLANK)[0]
WRITES = [*RUNNING, server("response.output_item.added", **PLACE, item=BLANK), ADDED,
    server("response.content_part.added", **PART, part={"type": "text", "text": ""}), *deltas(1)]  # fmt: skip
AGAIN = client("response.create", event_id="again")
OVER = [created(), *RUNNING, CANCEL, cut_off("client_cancelled")]


def item(text: str = "on ", status: str = "incomplete") -> Json:
    return message("item_a", "assistant", text, status=status)


def closes(text: str = "on ", status: str = "incomplete") -> list[Said]:
    """What is open of a response is closed."""
    return [
        server("response.output_text.done", **PART, text=text),
        server("response.content_part.done", **PART, part={"type": "text", "text": text}),
        server("response.output_item.done", **PLACE, item=item(text, status)),
        joins(item(text, status))[1],
    ]


def runs_on(number: int) -> list[Said]:
    """A response comes to its end after so many deltas more."""
    text = "on " * (number + 1)
    return [*deltas(number), *closes(text, "completed"), ends("resp_1", output=[item(text, "completed")])]


def asks(arguments: str, **fields: Any) -> Json:
    return {**call("item_c", "call_1"), "status": "incomplete", "arguments": arguments, **fields}


def calls(asked: Json, index: int = 0, previous: str | None = None) -> list[Said]:
    """A call is begun, and is cut off by the client."""
    place, blank = {"response_id": "resp_1", "output_index": index}, asks("", status="in_progress")
    ids = {**place, "item_id": "item_c", "call_id": "call_1"}
    return [
        server("response.output_item.added", **place, item=blank),
        joins(blank, previous)[0],
        server("response.function_call_arguments.delta", **ids, delta='{"city"'),
        CANCEL,
        server("response.function_call_arguments.done", **ids, name=asked["name"],
               arguments=asked["arguments"]),
        server("response.output_item.done", **place, item=asked),
        joins(asked, previous)[1],
    ]  # fmt: skip


def cancelled(text: str = "on ", status: str = "incomplete") -> Said:
    return cut_off("client_cancelled", output=[item(text, status)])


HALF = asks('{"city"')
CLIENT, VOICE = cancelled(), cut_off("turn_detected", output=[item()])
CUTS = listening(interrupt_response=True)
APART = [client("response.create", response={"conversation": "none"}), begins("resp_1", conversation_id=None)]
ALOUD = {"output_modalities": ["audio"]}
SPOKEN = [created(**ALOUD), ASKED, begins("resp_1", **ALOUD), *speaks("resp_1", "item_1", 900, **ALOUD)]
EMPTY = ("response/done/completed-has-output",)

ROWS: Rows = {
    # cancelling
    "a response that runs on, and the next answer": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *runs_on(25), CLEAR, CLEARED], "violated"),
    "a response that runs on, and silence": Row("cancel/active-ends-cancelled", [created(), *WRITES, CANCEL,
        *runs_on(25), silence("input_audio_buffer.cleared")], "violated"),
    "a response that runs on, and then it is too late": Row("cancel/active-ends-cancelled", [created(),
        *WRITES, CANCEL, *runs_on(25), error("cancel"), CLEAR, CLEARED], "undecided"),
    "a response that runs on, and an answer asked for before": Row("cancel/active-ends-cancelled",
        [created(), *WRITES, CLEAR, CANCEL, *runs_on(25), CLEARED], "undecided"),
    "a response that runs on for so many deltas": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *runs_on(20), CLEAR, CLEARED], "violated", timed=False),
    "a response that runs on for fewer deltas": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *runs_on(19), CLEAR, CLEARED], "undecided", timed=False),
    "a response that runs on, cancelled long ago": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *[append(1)] * 256, *runs_on(25), CLEAR, CLEARED], "undecided"),
    "a response that runs on, and nothing yet": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *runs_on(25), waits("error")], "undecided"),
    "a response that was all but over": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        *closes()[:2], CANCEL, *runs_on(0)[2:], CLEAR, CLEARED], "undecided"),
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
    "nothing to cancel, and what is over ends anew": Row("cancel/idle-refused", [created(), *RUNNING,
        ends("resp_1"), CANCEL, cut_off("client_cancelled")], "violated",
        also=("response/done/completed-has-output", "response/lifecycle/done-exactly-once")),
    "nothing to cancel yet": Row("cancel/idle-refused", [created(), CANCEL, ASKED, begins("resp_1"),
        cut_off("client_cancelled")], "undecided"),
    "a response that runs on for a while": Row("cancel/active-ends-cancelled", [created(), *WRITES, CANCEL,
        *runs_on(4), CLEAR, CLEARED], "violated",
        told={"event": "response.done", "path": "response.status", "expected": "cancelled",
        "actual": "completed", "because": ["response.cancel"],
        "says": "a cancelled response ran on to its end: 4 more deltas"}),
    "a response that was all but over, late in a session": Row("cancel/active-ends-cancelled", [created(),
        silence("response.created", 5.0), *WRITES, *closes()[:2], CANCEL, *runs_on(0)[2:], CLEAR,
        CLEARED], "undecided"),
    "a response that runs on, and no word more": Row("cancel/active-ends-cancelled", [created(), *WRITES,
        CANCEL, *runs_on(8)], "undecided"),
    "a response that is not cancelled": Row("cancel/active-ends-cancelled", [created(), *WRITES, CANCEL,
        error("cancel")], "violated", told={"expected": "response.done with status cancelled",
        "actual": "No.", "because": ["response.cancel"]}),
    "a response that is not cancelled, as it is over": Row("cancel/active-ends-cancelled", [created(),
        *WRITES, CANCEL, *closes(), error("cancel"), CLIENT], "undecided"),
    "a response that is not cancelled, as it was over": Row("cancel/active-ends-cancelled", [created(),
        *WRITES, CANCEL, *runs_on(8), error("cancel")], "undecided"),
    "a response that is never done": Row("cancel/active-ends-cancelled", [created(), *WRITES, CANCEL,
        silence("response.done")], "undecided", also=("response/lifecycle/done-exactly-once",)),
    # why
    "a client that cancels": Row("cancel/reason-client", [created(), *WRITES, CANCEL, *closes(), CLIENT],
        "holds"),
    "a client that cancels, and voice as the reason": Row("cancel/reason-client", [created(), *WRITES,
        CANCEL, *closes(), VOICE], "violated", told={"path": "response.status_details.reason",
        "expected": "client_cancelled", "actual": "turn_detected", "because": ["response.cancel"]}),
    "a client that cancels, and no reason": Row("cancel/reason-client", [created(), *WRITES, CANCEL,
        *closes(), ends("resp_1", "cancelled", output=[item()])], "nothing",
        also=("response/done/status-details-given",)),
    "a client that cancels when somebody speaks": Row("cancel/reason-client", [listening(), *WRITES, SPEECH,
        stopped(200, "item_s"), CANCEL, *closes(), VOICE], "nothing"),
    "a client that cancels when somebody has begun to speak": Row("cancel/reason-client", [listening(),
        SPEECH, *WRITES, CANCEL, *closes(), VOICE], "nothing"),
    "a client that cancels what began before": Row("cancel/reason-client", [updated(), CANCEL,
        cut_off("turn_detected")], "nothing", whole=False),
    "voice that cuts off, and the client as the reason": Row("barge-in/reason-turn-detected", [listening(),
        *WRITES, SPEECH, *closes(), CLIENT], "violated", told={"path": "response.status_details.reason",
        "expected": "turn_detected", "actual": "client_cancelled",
        "because": ["input_audio_buffer.speech_started"]}),
    "voice that cuts off": Row("barge-in/reason-turn-detected", [listening(), *WRITES, SPEECH, *closes(),
        VOICE], "holds"),
    "voice that cuts off beside the client": Row("barge-in/reason-turn-detected", [listening(), *WRITES,
        SPEECH, CANCEL, *closes(), CLIENT], "nothing"),
    # what is left
    "what is open is closed": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL, *closes(),
        CLIENT], "holds"),
    "what is open stays so": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL, CLIENT],
        "violated"),
    "what is open is closed late": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL,
        *closes()[:3], CLIENT, closes()[3], CLEAR, CLEARED], "holds",
        also=("response/order/conversation-item-done",)),
    "what is open is closed late, and twice": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL,
        *closes()[:3], CLIENT, closes()[3], closes()[3], CLEAR, CLEARED], "holds",
        also=("response/order/conversation-item-done",)),
    "what is closed is added anew": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL,
        *closes(), CLIENT, ADDED, CLEAR, CLEARED], "holds"),
    "what is open is closed twice": Row("cancel/closes-what-is-open", [created(), *WRITES, CANCEL,
        closes()[0], *closes(), CLIENT], "holds", also=("response/stream/done-exactly-once",)),
    "what is open was not told to the conversation": Row("cancel/closes-what-is-open", [created(),
        *WRITES[:3], *WRITES[4:], CANCEL, *closes()[:3], CLIENT, silence("conversation.item.done")],
        "holds"),
    "an end that holds what was streamed": Row("cancel/finals-are-what-was-streamed", [created(), *WRITES,
        CANCEL, *closes(), CLIENT], "holds"),
    "an end that holds more than was streamed": Row("cancel/finals-are-what-was-streamed", [created(),
        *WRITES, CANCEL, *closes("on and on"), cancelled("on and on")], "violated", told={"expected": "on ",
        "actual": "on and on", "because": ["response.content_part.done"]}),
    "a call whose end holds what was streamed": Row("cancel/finals-are-what-was-streamed", [created(),
        *RUNNING, *calls(HALF), cut_off("client_cancelled", output=[HALF])], "holds"),
    "a call whose end holds more than was streamed": Row("cancel/finals-are-what-was-streamed", [created(),
        *RUNNING, *calls(asks('{"city": 1}')), cut_off("client_cancelled", output=[asks('{"city": 1}')])],
        "violated", told={"expected": '{"city"', "actual": '{"city": 1}',
        "because": ["response.output_item.done"]}),
    "an end that holds more than was streamed, and was not cut off": Row(
        "cancel/finals-are-what-was-streamed", [created(), *WRITES, *closes("on and on", "completed"),
        ends("resp_1", output=[item("on and on", "completed")])], "nothing",
        also=("response/text/deltas-add-up",)),
    "an end that holds other words": Row("cancel/finals-are-what-was-streamed", [created(), *WRITES, CANCEL,
        *closes("off"), cancelled("off")], "nothing", also=("response/text/deltas-add-up",)),
    "an end that holds more than was heard here": Row("cancel/finals-are-what-was-streamed", [updated(),
        *WRITES, CANCEL, *closes("on and on"), cancelled("on and on")], "nothing", whole=False),
    "an item cut off": Row("cancel/cut-item-incomplete", [created(), *WRITES, CANCEL, *closes(), CLIENT],
        "holds"),
    "an item cut off that is in progress": Row("cancel/cut-item-incomplete", [created(), *WRITES, CANCEL,
        *closes(status="in_progress"), cancelled(status="in_progress")], "violated",
        told={"path": "response.output[0].status", "expected": "incomplete", "actual": "in_progress",
        "because": ["response.output_item.added"]}),
    "an item done in time": Row("cancel/cut-item-incomplete", [created(), *WRITES, CANCEL,
        *closes(status="completed"), cancelled(status="completed")],
        "nothing"),
    "an item cut off that is in progress, after one that was done in time": Row("cancel/cut-item-incomplete",
        [created(), *WRITES, *closes(status="completed"), *calls({**HALF, "status": "in_progress"}, 1,
        "item_a"), cut_off("client_cancelled", output=[item(status="completed"), {**HALF,
        "status": "in_progress"}])], "violated", told={"path": "response.output[1].status"}),
    "an item in progress that was not cut off": Row("cancel/cut-item-incomplete", [created(), *WRITES,
        *closes(), ends("resp_1", output=[item()])], "nothing", also=("response/item/status-follows",)),
    "an item cut off that stays": Row("cancel/keeps-items", [created(), *WRITES, CANCEL, *closes(), CLIENT],
        "holds"),
    "an item cut off that is lost": Row("cancel/keeps-items", [created(), *WRITES, CANCEL, *closes(),
        cut_off("client_cancelled")], "violated", told={"path": "response.output", "expected": '["item_a"]',
        "actual": "[]", "because": ["response.output_item.added"]}),
    "an item that is lost, and was not cut off": Row("cancel/keeps-items", [created(), *WRITES,
        *closes(status="completed"), ends("resp_1")], "nothing", also=("response/done/lists-items",)),
    "nothing cut off": Row("cancel/keeps-items", [created(), *RUNNING, CANCEL, cut_off("client_cancelled")],
        "nothing"),
    # after it
    "a response after one that was cancelled": Row("cancel/then-create", [*OVER, AGAIN, begins("resp_2")],
        "holds"),
    "no response after one that was cancelled": Row("cancel/then-create", [*OVER, AGAIN, error("again")],
        "violated", told={"expected": "response.created", "actual": "error",
        "because": ["response.done", "response.create"]}),
    "no response after one that was cancelled, for want of money": Row("cancel/then-create", [*OVER, AGAIN,
        error("again", "insufficient_quota")], "undecided"),
    "no response after one that was cancelled, for what it should say": Row("cancel/then-create", [*OVER,
        AGAIN, error("again", param="response.instructions")], "nothing",
        also=("response/create/acknowledged",)),
    "no response after one that was cancelled, and no word": Row("cancel/then-create", [*OVER, AGAIN,
        silence("response.created")], "undecided", also=("response/create/acknowledged",)),
    "a response that is none after one that was cancelled": Row("cancel/then-create", [*OVER,
        client("response.create", event_id="again", response={"output_modalities": 1}), error("again")],
        "nothing"),
    "a response after one that was completed": Row("cancel/then-create", [created(), *RUNNING,
        ends("resp_1"), AGAIN, error("again")], "nothing", also=("response/create/acknowledged",
        "response/done/completed-has-output")),
    "speech that cuts off": Row("barge-in/ends-turn-detected", [CUTS, *WRITES, SPEECH, *closes(), VOICE],
        "holds"),
    "speech that does not cut off": Row("barge-in/ends-turn-detected", [CUTS, *WRITES, SPEECH, *runs_on(25)],
        "violated", told={"path": "response.status", "expected": "cancelled", "actual": "completed",
        "because": ["input_audio_buffer.speech_started", "response.created"]}),
    "speech at the end of a response": Row("barge-in/ends-turn-detected", [CUTS, *WRITES, *closes()[:2],
        SPEECH, *runs_on(0)[2:]], "undecided"),
    "speech that does not cut off, and need not": Row("barge-in/ends-turn-detected", [listening(), *WRITES,
        SPEECH, *runs_on(25)], "nothing"),
    "speech that nobody listens to, and does not cut off": Row("barge-in/ends-turn-detected", [created(),
        *WRITES, SPEECH, *runs_on(25)], "nothing", also=("turn/none-when-off",)),
    "speech, and a response that the client cancels in vain": Row("barge-in/ends-turn-detected", [CUTS,
        *WRITES, SPEECH, CANCEL, *runs_on(25)], "nothing"),
    "no speech that cuts off": Row("barge-in/ends-turn-detected", [CUTS, *WRITES, *closes(), VOICE],
        "nothing"),
    "speech beside a response apart": Row("barge-in/ends-turn-detected", [CUTS, *APART, SPEECH,
        *deltas(25), ends("resp_1", conversation_id=None)], "nothing",
        also=(*EMPTY, "response/item/added-first")),
    "speech that spares a response apart": Row("barge-in/spares-out-of-band", [CUTS, *APART, SPEECH,
        ends("resp_1", conversation_id=None)], "holds", also=EMPTY),
    "speech that cuts off a response apart": Row("barge-in/spares-out-of-band", [CUTS, *APART, SPEECH,
        cut_off("turn_detected", conversation_id=None)], "violated", told={"path": "response.status",
        "expected": "completed", "actual": "cancelled", "because": ["input_audio_buffer.speech_started"]}),
    "speech beside a response apart that the client cancels": Row("barge-in/spares-out-of-band", [CUTS,
        *APART, SPEECH, client("response.cancel", response_id="resp_1"), cut_off("client_cancelled",
        conversation_id=None)], "nothing"),
    "no speech beside a response apart": Row("barge-in/spares-out-of-band", [CUTS, *APART,
        ends("resp_1", conversation_id=None)], "nothing", also=EMPTY),
    # what comes beside
    "an item truncated by the client": Row("cancel/no-truncation-by-server", [*SPOKEN, *truncated(10)],
        "holds"),
    "an item truncated by nobody": Row("cancel/no-truncation-by-server", [*SPOKEN, truncated(10)[1]],
        "violated", told={"expected": "conversation.item.truncate first",
        "actual": "conversation.item.truncated"}),
    "an item truncated by nobody before any audio": Row("cancel/no-truncation-by-server", [created(), CLEAR,
        CLEARED, truncated(10)[1]], "violated"),
    "an item truncated by somebody": Row("cancel/no-truncation-by-server", [*SPOKEN, truncated(10)[1]],
        "nothing", measured=False),
    "an item truncated in a call": Row("cancel/no-truncation-by-server", [created(), *RUNNING,
        server("output_audio_buffer.started", response_id="resp_1"), truncated(10)[1]], "nothing"),
    "a response cancelled before it was created": Row("cancel/before-created", [created(), ASKED, CANCEL,
        begins("resp_1"), cut_off("client_cancelled")], "seen: accepted"),
    "a response not cancelled before it was created": Row("cancel/before-created", [created(), ASKED, CANCEL,
        begins("resp_1"), error("cancel")], "seen: refused"),
    "a response cancelled when it was created": Row("cancel/before-created", [created(), *RUNNING, CANCEL,
        cut_off("client_cancelled")], "nothing"),
    "words after a cancellation": Row("cancel/late-deltas", [created(), *WRITES, CANCEL, *deltas(1),
        *closes("on on "), cancelled("on on ")], "seen: deltas after the cancellation"),
    "no words after a cancellation": Row("cancel/late-deltas", [created(), *WRITES, CANCEL, *closes(),
        CLIENT], "seen: no delta after the cancellation"),
    "words without a cancellation": Row("cancel/late-deltas", [created(), *WRITES, *runs_on(1)], "nothing"),
    "a word for a cancellation": Row("cancel/no-cancelled-event", [created(), *WRITES, CANCEL, *closes(),
        server("response.cancelled", response_id="resp_1"), CLIENT],
        "seen: response.cancelled beside response.done"),
}  # fmt: skip
