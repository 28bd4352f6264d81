"""Rules about responses beside the default conversation (facts 4.12; inworld 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import CONVERSATION_ADDED, RESPONSE_CREATED, RESPONSE_DONE
from rules.areas.answers import owed_refusal
from rules.areas.response_requests import beside_another, refused_as_busy
from rules.case import EventCase, ExchangeCase
from rules.moments import Moment
from rules.registration import on_event, on_exchange
from rules.subjects import dict_of, text_of


@on_event("out-of-band/no-conversation-id", RESPONSE_CREATED)
def out_of_band_has_no_conversation(case: EventCase) -> None:
    """An out-of-band response has a null `conversation_id`."""
    response = dict_of(case.event, "response")
    asked = dict_of(case.answered.event, "response")
    if asked.get("conversation") == "none" and "conversation_id" in response:
        case.check(
            response["conversation_id"] is None,
            "named",
            f"conversation_id of an out-of-band response is {response['conversation_id']}; it must be null",
            path="response.conversation_id",
            expected="null",
            actual=response["conversation_id"],
            because=[case.answered.seq],
        )


@on_event("out-of-band/not-in-conversation", CONVERSATION_ADDED, "conversation.item.done")
def out_of_band_item_added(case: EventCase) -> None:
    """The items of an out-of-band response get no `conversation.item.*` events and are nobody's
    predecessor.
    """
    item = case.item
    if item.response is not None and item.response.asked_out_of_band:
        case.violated(
            "added",
            f"{case.entry.type} came for {item.id}, an item of an out-of-band response",
            expected="no conversation.item events",
            actual=case.entry.type,
            because=[item.response.created_seq, item.added_seq],
        )


@on_event("out-of-band/not-in-conversation", RESPONSE_DONE)
def out_of_band_stayed_apart(case: EventCase) -> None:
    response = case.response
    if response.asked_out_of_band and response.items:
        if not any(i.conversation_added for i in response.items):
            case.holds()


@on_exchange("out-of-band/runs-beside", "response.create")
def out_of_band_beside(case: ExchangeCase) -> None:
    """An out-of-band response is accepted while a response of the default conversation runs."""
    exchange = case.exchange
    if beside_another(case) and (exchange.outcome == "accepted" or refused_as_busy(case)):
        case.check(
            exchange.outcome == "accepted",
            "refused",
            "an out-of-band response was refused because another response was active",
            expected=RESPONSE_CREATED,
            actual=f"error {text_of(case.error, 'code')}",
            because=[exchange.seq],
        )


@on_event("out-of-band/told-apart", Moment.STRAYED)
def strayed_event(case: EventCase) -> None:
    """Responses that run beside each other each carry their own `response_id` throughout."""
    stream, other = case.stream, case.response
    if case.link.strayed and other.id in case.reading.running:
        case.violated(
            "strayed",
            f"{case.entry.type} of response {stream.response_id} carries {other.id}, active as well",
            path="response_id",
            expected=stream.response_id,
            actual=other.id,
            because=[stream.first_seq],
        )


@on_event("out-of-band/told-apart", RESPONSE_DONE)
def told_apart(case: EventCase) -> None:
    """That events carry the right id is examined where items are announced; here: that two really ran."""
    others = [r for r in case.reading.running.values() if r is not case.response]
    if others:
        shared = {i.id for i in case.response.items} & {i.id for r in others for i in r.items}
        case.check(
            not shared,
            "shared",
            f"{', '.join(sorted(shared))} belongs to two responses that are active at the same time",
            expected="items of their own",
            actual=", ".join(sorted(shared)),
            because=[r.created_seq for r in others[:1]],
        )


@dataclass(slots=True)
class _Joining:
    """Whether output of another response was not announced in the conversation either (RS-15, a SHOULD)."""

    left_out: bool = False


@on_event("out-of-band/input-joins-only-if-asked", RESPONSE_DONE)
def input_joins_conversation(case: EventCase) -> None:
    """A response with `input` of its own and no `conversation` still joins the default conversation."""
    response = case.response
    asked = dict_of(response.request.event, "response") if response.request is not None else {}
    if not response.items or dict_of(case.event, "response").get("status") != "completed":
        return
    outside = [i for i in response.items if i.conversation_added is None and i.conversation_done is None]
    if "input" not in asked or asked.get("conversation", "auto") != "auto":
        case.memory(_Joining).left_out |= bool(outside) and not response.out_of_band
        return
    if outside and case.memory(_Joining).left_out:
        case.undecided("the output of another response was not announced in the conversation either")
        return
    case.check(
        not outside,
        "left-out",
        f"no {CONVERSATION_ADDED} came for the output of a response with input and conversation auto",
        expected=CONVERSATION_ADDED,
        actual=f"no {CONVERSATION_ADDED}",
        because=[i.added_seq for i in outside],
    )


@on_exchange("out-of-band/unknown-reference-refused", "response.create")
def unknown_reference_refused(case: ExchangeCase) -> None:
    """An `item_reference` to an unknown item is refused with an error."""
    if case.exchange.expectation.reason == "unknown-reference":
        owed_refusal(case)
