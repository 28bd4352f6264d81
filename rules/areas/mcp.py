"""Rules about the tools of MCP servers (facts 4.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.event_types import ITEM_DONE
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, at_most_one, followed_by_one, nothing_after, ordered, preceded_by
from rules.registration import on_event, on_exchange, on_moment, on_sent
from rules.subjects import dict_of, list_of, text_of
from rules.views import ItemView

_RUNS = "response.mcp_call.in_progress"
_ENDS = ("response.mcp_call.completed", "response.mcp_call.failed")
_ARGUMENTS, _ARGUMENTS_DONE = "response.mcp_call_arguments.delta", "response.mcp_call_arguments.done"
_LISTS = "mcp_list_tools.in_progress"
_TOOLS = ("mcp_list_tools.completed", "mcp_list_tools.failed")

ORDER = [
    Bound("mcp/list-tools", "item", at_most_one(_LISTS), of_mcp=True),
    Bound("mcp/list-tools", "item", preceded_by(_TOOLS, _LISTS), of_mcp=True),
    Bound("mcp/list-tools", "item", followed_by_one(_LISTS, _TOOLS), of_mcp=True),
    Bound("mcp/list-tools", "item", nothing_after(_LISTS, _TOOLS), of_mcp=True),
    Bound("mcp/call-order", "item", ordered(_ARGUMENTS_DONE, _RUNS), of_mcp=True),
    Bound("mcp/call-order", "item", at_most_one(_RUNS), of_mcp=True),
    Bound("mcp/call-order", "item", ordered(_RUNS, _ENDS), of_mcp=True),
    Bound("mcp/call-order", "item", at_most_one(_ENDS), of_mcp=True),
    Bound("mcp/call-order", "item", nothing_after(_ARGUMENTS, _ARGUMENTS_DONE), of_mcp=True),
]


class _Calls(dict[str, tuple[ItemView, float | None]]):
    """Calls whose items are done, and since when; they may run later than that."""


@on_event("mcp/call-order", ITEM_DONE)
def call_is_done(case: EventCase) -> None:
    """The arguments of an MCP call are done before it is in progress, and that before it completes or
    fails.
    """
    if dict_of(case.event, "item").get("type") == "mcp_call" and case.reading.whole:
        case.memory(_Calls)[case.item.id] = case.item, case.entry.t


@on_moment("mcp/call-order", Moment.END)
def call_never_ran(case: Case) -> None:
    """A call of which all has come but that it ran is no call."""
    reading = case.reading
    if {_RUNS, *_ENDS} & set(reading.unkeyed):
        return
    for item, since in case.memory(_Calls).values():
        missing = _RUNS if _RUNS not in item.seen else " or ".join(_ENDS)
        ran = _RUNS in item.seen and any(each in item.seen for each in _ENDS)
        if not ran and reading.waited_since(since) >= reading.patience["response"]:
            case.violated(
                "untold",
                f"the MCP call {item.id} is done, and no {missing} came for it",
                expected=missing,
                actual="nothing",
                because=[item.done_seq],
            )


@dataclass
class _Wanted:
    """Whether the client may have asked for MCP tools, and since when their listing is awaited."""

    ever: bool = False
    seq: int = 0
    since: float | None = None
    listed: bool = False


def _wants_mcp(tools: list[Any]) -> bool:
    return any(text_of(tool, "type") == "mcp" for tool in tools)


@on_sent("mcp/only-when-configured")
def tools_asked_for(case: ExchangeCase) -> None:
    """Events about MCP tools come only where a tool of type `mcp` is configured."""
    event = case.exchange.event
    if any(_wants_mcp(list_of(dict_of(event, of), "tools")) for of in ("session", "response")):
        case.memory(_Wanted).ever = True


@on_event("mcp/only-when-configured", _LISTS, *_TOOLS, _ARGUMENTS, _ARGUMENTS_DONE, _RUNS, *_ENDS)
def tools_were_asked_for(case: EventCase) -> None:
    session, wanted = case.reading.session, case.memory(_Wanted)
    wanted.ever |= _wants_mcp(list_of(session, "tools")) or bool(session.get("prompt"))
    if wanted.ever:
        case.holds()
    elif case.reading.knows_asking("session.update") and case.reading.shows("tools"):
        case.violated(
            "not-configured",
            f"{case.entry.type} came although no tool of type mcp was ever configured",
            expected="no events about MCP",
            actual=case.entry.type,
            because=[case.reading.session_seq],
        )


@on_exchange("mcp/listing-told", "session.update")
def listing_owed(case: ExchangeCase) -> None:
    """The tools of a configured MCP server are listed, or their listing fails; `mcp_list_tools.*` says so."""
    wanted, exchange = case.memory(_Wanted), case.exchange
    asked = _wants_mcp(list_of(dict_of(exchange.event, "session"), "tools"))
    if asked and exchange.outcome == "accepted" and not wanted.listed:
        wanted.seq, wanted.since = exchange.seq, case.entry.t


@on_event("mcp/listing-told", _LISTS, *_TOOLS)
def listing_came(case: EventCase) -> None:
    wanted = case.memory(_Wanted)
    wanted.listed = True
    if wanted.seq:
        wanted.seq = 0
        case.holds()


@on_moment("mcp/listing-told", Moment.DEADLINE)
def listing_was_waited_for(case: Case) -> None:
    silent_s = float(case.detail.get("silent_s", 0.0)) if case.detail.get("silent") else 0.0
    _judge_listing(case, silent_s)


@on_moment("mcp/listing-told", Moment.END)
def listing_never_came(case: Case) -> None:
    _judge_listing(case, case.reading.waited_since(case.memory(_Wanted).since))


def _judge_listing(case: Case, waited_s: float) -> None:
    wanted, reading = case.memory(_Wanted), case.reading
    lost = {_LISTS, *_TOOLS} & set(reading.unkeyed)
    if wanted.seq and not lost and waited_s >= reading.patience["answer"]:
        case.violated(
            "untold",
            "a tool of type mcp was configured, and no mcp_list_tools event came for it",
            expected=_LISTS,
            actual="nothing",
            because=[wanted.seq],
        )
        wanted.seq = 0


@on_event("mcp/approval", ITEM_DONE)
def approval_awaited(case: EventCase) -> None:
    """A call that needs approval waits for an `mcp_approval_response` item."""
    item = dict_of(case.event, "item")
    if item.get("type") != "mcp_call" or not case.reading.knows_asking("conversation.item.create"):
        return
    request = text_of(item, "approval_request_id")
    if request:
        case.check(
            _is_approved(case, request),
            "unapproved",
            f"an MCP call ran before an mcp_approval_response approved {request}",
            path="item.approval_request_id",
            expected="an mcp_approval_response first",
            actual=request,
        )
    elif _needs_approval(case, item) and _has_run(case.item, item) and not _was_asked_about(case):
        case.violated(
            "unasked",
            "an MCP call ran without an mcp_approval_request, although its tool requires approval",
            path="item.approval_request_id",
            expected="an mcp_approval_request first",
            actual="none",
            because=[case.reading.session_seq],
        )


def _is_approved(case: EventCase, request: str) -> bool:
    answers = (dict_of(e.event, "item") for e in case.reading.exchanges.settled if e.outcome != "refused")
    return any(
        text_of(each, "approval_request_id") == request and each.get("approve") is not False
        for each in answers
    )


def _needs_approval(case: EventCase, item: dict[str, Any]) -> bool:
    """Tell whether the tool of a call says in so many words that it needs approval."""
    request = case.response.request
    asked = dict_of(request.event, "response") if request is not None else {}
    tools = list_of(asked, "tools") if "tools" in asked else list_of(case.reading.session, "tools")
    label = text_of(item, "server_label")
    required = [
        each.get("require_approval")
        for each in tools
        if isinstance(each, dict) and each.get("type") == "mcp" and text_of(each, "server_label") == label
    ]
    return bool(required) and all(each == "always" for each in required)


def _has_run(known: ItemView, item: dict[str, Any]) -> bool:
    return item.get("output") is not None or any(each in known.seen for each in (_RUNS, *_ENDS))


def _was_asked_about(case: EventCase) -> bool:
    """Tell whether any approval was asked for: for which call, the call need not say."""
    return any(item.type == "mcp_approval_request" for item in case.reading.items.values())
