"""Rules about what deleting, retrieving and truncating an item is answered with (facts 4.3; inworld 5.2)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import CONVERSATION_DONE
from rules.areas.answers import acknowledged, refused
from rules.case import ExchangeCase
from rules.expectations import BEYOND_A_THIRD, NEAR_THE_END
from rules.registration import on_exchange
from rules.subjects import TEXT, dict_of, list_of, text_of
from rules.views import ItemView


def _perhaps_too_far(case: ExchangeCase) -> bool:
    """Tell whether a truncation may be refused: near the end, in some dialects from a third on (FI-07)."""
    short = case.dialect.switches.truncates_a_third
    allowed = (NEAR_THE_END, BEYOND_A_THIRD) if short else (NEAR_THE_END,)
    return case.exchange.outcome == "refused" and case.exchange.expectation.reason in allowed


acknowledged("items/delete/acknowledged", "conversation.item.delete")
acknowledged("items/retrieve/acknowledged", "conversation.item.retrieve")
acknowledged("items/truncate/acknowledged", "conversation.item.truncate", unless=_perhaps_too_far)
refused("items/delete/unknown-refused", "conversation.item.delete", reasons={"unknown-item"})
refused("items/retrieve/unknown-refused", "conversation.item.retrieve", reasons={"unknown-item"})
refused("items/truncate/unknown-refused", "conversation.item.truncate", reasons={"unknown-item"})
refused("items/truncate/beyond-audio-refused", "conversation.item.truncate", reasons={"beyond-audio"})
refused("items/truncate/not-audio-refused", "conversation.item.truncate", reasons={"not-assistant-audio"})
refused(
    "items/delete/twice-refused",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    reasons={"deleted-item"},
)


@on_exchange("items/delete/names-item", "conversation.item.delete")
def deleted_names_item(case: ExchangeCase) -> None:
    """`conversation.item.deleted` carries the `item_id` of the item that was deleted."""
    exchange = case.exchange
    said = (exchange.answer or {}).get("item_id")
    if not isinstance(said, str):
        return  # there is none, or none that can be compared
    case.check(
        said == exchange.item_id,
        "other",
        f"conversation.item.deleted names {said or 'no item'}; {exchange.item_id} was to be deleted",
        path="item_id",
        expected=exchange.item_id,
        actual=said,
        because=[exchange.seq],
    )


@on_exchange("items/retrieve/full-item", "conversation.item.retrieve")
def retrieved_is_whole(case: ExchangeCase) -> None:
    """`conversation.item.retrieved` holds the item that was asked for, with its content, audio included.

    Of an item that is still being generated, it holds what there is so far (FB-08).
    """
    exchange = case.exchange
    if exchange.expectation.kind != "accept":
        return
    given = dict_of(exchange.answer, "item")
    if not given:
        return  # there is no answer, or none that can be read
    known = case.reading.items.get(exchange.item_id)
    latest = known.latest if known is not None else {}
    wrong = "id" if given.get("id") != exchange.item_id else _other_place(case, known, given)
    case.check(
        not wrong,
        "not-whole",
        f"the {wrong} of the retrieved item is not that of {exchange.item_id} in the conversation",
        path=f"item.{wrong}",
        expected=exchange.item_id if wrong == "id" else latest.get(wrong, "the audio"),
        actual=given.get(wrong),
        because=[exchange.seq],
    )


def _other_place(case: ExchangeCase, known: ItemView | None, given: dict[str, Any]) -> str:
    """Return where a retrieved item is not that of the conversation; empty where it is."""
    latest = known.latest if known is not None else {}
    for name in ("type", "role", "name", "call_id", "output"):
        if _differs(latest, given, name):
            return name
    content, had = list_of(given, "content"), list_of(latest, "content")
    if known is not None and _was_under_way(known, case.exchange.seq):
        so_far = all(_may_be_so_far(known, n, part) for n, part in enumerate(content))
        return "" if so_far else "content"
    if len(content) != len(had) or not all(map(_same_text, had, content)):
        return "content"
    whole = known is not None and known.audio_ms and not _may_have_been_cut(case)
    spoken = [p for p in content if isinstance(p, dict) and p.get("type") in ("output_audio", "audio")]
    silent = spoken and not any(p.get("audio") for p in spoken)
    return "content[0].audio" if whole and case.reading.measures_heard and silent else ""


def _may_have_been_cut(case: ExchangeCase) -> bool:
    """Tell whether the item at hand was truncated, or may have been."""
    exchanges = case.reading.exchanges
    return any(
        e.type == "conversation.item.truncate"
        and e.item_id == case.exchange.item_id
        and not (e.outcome == "refused" and e.expectation.kind == "refuse")
        for e in (*exchanges.open, *exchanges.settled)
    )


def _differs(latest: dict[str, Any], given: dict[str, Any], name: str) -> bool:
    return name in latest and latest[name] != given.get(name)


def _was_under_way(item: ItemView, seq: int) -> bool:
    """Tell whether a response had not shown an item as finished when the client event `seq` was sent."""
    if item.origin != "response" and text_of(item.conversation_added, "status") != "in_progress":
        return False
    return not any(0 < end < seq for end in (item.done_seq, item.seen.get(CONVERSATION_DONE, 0)))


def _may_be_so_far(item: ItemView, index: int, given: Any) -> bool:
    """Tell whether the text of a part, as far as it is there, may be the beginning of what is streamed."""
    part, text = item.parts.get(index), text_of(given, "text")
    streams = part.streams.values() if part is not None else ()
    streamed = [s.final or s.whole for s in streams if s.family == TEXT]
    return all(s.startswith(text) or text.startswith(s) for s in streamed)


def _same_text(had: Any, given: Any) -> bool:
    """Compare texts only: transcripts come and go, and audio is in one of the two only."""
    if not isinstance(had, dict) or not isinstance(given, dict):
        return True  # which no schema allows
    return "text" not in had or had["text"] == given.get("text")


@on_exchange("items/truncate/echoes-request", "conversation.item.truncate")
def truncated_repeats_request(case: ExchangeCase) -> None:
    """`conversation.item.truncated` repeats `item_id`, `content_index` and `audio_end_ms` of the request."""
    exchange = case.exchange
    if exchange.outcome != "accepted":
        return
    asked, said = exchange.event, exchange.answer or {}
    wrong = [
        n
        for n in ("item_id", "content_index", "audio_end_ms")
        if n not in said or (said[n] != asked.get(n) and type(said[n]) is type(asked.get(n)))
    ]
    case.check(
        not wrong,
        "other",
        f"conversation.item.truncated does not repeat the {' and '.join(wrong)} of the client event",
        path=wrong[0] if wrong else "",
        expected=asked.get(wrong[0]) if wrong else "",
        actual=said.get(wrong[0]) if wrong else "",
        because=[exchange.seq],
    )


@on_exchange("items/truncate/cuts-transcript", "conversation.item.retrieve")
def truncation_cut_transcript(case: ExchangeCase) -> None:
    """After truncation of a content part to 0 ms, its transcript is gone."""
    exchange = case.exchange
    known = case.reading.items.get(exchange.item_id)
    gone = [n for n, end in known.truncated.items() if end == 0] if known is not None else []
    if exchange.outcome != "accepted" or not gone:
        return
    content = list_of(dict_of(exchange.answer, "item"), "content")
    places = [n for n in gone if n < len(content) and text_of(content[n], "transcript")]
    left = [text_of(content[n], "transcript") for n in places]
    case.check(
        not left,
        "kept",
        f"{exchange.item_id} still has a transcript in a part that was truncated to 0 ms",
        path=f"item.content[{places[0] if places else 0}].transcript",
        expected="no transcript",
        actual=left[0] if left else "",
        because=[exchange.seq],
    )
