"""Says events as briefly as a transcript can: without what a reader fills in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from protocol.event_types import Event
from protocol.json_values import MISSING, value_at
from wire.trace import Direction
from wire.transcript import KINDS_OF_FRAMES, TranscriptReader
from wire.transcript_filling import (
    KIND,
    KIND_WORD,
    Given,
    filled,
    listed,
    own_fields,
    short_type,
    spec,
    usual,
)
from wire.transcript_memory import TranscriptMemory, dict_in
from wire.transcript_values import ABSENT, Exactly, NotReadable, Scanner, word_of, written

_TYPE = re.compile(r"[A-Za-z_][\w.-]*")
_ID = re.compile(r"[\w.-]+")
_TRIES = 4  # what is said of an event may change what is usual of the rest of it


def said(who: Direction, event: Event, seq: int, memory: TranscriptMemory) -> str:
    """Return the shortest way to say `event`, the entry `seq` of a conversation so far."""
    type_ = event.get("type")
    if not isinstance(type_, str) or not _TYPE.fullmatch(type_) or type_ in KINDS_OF_FRAMES:
        return written(event)
    known = spec(who, type_)
    kinds: list[str | None] = [None]
    if f"{known.get('body')}.{KIND_WORD}" in known.get("words", ()):
        kinds += usual()["parts" if known["body"] == "part" else "items"]
    saying = _Saying(who, type_, event, seq, memory)
    ways = [saying.said(kind) for kind in kinds]
    return min((way for way in ways if way is not None), key=len, default=written(event))


@dataclass
class _Saying:
    """An event that is to be said."""

    who: Direction
    type_: str
    event: Event
    seq: int
    memory: TranscriptMemory

    def said(self, kind: str | None) -> str | None:
        """Return how the event is said with the word `kind`, None where it cannot be."""
        known = spec(self.who, self.type_)
        given: Given = {known["body"]: {KIND: kind}} if kind else {}
        for _ in range(_TRIES):
            whole = self._filled(given)
            if same(whole, self.event):
                break
            given = _with(given, _difference(whole, self.event))
            self._list_shortly(given)
        if not self._enough(given):
            return None
        text = self._text(known, _without_what_follows(given, self._enough))
        try:
            heard = TranscriptReader(Scanner(text)).event(self.who, self.memory, self.seq)
        except NotReadable:
            return None
        return text if same(heard, self.event) else None

    def _filled(self, given: Given) -> Event:
        return filled(self.memory, self.who, self.type_, given, self.seq)

    def _enough(self, given: Given) -> bool:
        return same(self._filled(given), self.event)

    def _list_shortly(self, given: Given) -> None:
        """Write the items that a response lists as items are written."""
        shown = dict_in(self.event, "response").get("output")
        there = dict_in(given, "response").get("output")
        if isinstance(there, list) and isinstance(shown, list):
            listed_ = [_listed(each, self.memory) for each in shown]
            given["response"] = {**given["response"], "output": listed_}

    def _text(self, known: dict[str, Any], given: Given) -> str:
        body, own = known.get("body", ""), own_fields(known)
        rest: Given = {n: {**v} if isinstance(v, dict) else v for n, v in given.items()}
        parts = [short_type(self.who, self.type_)]
        id_ = rest.get("event_id")
        if isinstance(id_, str) and _ID.fullmatch(id_):
            parts.append(f"#{rest.pop('event_id')}")
        parts += _words(known.get("words", ()), rest, self.event)
        payload = {n if not body or n in own else f".{n}": v for n, v in rest.items() if n != body}
        inside = rest.get(body) if body else None
        if isinstance(inside, dict) and not any(n in own or n == body or n[:1] == "." for n in inside):
            payload |= inside if inside or body in known.get("fill", {}) else {body: {}}
        elif body in rest:
            payload[body] = inside
        return " ".join([*parts, *([written(payload)] if payload else [])])


def _without_what_follows(given: Given, enough: Callable[[Given], bool]) -> Given:
    """Return `given` without what is filled in from the rest of it."""
    for name, value in list(given.items()):
        rest = {n: v for n, v in given.items() if n != name}
        if name != KIND and enough(rest):
            given = rest
        elif isinstance(value, dict):
            given = {**given, name: _without_what_follows(value, _enough_inside(enough, given, name))}
    return given


def _enough_inside(enough: Callable[[Given], bool], given: Given, name: str) -> Callable[[Given], bool]:
    return lambda value: enough({**given, name: value})


def _listed(item: Any, memory: TranscriptMemory) -> Any:
    """Return how an item that a response lists is written."""
    id_ = item.get("id") if isinstance(item, dict) else None
    if not isinstance(id_, str):
        return Exactly(item)
    for kind in (None, *usual()["items"]):
        short = f"{id_} {kind}" if kind else id_
        if _ID.fullmatch(id_) and same(listed(memory, short), item):
            return short
    given: Given = {"id": id_}
    for _ in range(_TRIES):
        whole = listed(memory, given)
        if same(whole, item):
            return given
        given = _with(given, _difference(whole, item))
    return Exactly(item)


def _difference(filled: Any, wanted: Any) -> Any:
    """Return what has to be said so that what is `filled` in becomes what is `wanted`."""
    if not isinstance(filled, dict) or not isinstance(wanted, dict):
        return wanted
    if not set(filled) & set(wanted) and filled:
        return Exactly(wanted)
    found: Given = {name: ABSENT for name in filled if name not in wanted}
    for name, value in wanted.items():
        if name not in filled:
            found[name] = value
        elif not same(filled[name], value):
            found[name] = _difference(filled[name], value)
    return found


def _with(given: Any, more: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(more, dict):
        return more
    return {**given, **{n: _with(given[n], v) if n in given else v for n, v in more.items()}}


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same, with 1 and 1.0 and true apart."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[n], other[n]) for n in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _words(places: Sequence[str], rest: Given, event: Event) -> list[str]:
    """Return the words for the first of `places`, taking out of `rest` what they say."""
    split = [_place(each) for each in places]
    last = max((n for n, path in enumerate(split, 1) if _sayable(value_at(rest, path, MISSING))), default=0)
    found: list[str] = []
    for path in split[:last]:
        value = value_at(rest, path, MISSING)
        value = value_at(event, path, MISSING) if value is MISSING else value
        found.append(word_of(value) if _sayable(value) else "_")
    for path, word in zip(split, found, strict=False):
        holder = rest if len(path) == 1 else rest.get(path[0])
        if isinstance(holder, dict) and word != "_":
            holder.pop(path[-1], None)
    return found


def _place(words: str) -> list[str]:
    *outer, last = words.split(".")
    return [*outer, KIND if last == KIND_WORD else last]


def _sayable(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)
