"""The documents that events are generated for."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from generators.events import Events
from generators.field_meanings import World
from protocol.catalogue import dialect_of
from protocol.channel_catalogue import known_channels
from schemas.contract import Contract, contract_of
from schemas.loader import load, load_dialect

ROOT = Path(__file__).parent.parent.parent
THIRD_PARTY = ROOT.parent / "shared" / "reference" / "inworld-ai-asyncapi.yml"
WORLD = World(item_ids=("item_a", "item_b"), response_ids=("resp_a",), call_ids=("call_a",))


@functools.cache
def contracts() -> dict[str, Contract]:
    """Return the contracts by a short name: two dialects, our other channels, those of the third party."""
    ours = {d: contract_of(load_dialect(dialect_of(d))) for d in ("openai", "inworld")}
    ours |= {name: contract_of(load(each.document)) for name, each in known_channels().items()}
    if not THIRD_PARTY.exists():
        return ours
    document = load(THIRD_PARTY)
    names = {c.address.rstrip("/").rsplit("/", 1)[-1].split(":")[0]: c for c in document.channels}
    return ours | {f"third party's {name}": Contract(document, channel) for name, channel in names.items()}


@functools.cache
def events_of(name: str) -> Events:
    return Events(contracts()[name], WORLD)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test each client message of each document as `message`."""
    if "message" in metafunc.fixturenames:
        pairs = [(name, type_) for name, contract in contracts().items() for type_ in contract.client]
        metafunc.parametrize("message", pairs, ids=[f"{name}-{type_}" for name, type_ in pairs])


@pytest.fixture
def events(message: tuple[str, str]) -> Events:
    return events_of(message[0])


@pytest.fixture
def type_(message: tuple[str, str]) -> str:
    return message[1]


EXAMPLES = 200


@functools.cache
def examples_of(name: str, type_: str) -> tuple[Any, ...]:
    return tuple(events_of(name).examples(type_, EXAMPLES))


@pytest.fixture
def examples(message: tuple[str, str]) -> tuple[Any, ...]:
    """The first 200 events of the message."""
    return examples_of(*message)
