"""Faults of out-of-band responses (facts 4.12)."""

from __future__ import annotations

import copy

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import after, answers_to, before, has, instead, put, with_value
from reference.faults.answers import refusal
from reference.faults.responses import WithoutResponses
from reference.faults.situations import out_of_band
from reference.faults.turns import untold_response

_CREATE, _CREATED, _DONE = "response.create", "response.created", "response.done"
_ADDED, _ITEM_DONE = "response.output_item.added", "response.output_item.done"


def _running(memory: Memory) -> list[str]:
    ids = [each["response"]["id"] for each in memory.told if each["type"] == _CREATED]
    done = {each["response"]["id"] for each in memory.told if each["type"] == _DONE}
    return [each for each in ids if each not in done]


class _BesideRefused(WithoutResponses):
    """An out-of-band response is refused while another response runs."""

    def lost(self, created: Json) -> bool:
        return created["response"]["conversation_id"] is None and bool(_running(self.memory))

    def instead(self, _created: Json) -> list[Sent]:
        code = "conversation_already_has_active_response"
        return [refusal(self.memory.last_asked(_CREATE), code)]


class _Strayed(SessionStep):
    """One delta carries the id of the response that runs beside its own."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._begun: set[str] = set()
        self._said = False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != "response.output_text.delta":
            return [event]
        others = [each for each in _running(self.memory) if each != event["response_id"]]
        if others and not self._said and event["item_id"] in self._begun:
            self._said = True
            return [{**event, "response_id": others[0]}]
        self._begun.add(event["item_id"])
        return [event]


def _joins(event: Json, memory: Memory) -> Json:
    previous = None
    for told in memory.told:
        if told["type"] == "conversation.item.added":
            previous = told["item"]["id"]
        if told["type"] == _ADDED and told["item"]["id"] == event["item"]["id"]:
            break
    status = "added" if event["type"] == _ADDED else "done"
    return invent(f"conversation.item.{status}", previous_item_id=previous, item=copy.deepcopy(event["item"]))


def _reference_taken(error: Json, memory: Memory) -> list[Sent]:
    told = untold_response(error, memory)
    return [_of_nobody(each) if isinstance(each, dict) else each for each in told]


def _of_nobody(event: Json) -> Json:
    return with_value(event, "response.conversation_id", None) if "response" in event else event


FAULTS: tuple[Difference, ...] = (
    differs(
        "out-of-band-names-conversation",
        "An out-of-band response names a conversation.",
        put(
            f"{_CREATED} {_DONE}",
            "response.conversation_id",
            "conv_default",
            has("response.conversation_id", None),
        ),
        models="D-74",
    ),
    differs(
        "out-of-band-joins",
        "The items of an out-of-band response join the conversation.",
        after(_ADDED, _joins, out_of_band),
        before(_ITEM_DONE, _joins, out_of_band),
    ),
    differs(
        "out-of-band-refused-beside", "An out-of-band response is refused while another runs.", _BesideRefused
    ),
    differs(
        "delta-of-the-other-response", "A delta carries the id of the response beside its own.", _Strayed
    ),
    differs(
        "unknown-reference-taken",
        "An `item_reference` to an unknown item is not refused.",
        instead(
            "error", _reference_taken, answers_to(_CREATE, has("response.input.0.type", "item_reference"))
        ),
        only="openai",
    ),
)
