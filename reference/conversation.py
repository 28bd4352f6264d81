"""Items and the order they stand in: the one conversation every session has."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import Any

from reference.errors import in_message, wrong
from reference.speech import AudioFormat, character_ms

ROOT = "root"
"""The ``previous_item_id`` that puts an item first (CI-06)."""


@dataclass(slots=True)
class ContentPart:
    """One content part of a message item; which members count depends on ``type`` (3.7)."""

    type: str
    text: str | None = None
    transcript: str | None = None
    audio: bytes = b""
    audio_format: AudioFormat | None = None
    speed: float = 1.0
    image_url: str | None = None
    detail: str | None = None
    cut_ms: int | None = None
    """Where a client truncated the sound. What was streamed stays as it is; what is remembered ends here."""

    @property
    def audio_ms(self) -> int:
        """How long the sound of this part lasts, as far as it was not truncated."""
        if self.audio_format is None:
            return 0
        streamed = self.audio_format.milliseconds(len(self.audio))
        return streamed if self.cut_ms is None else min(streamed, self.cut_ms)

    @property
    def remembered(self) -> ContentPart:
        """The part without what was cut off: neither the sound nor the words of it (CI-19)."""
        if self.cut_ms is None or self.audio_format is None:
            return self
        return replace(
            self,
            audio=self.audio[: self.audio_format.size(self.cut_ms)],
            transcript=(self.transcript or "")[: int(self.cut_ms / character_ms(self.speed))],
        )

    def wire(self, *, audio: bool = False) -> dict[str, Any]:
        """Return the part as it is sent, with its sound only on request (CI-15)."""
        members: dict[str, Any] = {"type": self.type}
        if self.type in {"input_audio", "output_audio"}:
            if audio:
                members["audio"] = base64.b64encode(self.audio).decode()
            members["transcript"] = self.transcript
        elif self.type == "input_image":
            members["image_url"] = self.image_url
            if self.detail is not None:
                members["detail"] = self.detail
        else:
            members["text"] = self.text
        return members

    @property
    def heard(self) -> str:
        """The words of this part as the model takes them in."""
        if self.type == "input_audio":
            return self.transcript or spoken_words(self.audio_ms)
        return self.text or self.remembered.transcript or ""


@dataclass(slots=True)
class ConversationItem:
    """One conversation item. ``status`` is None where live services show none: outputs of functions."""

    id: str
    type: str
    status: str | None = "completed"
    role: str | None = None
    content: list[ContentPart] = field(default_factory=list)
    name: str | None = None
    call_id: str | None = None
    arguments: str | None = None
    output: str | None = None
    server_label: str | None = None

    def wire(self, *, retrieved: bool = False) -> dict[str, Any]:
        """Return the item as it is sent, member for member as live services do.

        ``retrieved`` gives it as the conversation remembers it: with sound, and without what was cut
        off (CI-18); otherwise as it was said (CI-14, RS-31).
        """
        members: dict[str, Any] = {"id": self.id, "type": self.type}
        if self.status is not None and self.type != "mcp_list_tools":
            members["status"] = self.status
        if self.type == "message":
            members["role"] = self.role
            members["content"] = [
                part.remembered.wire(audio=True) if retrieved else part.wire() for part in self.content
            ]
        elif self.type == "function_call":
            members |= {"name": self.name, "call_id": self.call_id, "arguments": self.arguments}
        elif self.type == "function_call_output":
            members |= {"call_id": self.call_id, "output": self.output}
        else:
            members |= {"server_label": self.server_label, "tools": []}
        return members

    @property
    def heard(self) -> str:
        """The words of a message as the model takes them in."""
        return " ".join(words for part in self.content if (words := part.heard))


class SessionConversation:
    """The items in the order in which the model reads them."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._items: list[ConversationItem] = []

    @property
    def items(self) -> tuple[ConversationItem, ...]:
        return tuple(self._items)

    @property
    def last_id(self) -> str | None:
        """The id of the last item, None where there is none."""
        return self._items[-1].id if self._items else None

    def find(self, item_id: str) -> ConversationItem | None:
        """Return an item by its id."""
        return next((item for item in self._items if item.id == item_id), None)

    def knows_call(self, call_id: str) -> bool:
        """Tell whether a function call with this id is in the conversation (CI-23)."""
        return any(item.type == "function_call" and item.call_id == call_id for item in self._items)

    @property
    def open_calls(self) -> set[str]:
        """The ids of function calls that have no output yet; a call that was cut off waits for none."""
        calls = {
            item.call_id
            for item in self._items
            if item.type == "function_call" and item.call_id and item.status != "incomplete"
        }
        return calls - {item.call_id or "" for item in self._items if item.type == "function_call_output"}

    def predecessor(self, item_id: str) -> str | None:
        """Return the id of the item before this one; None at the head and for an unknown item (CI-04)."""
        ids = [item.id for item in self._items]
        place = ids.index(item_id) if item_id in ids else 0
        return ids[place - 1] if place else None

    def check_place(self, after: str | None) -> None:
        """Raise ``RefusedError`` unless ``after`` is a place for a new item (CI-08)."""
        if after and after != ROOT and self.find(after) is None:
            raise wrong("previous_item_id", f"There is no item '{in_message(after)}' in the conversation.")

    def place(self, item: ConversationItem, after: str | None = None) -> str | None:
        """Put an item in and return the id of its predecessor.

        ``after`` is None or empty for the end (CI-05), ``"root"`` for the head (CI-06), or the id of an
        item (CI-07).
        """
        if not after:
            self._items.append(item)
        elif after == ROOT:
            self._items.insert(0, item)
        else:
            index = next(i for i, other in enumerate(self._items) if other.id == after)
            self._items.insert(index + 1, item)
        return self.predecessor(item.id)

    def remove(self, item_id: str) -> None:
        """Take an item out; its neighbours close the gap (CI-10)."""
        self._items = [item for item in self._items if item.id != item_id]


def spoken_words(milliseconds: int) -> str:
    """Return what is heard in input audio of this length; there is no speech recognition in here."""
    return f"audio of {milliseconds} milliseconds" if milliseconds else ""
