"""What contracts say of events: which of the server's are malformed, and what is wrong with the client's."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rules.case import Case, Registered
from rules.closing import declared
from rules.envelope import HAS_ID, Envelope
from rules.expectations import CUT_OFF, WHOLE_EVENT, WITHOUT_SESSION_TYPE
from rules.ownership import only_shows, owner, value_at
from rules.stimulus import stimulus
from schemas.contract import Contract, EventSchema
from schemas.explain import Violation

_MISLED_KEPT = 256
_SCHEME = 10  # characters in which the scheme of an address has its end
_SHOWN_AGAIN = ("session.update", "conversation.item.create", "response.create")

Functions = Mapping[str, Sequence[Registered]]


class Payloads:
    """The payloads of one connection.

    With a `second` contract for the same events, nothing is owed for a client event about which the two
    disagree, nor, by OpenAI, for one with fields that the second does not name.
    """

    def __init__(
        self,
        case: Case,
        contract: Contract,
        second: Contract | None,
        functions: Functions,
        envelope: Envelope,
    ) -> None:
        self.case = case
        self.contract = contract
        self.second = second
        self.declared = declared(second) if second is not None and case.dialect == "openai" else None
        self._functions = functions
        self._envelope = envelope
        self._valid: Counter[str] = Counter()
        self._taken: deque[dict[str, Any]] = deque(maxlen=_MISLED_KEPT)  # client events no schema allows

    def check(self, type_: str, event: dict[str, Any]) -> bool:
        """Check one event of the server; tell whether the rules may look at it."""
        schema = self.contract.server.get(type_)
        if schema is not None and (schema.is_valid(event) or self._is_valid_but_for_audio(schema, event)):
            self._valid[type_] += 1
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
        return self.case.reading.cut_off(audio, sent=entry.dir == "client")

    def finish(self) -> None:
        """Count what was valid."""
        for type_, count in self._valid.items():
            self.case.about(f"payload/{type_}").tally.subjects += count

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
        if not other or {WITHOUT_SESSION_TYPE, CUT_OFF} & {found, other}:
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
        return ", ".join(dict.fromkeys(each.place or WHOLE_EVENT for each in wrong))

    def _malformed(self, type_: str, event: dict[str, Any], schema: EventSchema | None) -> bool:
        """Report an event that its schema does not allow; tell whether the rules may look at it."""
        if schema is None:
            schema = self.contract.catch_all.get("server")
            self._envelope.unknown(type_)
            if schema is None or schema.is_valid(event):
                return True
        ours: list[Violation] = []
        for violation in schema.violations(event):
            if violation.kind == "null-for-optional":
                self._null(type_, violation)
            elif (self._taken and only_shows(violation, self._taken)) or self._cut_off(violation, event):
                continue
            elif not (owning := owner(type_, violation)):
                ours.append(violation)
            elif not any(r.requirement == owning for r in self._functions.get(type_, ())):
                if owning != HAS_ID:  # the envelope's own check reports it
                    self._breach(owning, type_, [violation])
        if not ours:
            self._valid[type_] += 1
            return True
        self.case.reading.unkeyed.add(type_)
        self._breach(f"payload/{type_}", type_, ours)
        return False

    def _cut_off(self, violation: Violation, event: dict[str, Any]) -> bool:
        """Tell whether a field is not as it was sent: who records audio and pictures may shorten them."""
        value = value_at(event, violation.path)
        if violation.keyword == "pattern":
            pictured = violation.path[-1:] == ("image_url",) and _is_remark(value)
            return pictured and not stimulus(self.case.entry)
        return violation.keyword == "format" and self._is_shortened(value)

    def _null(self, type_: str, null: Violation) -> None:
        self.case.about("payload/null-for-optional").violated(
            f"{type_}: {null.place} is null; an optional field without a value is left out",
            path=null.place,
            expected=f"{null.expected}, or no field",
            actual="null",
            kind=null.kind,
        )

    def _breach(self, requirement: str, type_: str, wrong: list[Violation]) -> None:
        finding = self.case.about(requirement).violated(
            _in_words(type_, wrong),
            path=wrong[0].place,
            expected=wrong[0].expected,
            actual=wrong[0].actual,
            kind="schema",
        )
        for each in wrong[1:]:  # one finding an event, but each of its defects can be told apart
            self.case.tally.keep(replace(finding, path=each.place, expected=each.expected))


def _both(one: str, other: str) -> str:
    """Return the places of two problems, each once."""
    return ", ".join(dict.fromkeys(place for each in (one, other) for place in each.split(", ") if place))


def _is_wrong_value(violation: Violation) -> bool:
    return violation.kind != "null-for-optional" and violation.keyword != "additionalProperties"


def _is_remark(value: Any) -> bool:
    """Tell whether `value` is no address at all, but a remark such as `<image>` in its place."""
    return isinstance(value, str) and ":" not in value[:_SCHEME]


def _in_words(type_: str, wrong: list[Violation]) -> str:
    first = wrong[0]
    place = first.place or "the event"
    if first.keyword == "required":
        said = f"{type_}: the required field {place} is missing"
    else:
        said = f"{type_}: {place} is {first.actual}, {first.expected} is required"
    return said + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
