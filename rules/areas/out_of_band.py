"""Rules about responses beside the default conversation (facts 4.12; inworld 5.4)."""

from __future__ import annotations

from rules.areas.answers import SPECIAL, Special, owed_refusal
from rules.case import Case, rule
from rules.exchanges import Exchange
from rules.subjects import dict_of, text_of

DONE = "response.done"
CREATED, CONVERSATION_ADDED = "response.created", "conversation.item.added"


def _asked_out_of_band(case: Case) -> bool:
    exchange = case.link.exchange
    return exchange is not None and dict_of(exchange.event, "response").get("conversation") == "none"


@rule("out-of-band/no-conversation-id", CREATED)
def out_of_band_has_no_conversation(case: Case) -> None:
    response = dict_of(case.event, "response")
    if _asked_out_of_band(case) and "conversation_id" in response:
        case.check(
            response["conversation_id"] is None,
            "an out-of-band response names a conversation",
            path="response.conversation_id",
            expected="null",
            actual=response["conversation_id"],
            because=[case.link.exchange.seq if case.link.exchange is not None else 0],
        )


@rule("out-of-band/not-in-conversation", CONVERSATION_ADDED, "conversation.item.done")
def out_of_band_item_added(case: Case) -> None:
    item = case.link.item
    if item is not None and item.response is not None and item.response.asked_out_of_band:
        case.violated(
            "an item of an out-of-band response was added to the conversation",
            expected="no conversation.item events",
            actual=case.entry.type,
            because=[item.response.created_seq, item.added_seq],
        )


@rule("out-of-band/not-in-conversation", DONE)
def out_of_band_stayed_apart(case: Case) -> None:
    response = case.link.response
    if response is not None and response.asked_out_of_band and response.items:
        if not any(i.conversation_added for i in response.items):
            case.holds()


@rule("out-of-band/runs-beside", "@response.create")
def out_of_band_beside(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or dict_of(exchange.event, "response").get("conversation") != "none":
        return
    if exchange.notes.get("active") and exchange.outcome in ("accepted", "refused"):
        error = dict_of(exchange.answer, "error")
        busy = text_of(error, "code") == "conversation_already_has_active_response"
        if exchange.outcome == "accepted" or busy:
            case.check(
                exchange.outcome == "accepted",
                "an out-of-band response was refused because another response runs",
                expected=CREATED,
                actual=f"error {text_of(error, 'code')}",
                because=[exchange.seq],
            )


def _beside_another(_case: Case, exchange: Exchange) -> bool:
    out_of_band = dict_of(exchange.event, "response").get("conversation") == "none"
    return out_of_band and bool(exchange.notes.get("active"))


SPECIAL["response.create"].append(Special("out-of-band/runs-beside", _beside_another))


@rule("out-of-band/told-apart", "@strayed")
def strayed_event(case: Case) -> None:
    stream, other = case.link.stream, case.link.response
    if stream is not None and other is not None and case.link.strayed and other.id in case.reading.running:
        case.violated(
            f"{case.entry.type} of one response carries the id of another that runs beside it",
            path="response_id",
            expected=stream.response_id,
            actual=other.id,
            because=[stream.first_seq],
        )


@rule("out-of-band/told-apart", DONE)
def told_apart(case: Case) -> None:
    """That events carry the right id is examined where items are announced; here: that two really ran."""
    others = [r for r in case.reading.running.values() if r is not case.link.response]
    if others and case.link.response is not None:
        shared = {i.id for i in case.link.response.items} & {i.id for r in others for i in r.items}
        case.check(
            not shared,
            "two responses that run beside each other share an item",
            expected="items of their own",
            actual=", ".join(sorted(shared)),
            because=[r.created_seq for r in others[:1]],
        )


@rule("out-of-band/input-joins-only-if-asked", DONE)
def input_joins_conversation(case: Case) -> None:
    response = case.link.response
    asked = dict_of(response.request.event, "response") if response is not None and response.request else {}
    if response is None or "input" not in asked or asked.get("conversation", "auto") != "auto":
        return
    if not response.items or dict_of(case.event, "response").get("status") != "completed":
        return
    outside = [i for i in response.items if i.conversation_added is None and i.conversation_done is None]
    case.check(
        not outside,
        "the output of a response with input of its own did not join the conversation",
        expected=CONVERSATION_ADDED,
        actual="nothing",
        because=[i.added_seq for i in outside],
    )


@rule("out-of-band/unknown-reference-refused", "@response.create")
def unknown_reference_refused(case: Case) -> None:
    if case.exchange is not None and case.exchange.expectation.reason == "unknown-reference":
        owed_refusal(case, case.exchange)
