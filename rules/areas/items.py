"""Rules about conversation items (facts 4.3; inworld 3, 4.2, 5.2)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import CONVERSATION_ADDED, CONVERSATION_DONE
from rules.areas.answers import acknowledged, refused
from rules.case import EventCase, ExchangeCase
from rules.configuration import shows
from rules.expectations import BEYOND_A_THIRD, NEAR_THE_END
from rules.item_versions import parting, same_item
from rules.moments import Moment
from rules.order import Bound, at_most_one, followed_by_one, preceded_by
from rules.registration import on_event, on_exchange
from rules.subjects import TEXT, dict_of, list_of, text_of
from rules.views import ItemView

CUT_SHORT = (Moment.CUT, Moment.FAILED)  # what is owed then is less than a MUST (CB-03)

ORDER = [
    # `@settled` reaches an item in the end, if an answer came that must come after its `done`.
    Bound(
        "items/added-then-done",
        "item",
        followed_by_one(
            CONVERSATION_ADDED,
            CONVERSATION_DONE,
            before=Moment.ITEM_OVERDUE,
            unless=CUT_SHORT,
            or_more=True,
            patience="answer",
        ),
    ),
    Bound("items/done-once", "item", at_most_one(CONVERSATION_DONE)),
    Bound("items/added-once", "item", at_most_one(CONVERSATION_ADDED)),
    Bound("items/done-after-added", "item", preceded_by(CONVERSATION_DONE, CONVERSATION_ADDED)),
]

_FITTING = {
    "system": {"input_text"},
    "user": {"input_text", "input_audio", "input_image"},
    "assistant": {"output_text", "output_audio", "text", "audio"},
}
_UNFINISHED = ("in_progress", "incomplete")


def _output_of_running_call(case: ExchangeCase) -> bool:
    """Tell whether a call is answered while its response runs, which a server need not take (FC-09)."""
    item = dict_of(case.exchange.event, "item")
    return item.get("type") == "function_call_output" and case.exchange.while_active


def _may_be_refused(case: ExchangeCase) -> bool:
    """Tell whether a server may refuse an item, as one in whose content the sources disagree (inworld 9)."""
    if _output_of_running_call(case):
        return True
    item, param = dict_of(case.exchange.event, "item"), text_of(case.error, "param")
    disputed = case.dialect.switches.has_disputed_values and item.get("role") == "assistant"
    return disputed and case.exchange.outcome == "refused" and param.endswith("].type")


def _perhaps_too_far(case: ExchangeCase) -> bool:
    """Tell whether a truncation may be refused: near the end, in some dialects from a third on (FI-07)."""
    short = case.dialect.switches.truncates_a_third
    allowed = (NEAR_THE_END, BEYOND_A_THIRD) if short else (NEAR_THE_END,)
    return case.exchange.outcome == "refused" and case.exchange.expectation.reason in allowed


acknowledged("items/create/acknowledged", "conversation.item.create", unless=_may_be_refused)
acknowledged("items/delete/acknowledged", "conversation.item.delete")
acknowledged("items/retrieve/acknowledged", "conversation.item.retrieve")
acknowledged("items/truncate/acknowledged", "conversation.item.truncate", unless=_perhaps_too_far)
refused("items/create/unknown-call-refused", "conversation.item.create", reasons={"unknown-call"})
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


@on_event("items/create/final-at-once", CONVERSATION_DONE)
def final_at_once(case: EventCase) -> None:
    """Items made by the client or from its audio are final when added; `done` follows at once with the same
    item.
    """
    item = case.item
    if item.conversation_added is None or item.origin not in ("request", "audio"):
        return
    if item.id not in case.reading.undone and item.id not in case.reading.overdue:
        return  # done already
    done, added_seq = dict_of(case.event, "item"), item.seen.get(CONVERSATION_ADDED, 0)
    adjacent = case.reading.last_answer_seq <= added_seq
    same = same_item(item.conversation_added, done)
    if not adjacent:
        case.violated(
            "not-at-once",
            f"{CONVERSATION_DONE} did not come right after {CONVERSATION_ADDED} for an item of the client",
            expected=f"{CONVERSATION_DONE} right after {CONVERSATION_ADDED}",
            actual="other events between them",
            because=[added_seq],
        )
    elif not same:
        place, expected, actual = parting(item.conversation_added, done)
        case.violated(
            "differs",
            f"{CONVERSATION_DONE} and {CONVERSATION_ADDED} differ in an item of the client"
            " that was complete when added",
            path=f"item{place}",
            expected=expected,
            actual=actual,
            because=[added_seq],
        )
    else:
        case.check(
            done.get("status") not in _UNFINISHED,
            "unfinished",
            "an item that was complete when added is not complete when done",
            path="item.status",
            expected="completed",
            actual=done.get("status"),
            because=[added_seq],
        )


@on_exchange("items/create/keeps-client-id", "conversation.item.create")
def keeps_client_id(case: ExchangeCase) -> None:
    """An item keeps the `id` that the client gave it."""
    exchange = case.exchange
    if exchange.outcome != "accepted" or not exchange.item_id:
        return
    given = text_of(dict_of(exchange.answer, "item"), "id")
    case.check(
        given == exchange.item_id,
        "replaced",
        f"item.id is {given}; it must be {exchange.item_id}, as in conversation.item.create",
        path="item.id",
        expected=exchange.item_id,
        actual=given,
        because=[exchange.seq],
    )


@on_event("items/added/generated-empty", CONVERSATION_ADDED)
def generated_item_is_empty(case: EventCase) -> None:
    """An item that a response produces is added `in_progress` with empty content or arguments."""
    item = case.item
    if item.origin != "response":
        return
    said = dict_of(case.event, "item")
    if said.get("type") not in ("message", "function_call"):
        return  # a request for approval has nothing to wait for (openai 3.7)
    full = [n for n in ("content", "arguments", "output") if said.get(n)]
    status = said.get("status", "in_progress")
    case.check(
        not full and status == "in_progress",
        "not-empty",
        f"the item {item.id} is added with content, or not in_progress, before the response produced it",
        path=f"item.{full[0]}" if full else "item.status",
        expected="in_progress, empty",
        actual=said.get(full[0]) if full else status,
        because=[item.added_seq],
    )


_FIELDS = {
    "message": ("role",),
    "function_call": ("name", "call_id", "arguments"),
    "function_call_output": ("call_id", "output"),
}
"""Fields that an item of a type has beside its content; others may be ignored (inworld 2.6)."""


@on_exchange("items/added/full-content", "conversation.item.create")
def added_in_full(case: ExchangeCase) -> None:
    """An item made by the client is added with the content the client gave it, audio bytes excepted."""
    exchange = case.exchange
    if exchange.outcome != "accepted" or exchange.doubtful:
        return
    if not case.reading.whole and not exchange.item_id:
        return  # perhaps it is the answer to what was sent before the capture began
    asked, given = dict_of(exchange.event, "item"), dict_of(exchange.answer, "item")
    for name in ("type", *_FIELDS.get(str(asked.get("type")), ())):
        if name in asked and given.get(name) != asked[name]:
            case.violated(
                "other-field",
                f"the item was added with another {name} than the client gave it",
                path=f"item.{name}",
                expected=asked[name],
                actual=given.get(name),
                because=[exchange.seq],
            )
            return
    parts = asked.get("type") not in ("function_call", "function_call_output")
    wanted, shown = (list_of(item, "content") if parts else [] for item in (asked, given))
    if not all(isinstance(part, dict) for part in shown):
        return  # which no schema allows
    case.check(
        len(wanted) == len(shown) and all(map(_same_content, wanted, shown)),
        "other-content",
        f"the content of the added item differs from that of conversation.item.create {exchange.event_id}",
        path="item.content",
        expected=wanted,
        actual=shown,
        because=[exchange.seq],
    )


_SAME_CONTENT = {"text": "output_text", "audio": "output_audio"}


def _same_content(wanted: dict[str, Any], shown: dict[str, Any]) -> bool:
    kinds = [_SAME_CONTENT.get(str(p.get("type")), p.get("type")) for p in (wanted, shown)]
    said = {n: v for n, v in wanted.items() if n in ("text", "transcript") and v is not None}
    return kinds[0] == kinds[1] and shows(said, {n: shown.get(n) for n in said})


@on_event("items/added/no-audio-bytes", CONVERSATION_ADDED, CONVERSATION_DONE)
def no_audio_bytes(case: EventCase) -> None:
    """No `conversation.item.*` event holds audio bytes, `retrieved` excepted."""
    for index, part in enumerate(list_of(dict_of(case.event, "item"), "content")):
        audio = part.get("audio") if isinstance(part, dict) else None
        if isinstance(part, dict) and "audio" in str(part.get("type")):
            case.check(
                not audio,
                "audio",
                f"{case.entry.type} holds audio bytes",
                path=f"item.content[{index}].audio",
                expected="no audio",
                actual=f"{len(str(audio))} characters",
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
    wrong = next((n for n in ("type", "role", "name", "call_id", "output") if _differs(latest, given, n)), "")
    if given.get("id") != exchange.item_id:
        wrong = "id"
    content, had = list_of(given, "content"), list_of(latest, "content")
    unfinished = known is not None and _was_under_way(known, exchange.seq)
    if known is not None and unfinished:
        if not wrong and not all(_may_be_so_far(known, n, part) for n, part in enumerate(content)):
            wrong = "content"
    elif not wrong and (len(content) != len(had) or not all(map(_same_text, had, content))):
        wrong = "content"
    exchanges = case.reading.exchanges
    cut = any(
        e.type == "conversation.item.truncate"
        and e.item_id == exchange.item_id
        and not (e.outcome == "refused" and e.expectation.kind == "refuse")
        for e in (*exchanges.open, *exchanges.settled)
    )
    whole = known is not None and known.audio_ms and not unfinished and not cut
    wants_audio = whole and case.reading.measures_heard
    spoken = [p for p in content if isinstance(p, dict) and p.get("type") in ("output_audio", "audio")]
    if not wrong and wants_audio and spoken and not any(p.get("audio") for p in spoken):
        wrong = "content[0].audio"
    case.check(
        not wrong,
        "not-whole",
        f"the {wrong} of the retrieved item is not that of {exchange.item_id} in the conversation",
        path=f"item.{wrong}",
        expected=exchange.item_id if wrong == "id" else latest.get(wrong, "the audio"),
        actual=given.get(wrong),
        because=[exchange.seq],
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


@on_event(
    "items/content-fits-role",
    CONVERSATION_ADDED,
    CONVERSATION_DONE,
    "conversation.item.retrieved",
    "response.output_item.done",
    malformed=("item.content[].type",),
)
def content_fits_role(case: EventCase) -> None:
    """Content types fit the role; no `output_*` in items of the user, no `input_*` in those of the
    assistant.
    """
    item, exchange, known = dict_of(case.event, "item"), case.link.exchange, case.link.item
    if (exchange is not None and exchange.doubtful) or (known is not None and known.doubtful):
        return  # that it took the item is the defect, if there is one
    _fits_role(case, item, "item")


def _fits_role(case: EventCase, item: Any, place: str) -> None:
    if text_of(item, "type") != "message":
        return
    fitting = _FITTING.get(str(item.get("role")), set().union(*_FITTING.values()))
    if case.dialect.switches.refuses_beta:
        fitting = fitting - {"text", "audio"}  # the beta's names; Inworld's documents use both (inworld 9.4)
    for index, part in enumerate(list_of(item, "content")):
        if isinstance(part, dict):
            kind = part.get("type")
            if isinstance(kind, str) and kind in fitting:  # nearly always: nothing is put into words then
                case.holds()
                continue
            what = "content without a type" if kind is None else f"content of type {kind}"
            case.violated(
                "unfitting",
                f"{case.entry.type}: an item of role {item.get('role')} holds {what}",
                path=f"{place}.content[{index}].type",
                expected=" or ".join(sorted(fitting)),
                actual=kind,
            )


@on_exchange("items/create/duplicate-id", "conversation.item.create")
def duplicate_id(case: ExchangeCase) -> None:
    """A server may accept or refuse an item whose id is in use."""
    exchange = case.exchange
    if exchange.expectation.reason == "duplicate-id":
        case.observed(exchange.outcome)


@on_event("items/content-fits-role", "response.done", malformed=("response.output[].content[].type",))
def output_fits_role(case: EventCase) -> None:
    for index, item in enumerate(list_of(dict_of(case.event, "response"), "output")):
        _fits_role(case, item, f"response.output[{index}]")


@on_event("items/no-beta-created", "conversation.item.created")
def no_beta_created(case: EventCase) -> None:
    """The beta event `conversation.item.created` is not sent."""
    case.violated(
        "beta",
        "the beta event conversation.item.created was sent",
        expected=CONVERSATION_ADDED,
        actual=case.entry.type,
    )


@on_event("items/no-beta-created", CONVERSATION_ADDED)
def ga_added(case: EventCase) -> None:
    case.holds()
