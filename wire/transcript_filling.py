"""What transcripts need not say: events are filled in with usual values that fit what was said before.

The values stand in `transcript.yaml`. What is filled in is valid where the conversation so far is, so that a
transcript shows only what it is about.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from protocol.event_types import Event
from protocol.json_values import laid_over
from wire.trace import Direction
from wire.transcript_memory import TranscriptMemory, dict_in, text_in
from wire.transcript_values import Exactly, LeftOut, NotReadable, Word, scalar

Given = dict[str, Any]
"""What a transcript says of an event, by its fields."""


class _Mark(enum.Enum):
    KIND = enum.auto()


KIND: Any = _Mark.KIND
"""Where the word stands that says what an item or a part is: no field of any event."""

KIND_WORD = "kind"  # how `transcript.yaml` names that place
_FINAL = ("status", "output", "usage", "status_details")


@cache
def usual() -> dict[str, Any]:
    """Return what `transcript.yaml` says."""
    with Path(__file__).with_name("transcript.yaml").open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.safe_load(file)
    return found


@cache
def _types(direction: Direction) -> dict[str, str]:
    """Return types by what may stand for them: themselves, and each ending that only one of them has."""
    types = list(usual()[direction])
    short: dict[str, str] = {}
    twice: set[str] = set()
    for type_ in types:
        parts = type_.split(".")
        for end in (".".join(parts[n:]) for n in range(1, len(parts))):
            twice |= {end} if end in short else set()
            short[end] = type_
    found = {end: type_ for end, type_ in short.items() if end not in twice}
    found |= {end: type_ for end, type_ in usual()["short"].items() if type_ in types}
    return found | {type_: type_ for type_ in types}


def full_type(direction: Direction, word: str) -> str:
    """Return the type of events that `word` stands for: itself where it is no abbreviation."""
    return _types(direction).get(word, word)


@cache
def short_type(direction: Direction, type_: str) -> str:
    """Return the shortest word that stands for `type_`."""
    ways = [word for word, meant in _types(direction).items() if meant == type_]
    return min([type_, *ways], key=len)


def spec(direction: Direction, type_: str) -> dict[str, Any]:
    """Return what is usual of events of a type."""
    found: dict[str, Any] = usual().get(direction, {}).get(type_, {})
    return found


def own_fields(known: Mapping[str, Any]) -> set[str]:
    """Return the fields that belong to the event itself, not to the object in it."""
    return {*known.get("fill", {}), *known.get("beside", ())}


def kind_of(item: Mapping[str, Any]) -> str | None:
    """Return the kind of an item or a part, by its type and role; None where it says neither."""
    if item.get("type", "message") == "message" and isinstance(item.get("role"), str):
        return str(item["role"])
    return str(item["type"]) if isinstance(item.get("type"), str) else None


def beginning() -> TranscriptMemory:
    """Return what is known before anything was said."""
    return TranscriptMemory(usual()["session"])


def filled(memory: TranscriptMemory, direction: Direction, type_: str, given: Given, seq: int) -> Event:
    """Return the whole event of which `given` is said: the entry `seq` of a conversation so far."""
    known = spec(direction, type_)
    body, fill = known.get("body", ""), known.get("fill", {})
    about = dict(given)
    if body in fill:
        about.setdefault(body, {})
    making = _Filling(memory, type_, about)
    whole: Given = {"type": type_, "event_id": f"e{seq}", **making.value(fill)}
    if body == "response" and body in fill:
        whole[body] = making.response(whole[body])
    event = copy.deepcopy(laid_over(whole, given))
    if body == "response" and body in fill and isinstance(dict_in(event, body).get("output"), list):
        event[body]["output"] = [listed(memory, each) for each in event[body]["output"]]
    found: Event = clean(event)
    return found


def listed(memory: TranscriptMemory, said: Any) -> Any:
    """Return an item that a response lists, of which something is `said`: as for the item of an event."""
    given = item_in(said)
    if given is None:
        return clean(said)
    id_ = given.get("id", memory.item)
    return clean(laid_over(_Filling(memory, "", {}).shown(given, id_, "completed", "assistant"), given))


@dataclass
class _Filling:
    """The values that `transcript.yaml` names with a $: each is a method here."""

    memory: TranscriptMemory
    type_: str
    about: Given

    def value(self, value: Any) -> Any:
        """Return a value of `transcript.yaml`, with what it names in its place."""
        if isinstance(value, dict):
            return {name: self.value(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, str) and value.startswith("$"):
            return copy.deepcopy(getattr(self, f"the_{value[1:]}")())
        return scalar(value) if isinstance(value, str) and value.startswith("~") else value

    # --- ids --------------------------------------------------------------------------------------------

    def the_item(self) -> str:
        return self.memory.item or "item_1"

    def the_new_item(self) -> str:
        taken = {*self.memory.items, *self.memory.order, self.memory.announced, self.memory.item}
        return next(id_ for n in count(1) if (id_ := f"item_{n}") not in taken)

    def the_heard(self) -> str:
        """Return the item of the speech that was heard last, or a new one."""
        return self.memory.announced or self.the_new_item()

    def the_response(self) -> str:
        return self.memory.response or "resp_1"

    def the_new_response(self) -> str:
        return next(id_ for n in count(1) if (id_ := f"resp_{n}") not in self.memory.responses)

    def the_client(self) -> str | None:
        return self.memory.client

    def the_call(self) -> Any:
        return self.memory.items.get(self._meant(), {}).get("call_id", "call_1")

    def the_previous(self) -> str | None:
        id_ = text_in(self.about, "item_id") or text_in(self.about.get("item"), "id")
        after = self.type_.endswith((".done", ".committed"))
        id_ = id_ or (self.memory.item if after else self._shown_id())
        if id_ in self.memory.previous:
            return self.memory.previous[id_]
        return self.memory.order[-1] if self.memory.order else None

    def _meant(self) -> str:
        """Return the id of the item that the event is about."""
        return text_in(self.about, "item_id") or text_in(self.about.get("item"), "id") or self.the_item()

    def _shown_id(self) -> str:
        """Return the id of an item that is shown without one: it was announced, or asked for, or is new."""
        if self.memory.announced:
            return self.memory.announced
        asked = self.memory.pending[0][1] if self.memory.pending else {}
        kind = _kind_given(dict_in(self.about, "item"))
        return (text_in(asked, "id") if kind is None else None) or self.the_new_item()

    # --- what the client asked for, and deltas added up to ----------------------------------------------

    def the_end(self) -> Any:
        return self.memory.end

    def the_session(self) -> Any:
        session: Any = self.memory.session
        for _, wanted in self.memory.wanted:
            session = copy.deepcopy(laid_over(session, wanted))
        return session

    def the_text(self) -> str:
        return self.memory.said.get(self._meant(), "Hello.")

    def the_arguments(self) -> str:
        return self.memory.said.get(self._meant(), "{}")

    def the_name(self) -> Any:
        return self.memory.items.get(self._meant(), {}).get("name", "get_weather")

    # --- items, parts, responses ------------------------------------------------------------------------

    def the_create(self) -> Any:
        return self._kind(_kind_given(dict_in(self.about, "item")) or "user")

    def the_begun(self) -> Any:
        if "part" in self.about:
            return self._part(begun=True)
        item = dict_in(self.about, "item")
        return self.shown(item, item.get("id", self.the_new_item()), "in_progress", "assistant")

    def the_shown(self) -> Any:
        if "part" in self.about:
            return self._part(begun=False)
        item = dict_in(self.about, "item")
        anew = self.type_.endswith(("added", "created"))
        id_ = item.get("id") or (self._shown_id() if anew else self.the_item())
        status = text_in(self.memory.items.get(id_), "status") if anew and isinstance(id_, str) else None
        otherwise = "user" if self.type_.startswith("conversation.") else "assistant"
        return self.shown(item, id_, status or "completed", otherwise)

    def shown(self, item: Given, id_: Any, status: str, otherwise: str) -> Given:
        """Return an item as a server shows it: as it is known, or was asked for, or is usual."""
        name = id_ if isinstance(id_, str) else None
        known = self.memory.items.get(name or "")
        kind = _kind_given(item)
        asked = self.memory.asked_for(name) if known is None and kind is None else None
        if asked is not None:
            return {"id": id_, "status": status, **asked}
        status = text_in(item, "status") or status
        usual_kind = kind_of(known) if known else None
        if known and kind in (None, usual_kind) and known.get("status") != "in_progress" != status:
            return known
        if usual_kind == "assistant" and name in self.memory.aloud:
            usual_kind = "spoken"
        of_it = _Filling(self.memory, self.type_, {"item": {"id": id_}})
        kept = {n: v for n, v in (known or {}).items() if n in ("call_id", "name")}
        shown = {"id": id_, "status": status, **of_it._kind(kind or usual_kind or otherwise), **kept}
        return _emptied(shown) if status == "in_progress" else shown

    def _part(self, *, begun: bool) -> Given:
        part = dict_in(self.about, "part")
        aloud = self._meant() in self.memory.aloud and not begun
        kind = part.get(KIND) or text_in(part, "type") or ("audio" if aloud else "text")
        shown: Given = self.value(usual()["parts"].get(str(kind), {"type": kind}))
        return _emptied(shown) if begun else shown

    def _kind(self, kind: str) -> Given:
        found: Given = self.value(usual()["items"].get(kind, {"type": kind}))
        return found

    def the_output(self) -> list[Any]:
        id_ = text_in(self.about.get("response"), "id") or self.the_response()
        return self.memory.outputs.get(id_, [])

    def response(self, whole: Given) -> Given:
        """Return a usual response with what was said of it before."""
        given = dict_in(self.about, "response")
        if self.type_ == "response.created":
            asked, session = self.memory.asked, self.memory.session
            before = {n: session[n] for n in ("output_modalities",) if n in session}
            before |= {n: v for n, v in asked.items() if n in ("output_modalities", "metadata")}
            before |= {"conversation_id": None} if asked.get("conversation") == "none" else {}
        else:
            id_ = text_in(given, "id") or whole["id"]
            before = {n: v for n, v in self.memory.responses.get(id_, {}).items() if n not in _FINAL}
        status = text_in(given, "status") or whole["status"]
        return {**whole, **before, "status_details": usual()["details"].get(status)}


def _emptied(shown: Given) -> Given:
    """Return an item or a part as it is while it is in progress."""
    return shown | {name: value for name, value in usual()["empty"].items() if name in shown}


def given_by(who: Direction, type_: str, words: Sequence[Word], payload: dict[str, Any]) -> Given:
    """Return what `words` and a `payload` say of an event, field by field.

    Raises `NotReadable`.
    """
    known = spec(who, type_)
    found, inside = _split(known, payload)
    places = [each.split(".") for each in known.get("words", ())]
    for word in words:
        if not word.quoted and word.startswith("#"):
            found["event_id"] = word[1:]
            continue
        if not places:
            raise NotReadable(
                word.place, f"{type_} takes no word {word}", "write it in braces: {name: value}"
            )
        *outer, last = places.pop(0)
        if word.quoted or word != "_":
            holder = inside if outer else found
            holder[KIND if last == KIND_WORD else last] = word.value
    body = known.get("body")
    if body and inside:
        whole = found.get(body, {})
        if not isinstance(whole, dict):
            place = words[-1].place if words else 0
            raise NotReadable(place, f"{body} is given twice", f"write its fields in {{{body}: …}} alone")
        found[body] = {**whole, **inside}
    return found


def _split(known: dict[str, Any], payload: dict[str, Any]) -> tuple[Given, Given]:
    """Return the fields of the event itself, and those of the object in it."""
    body, own = known.get("body"), own_fields(known)
    found: Given = {}
    inside: Given = {}
    for name, value in payload.items():
        if name.startswith("."):
            found[name[1:]] = value
        elif not body or name in own or name == body:
            found[name] = _item_or(value) if name == body == "item" else value
        else:
            inside[name] = value
    return found, inside


def _item_or(value: Any) -> Any:
    return item_in(value) if isinstance(value, str) and value else value


def item_in(value: Any) -> Given | None:
    """Return what is said of an item in a list: its id, perhaps with its kind, or its fields."""
    if isinstance(value, str) and value:
        id_, _, kind = value.partition(" ")
        return {"id": id_, **({KIND: kind} if kind else {})}
    return dict(value) if isinstance(value, dict) else None


def _kind_given(item: Given) -> str | None:
    kind = item.get(KIND) or kind_of(item)
    return str(kind) if kind else None


def clean(value: Any) -> Any:
    """Return a value without what only transcripts say."""
    if isinstance(value, Exactly):
        return clean(value.value)
    if isinstance(value, dict):
        return {n: clean(v) for n, v in value.items() if n != KIND and not isinstance(v, LeftOut)}
    if isinstance(value, list):
        return [clean(each) for each in value]
    return value
