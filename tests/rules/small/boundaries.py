"""Small traces: where a requirement holds and where it is violated, in answers and calls.

What holds is shown by a few whole conversations; what is violated, by the same with one thing changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.rules.bounds import Bound, bounded
from tests.rules.said import (
    ASKED,
    RUNNING,
    begins,
    call,
    client,
    created,
    ends,
    error,
    joins,
    message,
    opens,
    server,
)
from tests.rules.small.rows import Row, Rows
from tests.rules.whole import (
    ANSWERED,
    ASIDE,
    ASKED_ASIDE,
    CALLED,
    CALLED_TWICE,
    HELLO,
    OTHER,
    OTHERS_PLACE,
    SPOKEN,
    TOOLS,
    TWO_AT_ONCE,
    WRITTEN,
    Conversation,
    calls,
    changed,
    late,
    less,
    twice,
)


def _holding(where: str, said: Conversation, requirements: Iterable[str], outcome: str = "holds") -> Rows:
    return {f"{where}: {id_}": Row(id_, said, outcome) for id_ in requirements}


# --- where they hold --------------------------------------------------------------------------------------

_HELD = {
    **_holding(
        "a written answer",
        WRITTEN,
        """envelope/one-json-object envelope/event-id-unique envelope/event-id-minted-by-server
        items/added-then-done items/done-after-added items/no-beta-created
        response/create/acknowledged response/create/acknowledged-once response/lifecycle/created-is-first
        response/created/in-progress response/created/empty response/lifecycle/done-exactly-once
        response/done/terminal-status response/done/status-details-shape response/done/status-details-given
        response/metadata-echoed response/done/same-as-created response/item/added-first
        response/item/indices response/item/added-to-conversation response/part/added-first
        response/part/indices response/part/begins-empty response/part/present
        response/stream/done-exactly-once response/stream/done-is-last response/part/final-equals-stream
        response/order/stream-part-item response/part/done-exactly-once response/item/done-exactly-once
        response/order/conversation-item-done response/item/twins-equal response/done/items-equal
        response/item/content-is-the-parts response/modality/text-only response/done/completed-has-output
        response/item/status-values response/item/status-follows response/item/completed-stays-completed
        response/usage/present response/ids-unique""".split(),
    ),
    **_holding(
        "a spoken answer",
        SPOKEN,
        """items/added/no-audio-bytes response/transcript/deltas-add-up
        response/modality/audio-with-transcript response/modality/audio-without-text-stream""".split(),
    ),
    **_holding(
        "a call",
        CALLED,
        """calls/arguments-before-item-done calls/arguments-equal calls/name-in-arguments-done
        calls/arguments-are-json calls/call-id calls/ends-normally calls/choice-required
        response/arguments/deltas-add-up""".split(),
    ),
    **_holding("two calls", CALLED_TWICE, ["calls/distinct-in-response"]),
    **_holding(
        "an answer aside", ASIDE, ["out-of-band/no-conversation-id", "out-of-band/not-in-conversation"]
    ),
    **_holding("two answers at once", TWO_AT_ONCE, ["out-of-band/told-apart", "out-of-band/runs-beside"]),
    **_holding("a call", CALLED, ["calls/message-before-call"], "seen: call first"),
    **_holding("a call", ANSWERED, ["calls/output-acknowledged"], "seen: after it"),
    **_holding("two calls", CALLED_TWICE, ["response/item/may-overlap"], "seen: one after the other"),
    **_holding("two calls", CALLED_TWICE, ["response/item/number"], "seen: 2 items"),
    **_holding("a written answer", WRITTEN, ["response/part/type"], "seen: text"),
    **_holding("a spoken answer", SPOKEN, ["response/order/audio-and-transcript-done"], "seen: audio first"),
    **_holding("a spoken answer", SPOKEN, ["response/stream/may-interleave"], "seen: audio begins"),
}


# --- where they are violated ------------------------------------------------------------------------------

_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_PART_ADDED, _PART_DONE = "response.content_part.added", "response.content_part.done"
_TEXT_DELTA, _TEXT_DONE = "response.output_text.delta", "response.output_text.done"
_ARGUMENTS = "response.function_call_arguments.delta"
_ARGUMENTS_DONE = "response.function_call_arguments.done"
_JOINED, _JOINED_DONE = "conversation.item.added", "conversation.item.done"
_BEGUN, _ENDED = "response.created", "response.done"
_TEXT_PLACE = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
_INCOMPLETE = message("item_a", "assistant", status="incomplete")
_LATER = server(_TEXT_DELTA, **_TEXT_PLACE, delta="on")

_OF_ANSWERS: list[Bound] = [
    ("response/create/acknowledged-once", twice(WRITTEN, _BEGUN)),
    ("response/lifecycle/created-is-first", late(WRITTEN, _BEGUN, _ADDED)),
    ("response/created/in-progress", changed(WRITTEN, _BEGUN, response={"status": "completed"})),
    ("response/done/terminal-status", changed(WRITTEN, _ENDED, response={"status": "in_progress"})),
    ("response/lifecycle/done-is-last", [*WRITTEN, _LATER]),
    (
        "response/done/status-details-shape",
        changed(WRITTEN, _ENDED, response={"status_details": {"type": "failed"}}),
        "response/done/status-details-given",
    ),
    ("response/done/status-details-given", [created(), *RUNNING, ends("resp_1", "incomplete")]),
    ("response/conversation-id/constant", [*WRITTEN, ASKED, begins("resp_2", conversation_id="conv_2")]),
    ("response/done/same-as-created", changed(WRITTEN, _ENDED, response={"metadata": {"a": "b"}})),
    ("response/ids-unique", [*WRITTEN, ASKED, begins("resp_1")]),
    ("response/usage/present", changed(WRITTEN, _ENDED, response={"usage": None})),
    (
        "response/incomplete/says-why",
        [created(), *RUNNING, ends("resp_1", "incomplete", status_details={"type": "incomplete"})],
    ),
    ("response/done/completed-has-output", [created(), *RUNNING, ends("resp_1")]),
    ("response/done/lists-items", changed(WRITTEN, _ENDED, response={"output": []})),
    ("response/item/added-first", less(WRITTEN, _ADDED)),
    ("response/item/added-to-conversation", late(WRITTEN, _JOINED, _TEXT_DELTA)),
    ("response/item/done-exactly-once", less(WRITTEN, _DONE)),
    ("response/item/twins-equal", changed(WRITTEN, _JOINED_DONE, item={"content": []})),
    (
        "response/item/status-values",
        changed(WRITTEN, _ADDED, item={"status": "queued"}),
        "response/item/status-follows",
    ),
    ("response/item/completed-stays-completed", changed(WRITTEN, _ENDED, response={"output": [_INCOMPLETE]})),
    ("response/order/conversation-item-done", late(WRITTEN, _JOINED_DONE, _ENDED)),
    (
        "response/part/indices",
        changed(WRITTEN, _PART_ADDED, content_index=1),
        "response/part/added-first",
        "response/item/content-is-the-parts",
        "response/part/done-exactly-once",
    ),
    ("response/part/type", changed(WRITTEN, _PART_ADDED, part={"type": "output_markdown"})),
    ("response/part/begins-empty", changed(WRITTEN, _PART_ADDED, part={"text": "Hello."})),
    ("response/part/present", changed(WRITTEN, _PART_DONE, part=None)),
    ("response/part/done-exactly-once", less(WRITTEN, _PART_DONE)),
    ("response/part/final-equals-stream", changed(WRITTEN, _PART_DONE, part={"text": "Bye."})),
    ("response/stream/done-exactly-once", less(WRITTEN, _TEXT_DONE)),
    ("response/stream/done-is-last", [*WRITTEN[:12], _LATER, *WRITTEN[12:]]),
    ("response/order/stream-part-item", late(WRITTEN, _TEXT_DONE, _PART_DONE)),
    ("response/item/content-is-the-parts", changed(WRITTEN, _DONE, item={"content": []})),
    (
        "response/transcript/deltas-add-up",
        changed(SPOKEN, "response.output_audio_transcript.delta", delta="Bye."),
    ),
    (
        "response/modality/audio-with-transcript",
        [each for each in SPOKEN if "transcript." not in each[1]["type"]],
    ),
    (
        "response/modality/audio-without-text-stream",
        [*SPOKEN[:6], _LATER, server(_TEXT_DONE, **_TEXT_PLACE, text="on"), *SPOKEN[6:]],
    ),
]

_OF_CALLS: list[Bound] = [
    (
        "calls/announced-before-arguments",
        [created(), *RUNNING, opens({**call("item_c0", "call_0"), "name": ""}), CALLED[9]],
    ),
    ("calls/arguments-before-item-done", late(CALLED, _ARGUMENTS_DONE, _DONE)),
    ("calls/name-in-arguments-done", [(w, {k: v for k, v in e.items() if k != "name"}) for w, e in CALLED]),
    ("calls/arguments-are-json", [created(tools=TOOLS), *HELLO, *RUNNING, *calls(arguments="{")]),
    (
        "calls/distinct-in-response",
        [created(), *RUNNING, opens(call("item_a", "call_1")), opens(call("item_b", "call_1"), 1)],
    ),
    ("calls/ends-normally", [*CALLED, begins("resp_2")]),
    ("calls/choice-none", [created(tools=TOOLS, tool_choice="none"), *HELLO, *RUNNING, *calls()]),
    (
        "response/arguments/deltas-add-up",
        changed(CALLED, "response.function_call_arguments.delta", delta="[]"),
    ),
    ("out-of-band/no-conversation-id", [created(), *HELLO, ASKED_ASIDE, begins("resp_2")]),
    (
        "out-of-band/not-in-conversation",
        [*ASIDE, *joins(OTHER, "item_1")],
        "response/item/added-to-conversation",
        "response/order/conversation-item-done",
        "items/added/generated-empty",
    ),
    (
        "out-of-band/told-apart",
        [
            *TWO_AT_ONCE[:8],
            server(_TEXT_DELTA, **{**OTHERS_PLACE, "response_id": "resp_1"}, delta="on"),
            *TWO_AT_ONCE[8:],
        ],
        "response/item/added-first",
        "response/text/deltas-add-up",
    ),
]
_INWORLD = [
    ("response/create/bare", [created(), client("response.create", event_id="odd"), error("odd")]),
    (
        "response/create/unknown-keys-ignored",
        [
            created(),
            client("response.create", event_id="odd", response={"shoes": "red"}),
            error("odd", param="response.shoes"),
        ],
    ),
]


ROWS: Rows = {
    **_HELD,
    **dict(bounded(*each) for each in (*_OF_ANSWERS, *_OF_CALLS)),
    **dict(bounded(*each, dialect="inworld") for each in _INWORLD),
}
