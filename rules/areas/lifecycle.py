"""The order of events in a response: response, items, parts, streams (facts 4.4).

A response is a tree that opens from the top and closes from the bottom. `@cut` and `@failed` reach what is
below a response that did not run to its end; what is owed then stands in `rules.areas.cancellation`.
"""

from __future__ import annotations

from protocol.event_types import (
    CONVERSATION_ADDED,
    CONVERSATION_DONE,
    ITEM_ADDED,
    ITEM_DONE,
    PART_ADDED,
    PART_DONE,
    RESPONSE_CREATED,
    RESPONSE_DONE,
)
from rules.moments import Moment
from rules.order import Bound, at_most_one, followed_by_one, nothing_after, ordered, preceded_by
from rules.subjects import DELTAS, STREAM_DONES, STREAM_TYPES

CUT, FAILED = Moment.CUT, Moment.FAILED
RESPONSE_ENDS = (RESPONSE_DONE, CUT, FAILED)

_INSIDE = (ITEM_ADDED, ITEM_DONE, PART_ADDED, PART_DONE, *STREAM_TYPES)
_OF_PARTS = tuple(t for t in STREAM_TYPES if "arguments" not in t)
_DONES_OF_PARTS = tuple(t for t in STREAM_DONES if "arguments" not in t)
_CALLS = ("response.mcp_call.in_progress", "response.mcp_call.completed", "response.mcp_call.failed")

ORDER = [
    Bound(
        "response/create/acknowledged-once", "response", at_most_one(RESPONSE_CREATED, until=RESPONSE_DONE)
    ),
    Bound(
        "response/lifecycle/created-is-first",
        "response",
        preceded_by((*_INSIDE, RESPONSE_DONE), RESPONSE_CREATED),
    ),
    Bound(
        "response/lifecycle/done-exactly-once", "response", followed_by_one(RESPONSE_CREATED, RESPONSE_DONE)
    ),
    Bound("response/lifecycle/done-is-last", "response", nothing_after(_INSIDE, RESPONSE_DONE)),
    Bound(
        "response/item/added-first",
        "item",
        preceded_by((ITEM_DONE, PART_ADDED, PART_DONE, *STREAM_TYPES, *_CALLS), ITEM_ADDED),
        where="announces_every_item",
    ),
    Bound(
        "response/item/added-first",
        "item",
        preceded_by("response.output_audio.delta", ITEM_ADDED),
        where="not announces_every_item",  # a call may be announced otherwise there (inworld 5.4)
    ),
    Bound(
        "response/item/done-exactly-once",
        "item",
        followed_by_one(ITEM_ADDED, ITEM_DONE, before=RESPONSE_DONE, unless=(CUT, FAILED), by_deadline=False),
    ),
    Bound(
        "response/item/added-to-conversation",
        "item",
        ordered(CONVERSATION_ADDED, (PART_ADDED, *DELTAS)),
    ),
    Bound("response/item/added-to-conversation", "item", ordered(ITEM_ADDED, CONVERSATION_ADDED)),
    Bound("response/order/conversation-item-done", "item", ordered(CONVERSATION_DONE, RESPONSE_ENDS)),
    Bound("response/part/added-first", "part", preceded_by((*_OF_PARTS, PART_DONE), PART_ADDED)),
    Bound(
        "response/part/done-exactly-once",
        "part",
        followed_by_one(PART_ADDED, PART_DONE, before=RESPONSE_DONE, unless=(CUT, FAILED), by_deadline=False),
    ),
    Bound(
        "response/stream/done-exactly-once",
        "stream",
        followed_by_one(
            DELTAS,
            STREAM_DONES,
            before=RESPONSE_DONE,
            unless=(CUT, FAILED),
            or_earlier=True,
            by_deadline=False,
        ),
    ),
    Bound("response/stream/done-is-last", "stream", nothing_after(DELTAS, STREAM_DONES, until=RESPONSE_ENDS)),
    Bound(
        "response/order/stream-part-item", "part", nothing_after(STREAM_DONES, PART_DONE, until=RESPONSE_ENDS)
    ),
    Bound(
        "response/order/stream-part-item",
        "item",
        nothing_after((PART_ADDED, PART_DONE, *_DONES_OF_PARTS), ITEM_DONE, until=RESPONSE_ENDS),
    ),
]
