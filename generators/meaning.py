"""What the schema cannot say of a value: audio that is audio, ids that exist, text in many scripts.

A `World` knows what the conversation holds; a value's path decides what it must mean.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from generators.audio import encode, silence, tone

Path = tuple[str, ...]
Strategy = st.SearchStrategy[Any]

SCRIPTS = (
    "What is one and one?", "Grüß Gott, Ä ö ü ß!", "Привет, как дела?", "こんにちは、元気ですか。", "مرحبا بالعالم",
    "नमस्ते दुनिया", "한국어 문장입니다.", "שלום עולם", "👩‍🚀🚀✨ one family: 👨‍👩‍👧‍👦", "e\u0301 = é? \u200d\u2060", 'quotes " and \\ and \n lines\tand tabs',
    "<b>markup</b> & {{ braces }} %s $HOME", "0", " ", "zero-width\ufeffhere",
)  # fmt: skip
"""Texts that have broken something somewhere: scripts, joiners, escapes, markup, next to nothing."""

_ID_FIELDS = frozenset(("item_id", "response_id"))
_LETTERS = string.ascii_letters + string.digits + "_-"


@dataclass(frozen=True, slots=True)
class World:
    """What exists where an event is sent. Empty tuples: nothing does, and fresh ids are drawn."""

    item_ids: tuple[str, ...] = ()
    audio_item_ids: tuple[str, ...] = ()
    response_ids: tuple[str, ...] = ()
    call_ids: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def texts(longest: int = 2_000) -> st.SearchStrategy[str]:
    """Text in many scripts and at many lengths, without lone surrogates."""
    free = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80)
    long = st.integers(1, longest).map(lambda n: ("All work and no play. " * (n // 20 + 1))[:n])
    return st.one_of(st.sampled_from(SCRIPTS), free, long)


def audio() -> st.SearchStrategy[str]:
    """Base64 of whole PCM16 samples, from one sample to a second."""
    lengths = st.sampled_from((20, 60, 100, 200, 1000))
    return st.one_of(
        st.just(encode(b"\x00\x00")),
        lengths.map(lambda ms: encode(silence(ms))),
        lengths.map(lambda ms: encode(tone(ms))),
        st.binary(min_size=1, max_size=200).map(lambda b: encode(b + b)),
    )


def fresh_ids(stem: str) -> st.SearchStrategy[str]:
    """Ids that nothing has yet: UUIDs, and short ones."""
    return st.one_of(
        st.uuids(version=4).map(str), st.text(_LETTERS, min_size=8, max_size=24).map(lambda t: f"{stem}_{t}")
    )


def json_schemas() -> st.SearchStrategy[dict[str, Any]]:
    """JSON Schemas of the kind that tools have for their parameters."""
    leaf = st.one_of(
        st.sampled_from([{"type": t} for t in ("string", "integer", "number", "boolean")]),
        st.just({"type": "string", "enum": ["celsius", "fahrenheit"]}),
        st.just({"type": "array", "items": {"type": "string"}, "maxItems": 5}),
    )
    names = st.sampled_from(["city", "unit", "when", "count", "deep_thought"])
    members = st.dictionaries(names, leaf, max_size=4)
    return members.map(
        lambda m: {
            "type": "object",
            "properties": m,
            "required": sorted(m)[:1],
            "additionalProperties": False,
        }
    )


def _known(ids: tuple[str, ...], stem: str) -> Strategy:
    return st.sampled_from(ids) if ids else fresh_ids(stem)


def meaning(world: World) -> Callable[[Path, Any], Strategy | None]:
    """Return what chooses the strategy for the value at a path, None where the schema says enough."""

    def choose(path: Path, schema: Any) -> Strategy | None:
        name = path[-1] if path else ""
        parent = path[-2] if len(path) > 1 else ""
        if isinstance(schema, dict) and schema.get("format") == "byte":
            return audio()
        if name == "parameters" and isinstance(schema, dict) and schema.get("type") == "object":
            return json_schemas()
        if name == "event_id":
            return st.one_of(fresh_ids("evt"), st.just("e" * 512))
        if name == "item_id":
            return _known(world.item_ids, "item")
        if name == "response_id":
            return _known(world.response_ids, "resp")
        if name == "previous_item_id":
            return st.sampled_from((*world.item_ids, "root"))
        if name == "id" and parent in ("item", "input", "*"):
            return fresh_ids("item")
        if name == "call_id":
            return _known(world.call_ids, "call")
        if name in ("text", "instructions", "output", "transcript", "prompt") and _is_text(schema):
            return texts()
        if name == "arguments" and _is_text(schema):
            return st.sampled_from(("{}", '{"city": "Paris"}', '{"city": "東京", "count": 3}'))
        return None

    return choose


def _is_text(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "string" and "enum" not in schema


def pinned(path: Path, world: World) -> str | None:
    """Return the one value that the deterministic walk puts at a path whose meaning matters."""
    name = path[-1] if path else ""
    if name in _ID_FIELDS:
        ids = world.item_ids if name == "item_id" else world.response_ids
        return ids[-1] if ids else f"{name.removesuffix('_id')}_unknown"
    if name == "call_id" and world.call_ids:
        return world.call_ids[-1]
    return None
