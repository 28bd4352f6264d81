"""What the events of a conversation are about: responses, their items, parts and streams.

State is kept by id, never by "the current one": items of one response overlap in real traffic, and
out-of-band responses run beside the default one. A subject remembers what has been said about it, as far
as some rule needs it, and is let go when its response is done.
"""

from __future__ import annotations

from typing import Any

from protocol.event_types import Event
from rules.order import JointState

TEXT, TRANSCRIPT, AUDIO = "output_text", "output_audio_transcript", "output_audio"
ARGUMENTS, MCP_ARGUMENTS = "function_call_arguments", "mcp_call_arguments"

FINAL_FIELD = {TEXT: "text", TRANSCRIPT: "transcript", ARGUMENTS: "arguments", MCP_ARGUMENTS: "arguments"}
"""The field of a stream's `.done` event that holds the whole, by family; audio has none."""

STREAM_TYPES: dict[str, tuple[str, bool]] = {
    f"response.{family}.{suffix}": (family, suffix == "delta")
    for family in (TEXT, TRANSCRIPT, AUDIO, ARGUMENTS, MCP_ARGUMENTS)
    for suffix in ("delta", "done")
}
"""Family of each stream event, and whether it is a delta."""

DELTAS = tuple(t for t, (_, is_delta) in STREAM_TYPES.items() if is_delta)
STREAM_DONES = tuple(t for t, (_, is_delta) in STREAM_TYPES.items() if not is_delta)


def text_of(value: Any, key: str) -> str:
    """Return the string member `key` of `value`, or the empty string where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def dict_of(value: Any, key: str) -> dict[str, Any]:
    """Return the object member `key` of `value`, or an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def list_of(value: Any, key: str) -> list[Any]:
    """Return the array member `key` of `value`, or an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def int_of(value: Any, key: str) -> int | None:
    """Return the integer member `key` of `value`, or None."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


class Subject:
    """Something that rules about order follow: its kind, its id, and the state of those rules.

    `seen` holds the `seq` of the first event of each type that moved the state.
    """

    __slots__ = ("id", "kind", "moved_at", "seen", "state")

    def __init__(self, kind: str, id_: str, state: JointState) -> None:
        self.moved_at: float | None = None  # when its state last changed
        self.kind = kind
        self.id = id_
        self.state = state
        self.seen: dict[str, int] = {}

    @property
    def within(self) -> Subject | None:
        """The subject that holds it, if one does."""
        return None

    def below(self) -> list[Subject]:
        """Return the subjects that end with this one."""
        return []


class Response(Subject):
    """One response. `created` and `done` are the response objects of these events, as far as seen."""

    __slots__ = (
        "cancelled_by",
        "created",
        "created_seq",
        "done",
        "done_seq",
        "done_t",
        "families",
        "items",
        "overlapped_seq",
        "request",
        "speech_seq",
    )

    def __init__(self, id_: str, state: JointState) -> None:
        super().__init__("response", id_, state)
        self.created: Event | None = None
        self.created_seq = 0
        self.done: Event | None = None
        self.done_seq = 0
        self.done_t: float | None = None
        self.items: list[Item] = []
        self.families: set[str] = set()
        self.request: Any = None  # the Exchange that asked for it
        self.cancelled_by: Any = None  # the Exchange that cancelled it
        self.speech_seq = 0  # of the speech_started that came while it ran
        self.overlapped_seq = 0  # where another was created while this one seemed to be over

    @property
    def quiet(self) -> bool:
        """Whether nothing of it is open, so that only its `response.done` is missing."""
        return all(item.done is not None for item in self.items)

    @property
    def active(self) -> bool:
        """Whether it has been created and is not done."""
        return self.created is not None and not self.done_seq

    @property
    def automatic(self) -> bool:
        """Whether nothing is known that asked for it."""
        return self.request is None

    @property
    def out_of_band(self) -> bool:
        """Whether it writes to no conversation: by its request or, where that is not known, by the server."""
        if self.request is not None:
            return self.asked_out_of_band
        if self.created is not None and "conversation_id" in self.created:
            return self.created["conversation_id"] is None
        return self.asked_out_of_band

    @property
    def asked_out_of_band(self) -> bool:
        """Whether its request asked for it to write to no conversation."""
        asked = dict_of(self.request.event, "response") if self.request is not None else {}
        return asked.get("conversation") == "none"

    @property
    def modalities(self) -> list[Any]:
        """The output modalities it announced."""
        return list_of(self.created, "output_modalities")

    def below(self) -> list[Subject]:
        found: list[Subject] = []
        for item in self.items:
            found.append(item)
            found += item.below()
        return found


class Item(Subject):
    """One conversation or output item, by its id."""

    __slots__ = (
        "added",
        "added_seq",
        "arguments",
        "audio_ms",
        "audio_start_ms",
        "audio_start_seq",
        "committed_previous",
        "committed_seq",
        "conversation_added",
        "conversation_done",
        "done",
        "done_seq",
        "doubtful",
        "named",
        "origin",
        "output_index",
        "parts",
        "previous",
        "response",
        "transcript_seq",
        "truncated",
        "type",
    )

    def __init__(self, id_: str, state: JointState) -> None:
        super().__init__("item", id_, state)
        self.named: Response | None = None  # the response that events about it named, if none announced it
        self.type = ""  # as the first event that showed the item says
        self.response: Response | None = None
        self.output_index: int | None = None
        self.origin = ""  # response, request, audio, or unknown
        self.added: Event | None = None  # the item in response.output_item.added
        self.added_seq = 0
        self.done: Event | None = None  # the item in response.output_item.done
        self.done_seq = 0
        self.conversation_added: Event | None = None  # the item in conversation.item.added
        self.conversation_done: Event | None = None
        self.previous: str | None = None
        self.parts: dict[int, Part] = {}
        self.arguments: Stream | None = None
        self.audio_ms: float | None = None
        self.truncated: dict[int, int] = {}  # to how many milliseconds, by content index
        self.audio_start_ms: int | None = None
        self.audio_start_seq = 0  # of the speech_started that names it
        self.committed_previous: str | None = None
        self.committed_seq = 0
        self.transcript_seq = 0  # since when its transcription is owed
        self.doubtful = False  # whether the client event that made it breaks a contract, or may

    @property
    def within(self) -> Subject | None:
        return self.response or self.named

    @property
    def is_call(self) -> bool:
        """Whether it is a function call, by what its response says of it."""
        return text_of(self.added or self.done, "type") == "function_call"

    @property
    def of_mcp(self) -> bool:
        """Whether it has to do with an MCP server, which answers when it likes."""
        return self.type.startswith("mcp_")

    @property
    def announced(self) -> bool:
        """Whether the conversation was told of it."""
        return self.conversation_added is not None or self.conversation_done is not None

    @property
    def latest(self) -> Event:
        """The newest version of the item that was seen."""
        return self.conversation_done or self.done or self.conversation_added or self.added or {}

    def forget(self) -> None:
        """Let go of what refers back to it: cycles would stay in memory for a long while."""
        for part in self.parts.values():
            part.streams = {}
        self.parts, self.arguments, self.response, self.named = {}, None, None, None

    def below(self) -> list[Subject]:
        found: list[Subject] = [self.arguments] if self.arguments is not None else []
        for part in self.parts.values():
            found.append(part)
            found += part.below()
        return found


class Part(Subject):
    """One content part of an item."""

    __slots__ = ("added", "added_seq", "audio_ms", "done", "done_seq", "index", "item", "streams")

    def __init__(self, item: Item, index: int, state: JointState) -> None:
        super().__init__("part", f"{item.id}[{index}]", state)
        self.item = item
        self.index = index
        self.audio_ms: float | None = None
        self.added: Event | None = None
        self.added_seq = 0
        self.done: Event | None = None
        self.done_seq = 0
        self.streams: dict[str, Stream] = {}

    @property
    def within(self) -> Subject | None:
        return self.item

    def below(self) -> list[Subject]:
        return list(self.streams.values())


class Stream(Subject):
    """The deltas of one family for one part (or, for arguments, for one item).

    `chunks` are the deltas in order. Of audio only the `size` in decoded bytes is kept, and how many deltas
    were `ragged`: no multiple of the `width` of a sample.
    """

    __slots__ = (
        "call_id",
        "chain",
        "chunks",
        "family",
        "final",
        "first_seq",
        "item",
        "output_index",
        "part",
        "ragged",
        "response_id",
        "size",
        "timestamped",
        "width",
    )

    def __init__(self, family: str, item: Item, part: Part | None, state: JointState) -> None:
        super().__init__("stream", f"{(part or item).id} {family}", state)
        self.family = family
        self.item = item
        self.part = part
        self.chunks: list[str] = []
        self.size = 0
        self.width = 1
        self.ragged = 0
        self.timestamped = 0  # deltas that carry timestamp_info
        self.final: str | None = None
        self.first_seq = 0
        self.response_id = ""
        self.output_index: Any = None  # what its first event says of it, and of its call
        self.call_id: Any = None
        self.chain: tuple[Subject, ...] = ()

    @property
    def within(self) -> Subject | None:
        return self.part or self.item

    @property
    def whole(self) -> str:
        """All deltas so far, joined."""
        return "".join(self.chunks)


class Transcription(Subject):
    """The transcription of one content part of one item of the user."""

    __slots__ = ("chunks", "ended_seq", "first_seq", "item_id")

    def __init__(self, item_id: str, content_index: int | None, state: JointState) -> None:
        super().__init__("transcription", f"{item_id}[{content_index or 0}]", state)
        self.item_id = item_id
        self.chunks: list[str] = []
        self.first_seq = 0
        self.ended_seq = 0
