"""Faults of how items are created, and where they stand in the conversation (facts 4.3)."""

from __future__ import annotations

from typing import Any

from protocol.json_values import Json
from reference.absence.unasked import AN_ITEM
from reference.alterations import Memory, Sent, SessionStep, StepFactory, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    Condition,
    Overtaken,
    after,
    answers_to,
    asked,
    at_path,
    before,
    both,
    drop,
    has,
    lacks,
    put,
    repeat,
)
from reference.faults.answers import refusing
from reference.faults.situations import appended

_CREATE, _ADDED, _DONE = "conversation.item.create", "conversation.item.added", "conversation.item.done"
_BOTH = f"{_ADDED} {_DONE}"
_WRITTEN: Condition = has("item.content.0.type", "input_text")
_BEHIND_ANOTHER: Condition = lacks("previous_item_id", None)


def _made_by_client(event: Json, _memory: Memory) -> bool:
    return bool(event["item"].get("role") == "user" or event["item"]["type"] == "function_call_output")


def _generated(event: Json, _memory: Memory) -> bool:
    return bool(event["item"].get("status") == "in_progress")


class _Accepting(SessionStep):
    """Items that should be refused are put at the end of the conversation, and later ones behind them."""

    def __init__(self, memory: Memory, *conditions: Condition) -> None:
        super().__init__(memory)
        self._meant = answers_to(_CREATE, *conditions)
        self._behind: dict[str | None, str] = {}
        self._moved: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if self._meant(event, self.memory):
            return self._accepted(self.memory.offender(event)["item"])
        if event["type"] == _ADDED and event["previous_item_id"] in self._behind:
            self._moved[event["item"]["id"]] = self._behind.pop(event["previous_item_id"])
        if event["type"] in (_ADDED, _DONE) and event["item"]["id"] in self._moved:
            event = {**event, "previous_item_id": self._moved[event["item"]["id"]]}
        return [event]

    def _accepted(self, item: Json) -> list[Sent]:
        item = {"id": f"item_taken_{len(self.memory.asked)}", "status": "completed", **item}
        if item["type"] == "function_call_output":
            del item["status"]
        last = self.memory.last_told(_ADDED)
        previous = last["item"]["id"] if last else None
        self._behind[previous] = item["id"]
        place = {"previous_item_id": previous, "item": item}
        return [invent(_ADDED, **place), invent(_DONE, **place)]


def _take(*conditions: Condition) -> StepFactory:
    return lambda memory: _Accepting(memory, *conditions)


_LENGTH = 32


class _IdsOfItsOwn(SessionStep):
    """Long ids that a client gave its items are replaced by the server's own, everywhere."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._own: dict[str, str] = {}

    def incoming(self, event: Json) -> Json:
        given = at_path(event, "item.id")
        if event.get("type") == _CREATE and isinstance(given, str) and len(given) > _LENGTH:
            self._own.setdefault(given, f"item_own_{len(self._own) + 1}")
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        return [_renamed(event, self._own)]


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


class _Appending(SessionStep):
    """A ``previous_item_id`` that meets ``ignored`` is not looked at: the item is put at the end."""

    ignored: Condition

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._order: list[str] = []

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _ADDED:
            event = self._placed(event)
        elif event["type"] == _DONE and event["item"]["id"] in self._order:
            place = self._order.index(event["item"]["id"])
            event = {**event, "previous_item_id": self._order[place - 1] if place else None}
        elif event["type"] == "conversation.item.deleted" and event["item_id"] in self._order:
            self._order.remove(event["item_id"])
        return [event]

    def _placed(self, event: Json) -> Json:
        wanted, item_id = event["previous_item_id"], event["item"]["id"]
        request = self.memory.last_asked(_CREATE)
        at_end = not request.get("previous_item_id") or type(self).ignored(request, self.memory)
        place = len(self._order) if at_end else self._order.index(wanted) + 1 if wanted else 0
        self._order.insert(place, item_id)
        return {**event, "previous_item_id": self._order[place - 1] if place else None}


class _RootIgnored(_Appending):
    ignored = staticmethod(has("previous_item_id", "root"))


class _PlaceIgnored(_Appending):
    ignored = staticmethod(lacks("previous_item_id", "root"))


class _DeletedStays(SessionStep):
    """An item that was deleted is still taken for the last one."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._ghost: str | None = None
        self._behind: str | None = None

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "conversation.item.deleted":
            self._ghost = event["item_id"]
        elif (
            event["type"] == _ADDED and self._ghost and self._behind is None and appended(event, self.memory)
        ):
            self._behind = event["item"]["id"]
        if event["type"] in _BOTH and event["item"]["id"] == self._behind:
            event = {**event, "previous_item_id": self._ghost}
        return [event]


_CREATION = (
    differs(
        "item-create-unanswered",
        "`conversation.item.create` is never answered.",
        drop(_BOTH, has("item.role", "system")),
    ),
    differs(
        "item-create-refused",
        "A valid `conversation.item.create` is refused.",
        refusing(_CREATE, _ADDED, has("item.role", "system")),
        drop(_DONE, has("item.role", "system")),
    ),
    differs(
        "item-added-twice",
        "Items of the client get `conversation.item.added` twice.",
        repeat(_ADDED, _made_by_client),
    ),
    differs(
        "item-never-done",
        "Items of the client get `conversation.item.added`, but no `done`.",
        drop(_DONE, _made_by_client),
        models="D-11",
    ),
    differs("no-item-done-at-all", "`conversation.item.done` is never sent.", drop(_DONE), models="D-25"),
    differs("user-item-unasked", "An item of the user that nobody created is announced.", AN_ITEM),
    differs(
        "item-done-twice",
        "`conversation.item.done` comes twice for one item.",
        repeat(_DONE, _made_by_client, nth=1),
    ),
    differs(
        "stray-item-done",
        "A `conversation.item.done` comes for an item that was never added.",
        after(
            _DONE,
            lambda event, _memory: again({**event, "item": {**event["item"], "id": "item_stray"}}),
            has("item.role", "system"),
            nth=1,
        ),
    ),
    differs(
        "item-done-late",
        "`conversation.item.done` of a client's item comes behind the answer to the next client event.",
        Overtaken(_DONE, "input_audio_buffer.clear", "input_audio_buffer.cleared", _made_by_client),
        only="openai",  # Inworld's may come when it likes (FI-10)
    ),
    differs(
        "item-added-unfinished",
        "A client's item is added with the status `in_progress`.",
        put(_ADDED, "item.status", "in_progress", has("item.role", "user")),
        only="openai",
    ),
    differs(
        "client-item-id-replaced",
        "An `id` of more than 32 characters that the client gave its item is replaced.",
        _IdsOfItsOwn,
        models="D-59",
    ),
    differs(
        "item-text-lost",
        "A client's item is added and done without the text it was given.",
        put(f"{_BOTH} conversation.item.retrieved", "item.content.0.text", "", _WRITTEN),
    ),
    differs(
        "audio-sent-back",
        "The audio of a client's item is sent back to it.",
        put(_BOTH, "item.content.0.audio", "AAAAAAAA", has("item.content.0.type", "input_audio")),
    ),
    differs(
        "output-content-in-user-item",
        "The content of a user's item is called `output_text`.",
        put(_BOTH, "item.content.*.type", "output_text", both(has("item.role", "user"), _WRITTEN)),
    ),
    differs(
        "input-content-in-assistant-item",
        "The content of an assistant's item is called `input_text`.",
        put(
            f"{_BOTH} response.output_item.done conversation.item.retrieved",
            "item.content.*.type",
            "input_text",
            has("item.content.0.type", "output_text"),
        ),
        put(
            "response.done",
            "response.output.*.content.*.type",
            "input_text",
            has("response.output.0.content.0.type", "output_text"),
        ),
    ),
    differs(
        "unknown-call-accepted",
        "A `function_call_output` for an unknown `call_id` is accepted.",
        _take(has("item.type", "function_call_output")),
    ),
    differs(
        "beta-item-created",
        "`conversation.item.created` is sent beside `added`.",
        before(_ADDED, lambda event, _memory: again(event, type="conversation.item.created"), nth=1),
        models="D-70",
    ),
    differs(
        "announced-by-created",
        "Items are announced by `conversation.item.created` instead of `conversation.item.added`.",
        put(_ADDED, "type", "conversation.item.created"),
        models="D-70",
        wide=True,
    ),
    differs(
        "generated-item-added-complete",
        "An item that a response produces is added with the status `completed`.",
        put(_ADDED, "item.status", "completed", _generated),
    ),
    differs(
        "generated-item-added-incomplete",
        "An item that a response produces is added with the status `incomplete`.",
        put(_ADDED, "item.status", "incomplete", _generated),
        models="D-16",
    ),
)

_ORDER = (
    differs(
        "previous-null-behind-others",
        "Appended items say `previous_item_id: null` although the conversation is not empty.",
        put(
            f"{_BOTH} input_audio_buffer.committed", "previous_item_id", None, both(_BEHIND_ANOTHER, appended)
        ),
        models="D-22",
    ),
    differs(
        "previous-never-announced",
        "An item names a predecessor that was never announced.",
        put(
            f"{_BOTH} input_audio_buffer.committed",
            "previous_item_id",
            "item_ghost",
            both(_BEHIND_ANOTHER, appended),
        ),
        models="D-24",
    ),
    differs("root-ignored", '`previous_item_id: "root"` appends the item.', _RootIgnored, models="D-18"),
    differs(
        "place-ignored",
        "A `previous_item_id` that exists is ignored: the item is appended.",
        _PlaceIgnored,
        models="D-18",
    ),
    differs(
        "previous-copied-from-request",
        "The answer to an item repeats the request's `previous_item_id`, `root` included.",
        put(_BOTH, "previous_item_id", "root", asked(_CREATE, has("previous_item_id", "root"))),
        models="D-11",
    ),
    differs(
        "unknown-previous-accepted",
        "An item with an unknown `previous_item_id` is appended.",
        _take(has("previous_item_id")),
        models="D-18",
    ),
    differs(
        "deleted-item-still-last",
        "After the last item was deleted, the next one names it as its predecessor.",
        _DeletedStays,
    ),
    differs(
        "done-names-another-previous",
        "`conversation.item.done` names another predecessor than `added`.",
        put(_DONE, "previous_item_id", lambda event, _memory: event["item"]["id"], _BEHIND_ANOTHER),
    ),
)


FAULTS: tuple[Difference, ...] = (*_CREATION, *_ORDER)
