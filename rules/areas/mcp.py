"""Rules about the tools of MCP servers (facts 4.13)."""

from __future__ import annotations

from rules.case import EventCase
from rules.order import Bound, followed_by_one, ordered
from rules.registration import on_event
from rules.subjects import dict_of, text_of

ITEM_DONE = "response.output_item.done"
_ENDS = ("response.mcp_call.completed", "response.mcp_call.failed")
_TOOLS = ("mcp_list_tools.completed", "mcp_list_tools.failed")

ORDER = [
    Bound("mcp/list-tools", "item", followed_by_one("mcp_list_tools.in_progress", _TOOLS), of_mcp=True),
    Bound("mcp/call-order", "item", ordered("response.mcp_call.in_progress", _ENDS), of_mcp=True),
    Bound(
        "mcp/call-order",
        "item",
        ordered("response.mcp_call_arguments.done", "response.mcp_call.in_progress"),
        of_mcp=True,
    ),
]


@on_event("mcp/approval", ITEM_DONE)
def approval_awaited(case: EventCase) -> None:
    """A call that needs approval waits for an `mcp_approval_response` item."""
    item = dict_of(case.event, "item")
    request = text_of(item, "approval_request_id")
    if item.get("type") == "mcp_call" and request and case.reading.knows_asking("conversation.item.create"):
        approved = any(
            text_of(dict_of(e.event, "item"), "approval_request_id") == request
            for e in case.reading.exchanges.settled
        )
        case.check(
            approved,
            "unapproved",
            "an MCP call ran although its approval had not been given",
            path="item.approval_request_id",
            expected="an mcp_approval_response first",
            actual=request,
        )
