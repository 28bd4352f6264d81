"""The default conversation: which items are in it, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

_KEPT = 8_192


class KnownConversation:
    """Item ids in the order in which the model reads them.

    Of a very long conversation only the newest part is kept; `forgot` tells that something was let go.
    """

    __slots__ = ("_ids", "_members", "deleted", "doubtful", "forgot", "head")

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._members: set[str] = set()
        self.deleted: dict[str, int] = {}  # with the `seq` of what took it out
        self.doubtful: set[str] = set()  # that a server was asked to delete, and said nothing
        self.head = ""  # the first item, also after it was let go
        self.forgot = False

    def __contains__(self, id_: object) -> bool:
        return id_ in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    @property
    def last(self) -> str | None:
        """The item that an appended one follows; None for an empty conversation."""
        return self._ids[-1] if self._ids else None

    def before(self, id_: str) -> str | None:
        """Return the item right before `id_`; None at the head, and for what is not there."""
        if id_ not in self._members:
            return None
        ids = self._ids
        # From the end: asked for are the newest, and a conversation may be long.
        place = next(place for place in range(len(ids) - 1, -1, -1) if ids[place] == id_)
        return ids[place - 1] if place else None

    def place(self, id_: str, previous: str) -> None:
        """Put an item where `previous_item_id` says: `root`, an item, or empty for the end."""
        if id_ in self._members:
            return
        if previous == "root":
            self._ids.insert(0, id_)
        elif previous in self._members and previous != self._ids[-1]:
            self._ids.insert(self._ids.index(previous) + 1, id_)
        else:
            self._ids.append(id_)
        self._members.add(id_)
        if not self.forgot:
            self.head = self._ids[0]
        if len(self._ids) > _KEPT:
            self._trim()

    def remove(self, id_: str, seq: int) -> None:
        """Take an item out, as the event `seq` says."""
        if id_ in self._members:
            self._members.remove(id_)
            self._ids.remove(id_)
        self.deleted[id_] = seq
        if not self.forgot:
            self.head = self._ids[0] if self._ids else ""

    def _trim(self) -> None:
        half = _KEPT // 2
        self._members.difference_update(self._ids[:half])
        del self._ids[:half]
        self.deleted.clear()
        self.forgot = True
