"""Where the items of a conversation stand once others are left out: those that stay follow each other."""

from __future__ import annotations

from protocol.json_values import Json


class ItemChain:
    """Remembers which items are gone, left out or deleted, and puts what stood before them in their place.

    What it holds are the ids of the items that were left out.
    """

    def __init__(self) -> None:
        self._left_out: set[object] = set()
        self._before: dict[str, str | None] = {}  # of an item that stays, what stands before it
        self._gone: dict[str, str | None] = {}  # of an item that is gone, what stood before it

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._left_out

    def leave_out(self, item_id: str, previous: str | None) -> None:
        """Leave out an item that stands behind `previous`, as the event that announces it says."""
        self._left_out.add(item_id)
        self._gone[item_id] = previous

    def linked(self, event: Json) -> Json:
        """Return `event`, which is sent, with a ``previous_item_id`` that names no item that is gone."""
        if event["type"] == "conversation.item.deleted":
            self._gone[event["item_id"]] = self._before.pop(event["item_id"], None)
        if "previous_item_id" not in event:
            return event
        while event["previous_item_id"] in self._gone:
            event = {**event, "previous_item_id": self._gone[event["previous_item_id"]]}
        if "item" in event:
            self._gone.pop(event["item"]["id"], None)  # an id may be given again
            self._before[event["item"]["id"]] = event["previous_item_id"]
        return event
