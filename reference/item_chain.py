"""Where the items of a conversation stand once others are left out: those that stay follow each other."""

from __future__ import annotations

from protocol.json_values import Json


class ItemChain:
    """Remembers which items are left out, and puts what stood before them in their place."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}  # of an item that is left out, what stands before it

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._before

    def leave_out(self, item_id: str, previous: str | None) -> None:
        """Leave out an item that stands behind `previous`, as the event that announces it says."""
        self._before[item_id] = previous

    def linked(self, event: Json) -> Json:
        """Return `event` with a ``previous_item_id`` that names no item that is left out."""
        while event.get("previous_item_id") in self._before:
            event = {**event, "previous_item_id": self._before[event["previous_item_id"]]}
        return event
