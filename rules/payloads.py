"""What contracts say of events: which of the server's are malformed, and what is wrong with the client's."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from protocol.json_values import value_at
from rules.case import EventCase
from rules.envelope import Envelope
from rules.expectations import (
    CUT_OFF,
    PERHAPS_LEGAL,
    WHOLE_EVENT,
    WITHOUT_SESSION_TYPE,
)
from rules.reading import Reading
from rules.registration import ANYWHERE, Registered
from rules.repeated_mistakes import only_shows
from rules.stimulus import stimulus
from rules.undeclared_fields import declared
from rules.verdicts import Finding
from schemas.contract import Contract, EventSchema
from schemas.explain import Violation

_MISLED_KEPT = 256
_SCHEME = 10  # characters in which the scheme of an address has its end
_SHOWN_AGAIN = ("session.update", "conversation.item.create", "response.create")

_INDEX = re.compile(r"\[\d+\]")
_KIND_OF_SESSION = "session.type"
"""What may be missing from a session that is otherwise one of GA: the rules look at the rest of it."""

_MAY_BE_LEFT_OUT = ("].audio", "format.rate", "format.type", "transcription.model", "noise_reduction.type")
"""Ends of places: sound in a part (openai 3.7), and settings made before (openai 3.4; FO-01, FO-10)."""

_ITEM_TYPE = re.compile(r"(?:^item|\.input\[\d+\])\.type$")
_MCP_ITEMS = frozenset(("mcp_list_tools", "mcp_call", "mcp_approval_request"))
"""What clients may create as well (FO-05)."""

_OF_ENVELOPE = frozenset(("event_id",))
"""Places that `rules.envelope` judges."""


class Payloads:
    """The payloads of one connection.

    With a `second` contract for the same events, nothing is owed for a client event about which the two
    disagree, nor, where unknown fields are refused, for one with fields that the second does not name.
    """

    def __init__(
        self,
        case: EventCase,
        reading: Reading,
        envelope: Envelope,
        contract: Contract,
        *,
        second: Contract | None,
        places: Mapping[str, Sequence[str]],
    ) -> None:
        self.case = case
        self._reading = reading
        self.contract = contract
        self._of_server = contract.server
        self.second = second
        strict = case.dialect.switches.refuses_unknown_fields
        self.declared = declared(second) if second is not None and strict else None
        self._places = places
        self._envelope = envelope
        self._valid: Counter[str] = Counter()
        self._first: dict[str, int] = {}  # the first valid entry of each type
        self._taken: deque[dict[str, Any]] = deque(maxlen=_MISLED_KEPT)  # client events no schema allows

    def check(self, type_: str, event: dict[str, Any]) -> bool:
        """Check one event of the server; tell whether the rules may look at it."""
        schema = self._of_server.get(type_)
        if schema is not None and (schema.is_valid(event) or self._is_valid_but_for_audio(schema, event)):
            number = self._valid[type_]
            if not number:
                self._first[type_] = self.case.entry.seq
            self._valid[type_] = number + 1
            return True
        return self._malformed(type_, event, schema)

    def _is_valid_but_for_audio(self, schema: EventSchema, event: dict[str, Any]) -> bool:
        """Tell quickly whether only shortened audio is wrong: in some recordings most events are such."""
        name = "delta" if "delta" in event else "audio"
        return self._is_shortened(event.get(name)) and schema.is_valid({**event, name: ""})

    def _is_shortened(self, audio: Any) -> bool:
        entry = self.case.entry
        if stimulus(entry):
            return False  # the suite says itself what it made wrong
        return self._reading.cut_off(audio, sent=entry.dir == "client")

    def finish(self) -> None:
        """Count what was valid."""
        for type_, count in self._valid.items():
            self.case.about(f"payload/{type_}")
            tally = self.case.tally
            tally.subjects += count
            tally.first = self.case.trace, self._first[type_]

    def problem(self, type_: str, event: dict[str, Any]) -> str:
        """Return what is wrong with a client event, empty where its schema allows it or there is none."""
        schema = self.contract.client.get(type_)
        if schema is None or schema.is_valid(event):
            return ""
        if self._is_valid_but_for_audio(schema, event):
            return CUT_OFF
        found = self._problem(schema, event)
        if found not in ("", CUT_OFF) and type_ in _SHOWN_AGAIN:
            self._taken.append(event)
        other = self._second_problem(type_, event) if found else ""
        if not other or {WITHOUT_SESSION_TYPE, CUT_OFF, PERHAPS_LEGAL} & {found, other}:
            return found
        return _both(found, other)

    def _second_problem(self, type_: str, event: dict[str, Any]) -> str:
        schema = self.second.client.get(type_) if self.second is not None else None
        return "" if schema is None or schema.is_valid(event) else self._problem(schema, event)

    def foreign(self, type_: str) -> bool:
        """Tell whether only a document that is not ours has client events of `type_`."""
        return self.second is not None and type_ in self.contract.client and type_ not in self.second.client

    def disputed(self, type_: str, event: dict[str, Any], problem: str) -> bool:
        """Tell whether one contract allows a client event that the other does not, or does not speak of."""
        if self.second is None:
            return False
        first, second = self.contract.client.get(type_), self.second.client.get(type_)
        if first is None or second is None:
            return first is not second
        other = self._second_problem(type_, event)
        if not problem and not other and self.declared is not None:
            return not self.declared.has_all(type_, event)
        lenient = (problem == WITHOUT_SESSION_TYPE, other == WITHOUT_SESSION_TYPE)
        return bool(problem) != bool(other) or lenient[0] != lenient[1]

    def _problem(self, schema: EventSchema, event: dict[str, Any]) -> str:
        """Return where a client event breaks its schema, empty where only by what means nothing."""
        found = [v for v in schema.violations(event) if v.kind != "null-for-optional"]
        if any(v.keyword == "required" and v.place == WITHOUT_SESSION_TYPE for v in found):
            # Without its type, nothing is told of the session; what is wrong with its values shows with one.
            # Whoever leaves it out speaks as before GA, when fields had other places.
            typed = {**event, "session": {**event["session"], "type": "realtime"}}
            found += [v for v in schema.violations(typed) if _is_wrong_value(v)]
        wrong = [v for v in found if not self._cut_off(v, event)]
        if found and not wrong:
            return CUT_OFF
        if wrong and not stimulus(self.case.entry) and all(_is_perhaps_legal(v, event) for v in wrong):
            return PERHAPS_LEGAL
        return ", ".join(dict.fromkeys(each.place or WHOLE_EVENT for each in wrong))

    def _malformed(self, type_: str, event: dict[str, Any], schema: EventSchema | None) -> bool:
        """Report an event that its schema does not allow; tell whether the rules may look at it."""
        if schema is None:
            schema = self.contract.catch_all.get("server")
            self._envelope.unknown(type_)
            if schema is None or schema.is_valid(event):
                return True
        wrong: list[Violation] = []
        for violation in schema.violations(event):
            if violation.kind == "null-for-optional":
                self._null(type_, violation)
            elif not self._of_no_account(type_, violation, event):
                wrong.append(violation)
        if not wrong:
            number = self._valid[type_]
            if not number:
                self._first[type_] = self.case.entry.seq
            self._valid[type_] = number + 1
            return True
        self.case.about(f"payload/{type_}")
        self.case.record(tuple(self._finding(type_, each) for each in wrong))
        if all(each.place == _KIND_OF_SESSION for each in wrong) and "audio" in event["session"]:
            return True
        self._reading.unkeyed.add(type_)
        return False

    def _of_no_account(self, type_: str, violation: Violation, event: dict[str, Any]) -> bool:
        """Tell whether a violation is another requirement's, or no defect of this event."""
        place = _INDEX.sub("[]", violation.place)
        if place in _OF_ENVELOPE or any(_within(place, each) for each in self._places.get(type_, ())):
            return True
        return bool(self._taken and only_shows(violation, self._taken)) or self._cut_off(violation, event)

    def _cut_off(self, violation: Violation, event: dict[str, Any]) -> bool:
        """Tell whether a field is not as it was sent: who records audio and pictures may shorten them."""
        value = value_at(event, violation.path)
        if violation.keyword == "pattern":
            pictured = violation.path[-1:] == ("image_url",) and _is_remark(value)
            return pictured and not stimulus(self.case.entry)
        return violation.keyword == "format" and self._is_shortened(value)

    def _null(self, type_: str, null: Violation) -> None:
        self.case.about("payload/null-for-optional")
        self.case.violated(
            "null",
            f"{type_}: {null.place} is null; an optional field without a value is left out",
            path=null.place,
            expected=f"{null.expected}, or no field",
            actual="null",
        )

    def _finding(self, type_: str, wrong: Violation) -> Finding:
        entry = self.case.entry
        return Finding(
            trace=self.case.trace,
            seqs=(entry.seq,),
            type=entry.type,
            path=wrong.place,
            expected=wrong.expected,
            actual=wrong.actual,
            message=_in_words(type_, wrong),
            kind=f"payload/{type_}#{wrong.keyword}",
        )


def places_of_rules(rules: Iterable[Registered]) -> dict[str, tuple[str, ...]]:
    """Return by event type the places that `rules` judge by themselves: the schema says nothing of these."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in rules:
        for type_ in each.on:
            found[type_] += [place for place in each.malformed if place != ANYWHERE]
    return {type_: tuple(places) for type_, places in found.items() if places}


def _within(place: str, known: str) -> bool:
    return place == known or (known.endswith("*") and place.startswith(known[:-1]))


def _both(one: str, other: str) -> str:
    """Return the places of two problems, each once."""
    return ", ".join(dict.fromkeys(place for each in (one, other) for place in each.split(", ") if place))


def _is_perhaps_legal(violation: Violation, event: dict[str, Any]) -> bool:
    """Tell whether SDKs allow what our contract does not: fields of later versions, or fewer of them.

    Nobody who made a fault up on purpose is meant.
    """
    place, value = violation.place, value_at(event, violation.path)
    match violation.keyword:
        case "required":
            return place.endswith(_MAY_BE_LEFT_OUT)
        case "enum":
            replayed = place.endswith("].type") and value == "output_audio"
            listened = place.endswith("turn_detection.type") and value == "semantic_vad"
            return replayed or listened or (_ITEM_TYPE.search(place) is not None and value in _MCP_ITEMS)
        case "additionalProperties" if isinstance(value, dict):
            of_mcp = value.get("type") == "mcp" and "server_label" in value
            return of_mcp or (place.endswith("noise_reduction") and value.keys() <= {"type", "strength"})
    return False


def _is_wrong_value(violation: Violation) -> bool:
    return violation.kind != "null-for-optional" and violation.keyword != "additionalProperties"


def _is_remark(value: Any) -> bool:
    """Tell whether `value` is no address at all, but a remark such as `<image>` in its place."""
    return isinstance(value, str) and ":" not in value[:_SCHEME]


def _in_words(type_: str, wrong: Violation) -> str:
    place = wrong.place or "the event"
    if wrong.keyword == "required":
        return f"{type_}: the required field {place} is missing"
    return f"{type_}: {place} is {wrong.actual}, {wrong.expected} is required"
