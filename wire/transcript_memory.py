"""What was said so far on a connection of a transcript, as far as usual values depend on it."""

from __future__ import annotations

import copy
from typing import Any

from protocol.event_types import Event
from protocol.json_values import Json
from wire.trace import Direction


class TranscriptMemory:
    """What was said so far on one connection.

    `item` and `response` are the ids named last. `announced` is an item that was told of and is not in the
    conversation yet, `order` has those that are. `pending` are the items and `wanted` the session that the
    client asked for, by the ids of its events. `said` is what the deltas of an item add up to, `aloud` are
    the items that are spoken, and `outputs` the items that are done by the ids of their responses.
    """

    def __init__(self, session: Json) -> None:
        self.client: str | None = None
        self.item: str | None = None
        self.response: str | None = None
        self.announced: str | None = None
        self.items: dict[str, Json] = {}
        self.previous: dict[str, str | None] = {}
        self.order: list[str] = []
        self.pending: list[tuple[str | None, Json]] = []
        self.wanted: list[tuple[str | None, Json]] = []
        self.said: dict[str, str] = {}
        self.aloud: set[str] = set()
        self.responses: dict[str, Json] = {}
        self.outputs: dict[str, list[Any]] = {}
        self.asked: Json = {}
        self.session = copy.deepcopy(session)
        self.end: Any = 0

    def asked_for(self, id_: str | None) -> Json | None:
        """Return the item that the client asked for, and that may now be shown as `id_`."""
        asked = [item for _, item in self.pending]
        named = [item for item in asked if id_ is not None and item.get("id") == id_]
        return next(iter(named or asked), None)

    def note(self, direction: Direction, event: Event) -> None:
        """Take in what was said."""
        type_ = event.get("type")
        if not isinstance(type_, str):
            return
        event = copy.deepcopy(event)
        if direction == "client":
            self.client = text_in(event, "event_id")
            self._note_client(type_, event)
        else:
            self._note_server(type_, event)

    def _note_client(self, type_: str, event: Event) -> None:
        match type_:
            case "session.update":
                self.wanted.append((self.client, dict_in(event, "session")))
            case "conversation.item.create":
                self.pending.append((self.client, dict_in(event, "item")))
            case "response.create":
                self.asked = dict_in(event, "response")
            case "conversation.item.truncate":
                self.end = event.get("audio_end_ms")
        self.item = text_in(event, "item_id") or self.item

    def _note_server(self, type_: str, event: Event) -> None:
        match type_:
            case "session.created" | "session.updated":
                self.session, self.wanted = dict_in(event, "session"), []
            case "error":
                culprit = text_in(dict_in(event, "error"), "event_id")
                self.pending = [each for each in self.pending if culprit is None or each[0] != culprit]
                self.wanted = [each for each in self.wanted if culprit is None or each[0] != culprit]
        response, item = dict_in(event, "response"), dict_in(event, "item")
        if (id_ := text_in(response, "id")) is not None:
            self.responses[id_] = response
        self.response = id_ or text_in(event, "response_id") or self.response
        if (id_ := text_in(item, "id")) is not None:
            self._note_item(type_, event, item, id_)
        elif (id_ := text_in(event, "item_id")) is not None:
            self._note_item_id(type_, event, id_)

    def _note_item(self, type_: str, event: Event, item: Json, id_: str) -> None:
        self.item = id_
        if type_ == "conversation.item.added" and id_ not in self.items:
            asked = self.asked_for(id_)
            self.pending = [each for each in self.pending if each[1] is not asked]
        self.items[id_] = item
        if type_ == "response.output_item.added":
            response = self.responses.get(text_in(event, "response_id") or "", {})
            # What a response beside the conversation produces does not join it.
            self.announced = self.announced if response.get("conversation_id", "") is None else id_
        elif type_.startswith("conversation.") and id_ not in self.order:
            self.order.append(id_)
            self.previous[id_] = text_in(event, "previous_item_id")
            self.announced = None if self.announced == id_ else self.announced
        if type_ == "response.output_item.done":
            self.outputs.setdefault(text_in(event, "response_id") or "", []).append(item)

    def _note_item_id(self, type_: str, event: Event, id_: str) -> None:
        self.item = id_
        if type_.startswith("input_audio_buffer."):
            self.announced = id_ if id_ not in self.order else self.announced
        elif type_ == "conversation.item.deleted" and id_ in self.order:
            self.order.remove(id_)
        elif type_.endswith(".delta") and "audio." not in type_:
            self.said[id_] = self.said.get(id_, "") + (text_in(event, "delta") or "")
        elif type_ == "response.content_part.added" and dict_in(event, "part").get("type") == "audio":
            self.aloud.add(id_)


def dict_in(value: Any, name: str) -> Json:
    """Return the object that is a field of `value`, an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def text_in(value: Any, name: str) -> str | None:
    """Return the text that is a field of `value`, None where there is none, or it is empty."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None
