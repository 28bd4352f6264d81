"""A schema has one meaning, whichever of the two engines decides: the fast one, or the one that explains."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
import regress
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.bundle import Bundle
from schemas.contract import EventSchema
from schemas.document import Message
from schemas.ecma import is_plain, searching
from schemas.places import DocumentPlace, Files

DIALECTS = ("draft7", "openapi-3.0", "2019-09", "2020-12")
PATTERNS = (
    *(
        "^a",
        "^a$",
        "a|b",
        "^.$",
        r"^\d$",
        r"\w",
        r"^\s+$",
        r"\p{L}",
        r"^\p{Lu}",
        r"\cA",
        r"^\u{1F600}$",
        r"\n",
    ),
    *("^[a-z-]+$", "^(a|é)?$", "^É", r"^\-", r"\S", "[^a]", "^x-", r"(?<=a+)b", "^[^]{2}$", "^$", r"\bé"),
)
TEXTS = (
    *("", "a", "b", "a\n", "é", "É", "e\u0301", "1", "١", "\x01", "\x85", "\u2028", "\ufeff", "😀", "😀😀"),
    *("\ud800", "-", "aab", "x-a", "AAAA", "AAA=", "AAA", "AA\r\nAA", "-_-_", "{}", "{", "=41"),
    *("2026-11-30T15:00:00Z", "2026-11-30", "yesterday", "a@b.example", "127.0.0.1"),
)
NUMBERS = (
    *(
        0,
        1,
        2,
        7,
        -1,
        0.0,
        -0.0,
        1.0,
        0.01,
        0.07,
        0.1,
        0.3,
        0.1 + 0.2,
        1.1,
        2.5,
        4.35,
        19.99,
        1e-9,
        1e300,
        1e20,
    ),
    *(2**53, 2**53 + 1, float(2**53), 2**63, 2**64, 2**64 + 1, -(2**64), 10**30, 123456789.01),
)
PLAIN = (None, True, False, *NUMBERS, *TEXTS)

_pattern = st.sampled_from(PATTERNS)
_scalar = st.sampled_from(PLAIN)
_value = st.recursive(
    _scalar,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(TEXTS), each, max_size=3),
)
_size = st.integers(0, 2)


def _keywords(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas of keywords that the engines, or the drafts, are known to take differently."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "type": st.sampled_from(("integer", "number", "string", "array", "object", ["boolean", "null"])),
        "multipleOf": st.sampled_from((0.01, 0.1, 0.07, 0.05, 1e-9, 1.0, 1, 3, 2.5, 1e20)),
        **dict.fromkeys(
            ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), st.sampled_from(NUMBERS)
        ),
        "pattern": _pattern,
        "minLength": _size,
        "maxLength": _size,
        "format": st.sampled_from(("byte", "date-time", "date", "email", "ipv4", "regex", "uuid", "float")),
        "contentEncoding": st.sampled_from(("base64", "BASE64", "base32", "quoted-printable")),
        "contentMediaType": st.sampled_from(("application/json", "text/plain")),
        "contentSchema": schemas,
        "const": _value,
        "enum": st.lists(_value, min_size=1, max_size=2, unique_by=repr),
        "uniqueItems": st.booleans(),
        "items": schemas,
        "contains": schemas,
        "properties": st.dictionaries(st.sampled_from(TEXTS[:6]), schemas, max_size=2),
        "patternProperties": st.dictionaries(_pattern, schemas, min_size=1, max_size=2),
        "additionalProperties": st.just(False) | schemas,
        "unevaluatedProperties": st.just(False) | schemas,
        "propertyNames": schemas,
        "not": schemas,
        "allOf": st.lists(schemas, min_size=1, max_size=2),
        "anyOf": st.lists(schemas, min_size=1, max_size=2),
    }
    return st.sets(st.sampled_from(list(known)), min_size=1, max_size=3).flatmap(
        lambda names: st.fixed_dictionaries({name: known[name] for name in sorted(names)})
    )


_schema = st.recursive(st.booleans() | _keywords(st.booleans()), _keywords, max_leaves=3)


def _compiled(schema: Any, dialect: str) -> EventSchema:
    """Return `schema` as it is compiled when it stands in a document."""
    bundle = Bundle()
    name = bundle.add(DocumentPlace(schema, "file:///talk.json", "/payload", Files()), dialect)
    message = Message("say", "client", name, dialect, "talk.json", "/payload")
    return EventSchema("say", message, {"$ref": f"#/definitions/{name}"}, bundle.definitions)


@given(_schema, st.lists(_value, min_size=5, max_size=9), st.sampled_from(DIALECTS))
@settings(max_examples=400, derandomize=True, database=None, deadline=None)
def test_both_engines_say_the_same(schema: Any, values: list[Any], dialect: str) -> None:
    compiled = _compiled(schema, dialect)
    for value in values:
        valid = compiled.is_valid(value)
        assert valid is compiled._slow.is_valid(value), value
        assert valid is not bool(compiled.violations(value)), value


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"multipleOf": 0.01}, [0.07, 4.35, 19.99, 1, -0.29, 1e20, "0.001"], [0.001, 0.1 + 0.2]),
        ({"multipleOf": 0.1}, [0.3, 1.1, 2**64], [0.25]),
        ({"type": "string", "format": "byte"}, ["AAAA", "AA==", ""], ["AAA", "AA\nAA", "-_-_"]),
        ({"contentEncoding": "base64"}, ["AAAA", "AA==", "", 5], ["AAA", "AA\nAA", "-_-_"]),
        ({"contentEncoding": "base64", "contentMediaType": "application/json"}, ["AAAA", "e30="], ["{}"]),
        ({"contentEncoding": "base32"}, ["not Base32", "MFRA===="], []),
        ({"contentMediaType": "application/json"}, ["{", "{}", 5], []),
        ({"contentMediaType": "application/json", "contentSchema": {"type": "object"}}, ["[]", "{"], []),
        ({"type": "string", "format": "date-time"}, ["yesterday", "2026-11-30T15:00:00Z"], [5]),
        ({"format": "email"}, ["nobody", 5], []),
    ],
)
def test_what_the_documentation_says(schema: Any, valid: list[Any], invalid: list[Any], dialect: str) -> None:
    """docs/adr/0012: what is asserted, and what only annotates."""
    compiled = _compiled(schema, dialect)
    for values, verdict in ((valid, True), (invalid, False)):
        for value in values:
            assert compiled.is_valid(value) is verdict, value
            assert compiled._slow.is_valid(value) is verdict, value


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
def test_a_branch_that_is_false_is_explained(union: str) -> None:
    """jsonschema gives what `false` refuses no place and no number of a branch."""
    kind = {"type": "object", "required": ["type"], "properties": {"type": {"const": "a"}}}
    compiled = _compiled({union: [False, kind]}, "draft7")
    assert [(v.place, v.expected) for v in compiled.violations({"type": "b"})] == [("type", 'one of "a"')]
    assert [v.keyword for v in _compiled({union: [False]}, "draft7").violations({})] == [union]


def test_null_in_a_member_that_is_false_is_explained() -> None:
    compiled = _compiled({"properties": {"old": False}}, "draft7")
    assert len(compiled.violations({"old": None})) == 1


_PIECES = st.sampled_from(
    [*"ab_-:;,/ 1|()*+?", "[a-c]", "[A-Z_-]", r"\.", r"\n", r"\/", "{2}", "{1,2}", "(?:", "(?=", ".", r"\d"]
)


@given(
    st.lists(_PIECES, max_size=6).map("".join),
    st.sampled_from(("", "^")),
    st.sampled_from(("", "$")),
    st.lists(st.text(st.sampled_from("abcA_-:;,/ 1.\né"), max_size=4), max_size=6),
)
@settings(max_examples=500, derandomize=True, database=None, deadline=None)
def test_plain_patterns_are_the_same_to_all_engines(
    body: str, start: str, end: str, texts: list[str]
) -> None:
    pattern = start + body + end
    if is_plain(pattern):
        ecma, rust = regress.Regex(pattern, "u"), jsonschema_rs.Draft7Validator({"pattern": pattern})
        for text in texts:
            found = searching(pattern)(text)
            assert found is (ecma.find(text) is not None), (pattern, text)
            assert found is rust.is_valid(text), (pattern, text)
