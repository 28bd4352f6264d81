"""What the schema cannot say of a value: audio that is audio, ids that exist, text in many scripts.

A `World` knows what the conversation holds; a value's path decides what it must mean. For each meaning there
are samples for the deterministic walk, and a strategy for chance.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from generators.audio import encode_pcm, silent_pcm, tone

if TYPE_CHECKING:
    from hypothesis import strategies as st
else:
    from generators.late_hypothesis import st

NodePath = tuple[str, ...]
if TYPE_CHECKING:
    Strategy = st.SearchStrategy[Any]
else:
    Strategy = Any
Samples = tuple[tuple[str, Any], ...]

SCRIPTS = (
    "What is one and one?",
    "Grüß Gott, Ä ö ü ß!",
    "Привет, как дела?",
    "こんにちは、元気ですか。",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "한국어 문장입니다.",
    "שלום עולם",
    "👩‍🚀🚀✨ one family: 👨‍👩‍👧‍👦",
    "e\u0301 = é? \u200d\u2060",
    'quotes " and \\ and \n lines\tand tabs',
    "<b>markup</b> & {{ braces }} %s $HOME",
    "0",
    " ",
    "zero-width\ufeffhere",
)
"""Texts that have broken something somewhere: scripts, joiners, escapes, markup, next to nothing."""

LONG = 2_000
"""Characters of a long text."""

_ITEMS = ("message", "function_call", "function_call_output", "mcp_approval_response", "mcp_call")
_LETTERS = string.ascii_letters + string.digits + "_-"
_WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True, slots=True)
class World:
    """What exists where an event is sent. Empty tuples: nothing does, and fresh ids are drawn."""

    item_ids: tuple[str, ...] = ()
    response_ids: tuple[str, ...] = ()
    call_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meant:
    """What a value must mean: `samples`, each with a word that says what it is, and a strategy.

    `closed` tells that nothing else will do, the schema's own examples included.
    """

    samples: Samples
    strategy: Strategy
    closed: bool = False


Meaning = Callable[[NodePath, Any], Meant | None]
"""Chooses the meaning of the value at a path, by its schema; None where the schema says enough."""


def fitted(meant: Meant | None, accepts: Callable[[Any], bool]) -> Meant | None:
    """Return `meant` as far as the schema allows it; None where it allows nothing of that kind.

    A schema may ask more of a value than that it means something: a pattern, a length.
    """
    if meant is None:
        return None
    samples = tuple((what, value) for what, value in meant.samples if accepts(value))
    if len(samples) == len(meant.samples):
        return replace(meant, strategy=meant.strategy.filter(accepts))
    return Meant(samples, st.sampled_from([v for _, v in samples]), meant.closed) if samples else None


def sentence(characters: int) -> str:
    """Return text of exactly so many characters."""
    return ("All work and no play. " * (characters // 20 + 1))[:characters]


def texts(longest: int = LONG) -> st.SearchStrategy[str]:
    """Text in many scripts and at many lengths, without lone surrogates."""
    free = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
    return st.one_of(st.sampled_from(SCRIPTS), free, st.integers(1, longest).map(sentence))


def audio() -> st.SearchStrategy[str]:
    """Base64 of whole PCM16 samples, from one sample to a second."""
    lengths = st.sampled_from((20, 60, 100, 200, 1000))
    return st.one_of(
        st.just(encode_pcm(b"\x00\x00")),
        lengths.map(lambda ms: encode_pcm(silent_pcm(ms))),
        lengths.map(lambda ms: encode_pcm(tone(ms))),
        st.binary(min_size=1, max_size=200).map(lambda b: encode_pcm(b + b)),
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


def meaning(world: World) -> Meaning:
    """Return what chooses the meaning of values in `world`."""
    named = _named(world)

    def choose(path: NodePath, schema: Any) -> Meant | None:
        name = path[-1] if path else ""
        if not isinstance(schema, dict):
            return None
        if schema.get("format") == "byte":
            return _audio()
        if name == "parameters" and schema.get("type") == "object":
            return _parameters()
        if not _is_text(schema):
            return None
        if name == "image_url" and schema.get("examples"):
            return _of(*schema["examples"])
        kind = path[-2] if len(path) > 1 else ""
        return named.get(f"{kind}.{name}") or named.get(name)

    return choose


def _named(world: World) -> dict[str, Meant]:
    """Return the meanings of strings that are known by their name, or by that and the object they are in."""
    spoken = dict.fromkeys(("text", "instructions", "output", "transcript", "prompt"), _text())
    places = ("root", "", *world.item_ids)
    return {
        **spoken,
        "arguments": _of("{}", '{"city": "Paris"}', '{"city": "東京", "count": 3}'),
        "event_id": _event_id(),
        **{f"{kind}.id": _fresh("item") for kind in _ITEMS},
        "item_reference.id": _known(world.item_ids, "item"),
        "item_id": _known(world.item_ids, "item"),
        "response_id": _known(world.response_ids, "resp"),
        "previous_item_id": _of(*places),
        "function_call.call_id": _fresh("call"),
        "call_id": _known(world.call_ids, "call"),
    }


def _of(*values: str) -> Meant:
    return Meant(tuple((f'"{v}"', v) for v in values), st.sampled_from(values), closed=True)


def _known(ids: tuple[str, ...], stem: str) -> Meant:
    return _of(*ids) if ids else _fresh(stem)


def _fresh(stem: str) -> Meant:
    samples = (
        ("a fresh id", f"{stem}_walk_1"),
        ("a UUID", "7d444840-9dc0-11d1-b245-5ffdce74fad2"),
    )
    return Meant(samples, fresh_ids(stem))


def _is_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" and "enum" not in schema and "const" not in schema


@functools.cache
def _text() -> Meant:
    samples = (
        ("a sentence", "Hello there."),
        ("many scripts", " ".join(SCRIPTS[:9])),
        ("escapes and joiners", " ".join(SCRIPTS[9:])),
        (f"{LONG:,} characters", sentence(LONG)),
    )
    return Meant(samples, texts())


@functools.cache
def _audio() -> Meant:
    samples = (
        ("100 ms", encode_pcm(tone(100))),
        ("one sample", encode_pcm(b"\x00\x00")),
        ("one second", encode_pcm(silent_pcm(1000))),
    )
    return Meant(samples, audio())


@functools.cache
def _event_id() -> Meant:
    samples = (("a short id", "evt_walk"), ("other scripts", "evénement-事件"))
    return Meant(samples, st.one_of(fresh_ids("evt"), st.just("e" * 512)))


@functools.cache
def _parameters() -> Meant:
    samples = (("a schema", _WEATHER), ("no parameters", {"type": "object", "properties": {}}))
    return Meant(samples, json_schemas())
