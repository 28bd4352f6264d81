"""The services and the documents of their channels, written apart from each other, agree."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from generators.events import Events
from protocol.channel_catalogue import known_channels
from reference.channels.doors import CHANNEL_PATHS
from reference.differences import Difference
from reference.variants.services import SERVICE_VARIANTS
from schemas.contract import Contract, contract_of
from schemas.loader import load
from tests.reference.channels.channel_dialogue import ChannelChat, config, create, kind_of
from tests.reference.channels.test_service_faults import TALKS, held
from tests.reference.dialogue import Json

UNDOCUMENTED = {"tts-done-frames"}
FOREIGN = ("assemblyai", "soniox", "groq")
NOT_HERE = ("not offered here", "was not found", "modelId")
"""What refusals of valid messages say: an encoding, a voice or a model that this server has not."""


@cache
def contract(channel: str) -> Contract:
    return contract_of(load(known_channels()[channel].document))


def _wrong(channel: str, *differences: Difference) -> list[tuple[str, Json]]:
    """Return the frames of a service that its document does not allow."""
    known = contract(channel)
    found = []
    for talk in TALKS[channel].values():
        for frame in held(talk, channel, *differences).frames:
            name = known.name_of(frame, "server")
            schema = known.schema("server", name)
            if schema is None or not schema.is_valid(frame):
                found.append((name, frame))
    return found


def test_channels_are_where_the_documents_say() -> None:
    assert {each.name: each.address for each in known_channels().values()} == CHANNEL_PATHS


@pytest.mark.parametrize("channel", TALKS)
def test_what_a_service_says_is_valid(channel: str) -> None:
    assert _wrong(channel) == []


@pytest.mark.parametrize("name", sorted(set(SERVICE_VARIANTS) - UNDOCUMENTED))
def test_what_a_variant_says_is_valid(name: str) -> None:
    each = SERVICE_VARIANTS[name]
    assert _wrong(each.channel, each) == []


def _refusals(channel: str, type_: str, messages: list[Json]) -> Iterator[tuple[str, Json]]:
    """Yield what a service says against messages, each said on a connection of its own."""
    for message in messages:
        chat = ChannelChat(channel)
        context_id = message.get("contextId", message.get("context_id", "a"))
        chat.say({"tts": create(context_id), "stt": config()}[channel])
        if type_ in ("create", "transcribeConfig"):
            chat = ChannelChat(channel)
        chat.say(message)
        for frame in chat.finish():
            if kind_of(frame) in ("status", "error"):
                told = frame.get("result", {}).get("status") or frame["error"]
                yield told["message"], message


TYPES = [(channel, type_) for channel in TALKS for type_ in Events(contract(channel)).types]


@pytest.mark.parametrize(("channel", "type_"), TYPES)
def test_what_a_document_lets_a_client_say_is_taken(channel: str, type_: str) -> None:
    events = Events(contract(channel))
    said = [*events.covering(type_), *events.examples(type_, 10)]
    assert said
    unexpected = [
        (reason, message)
        for reason, message in _refusals(channel, type_, said)
        if not any(each in reason for each in NOT_HERE)
    ]
    assert unexpected == []


@pytest.mark.parametrize(("channel", "type_"), TYPES)
def test_wrong_types_are_refused(channel: str, type_: str) -> None:
    """Nulls and unknown values of enumerations are not: they count as not set (CN-11).

    What is told to other providers' models is theirs.
    """
    events = Events(contract(channel))
    wrong = [
        each.event
        for each in events.mutants(type_)
        if each.operator.startswith("type") and not any(name in str(each) for name in FOREIGN)
    ]
    assert wrong
    refused = [message for _, message in _refusals(channel, type_, wrong)]
    assert [each for each in wrong if each not in refused] == []
