"""What two AsyncAPI documents say otherwise of their messages: for the author of one who has another.

Messages are the same that have one type or one key on the wire, fields those that have one path. A name may
be spelled in camelCase or snake_case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from schemas.contract import Contract, EventSchema, no_channel
from schemas.described_fields import DescribedField, described_fields
from schemas.document import Channel, Document, Message, Sender
from schemas.spellings import one_spelling

FIRST, SECOND = "A", "B"
"""How the two documents are called."""

_SIDES: tuple[Sender, ...] = ("client", "server")
_ANNOUNCED = re.compile(r"\b(coming soon|to come|not yet|planned)\b", re.IGNORECASE)
_STEP = re.compile(r"\.|\[\]")


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """One difference between two documents, A and B.

    `channel` is the address of the channel, `side` who sends `message`, `path` where in it; an empty one says
    that the whole is meant. `what` is one word: `channel`, `rule`, `message`, `envelope`, `announced`,
    `spelling`, `field`, `type`, `values`, `required`, `limit` or `closed`. `says` tells it in words.
    """

    channel: str
    side: str
    message: str
    path: str
    what: str
    says: str

    def __str__(self) -> str:
        place = " ".join(each for each in (self.side, self.message, self.path) if each)
        word = f"{self.what} " if self.what in _WORDS_TO_SAY else ""
        return f"{place}: {word}{self.says}" if place else self.says


_WORDS_TO_SAY = ("type", "values", "required")


@dataclass(frozen=True, slots=True)
class _Side:
    """The messages of one side of a channel by their name on the wire, in the document's order."""

    contract: Contract
    direction: Sender

    def messages(self) -> dict[str, EventSchema]:
        told_apart = self.contract.told_apart[self.direction]
        events = self.contract.client if self.direction == "client" else self.contract.server
        found = dict(events)
        if told_apart.rule != "type":
            keys = {name: told_apart.envelopes[name].keys[0] for name in events}
            found = {one_spelling(keys[name]): event for name, event in events.items()}
        if self.direction in self.contract.catch_all:
            found["*"] = self.contract.catch_all[self.direction]
        return found

    def is_bare(self, event: EventSchema) -> bool:
        envelope = self.contract.told_apart[self.direction].envelopes.get(event.message.name)
        return envelope is not None and envelope.bare


def document_differences(first: Document, second: Document, address: str = "") -> list[DocumentDifference]:
    """Return in what two documents differ: in the order of the first, then what only the second has.

    Channels are paired by address; where one is left on each side, those two are. With `address`, only that
    channel is looked at; a document that has but one need not have it there. Raises `DocumentError` where
    neither has such a channel, or one has several others.
    """
    pairs, alone = _paired(first, second, address)
    found: list[DocumentDifference] = []
    for one, other in pairs:
        found += _of_channel(Contract(first, one), Contract(second, other))
    found += [DocumentDifference(each.address, "", "", "", "channel", _only(name)) for name, each in alone]
    return found


def _paired(
    first: Document, second: Document, address: str
) -> tuple[list[tuple[Channel, Channel]], list[tuple[str, Channel]]]:
    if address:
        return [(_wanted(first, second, address), _wanted(second, first, address))], []
    pairs = [(c, other) for c in first.channels if (other := second.channel(c.address)) is not None]
    left = [c for c in first.channels if second.channel(c.address) is None]
    right = [c for c in second.channels if first.channel(c.address) is None]
    if len(left) == len(right) == 1:
        return [*pairs, (left[0], right[0])], []
    return pairs, [*((FIRST, each) for each in left), *((SECOND, each) for each in right)]


def _wanted(document: Document, other: Document, address: str) -> Channel:
    found = document.channel(address)
    if found is None and len(document.channels) == 1 and other.channel(address) is not None:
        return document.channels[0]
    if found is None:
        raise no_channel(document, f"has no channel {address}")
    return found


def _of_channel(first: Contract, second: Contract) -> Iterator[DocumentDifference]:
    address = first.channel.address
    if second.channel.address != address:
        says = f"B has it at {second.channel.address}"
        yield DocumentDifference(address, "", "", "", "channel", says)
    for direction in _SIDES:
        for each in _of_side(_Side(first, direction), _Side(second, direction)):
            yield replace(each, channel=address, side=direction)


def _of_side(first: _Side, second: _Side) -> Iterator[DocumentDifference]:
    rules = [each.contract.told_apart[each.direction].rule for each in (first, second)]
    if rules[0] != rules[1]:
        yield _of_message("", "rule", f"A tells messages apart by {rules[0]}, B by {rules[1]}")
    ours, theirs = first.messages(), second.messages()
    spelled = (0, 0)
    for wire, event in ours.items():
        name = event.message.name if wire != "*" else "any other"
        if wire not in theirs:
            yield _of_message(name, "message", _only(FIRST))
            continue
        yield from _of_messages(name, first.is_bare(event), second.is_bare(theirs[wire]))
        yield from _of_announcements(name, event.message, theirs[wire].message)
        tables = _fields(event), _fields(theirs[wire])
        for each in _of_fields(*tables):
            yield replace(each, message=name)
        more, fewer = _more_spellings(*tables)
        spelled = (spelled[0] + more, spelled[1] + fewer)
    for wire, event in theirs.items():
        if wire not in ours:
            name = event.message.name if wire != "*" else "any other"
            yield _of_message(name, "message", _only(SECOND))
    for name, count in zip((FIRST, SECOND), spelled, strict=True):
        if count:
            says = f"only {name} takes {_count(count, 'field')} in another spelling, too"
            yield _of_message("", "spelling", says)


def _of_messages(name: str, bare: bool, other_bare: bool) -> Iterator[DocumentDifference]:
    if bare != other_bare:
        says = f"{FIRST if bare else SECOND} describes it without its envelope"
        yield _of_message(name, "envelope", says)


def _of_announcements(name: str, first: Message, second: Message) -> Iterator[DocumentDifference]:
    words = [_ANNOUNCED.search(f"{each.title}. {each.summary}") for each in (first, second)]
    if (words[0] is None) != (words[1] is None):
        says = f"only {FIRST if words[0] else SECOND} says that it is still to come"
        yield _of_message(name, "announced", says)


def _of_message(message: str, what: str, says: str) -> DocumentDifference:
    return DocumentDifference("", "", message, "", what, says)


# --- fields -----------------------------------------------------------------------------------------------

_Fields = Mapping[str, DescribedField]


def _fields(event: EventSchema) -> _Fields:
    return described_fields(event.schema, event.definitions)


def _of_fields(first: _Fields, second: _Fields) -> Iterator[DocumentDifference]:
    for key in [*first, *(key for key in second if key not in first)]:
        if key in first and key in second:
            for what, says in _of_field(first[key], second[key]):
                yield DocumentDifference("", "", "", first[key].path, what, says)
        elif _is_top(key, second if key in first else first):
            path = (first.get(key) or second[key]).path
            yield DocumentDifference("", "", "", path, "field", _only(FIRST if key in first else SECOND))


def _is_top(key: str, other: _Fields) -> bool:
    """Tell whether what is above `key` stands in the other table: below what is missing, nothing is told."""
    above = [key[: step.start()] for step in _STEP.finditer(key)]
    return not above or above[-1] in other


def _of_field(first: DescribedField, second: DescribedField) -> Iterator[tuple[str, str]]:
    if first.spellings and second.spellings and not set(first.spellings) & set(second.spellings):
        yield "spelling", f"B spells it {_list(second.spellings)}"
    if first.kinds != second.kinds and not _alike(first.kinds, second.kinds):
        yield "type", f"A {_list(first.kinds) or 'any'}, B {_list(second.kinds) or 'any'}"
    if first.values != second.values:
        yield "values", _of_values(first.values, second.values)
    if first.required != second.required:
        yield "required", f"only in {FIRST if first.required else SECOND}"
    limits, others = dict(first.limits), dict(second.limits)
    for word in dict.fromkeys((*limits, *others)):
        if limits.get(word) != others.get(word):
            yield "limit", f"{word}: A {limits.get(word, 'none')}, B {others.get(word, 'none')}"
    if first.closed != second.closed:
        yield "closed", f"{FIRST if first.closed else SECOND} allows no other members"


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two sets of types are the same to JSON, where each whole number is a number."""
    return {*one, "integer"} == {*other, "integer"} and "number" in one & other


def _of_values(first: frozenset[str] | None, second: frozenset[str] | None) -> str:
    if first is None or second is None:
        name, listed = (SECOND, second) if first is None else (FIRST, first)
        return f"only {name} lists them: {_list(listed or ())}"
    parts = [
        f"only in {name} {_list(listed)}"
        for name, listed in ((FIRST, first - second), (SECOND, second - first))
        if listed
    ]
    return "; ".join(parts)


def _more_spellings(first: _Fields, second: _Fields) -> tuple[int, int]:
    """Return of how many fields that both have the first table has more spellings, and the second one."""
    both = [(first[key].spellings, second[key].spellings) for key in first if key in second]
    shared = [(set(one), set(other)) for one, other in both if set(one) & set(other)]
    return sum(bool(one - other) for one, other in shared), sum(bool(other - one) for one, other in shared)


def _only(name: str) -> str:
    return f"only in {name}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(word.strip('"') for word in words))


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
