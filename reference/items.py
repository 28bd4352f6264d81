"""The desk for ``conversation.item.*``: what a client does to the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.json_values import Json
from reference.conversation import ContentPart, ConversationItem
from reference.errors import Code, RefusedError, in_message, wrong
from reference.identifiers import IdKind
from reference.speech import AudioFormat

if TYPE_CHECKING:
    from reference.identifiers import Identifiers
    from reference.responses import Responses
    from reference.state import SessionState


class Items:
    """Creates, retrieves, deletes and truncates items."""

    def __init__(self, state: SessionState, responses: Responses) -> None:
        self._state = state
        self._responses = responses

    def create(self, event: Json) -> None:
        """Answer ``conversation.item.create`` (CI-01 to CI-08, CI-23, CI-24)."""
        conversation = self._state.conversation
        conversation.check_place(event.get("previous_item_id"))
        item = item_from(event["item"], self._state.identifiers, self._state.configuration.input_format)
        if conversation.find(item.id) is not None:
            raise wrong("item.id", f"There already is an item '{in_message(item.id)}' in the conversation.")
        is_output = item.type == "function_call_output"
        if is_output and not conversation.knows_call(item.call_id or ""):
            raise RefusedError(
                Code.INVALID_TOOL_CALL_ID, f"There is no function call '{in_message(item.call_id or '')}'."
            )
        self._state.announce(item, event.get("previous_item_id"))
        if is_output:
            self._responses.tool_result()

    def retrieve(self, event: Json) -> None:
        """Answer ``conversation.item.retrieve`` with the whole item, sound included (CI-17, CI-18)."""
        item = self._find(event["item_id"], Code.ITEM_RETRIEVE_INVALID_ITEM_ID, "retrieving")
        self._state.outbox.send("conversation.item.retrieved", item=item.wire(retrieved=True))

    def delete(self, event: Json) -> None:
        """Answer ``conversation.item.delete`` (CI-16, CI-17)."""
        item = self._find(event["item_id"], Code.ITEM_DELETE_INVALID_ITEM_ID, "deleting")
        self._state.conversation.remove(item.id)
        self._state.outbox.send("conversation.item.deleted", item_id=item.id)

    def truncate(self, event: Json) -> None:
        """Answer ``conversation.item.truncate`` (CI-17, CI-19 to CI-21).

        An item that is still being spoken may be truncated, for clients do so when they interrupt: what
        was said by then counts as its sound.
        """
        item = self._find(event["item_id"], Code.ITEM_TRUNCATE_INVALID_ITEM_ID, "truncating")
        index, end_ms = event["content_index"], event["audio_end_ms"]
        if item.role != "assistant" or not item.content:
            raise _no_sound()
        if index >= len(item.content):
            raise wrong("content_index", f"Item '{in_message(item.id)}' has no content part {index}.")
        part = item.content[index]
        if part.type != "output_audio":
            raise _no_sound()
        if end_ms > part.audio_ms:
            raise wrong(
                "audio_end_ms",
                f"Audio content of {part.audio_ms}ms is already shorter than {in_message(str(end_ms))}ms.",
            )
        part.cut_ms = end_ms
        self._state.outbox.send(
            "conversation.item.truncated", item_id=item.id, content_index=index, audio_end_ms=end_ms
        )

    def _find(self, item_id: str, code: Code, doing: str) -> ConversationItem:
        item = self._state.conversation.find(item_id)
        if item is None:
            raise RefusedError(
                code, f"Error {doing} item: the item with id '{in_message(item_id)}' does not exist."
            )
        return item


def item_from(read: Json, identifiers: Identifiers, input_format: AudioFormat) -> ConversationItem:
    """Return the item a client described, in its final form (CI-02, CI-03).

    A ``status`` the client gives has no effect: what a client creates is complete.
    """
    is_call = read["type"] == "function_call"
    return ConversationItem(
        id=read.get("id") or identifiers.mint(IdKind.ITEM),
        type=read["type"],
        status=None if read["type"] == "function_call_output" else "completed",
        role=read.get("role"),
        content=[_part_from(part, input_format) for part in read.get("content", [])],
        name=read.get("name"),
        call_id=read.get("call_id") or (identifiers.mint(IdKind.CALL) if is_call else None),
        arguments=read.get("arguments"),
        output=read.get("output"),
    )


def _part_from(read: Json, input_format: AudioFormat) -> ContentPart:
    return ContentPart(
        type=read["type"],
        text=read.get("text"),
        transcript=read.get("transcript"),
        audio=read.get("audio", b""),
        audio_format=input_format if read["type"] == "input_audio" else None,
        image_url=read.get("image_url"),
        detail=read.get("detail"),
    )


def _no_sound() -> RefusedError:
    return RefusedError(Code.UNSUPPORTED_CONTENT_TYPE, "Only model output audio messages can be truncated.")
