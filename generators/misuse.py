"""Misuse that no schema forbids, or that needs a word of its own: unknown ids, misfits, the beta's names."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from generators.audio import encode_pcm
from generators.choices import label_of
from generators.mutants import NOBODY, Expects, Mutant, proven
from protocol.event_types import Event
from schemas.contract import Contract

GONE = object()
"""In place of a value: the member is left out."""

_HALF = encode_pcm(bytes(2401))
_MESSAGE = "conversation.item.create"


def by_facts(type_: str, twin: Event) -> Iterator[Mutant]:
    """Yield the mutants of a client event that are well-formed; `twin` is a smallest valid one."""

    def made(operator: str, path: str, value: Any, basis: str, said: str = "") -> Mutant:
        expects: Expects = "refusal" if basis else "either"
        event = _put(twin, path, value)
        return Mutant(type_, path, operator, said or label_of(value), event, twin, basis, expects)

    match type_:
        case "conversation.item.retrieve" | "conversation.item.delete" | "conversation.item.truncate":
            yield made("unknown-id", "item_id", NOBODY, "CI-17")
            yield made("unknown-id", "item_id", "", "CI-17")
        case "conversation.item.create":
            yield made("unknown-id", "previous_item_id", NOBODY, "CI-08")
            known, event = (_put(twin, "item", _output_of(id_)) for id_ in ("call_known", NOBODY))
            yield Mutant(type_, "item.call_id", "unknown-id", label_of(NOBODY), event, known, "1.1")
        case "response.cancel":
            yield made("unknown-id", "response_id", NOBODY, "CB-02")
        case "response.create":
            known, event = (_put(twin, "response.input", [_reference(id_)]) for id_ in ("item_known", NOBODY))
            yield Mutant(type_, "response.input[0].id", "unknown-id", label_of(NOBODY), event, known, "OO-06")
        case "input_audio_buffer.append":
            yield made("half-sample", "audio", _HALF, "", "2,401 bytes")
    if type_ != "response.create":  # that one would be obeyed, and a response costs
        yield made("event-id", "event_id", "", "")
    if type_ not in ("response.create", "input_audio_buffer.append"):
        named = _put(twin, "event_id", "evt_twin")
        yield Mutant(type_, "event_id", "event-id", "left out", twin, named, "", "tolerance")


def _output_of(call_id: str) -> Event:
    return {"type": "function_call_output", "call_id": call_id, "output": "{}"}


def _reference(item_id: str) -> Event:
    return {"type": "item_reference", "id": item_id}


def _put(event: Event, path: str, value: Any) -> Event:
    """Return a copy of `event` with `value` at a dotted path."""
    whole = copy.deepcopy(event)
    *way, last = path.split(".")
    place = whole
    for step in way:
        place = place.setdefault(step, {})
    if value is GONE:
        place.pop(last, None)
    else:
        place[last] = value
    return whole


# --- names of other dialects --------------------------------------------------------------------------------

_BETA: tuple[tuple[str, str, Any], ...] = (
    ("session.update", "session.modalities", ["text"]),
    ("session.update", "session.voice", "alloy"),
    ("session.update", "session.input_audio_format", "pcm16"),
    ("session.update", "session.output_audio_format", "pcm16"),
    ("session.update", "session.input_audio_transcription", {"model": "gpt-transcribe"}),
    ("session.update", "session.turn_detection", {"type": "server_vad"}),
    ("session.update", "session.max_response_output_tokens", 100),
    ("response.create", "response.modalities", ["text"]),
    ("response.create", "response.voice", "alloy"),
    ("response.create", "response.max_response_output_tokens", 100),
)
"""Fields of the beta, which the generally available protocol has retired (openai 5.5)."""


def of_the_beta(type_: str, twin: Event, contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants that speak the retired beta dialect; where unknown fields are legal, so are these."""
    schema = contract.client[type_]
    for beta_type, path, value in _BETA:
        event = _put(twin, path, value)
        legal = schema.is_valid(event)
        if beta_type == type_ and not (legal and type_ == "response.create"):  # a response costs
            yield Mutant(
                type_,
                path,
                "beta-name",
                label_of(value),
                event,
                twin,
                "" if legal else "schema",
                "tolerance" if legal else "refusal",
            )
    if type_ == "session.update":
        event = {"type": "transcription_session.update", "session": {}}
        yield Mutant(type_, "type", "beta-name", label_of(event["type"]), event, twin)
    if type_ == _MESSAGE:
        for role, kind in (("user", "text"), ("assistant", "text"), ("assistant", "audio")):
            yield from _content(type_, role, {"type": kind, "text": "Hello."}, "beta-name", contract)


def misfits(type_: str, contract: Contract) -> Iterator[Mutant]:
    """Yield messages whose content does not fit their role."""
    if type_ != _MESSAGE:
        return
    text, said = {"type": "input_text", "text": "Hello."}, {"type": "output_text", "text": "Hello."}
    sound = {"type": "input_audio", "audio": encode_pcm(bytes(4800))}
    for role, part in (("user", said), ("assistant", text), ("assistant", sound), ("system", sound)):
        yield from _content(type_, role, part, "content", contract)


def _content(type_: str, role: str, part: Event, operator: str, contract: Contract) -> Iterator[Mutant]:
    right = "output_text" if role == "assistant" else "input_text"
    twin_item = {"type": "message", "role": role, "content": [{"type": right, "text": "Hello."}]}
    twin = {"type": type_, "item": twin_item}
    event = {"type": type_, "item": {**twin_item, "content": [part]}}
    schema = contract.client[type_]
    if schema.is_valid(twin) and not schema.is_valid(event):
        yield Mutant(type_, "item.content[0].type", operator, f"{part['type']} of {role}", event, twin)


def unknown_fields(type_: str, twin: Event, contract: Contract) -> Iterator[Mutant]:
    """Yield an update with a field that nobody knows, where a session ignores such (inworld 2.6)."""
    path = f"session.{NOBODY}"
    event = _put(twin, path, {"a": 1})
    if type_ == "session.update" and contract.client[type_].is_valid(event):
        yield Mutant(type_, path, "unknown-field", '{"a": 1}', event, twin, "", "tolerance")


SPOKEN = frozenset(
    "session.update input_audio_buffer.append input_audio_buffer.commit input_audio_buffer.clear"
    " conversation.item.create conversation.item.retrieve conversation.item.delete conversation.item.truncate"
    " response.create response.cancel output_audio_buffer.clear".split()
)
"""The client events whose meaning is known here; others have faults by schema only."""


def by_meaning(type_: str, twin: Event, contract: Contract) -> Iterator[Mutant]:
    """Yield every misuse of a client event of the protocol, each proven."""
    if type_ not in SPOKEN:
        return
    schema = contract.client[type_]
    for each in (
        *misfits(type_, contract),
        *of_the_beta(type_, twin, contract),
        *(m for m in by_facts(type_, twin) if schema.is_valid(m.event)),
        *unknown_fields(type_, twin, contract),
    ):
        if schema.is_valid(each.twin):  # somebody else's document may not allow what is right by the facts
            yield proven(each, contract)
