"""What faults of speech synthesis do that takes more than one message, or a look at what was said before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.json_values import MISSING, Json
from reference.alterations import Memory, Pause, Sent, SessionStep
from reference.edits import MOMENT_S, Condition, at_path, with_value


def setting(event: Json, memory: Memory, path: str) -> Any:
    """Return a setting of the context that an event is about, as ``contextCreated`` showed it."""
    found: Any = MISSING
    for each in memory.told:
        if each["type"] == "contextCreated" and each.get("contextId") == event.get("contextId"):
            found = at_path(each, f"body.{path}")
    return found


def has_setting(path: str, *values: Any) -> Condition:
    """Tell whether the context of an event has one of some settings."""
    return lambda event, memory: setting(event, memory, path) in values


def open_contexts(memory: Memory) -> list[str]:
    """Return the ids of the contexts that were created and not closed."""
    found: list[str] = []
    for each in memory.told:
        if each["type"] == "contextCreated":
            found.append(each["contextId"])
        elif each["type"] == "contextClosed" and each["contextId"] in found:
            found.remove(each["contextId"])
    return found


class AskedOtherwise(SessionStep):
    """Client messages of a type are understood as ``change`` makes them; None for not at all."""

    def __init__(self, memory: Memory, kind: str, change: Callable[[Json], Json | None]) -> None:
        super().__init__(memory)
        self._kind = kind
        self._change = change

    def incoming(self, event: Json) -> Json | None:
        return self._change(event) if event["type"] == self._kind else event


def asked_otherwise(kind: str, change: Callable[[Json], Json | None]) -> Callable[[Memory], SessionStep]:
    """Let a service understand client messages of a type as ``change`` makes them; None for not at all."""
    return lambda memory: AskedOtherwise(memory, kind, change)


def ignoring(kind: str) -> Callable[[Memory], SessionStep]:
    """Let a service ignore client messages of a type."""
    return asked_otherwise(kind, lambda _event: None)


def without(kind: str, *paths: str) -> Callable[[Memory], SessionStep]:
    """Let a service ignore fields of client messages of a type."""

    def change(event: Json) -> Json:
        for path in paths:
            event = with_value(event, path, MISSING)
        return event

    return asked_otherwise(kind, change)


class LastChunkLate(SessionStep):
    """The last chunk ahead of messages of a type comes behind them."""

    def __init__(self, memory: Memory, behind: str) -> None:
        super().__init__(memory)
        self._behind = behind
        self._held: dict[str, Json] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        context_id = event.get("contextId", "")
        held: list[Sent] = [self._held.pop(context_id)] if context_id in self._held else []
        if event["type"] == "audioChunk":
            self._held[context_id] = event
            return held
        return [event, *held] if event["type"] == self._behind else [*held, event]


class CreatedLate(SessionStep):
    """``contextCreated`` comes behind the first chunk of its context."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._held: dict[str, Json] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        context_id = event.get("contextId", "")
        if event["type"] == "contextCreated":
            self._held[context_id] = event
            return []
        held: list[Sent] = [self._held.pop(context_id)] if context_id in self._held else []
        return [event, *held] if event["type"] == "audioChunk" else [*held, event]


class BurstLost(SessionStep):
    """Text that comes before the client can have seen ``contextCreated`` is lost.

    The server takes a moment for that message, and does not listen meanwhile.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._held: dict[str, Json] = {}

    def incoming(self, event: Json) -> Json | None:
        return None if event["type"] == "sendText" and event.get("contextId") in self._held else event

    def outgoing(self, event: Json) -> list[Sent]:
        context_id = event.get("contextId", "")
        if event["type"] == "contextCreated":
            self._held[context_id] = event
            return [Pause(MOMENT_S)]
        return [self._held.pop(context_id), event] if context_id in self._held else [event]

    def resumed(self) -> list[Sent]:
        held, self._held = self._held, {}
        return list(held.values())


class OneAtATime(SessionStep):
    """A context is served only when the one before it has closed."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._current: str | None = None
        self._held: list[Json] = []

    def outgoing(self, event: Json) -> list[Sent]:
        context_id = event.get("contextId")
        if context_id is None or event["type"] == "status":
            return [event]
        if self._current not in (None, context_id):
            self._held.append(event)
            return []
        sent: list[Sent] = [event]
        self._current = context_id
        if event["type"] == "contextClosed":
            self._current = None
            sent += self._next()
        return sent

    def _next(self) -> list[Sent]:
        held, self._held = self._held, []
        return [sent for event in held for sent in self.outgoing(event)]
