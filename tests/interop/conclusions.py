"""What a client concluded from a conversation, as its driver printed it.

A driver's last line is JSON, of the form that the schema below says; `clients/conclusion.py` gathers it. A
client that is not installed, a driver that ends without such a line or does not end: none is a conclusion.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from jsonschema import Draft202012Validator

TURNS = ("opening", "text", "speech", "function", "interruption")
"""The turns of a conversation, in their order; one that has not ended is the last."""

_TEXTS = {"type": "array", "items": {"type": "string"}}
_TURN = {
    "type": "object",
    "required": ["ended", "said", "audio_bytes", "calls", "interrupted", "seconds"],
    "properties": {
        "ended": {"type": "boolean"},
        "said": {"type": "string"},
        "audio_bytes": {"type": "integer", "minimum": 0},
        "calls": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "arguments"], "additionalProperties": False}
            | {"properties": {"name": {"type": "string"}, "arguments": {}}},
        },
        "interrupted": {"type": "boolean"},
        "seconds": {"type": "number", "minimum": 0},
    },
    "additionalProperties": False,
}
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": [
        "versions",
        "turns",
        "events",
        "heard",
        "errors",
        "warnings",
        "dropped",
        "unused",
        "seconds",
    ],
    "properties": {
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
        "turns": {
            "type": "object",
            "properties": dict.fromkeys(TURNS, _TURN),
            "additionalProperties": False,
        },
        "events": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}},
        "heard": _TEXTS,
        "errors": _TEXTS,
        "warnings": _TEXTS,
        "dropped": _TEXTS,
        "unused": _TEXTS,
        "seconds": {"type": "number", "minimum": 0},
    },
    "additionalProperties": False,
}
"""What a driver prints."""


@dataclass(frozen=True, slots=True)
class TurnConcluded:
    """One turn: what the assistant said and called, how much was to be heard, whether it was interrupted."""

    ended: bool
    said: str
    audio_bytes: int
    calls: list[dict[str, Any]]
    interrupted: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Concluded:
    """All that a client concluded; see `clients/conclusion.py` for what each field means."""

    versions: dict[str, str]
    turns: dict[str, TurnConcluded]
    events: dict[str, int]
    heard: list[str]
    errors: list[str]
    warnings: list[str]
    dropped: list[str]
    unused: list[str]
    seconds: float

    @classmethod
    def read(cls, line: str) -> Self:
        """Return what a line says. Raises `ValueError` if it is not of the form."""
        told = json.loads(line)
        wrong = next(Draft202012Validator(SCHEMA).iter_errors(told), None)
        if wrong is not None:
            raise ValueError(f"{wrong.json_path}: {wrong.message}")
        turns = {name: TurnConcluded(**turn) for name, turn in told.pop("turns").items()}
        return cls(turns=turns, **told)
