"""Makes a conversation short while the judge still says the same of it: for examples that people read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from protocol.event_types import ANSWERS
from tests.rules.entries import USUAL, timed
from tests.rules.notation import written
from tests.rules.said import audio
from wire.trace import RecordedTrace

Still = Callable[[RecordedTrace], bool]
"""Tells whether a conversation still is an example of what it is to show."""

_FACTS = ("attempt", "measured")
_KEPT = ("", "root", "auto", "none")
_NAMES = {"item": "item", "response": "resp", "call": "call", "session": "sess", "conversation": "conv"}
_SOUND = re.compile(r"^[A-Za-z0-9+/]{40,}=*$")
_WAITED_S = 15.0
_LENGTHS_MS = (10, 20, 100, 200, 500, 1000)


def shortened(trace: RecordedTrace, shows: Still) -> RecordedTrace | None:
    """Return `trace` with as little in it as `shows` the same; None where it does not show it.

    Its beginning stays, so that all else has to follow from something; and so does what asks for an answer
    that stays.
    """
    plain = _plain(trace)
    if not shows(plain):
        return None
    asking = {(asks, answer) for asks, answer in ANSWERS.items() if asks in _types(plain)}

    def still(other: RecordedTrace) -> bool:
        types = _types(other)
        return all(asks in types for asks, answer in asking if answer in types) and shows(other)

    for step in (_usual_beginning, _fewer_entries, _shorter_sound, _short_ids, _fewer_fields):
        plain = step(plain, still)
    return plain


def _types(trace: RecordedTrace) -> set[str]:
    return {entry.type for entry in trace}


def _with(trace: RecordedTrace, said: list[tuple[Any, ...]]) -> RecordedTrace:
    return RecordedTrace(trace.name, list(timed(said)), trace.header)


def _said(trace: RecordedTrace) -> list[tuple[Any, ...]]:
    return [tuple(entry[2:]) for entry in trace]


def _plain(trace: RecordedTrace) -> RecordedTrace:
    """Return `trace` without times, and without what is no part of the conversation."""
    facts = {name: trace.header[name] for name in _FACTS if trace.header.get(name) not in (None, "ordinary")}
    header = {"measured": True, **facts}
    said = [
        (who, kind, event, _of_note(kind, detail or {}) or None) for who, kind, event, detail in _said(trace)
    ]
    return _with(RecordedTrace("by hand", [], header), said)


def _of_note(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    if kind == "deadline" and detail.get("silent"):
        # Tests wait for less than a client does; a reader should not have to know for how long.
        waited = max(_WAITED_S, detail["waited_s"])
        return {**detail, "waited_s": waited, "silent_s": waited}
    if kind not in ("open", "refusal"):
        return detail
    return {
        name: detail[name] for name in ("status", "problem", "offered", "subprotocol") if detail.get(name)
    }


def _usual_beginning(trace: RecordedTrace, still: Still) -> RecordedTrace:
    """Let the usual `session.created` come first, or at least the one that comes."""
    said = _said(trace)
    begun = [each for each in said if _begins(each)]
    rest = [each for each in said if not _begins(each)]
    usual = [begun[0], ("server", "text", USUAL, None)] if len(begun) > 1 else begun
    for first in (usual, begun):
        other = _better(trace, [*first, *rest], still)
        if other is not trace:
            return other
    return trace


def _better(trace: RecordedTrace, said: list[tuple[Any, ...]], still: Still) -> RecordedTrace:
    other = _with(trace, said)
    return other if still(other) else trace


def _fewer_entries(trace: RecordedTrace, still: Still) -> RecordedTrace:
    """Leave out entries: many at once, then fewer, then one by one, until each is needed."""
    said = _said(trace)
    size = max(1, len(said) // 2)
    while True:
        place, before = len(said), len(said)
        while place > 0:
            start = max(0, place - size)
            gone = [each for each in said[start:place] if not _begins(each)]
            rest = said[:start] + [each for each in said[start:place] if _begins(each)] + said[place:]
            if gone and still(_with(trace, rest)):
                said = rest
            place = start
        if size == 1 and len(said) == before:
            return _with(trace, said)
        size = max(1, size // 2)


def _begins(said: tuple[Any, ...]) -> bool:
    return said[1] == "open" or (said[0] == "server" and (said[2] or {}).get("type") == "session.created")


def _shorter_sound(trace: RecordedTrace, still: Still) -> RecordedTrace:
    """Put silence where there is sound, as short as may be."""
    for place in range(len(_said(trace))):
        said = _said(trace)
        who, kind, event, detail = said[place]
        for path in _sounds(event):
            for milliseconds in _LENGTHS_MS:
                changed = _changed(event, path, audio(milliseconds))
                other = _with(trace, [*said[:place], (who, kind, changed, detail), *said[place + 1 :]])
                if still(other):
                    trace = other
                    event, said = changed, _said(trace)
                    break
    return trace


def _sounds(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for name, each in _members(value):
        if isinstance(each, str):
            if _SOUND.match(each):
                yield (*path, name)
        else:
            yield from _sounds(each, (*path, name))


def _members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, list):
        return [_changed(each, path[1:], new) if n == path[0] else each for n, each in enumerate(value)]
    return {name: _changed(each, path[1:], new) if name == path[0] else each for name, each in value.items()}


def _short_ids(trace: RecordedTrace, still: Still) -> RecordedTrace:
    """Number the ids of each kind, as they come."""
    names: dict[str, str] = {}
    numbers: dict[str, int] = {}
    said = _said(trace)
    for seq, (_, _, event, _) in enumerate(said, 1):
        for kind, id_ in _ids(event, ""):
            if id_ in _KEPT or id_ in names:
                continue
            if kind == "event":
                names[id_] = f"e{seq}"
            else:
                numbers[kind] = numbers.get(kind, 0) + 1
                names[id_] = f"{kind}_{numbers[kind]}"
    return _better(
        trace, [(who, kind, _renamed(event, names), detail) for who, kind, event, detail in said], still
    )


def _ids(value: Any, around: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _ids(each, "item" if around in ("output", "input", "content") else around)
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        if not isinstance(each, str):
            yield from _ids(each, name)
        elif name == "id" or name.endswith("_id"):
            kind = around if name == "id" else name.removesuffix("_id").removeprefix("previous_")
            if kind == "event" or kind in _NAMES:
                yield _NAMES.get(kind, kind), each


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: names.get(each, each)
            if isinstance(each, str) and (name == "id" or name.endswith("_id"))
            else _renamed(each, names)
            for name, each in value.items()
        }
    return [_renamed(each, names) for each in value] if isinstance(value, list) else value


def _fewer_fields(trace: RecordedTrace, still: Still) -> RecordedTrace:
    """Leave out what an event of the server does not need to be one, where that is shorter."""
    for place in range(len(_said(trace))):
        said = _said(trace)
        who, kind, event, detail = said[place]
        for path in list(_fields(event)) if who == "server" else ():
            fewer = _without(event, path)
            other = _with(trace, [*said[:place], (who, kind, fewer, detail), *said[place + 1 :]])
            if len(written(other)) < len(written(trace)) and still(other):
                trace, event, said = other, fewer, _said(other)
    return trace


def _fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all fields but those that say what something is, the outermost first."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("type", "event_id"):
                yield (*path, name)
                yield from _fields(each, (*path, name))


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    if not isinstance(value, dict) or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: each for name, each in value.items() if name != path[0]}
    return {name: _without(each, path[1:]) if name == path[0] else each for name, each in value.items()}
