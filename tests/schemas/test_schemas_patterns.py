"""Patterns of a document are ECMA-262's, to both engines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from schemas.contract import contract_of
from schemas.loader import load
from schemas.weaknesses import weaknesses
from tests.schemas.documents import message, valid, version_2, written


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^\p{Lu}+$", "ÀÉ", "lower"),
        (r"^\cA\u{1F600}$", "\x01😀", "cA"),
        (r"^\d\w$", "1a", "١a"),
        (r"^.$", "\x85", "\u2028"),
        ("^a$", "a", "a\n"),
        (r"^\s$", "\ufeff", "\x1c"),
        (r"(?<=a+)b", "aab", "b"),
    ],
)
def test_patterns_are_those_of_ecma_262(tmp_path: Path, pattern: str, matching: str, other: str) -> None:
    """Python's `re` knows no properties, matches `$` before a newline, and `\\d` where an Arabic digit is."""
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "c": {"pattern": pattern}}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    assert valid(document, {"type": "ping", "c": matching})
    assert not valid(document, {"type": "ping", "c": other})
    assert weaknesses(document) == []
    [wrong] = contract_of(document).client["ping"].violations({"type": "ping", "c": other})
    assert (wrong.place, wrong.keyword, wrong.expected) == ("c", "pattern", f"text that matches {pattern}")


@pytest.mark.parametrize("closing", ["additionalProperties", "unevaluatedProperties"])
@pytest.mark.parametrize("pattern", [r"^\p{Lu}", "^É", "^[A-ZÉ]$"])
def test_patterns_of_names_are_those_of_ecma_262(tmp_path: Path, pattern: str, closing: str) -> None:
    named: dict[str, Any] = {"patternProperties": {pattern: {"type": "integer"}}}
    if closing == "unevaluatedProperties":
        named = {"allOf": [named, {"$ref": "#/components/schemas/named"}]}
    c = {"type": "object", **named, closing: False}
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "c": c}}
    fields = {"schemaFormat": "application/schema+json;version=2020-12"}
    raw = version_2(message("ping", payload, **fields))
    raw["components"] = {"schemas": {"named": {"patternProperties": {r"^\u{3b1}$": {"type": "integer"}}}}}
    document = load(written(tmp_path, "talk.json", raw))
    assert valid(document, {"type": "ping", "c": {"É": 1}})
    assert valid(document, {"type": "ping", "c": {"É": 1, "α": 1}}) is (closing == "unevaluatedProperties")
    for wrong in ({"É": "1"}, {"é": 1}, {"É": 1, "p": 1}):
        assert not valid(document, {"type": "ping", "c": wrong})


def test_patterns_that_ecma_262_does_not_have_are_weaknesses(tmp_path: Path) -> None:
    members = {
        "a": {"pattern": "(?P<x>a)"},
        "b": {"pattern": r"^\-$"},
        "c": {"patternProperties": {"(": False}},
    }
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, **members}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    assert valid(document, {"type": "ping", "a": "anything", "b": "-", "c": {"(": 1}})
    assert not valid(document, {"type": "ping", "b": "+"})
    where = "/channels/~1talk/publish/message/payload/properties"
    # What is wrong with it is said in parentheses, in the words of `regress`.
    said = [
        (w.pointer.removeprefix(where), re.sub(r" \(.+\)$", "", w.problem), w.coped)
        for w in weaknesses(document)
    ]
    assert said == [
        ("/a/pattern", "a pattern that ECMA-262 does not have", "it is not checked"),
        ("/b/pattern", "a pattern that ECMA-262 has only without the flag `u`", "it is read without it"),
        ("/c/patternProperties/(", "a pattern that ECMA-262 does not have", "it is not checked"),
    ]


def test_half_a_surrogate_pair_is_text(tmp_path: Path) -> None:
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "c": {"pattern": r"^\W$"}}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    assert valid(document, {"type": "ping", "c": "\ud800"})
    assert not valid(document, {"type": "ping", "c": "\ud800a"})
