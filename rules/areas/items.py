"""Rules about conversation items: what creates them, and how they are shown (facts 4.3; inworld 3, 4.2)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import CONVERSATION_ADDED, CONVERSATION_DONE
from rules.areas.answers import acknowledged, refused
from rules.case import EventCase, ExchangeCase
from rules.configuration import shows
from rules.item_versions import parting, same_item
from rules.moments import Moment
from rules.order import Bound, at_most_one, followed_by_one, preceded_by
from rules.registration import on_event, on_exchange
from rules.subjects import dict_of, list_of, text_of

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


acknowledged("items/create/acknowledged", "conversation.item.create", unless=_may_be_refused)
refused("items/create/unknown-call-refused", "conversation.item.create", reasons={"unknown-call"})


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
    if case.reading.last_answer_seq > added_seq:
        case.violated(
            "not-at-once",
            f"{CONVERSATION_DONE} did not come right after {CONVERSATION_ADDED} for an item of the client",
            expected=f"{CONVERSATION_DONE} right after {CONVERSATION_ADDED}",
            actual="other events between them",
            because=[added_seq],
        )
    elif not same_item(item.conversation_added, done):
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
