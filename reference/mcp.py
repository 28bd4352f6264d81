"""Tools of MCP servers: this server talks to nobody, and says so in the protocol's own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference.conversation import ConversationItem
from reference.identifiers import IdKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reference.state import SessionState


class McpListings:
    """Answers the wish to use an MCP server with a listing of its tools that fails (MC-01)."""

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._known: set[str] = set()

    def attempt(self, tools: Iterable[dict[str, Any]]) -> None:
        """Try the servers among some tools that were not tried before; an empty item stays behind."""
        labels = {tool["server_label"] for tool in tools if tool["type"] == "mcp"}
        send = self._state.outbox.send
        for label in sorted(labels - self._known):
            self._known.add(label)
            item = ConversationItem(
                self._state.identifiers.mint(IdKind.ITEM), "mcp_list_tools", server_label=label
            )
            previous = self._state.conversation.place(item)
            send("conversation.item.added", previous_item_id=previous, item=item.wire())
            send("mcp_list_tools.in_progress", item_id=item.id)
            send("mcp_list_tools.failed", item_id=item.id)
            send("conversation.item.done", previous_item_id=previous, item=item.wire())
