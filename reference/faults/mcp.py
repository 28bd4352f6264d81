"""Faults of MCP: how tools are listed, approved and called (facts 4.13)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, invent
from reference.differences import Difference, differs
from reference.edits import Hold, after, drop, has, put

_DONE, _ITEM_DONE = "response.done", "response.output_item.done"
_APPROVAL, _UNGIVEN = "item.approval_request_id", "mcpr_never_approved"


def _ungiven(event: Json, _memory: Memory) -> list[Json]:
    return [
        {**item, "approval_request_id": _UNGIVEN} if item["type"] == "mcp_call" else item
        for item in event["response"]["output"]
    ]


def _listing_unasked(_event: Json, _memory: Memory) -> list[Sent]:
    return [
        invent(f"mcp_list_tools.{what}", item_id="item_listing_unasked") for what in ("in_progress", "failed")
    ]


FAULTS: tuple[Difference, ...] = (
    differs(
        "mcp-listing-never-ends",
        "`mcp_list_tools.in_progress` is followed by nothing.",
        drop("mcp_list_tools.failed"),
        only="openai",
    ),
    differs(
        "mcp-listing-untold",
        "Nothing is told of the listing of an MCP server's tools.",
        drop("mcp_list_tools.in_progress mcp_list_tools.failed"),
        only="openai",
    ),
    differs(
        "mcp-listing-unasked",
        "A listing of an MCP server's tools is told of that nobody configured.",
        after("input_audio_buffer.cleared", _listing_unasked, nth=1),
        only="openai",
    ),
    differs(
        "mcp-call-runs-before-its-arguments",
        "An MCP call is in progress before its arguments are done.",
        Hold("response.mcp_call_arguments.done", "response.mcp_call.in_progress"),
        only="openai",
    ),
    differs(
        "mcp-call-without-approval",
        "An MCP call runs although nobody gave the approval that it names.",
        put(f"{_ITEM_DONE} conversation.item.done", _APPROVAL, _UNGIVEN, has("item.type", "mcp_call")),
        put(_DONE, "response.output", _ungiven),
        only="openai",
    ),
)
