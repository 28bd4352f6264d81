"""The model: what a conversation must hold after what was said, by the facts of the protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protocol.event_types import Event

COMMITTABLE_MS = 100
"""Less audio than this in the buffer cannot be committed."""


@dataclass(slots=True)
class ExpectedItem:
    """An item that must be there. `sent` is what the client wrote, `words` what a response said."""

    id: str
    sent: Event | None = None
    words: str | None = None
    spoken: bool = False
    cut: bool = False


@dataclass(slots=True)
class Content:
    """What the session must hold: items by id, what was deleted, audio in the buffer, the settings."""

    items: dict[str, ExpectedItem] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    buffer_ms: int = 0
    by_hand: bool = False

    def nth(self, which: int, *, spoken: bool | None = None) -> ExpectedItem | None:
        """Return one of the items, None where there is none of that kind."""
        fitting = [i for i in self.items.values() if spoken is None or i.spoken is spoken]
        return fitting[which % len(fitting)] if fitting else None

    def add(self, item: ExpectedItem) -> None:
        """Take in an item that was added."""
        self.items[item.id] = item

    def delete(self, item_id: str) -> None:
        """Take out an item."""
        if self.items.pop(item_id, None) is not None:
            self.gone.append(item_id)

    # --- as states of the table -------------------------------------------------------------------------

    @property
    def settings(self) -> str:
        """The state of the settings."""
        return "by-hand" if self.by_hand else "automatic"

    @property
    def conversation(self) -> str:
        """The state of the conversation."""
        return "filled" if self.items else "empty"

    @property
    def buffer(self) -> str:
        """The state of the input audio buffer."""
        if not self.buffer_ms:
            return "empty"
        return "enough" if self.buffer_ms >= COMMITTABLE_MS else "short"


def disagreement(item: ExpectedItem, retrieved: Any) -> str:
    """Return in words how `retrieved` differs from the item that must be there, empty where it does not."""
    if not isinstance(retrieved, dict):
        return f"the item {item.id} came as {type(retrieved).__name__}"
    if retrieved.get("id") != item.id:
        return f"{retrieved.get('id')!r} came for the item {item.id}"
    if item.sent is not None:
        for name in ("type", "role"):
            if retrieved.get(name) != item.sent.get(name):
                return f"{name} of the item {item.id} is {retrieved.get(name)!r}, not {item.sent.get(name)!r}"
        if words_of(retrieved) != words_of(item.sent):
            return f"the item {item.id} says {words_of(retrieved)!r}, not {words_of(item.sent)!r}"
    elif item.words is not None and not item.spoken and words_of(retrieved) != item.words:
        return f"the item {item.id} says {words_of(retrieved)!r}, not {item.words!r}"
    return ""


def words_of(item: Event) -> str:
    """Return the text of a message item."""
    return "".join(str(part.get("text") or "") for part in _parts(item))


def is_spoken(item: Event) -> bool:
    """Tell whether a message item is one of the assistant's that was spoken."""
    return any(part.get("type") == "output_audio" for part in _parts(item))


def _parts(item: Event) -> list[Event]:
    content = item.get("content")
    return [p for p in content if isinstance(p, dict)] if isinstance(content, list) else []
