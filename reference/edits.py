"""Changes as data: which events, and what becomes of them.

Event types are given as on the wire, several of them parted by spaces, ``*`` standing for anything.
``nth`` counts, within a session, the events that match; 0 means each of them. A path is dotted,
with numbers for places in a list and ``*`` for all of them: ``response.output.*.status``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from protocol.json_values import MISSING, Json, value_at
from reference.alterations import Memory, Pause, Sent, SessionStep, again

Condition = Callable[[Json, Memory], bool]
Replacement = Callable[[Json, Memory], list[Sent]]
Invention = Callable[[Json, Memory], Json | list[Sent]]

MOMENT_S = 0.05
"""What a slow server takes: longer than a client that does not wait takes for its next event."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of some events: ``act`` returns what is sent in place of each."""

    types: str
    act: Replacement
    where: Condition | None = None
    nth: int = 0

    def __call__(self, memory: Memory) -> SessionStep:
        """Begin to edit a session."""
        return _Editing(memory, self)


class _Editing(SessionStep):
    def __init__(self, memory: Memory, edit: Edit) -> None:
        super().__init__(memory)
        self._edit = edit
        self._seen = _Counter(edit.types, edit.where, edit.nth)

    def outgoing(self, event: Json) -> list[Sent]:
        return self._edit.act(event, self.memory) if self._seen.matches(event, self.memory) else [event]


class _Counter:
    """Tells whether an event is meant, counting those that match."""

    def __init__(self, types: str, where: Condition | None, nth: int) -> None:
        self._types = types.split()
        self._where = where
        self._nth = nth
        self._count = 0

    def matches(self, event: Json, memory: Memory) -> bool:
        name = event.get("type", "")
        if not any(fnmatchcase(name, pattern) for pattern in self._types):
            return False
        if self._where is not None and not self._where(event, memory):
            return False
        self._count += 1
        return self._nth in (0, self._count)


# --- what may become of an event --------------------------------------------------------------------------


def drop(types: str, where: Condition | None = None, nth: int = 0) -> Edit:
    """Leave events out."""
    return Edit(types, lambda _event, _memory: [], where, nth)


def repeat(types: str, where: Condition | None = None, nth: int = 0) -> Edit:
    """Send events twice; the second time under an ``event_id`` of its own."""
    return Edit(types, lambda event, _memory: [event, again(event)], where, nth)


def rename(types: str, to: str, where: Condition | None = None, nth: int = 0) -> Edit:
    """Send events under another type."""
    return Edit(types, lambda event, _memory: [{**event, "type": to}], where, nth)


def put(types: str, path: str, value: Any, where: Condition | None = None, nth: int = 0) -> Edit:
    """Write a value, or what a function of event and memory returns, to a path."""

    def act(event: Json, memory: Memory) -> list[Sent]:
        return [with_value(event, path, value(event, memory) if callable(value) else value)]

    return Edit(types, act, where, nth)


def unset(types: str, path: str, where: Condition | None = None, nth: int = 0) -> Edit:
    """Leave out a field."""
    return Edit(types, lambda event, _memory: [with_value(event, path, MISSING)], where, nth)


def instead(types: str, invention: Invention, where: Condition | None = None, nth: int = 0) -> Edit:
    """Send something else in place of events."""
    return Edit(types, lambda event, memory: _listed(invention(event, memory)), where, nth)


def after(types: str, invention: Invention, where: Condition | None = None, nth: int = 0) -> Edit:
    """Send something more behind events."""
    return Edit(types, lambda event, memory: [event, *_listed(invention(event, memory))], where, nth)


def before(types: str, invention: Invention, where: Condition | None = None, nth: int = 0) -> Edit:
    """Send something more ahead of events."""
    return Edit(types, lambda event, memory: [*_listed(invention(event, memory)), event], where, nth)


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold events back until one of ``until`` comes, and send them behind it (or ahead of it).

    A live server sends them after ``at_most`` seconds in any case, where that is not 0.
    """

    types: str
    until: str
    where: Condition | None = None
    nth: int = 0
    until_where: Condition | None = None
    ahead: bool = False
    at_most: float = 0.0

    def __call__(self, memory: Memory) -> SessionStep:
        """Begin to edit a session."""
        return _Holding(memory, self)


class _Holding(SessionStep):
    def __init__(self, memory: Memory, hold: Hold) -> None:
        super().__init__(memory)
        self._ahead = hold.ahead
        self._pause: list[Sent] = [Pause(hold.at_most)] if hold.at_most else []
        self._seen = _Counter(hold.types, hold.where, hold.nth)
        self._until = _Counter(hold.until, hold.until_where, 0)
        self._held: list[Sent] = []

    def outgoing(self, event: Json) -> list[Sent]:
        if self._seen.matches(event, self.memory):
            self._held.append(event)
            return [*self._pause] if self.memory.live else []
        if not self._until.matches(event, self.memory):
            return [event]
        held, self._held = self._held, []
        return [*held, event] if self._ahead else [event, *held]

    def resumed(self) -> list[Sent]:
        return self.ending() if self._pause else []

    def ending(self) -> list[Sent]:
        held, self._held = self._held, []
        return held


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Events come behind ``until`` where the client has sent an event of type ``by`` before they came.

    A live server takes a moment for them, so that the client can; what else comes in that moment has to wait.
    """

    types: str
    by: str
    until: str
    where: Condition | None = None

    def __call__(self, memory: Memory) -> SessionStep:
        """Begin to edit a session."""
        return _Overtaking(memory, self)


class _Overtaking(SessionStep):
    def __init__(self, memory: Memory, edit: Overtaken) -> None:
        super().__init__(memory)
        self._by = edit.by
        self._seen = _Counter(edit.types, edit.where, 0)
        self._until = _Counter(edit.until, None, 0)
        self._held: list[Sent] = []

    def outgoing(self, event: Json) -> list[Sent]:
        if self._seen.matches(event, self.memory) and (self.memory.live or self._is_overtaken()):
            self._held.append(event)
            return [Pause(MOMENT_S)] if self.memory.live else []
        if self._until.matches(event, self.memory):
            return [event, *self.ending()]
        return [event] if self._is_overtaken() else [*self.ending(), event]

    def resumed(self) -> list[Sent]:
        return [] if self._is_overtaken() else self.ending()

    def ending(self) -> list[Sent]:
        held, self._held = self._held, []
        return held

    def _is_overtaken(self) -> bool:
        return bool(self.memory.asked) and self.memory.asked[-1].get("type") == self._by


def _listed(sent: Json | list[Sent]) -> list[Sent]:
    return sent if isinstance(sent, list) else [sent]


# --- conditions -------------------------------------------------------------------------------------------


def has(path: str, *values: Any) -> Condition:
    """Tell whether one of some values is at a path; without values, whether anything is."""

    def holds(event: Json, _memory: Memory) -> bool:
        found = at_path(event, path)
        return found is not MISSING and (not values or found in values)

    return holds


def lacks(path: str, *values: Any) -> Condition:
    """Tell whether none of some values is at a path; without values, whether nothing is."""
    there = has(path, *values)
    return lambda event, memory: not there(event, memory)


def answers_to(client_type: str, *conditions: Condition) -> Condition:
    """Tell whether an ``error`` answers a client event of a type for which all conditions hold."""

    def holds(event: Json, memory: Memory) -> bool:
        asked = memory.offender(event)
        return asked.get("type") == client_type and all(each(asked, memory) for each in conditions)

    return holds


def asked(client_type: str, condition: Condition) -> Condition:
    """Tell whether a condition holds for the last client event of a type."""
    return lambda _event, memory: condition(memory.last_asked(client_type), memory)


def both(*conditions: Condition) -> Condition:
    """Tell whether all of some conditions hold."""
    return lambda event, memory: all(each(event, memory) for each in conditions)


# --- paths ------------------------------------------------------------------------------------------------


def at_path(value: Any, path: str) -> Any:
    """Return what is at a path without ``*``, or `MISSING`."""
    return value_at(value, path, MISSING)


def with_value(event: Json, path: str, value: Any) -> Json:
    """Return an event with another value at a path, `MISSING` leaving the field out.

    Where the way to the last step of the path does not exist, nothing is changed.
    """
    changed = copy.deepcopy(event)
    _write(changed, path.split("."), value)
    return changed


def _write(node: Any, steps: list[str], value: Any) -> None:
    step, rest = steps[0], steps[1:]
    if isinstance(node, list):
        places = range(len(node)) if step == "*" else [int(step)] if int(step) < len(node) else []
        for place in places:
            if rest:
                _write(node[place], rest, value)
            else:
                node[place] = copy.deepcopy(value)
    elif isinstance(node, dict):
        if rest:
            _write(node.get(step), rest, value)
        elif value is MISSING:
            node.pop(step, None)
        else:
            node[step] = copy.deepcopy(value)
