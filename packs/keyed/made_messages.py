"""Messages by the document of a channel, valid ones and such with a single fault, for scenarios to send.

All of it is drawn from a seed: the same depth and seed make the same messages.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generators.events import Events
from generators.mutants import OPERATORS, Expects, Mutant
from packs.keyed.messages import ACCEPTANCE, camel_case, message_of
from packs.pack import Costs, channel_contract
from suites.depth import THOROUGH, Depth
from wire.budget import Cost
from wire.trace import Entry

_A_FEW = 4
"""At the least depth: of messages that are to be refused, and of valid ones, for each type."""

_UNSURE = {"quick": 1, "standard": 3}
"""Of messages with a fault of which nobody knows what becomes of them, for each type and operator."""

_LENIENT = ("fraction", "digits in a string")
"""Numbers that the JSON of gRPC services may take for what they mean."""

_LONGEST = 200  # characters of a frame that is sent for its form alone


@dataclass(frozen=True, slots=True)
class MadeMessage:
    """A message that was made up: its `type` in the document, the frame, and its label in the trace."""

    type: str
    frame: Mapping[str, Any]
    label: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is wrong, or differs from the smallest one."""
        return str(self.label["path"])

    def cost(self, costs: Costs) -> Cost:
        """Return what it takes of a budget, by the `costs` of its channel."""
        read = message_of(Entry(0, None, "client", "text", dict(self.frame)), (camel_case_path(self.type),))
        return costs(read) if read is not None else Cost()


@dataclass(frozen=True, slots=True)
class MessageMaker:
    """Makes messages of the channel of that name.

    `required` are the paths of what facts say is required. Below those in `unsure` nothing is known well
    enough for anything to be expected of a server. Paths are in camelCase.
    """

    channel: str
    required: frozenset[str]
    unsure: tuple[str, ...] = ()

    def mutants(self, type_: str, depth: Depth) -> list[MadeMessage]:
        """Return messages with a single fault.

        Of those that are to be refused there is one of each operator at each place, of others there are a few
        of each operator. At the least depth there are only a few, at the greatest there are all.
        """
        made, seed = self._all_mutants(type_), f"{depth.seed}/{type_}"
        if depth.name not in _UNSURE:
            return made
        chosen = _one_of_each([m for m in made if m.label["expects"] == "refusal"], _place, seed)
        chosen = _drawn(chosen, _A_FEW, seed) if depth.name == "quick" else chosen
        for operator in OPERATORS:
            group = [m for m in made if m.label["operator"] == operator and m.label["expects"] != "refusal"]
            chosen += _drawn(group, _UNSURE[depth.name], f"{seed}/{operator}")
        return chosen

    def valid(self, type_: str, depth: Depth, but: tuple[str, ...]) -> list[MadeMessage]:
        """Return valid messages, each with one setting that differs; no path begins as those in `but`.

        There is one for each setting; at the least depth there are a few, at the greatest there are all.
        """
        made = [
            MadeMessage(type_, step.event, {"path": step.path, "value": step.what, "expects": ACCEPTANCE})
            for step in _events(self.channel).walk(type_)
            if step.path and not camel_case_path(step.path).startswith(but)
        ]
        if depth.name not in _UNSURE:
            return made
        seed = f"{depth.seed}/{type_}"
        chosen = _one_of_each(made, _place, seed)
        return _drawn(chosen, _A_FEW, seed) if depth.name == "quick" else chosen

    def valid_values(self, type_: str, depth: Depth, but: tuple[str, ...]) -> list[MadeMessage]:
        """Return valid messages as `valid` does, one for each value, in one spelling or the other."""
        made = self.valid(type_, THOROUGH, but)
        if depth.name not in _UNSURE:
            return made
        return _one_of_each(made, lambda m: str(m.label["value"]), f"{depth.seed}/{type_}")

    def _all_mutants(self, type_: str) -> list[MadeMessage]:
        found = _events(self.channel).mutants(type_)
        choices = {each.path for each in found if each.operator == "enum"}
        return [
            MadeMessage(type_, m.event, {**m.label, "expects": self._expected(m, choices)})
            for m in found
            if len(str(m.event)) <= _LONGEST
        ]

    def _expected(self, mutant: Mutant, choices: Container[str]) -> Expects:
        """Return what is expected of a server; at the paths in `choices` stands one of several words."""
        path, operator, value = camel_case_path(mutant.path), mutant.operator, mutant.value
        if path.startswith(self.unsure):
            return "either"
        if operator == "remove":
            return "refusal" if path in self.required else "either"
        if operator == "type":
            number_of_choice = value == "number" and mutant.path in choices
            return "either" if number_of_choice or value in _LENIENT else "refusal"
        return "refusal" if operator == "base64" and value == "not Base64" else "either"


def camel_case_path(path: str) -> str:
    """Return the path of a member with its names in camelCase."""
    return ".".join(next(iter(camel_case({part: 0}))) for part in path.split("."))


@functools.cache
def _events(channel: str) -> Events:
    return Events(channel_contract(channel))


def _place(message: MadeMessage) -> tuple[str, str]:
    """Return what is done to a message, and where, in whichever spelling."""
    return str(message.label.get("operator", "")), camel_case_path(message.path)


def _one_of_each(
    messages: Iterable[MadeMessage], kind: Callable[[MadeMessage], Hashable], seed: str
) -> list[MadeMessage]:
    """Return one of each kind of `messages`, drawn, in the order of kinds."""
    groups: dict[Hashable, list[MadeMessage]] = {}
    for each in messages:
        groups.setdefault(kind(each), []).append(each)
    return [_drawn(group, 1, f"{seed}/{key}")[0] for key, group in groups.items()]


def _drawn(group: list[MadeMessage], count: int, seed: str) -> list[MadeMessage]:
    """Return `count` of `group`, in their order."""
    if count >= len(group):
        return group
    places = random.Random(seed).sample(range(len(group)), count)  # noqa: S311 - no secret
    return [group[place] for place in sorted(places)]
