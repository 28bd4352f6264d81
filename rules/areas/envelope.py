"""Rules about events as such (facts 4.1) that need to know what came before.

`rules.envelope` holds those that every single event passes.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import Event
from rules.areas.answers import repeats
from rules.case import EventCase, ExchangeCase
from rules.moments import Moment
from rules.registration import on_event, on_exchange
from rules.subjects import STREAM_TYPES, dict_of, text_of

_ABOUT_RESPONSES = frozenset(("response.create", "response.cancel"))


@dataclass
class _Newest:
    """The `seq` of the newest client event that has succeeded."""

    seq: int = 0


@on_exchange("envelope/answers-in-order")
def answers_in_order(case: ExchangeCase) -> None:
    """Client events that succeed are answered in the order in which they were sent; what concerns responses
    runs beside them, and a refusal may come ahead.
    """
    exchange = case.exchange
    if exchange.outcome != "accepted" or not exchange.answer_seq or exchange.type in _ABOUT_RESPONSES:
        return
    if exchange.supposed:
        return  # which event answered it is not known
    newest = case.memory(_Newest)
    in_order, newest.seq = exchange.seq > newest.seq, max(exchange.seq, newest.seq)
    overtaken = [
        e
        for e in (() if in_order else case.reading.exchanges.settled)
        if e.seq > exchange.seq
        and 0 < e.answer_seq < exchange.answer_seq
        and e.outcome == "accepted"
        and e.type not in _ABOUT_RESPONSES
    ]
    case.check(
        not overtaken,
        "overtaken",
        f"the answer to {exchange.type} came after the answer to a client event that was sent later",
        expected="answers in the order of the client events",
        actual=f"{overtaken[0].type} was answered first" if overtaken else "",
        because=[exchange.seq, *(s for e in overtaken[:1] for s in (e.seq, e.answer_seq))],
    )


_ASKED_BY = {
    "conversation.item.deleted": "conversation.item.delete",
    "conversation.item.retrieved": "conversation.item.retrieve",
    "input_audio_buffer.cleared": "input_audio_buffer.clear",
}


@on_event("envelope/answered-once", *_ASKED_BY)
def answered_once(case: EventCase) -> None:
    """A client event that succeeds gets one answer: `committed`, `cleared`, `deleted` and `retrieved` come
    once for each.
    """
    request, reading = _ASKED_BY[case.entry.type], case.reading
    if case.link.exchange is not None:
        case.holds()
        return
    if not reading.knows_asking(request):
        return
    if not repeats(case, request) and any(e.type == request for e in reading.exchanges.refused):
        return  # perhaps one that was refused is carried out now
    if any(e.type == request and e.outcome == "silent" for e in reading.exchanges.settled):
        return  # the answer that was missed, after all
    case.violated(
        "unasked",
        f"{case.entry.type} came, and every {request} sent before it was answered already",
        expected="one answer to each client event",
        actual="one more",
    )


@on_event("envelope/answered-once", "input_audio_buffer.committed")
def committed_once(case: EventCase) -> None:
    case.check(
        not case.item.committed_seq,
        "repeated",
        f"input_audio_buffer.committed came a second time for {case.item.id}",
        expected="one input_audio_buffer.committed",
        actual="one more",
        because=[case.item.committed_seq],
    )


@on_event("envelope/explicit-nulls", "response.created", "response.done")
def nulls_of_responses(case: EventCase) -> None:
    """A field without a value is sent as null, not left out, where null has a meaning: `previous_item_id`
    of the first item, `status_details`, `usage` and `metadata` of a response, `conversation_id` of an
    out-of-band response.

    Only of what has no value in this response.
    """
    response = dict_of(case.event, "response")
    known = case.link.response
    request = case.link.exchange or (known.request if known is not None else None)
    asked = dict_of(request.event, "response") if request is not None else {}
    expected = []
    if case.entry.type == "response.created":
        expected += ["status_details", "usage"]
    elif response.get("status") == "completed":
        expected.append("status_details")
    if not asked.get("metadata"):
        expected.append("metadata")
    if asked.get("conversation") == "none":
        expected.append("conversation_id")
    absent = [n for n in expected if n not in response]
    case.check(
        not absent,
        "left-out",
        f"{case.entry.type} leaves out {', '.join(absent)} instead of sending null",
        path=f"response.{absent[0]}" if absent else "",
        expected="null where there is no value",
        actual="no field",
    )


@on_event("envelope/explicit-nulls", "conversation.item.added", "input_audio_buffer.committed")
def nulls_of_items(case: EventCase) -> None:
    case.check(
        "previous_item_id" in case.event,
        "left-out",
        f"{case.entry.type} leaves out previous_item_id",
        path="previous_item_id",
        expected="an item id, or null for the first item",
        actual="no field",
    )


def _same(case: EventCase, name: str, known: object, said: object, because: int) -> None:
    if known is None or type(known) is not type(said):
        return  # not said, or not of a type that can be compared
    if known == said:  # nearly always: nothing is put into words then
        case.holds()
        return
    case.violated(
        "changed",
        f"{name} of {case.entry.type} is {said}; the events before it have {known}",
        path=name,
        expected=known,
        actual=said,
        because=[because],
    )


def _same_role(case: EventCase, known: Event, said: Event, because: int) -> None:
    if known.get("type") == "message":  # what else has a role has it by the server's own invention
        _same(case, "item.role", known.get("role"), said.get("role"), because)


@on_event("envelope/ids-keep-their-meaning", Moment.STREAM)
def streams_belong_where_announced(case: EventCase) -> None:
    """Once an item is announced, every later event about it names the same response, output index and call
    id.
    """
    item = case.item
    if item.added is not None and item.response is not None:
        _same(case, "response_id", item.response.id, case.event.get("response_id"), item.added_seq)
        _same(case, "output_index", item.output_index, case.event.get("output_index"), item.added_seq)
        _same(case, "call_id", item.added.get("call_id"), case.event.get("call_id"), item.added_seq)


@on_event(
    "envelope/ids-keep-their-meaning",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
)
def items_belong_where_announced(case: EventCase) -> None:
    item = case.item
    if item.added is None or item.response is None:
        return
    _same(case, "response_id", item.response.id, case.event.get("response_id"), item.added_seq)
    _same(case, "output_index", item.output_index, case.event.get("output_index"), item.added_seq)
    said = dict_of(case.event, "item")
    if said:
        _same(case, "item.call_id", item.added.get("call_id"), said.get("call_id"), item.added_seq)
        _same(case, "item.type", item.added.get("type"), said.get("type"), item.added_seq)
        _same_role(case, item.added, said, item.added_seq)


@on_event("envelope/ids-keep-their-meaning", "response.output_item.added")
def item_has_an_id_of_its_own(case: EventCase) -> None:
    before = case.link.reused_item_seq
    if before:
        case.violated(
            "reused",
            f"an item of another response had the id {case.item.id} before",
            path="item.id",
            expected="an id of its own",
            actual=case.item.id,
            because=[before],
        )


@on_event("envelope/ids-keep-their-meaning", Moment.STRAYED)
def streams_stay_where_they_began(case: EventCase) -> None:
    stream = case.stream
    _same(case, "response_id", stream.response_id, text_of(case.event, "response_id"), stream.first_seq)
    _same(case, "output_index", stream.output_index, case.event.get("output_index"), stream.first_seq)
    _same(case, "call_id", stream.call_id, case.event.get("call_id"), stream.first_seq)


@on_event(
    "envelope/ids-keep-their-meaning",
    *(t for t, (_, is_delta) in STREAM_TYPES.items() if not is_delta),
)
def streams_end_where_they_began(case: EventCase) -> None:
    if case.link.stream is not None and not (case.link.fresh or case.link.strayed or case.link.moved):
        case.holds()


_TRANSCRIBED = "conversation.item.input_audio_transcription."


@on_event("envelope/ids-keep-their-meaning", f"{_TRANSCRIBED}completed", f"{_TRANSCRIBED}failed")
def transcribed_item_is_known(case: EventCase) -> None:
    item, reading = case.item, case.reading
    lost = reading.forgot or not reading.whole or "input_audio_buffer.committed" in reading.unkeyed
    if not lost:
        case.check(
            bool(item.committed_seq) or item.announced or item in (reading.speech, reading.stopped_speech),
            "unknown-item",
            f"{case.entry.type} is about {item.id}, an item that was never announced",
            path="item_id",
            expected="an item with audio of the user",
            actual=item.id,
        )


@on_event("envelope/ids-keep-their-meaning", "conversation.item.added", "conversation.item.done")
def items_are_the_same_in_the_conversation(case: EventCase) -> None:
    item, said = case.item, dict_of(case.event, "item")
    if item.added is not None:
        _same(case, "item.call_id", item.added.get("call_id"), said.get("call_id"), item.added_seq)
        _same(case, "item.type", item.added.get("type"), said.get("type"), item.added_seq)
        _same_role(case, item.added, said, item.added_seq)
        _same(case, "item.name", item.added.get("name") or None, said.get("name"), item.added_seq)
