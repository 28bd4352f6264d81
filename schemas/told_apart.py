"""How the messages of one side of a channel are told apart: by `type`, or by the one key that a frame has.

A document says it by `x-discriminator`, for the whole, a channel or an operation. Where it does not, a
channel that the suite knows has its own rule; else messages are told apart by key if no payload has a `type`
and each is an envelope: an object with one member, an object too, beside what all have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from protocol.channel_catalogue import Rule, known_channel_at
from schemas.bundle import Bundle, Schema
from schemas.document import OPAQUE, Channel, Message, Sender
from schemas.message_types import members_of, payload_of, resolve
from schemas.spellings import by_spelling, one_spelling

RuleGround = Literal["document", "channel", "payloads", "usual"]
"""Why a rule counts: the document says so, the suite knows the channel, its payloads show it, or all others
are so."""

CONTEXT_KEYS = frozenset(("contextId", "context_id"))
RESULT_KEY, STATUS_KEY, ERROR_KEY = "result", "status", "error"

NameOf = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class MessageEnvelope:
    """Where the content of a message stands: under one of `keys`, in `result` or at the top.

    They are the spellings of one name. A `bare` message is described without it, by its content alone.
    """

    keys: tuple[str, ...]
    in_result: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Discriminator:
    """The rule of one side, why it counts, and the envelope of each message by its name (none with `type`).

    `name_of` returns the name of the message that a frame is: its `type`, or the name of the message that has
    its one key; a key that no message has is its own name. It is empty where a frame shows none, or several.
    """

    rule: Rule
    ground: RuleGround
    envelopes: Mapping[str, MessageEnvelope]
    name_of: NameOf

    def wrapped(self, name: str, payload: Schema) -> Schema:
        """Return the schema of a frame with the message `name`, of which `payload` describes what it does."""
        envelope = self.envelopes.get(name)
        if envelope is None or not envelope.bare:
            return payload
        key = envelope.keys[0]
        inner = {"type": "object", "required": [key], "properties": {key: payload}}
        if not envelope.in_result:
            return inner
        return {"type": "object", "required": [RESULT_KEY], "properties": {RESULT_KEY: inner}}


def discriminator_of(channel: Channel, direction: Sender, bundle: Bundle) -> Discriminator:
    """Return how the messages of `direction` are told apart on `channel`."""
    messages = channel.messages(direction)
    rule, ground = _rule(channel, direction, messages, bundle)
    if rule == "type":
        return Discriminator(rule, ground, {}, _type_of)
    envelopes = _envelopes(messages, rule, bundle)
    names = {key: name for name, envelope in envelopes.items() for key in envelope.keys}
    beside = CONTEXT_KEYS | _common(messages, bundle, in_result=False)
    if rule == "key":
        return Discriminator(rule, ground, envelopes, _by_key(names, beside))
    inside = CONTEXT_KEYS | _common(messages, bundle, in_result=True)
    return Discriminator(rule, ground, envelopes, _by_result(names, beside, inside - {STATUS_KEY}))


def _rule(
    channel: Channel, direction: Sender, messages: tuple[Message, ...], bundle: Bundle
) -> tuple[Rule, RuleGround]:
    said = [each.discriminator for each in channel.operations if each.direction == direction]
    hint = next((each for each in said if each is not None), None)
    if hint is not None:
        return hint, "document"
    if any(each.dialect == OPAQUE or "type" in members_of(payload_of(each), bundle) for each in messages):
        return "type", "usual"
    known = known_channel_at(channel.address)
    if known is not None:
        return known.told_apart[direction], "channel"
    by_result = _envelopes(messages, "result-key", bundle).values()
    if any(each.in_result for each in by_result) and not any(each.bare for each in by_result):
        return "result-key", "payloads"
    by_key = _envelopes(messages, "key", bundle).values()
    return ("key", "payloads") if by_key and not any(each.bare for each in by_key) else ("type", "usual")


def _envelopes(messages: tuple[Message, ...], rule: Rule, bundle: Bundle) -> dict[str, MessageEnvelope]:
    common = _common(messages, bundle, in_result=False)
    inside = _common(messages, bundle, in_result=True) - {STATUS_KEY}
    return {each.name: _envelope(each, rule, bundle, common, inside) for each in messages}


def _envelope(
    message: Message, rule: Rule, bundle: Bundle, common: frozenset[str], inside: frozenset[str]
) -> MessageEnvelope:
    """Return the envelope that a payload shows; one named like the message where it shows none."""
    members = members_of(payload_of(message), bundle)
    own = message.name.rpartition(".")[2]
    if rule == "key":
        keys = _one_key(members, own, CONTEXT_KEYS | common, bundle)
        return MessageEnvelope(keys or (own,), bare=not keys)
    if RESULT_KEY in members:
        below = _together(members[RESULT_KEY], bundle)
        keys = _one_key(below, own, CONTEXT_KEYS | inside | {STATUS_KEY}, bundle)
        if not keys and STATUS_KEY in below:
            keys = (STATUS_KEY,)
        return MessageEnvelope(keys or (own,), in_result=True, bare=not keys)
    if ERROR_KEY in members:
        return MessageEnvelope((ERROR_KEY,))
    return MessageEnvelope((own,), in_result=True, bare=True)


def _one_key(
    members: Mapping[str, list[Schema]], own: str, beside: frozenset[str], bundle: Bundle
) -> tuple[str, ...]:
    """Return the spellings of the member that a message is known by; none where that is not clear."""
    fields = by_spelling(name for name in members if name not in beside)
    if one_spelling(own) in fields:
        return tuple(fields[one_spelling(own)])
    if len(fields) != 1:
        return ()
    [keys] = fields.values()
    holds = any(_is_object(said, bundle) for key in keys for said in members[key])
    return tuple(keys) if holds else ()


def _is_object(schema: Schema, bundle: Bundle) -> bool:
    found = resolve(schema, bundle)
    if isinstance(found, bool):
        return False
    kind = found.get("type")
    return kind == "object" or "properties" in found or bool(members_of(found, bundle))


def _common(messages: Iterable[Message], bundle: Bundle, *, in_result: bool) -> frozenset[str]:
    """Return the members that all messages have, at the top or in `result`: they tell nothing apart."""
    found: list[frozenset[str]] = []
    for each in messages:
        members = members_of(payload_of(each), bundle)
        if in_result:
            if RESULT_KEY not in members:
                continue
            members = _together(members[RESULT_KEY], bundle)
        found.append(frozenset(members))
    return frozenset.intersection(*found) if len(found) > 1 else frozenset()


def _together(schemas: list[Schema], bundle: Bundle) -> dict[str, list[Schema]]:
    return members_of({"allOf": schemas}, bundle)


# --- frames -----------------------------------------------------------------------------------------------


def _type_of(frame: Any) -> str:
    found = frame.get("type") if isinstance(frame, dict) else None
    return found if isinstance(found, str) else ""


def _by_key(names: Mapping[str, str], beside: frozenset[str]) -> NameOf:
    def name_of(frame: Any) -> str:
        if not isinstance(frame, dict):
            return ""
        keys = [key for key in frame if key not in beside]
        # What is null counts as not set, unless there is nothing else.
        keys = [key for key in keys if frame[key] is not None] or keys
        if len(keys) == 1:
            return names.get(keys[0], keys[0])
        known = {names[key] for key in keys if key in names}
        return known.pop() if len(known) == 1 else ""

    return name_of


def _by_result(names: Mapping[str, str], beside: frozenset[str], inside: frozenset[str]) -> NameOf:
    in_result, alone = _by_key(names, inside | {STATUS_KEY}), names.get(STATUS_KEY, STATUS_KEY)
    at_the_top = _by_key(names, beside - {RESULT_KEY})

    def name_of(frame: Any) -> str:
        if not isinstance(frame, dict):
            return ""
        result = frame.get(RESULT_KEY)
        if not isinstance(result, dict):
            return at_the_top(frame)
        return in_result(result) or (alone if _only_status(result, inside) else "")

    return name_of


def _only_status(result: Mapping[str, Any], inside: frozenset[str]) -> bool:
    return result.get(STATUS_KEY) is not None and all(key in inside or key == STATUS_KEY for key in result)
