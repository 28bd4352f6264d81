"""YAML with the scalars of version 1.2: what a protocol document means by them."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from protocol.yaml_core import booleans_of_yaml_1_1, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ON", "ON"),
        ("off", "off"),
        ("Yes", "Yes"),
        ("n", "n"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("12", 12),
        ("-7", -7),
        ("+3", 3),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("190:20:30", "190:20:30"),
        ("0b11", "0b11"),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("2.6.0", "2.6.0"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    read = parse_yaml(f"a: {text}\n")["a"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_strings() -> None:
    assert parse_yaml("on: 1\n200: 2\ntrue: 3\nnull: 4\n1.5: 5") == {
        "on": 1,
        "200": 2,
        "true": 3,
        "null": 4,
        "1.5": 5,
    }


def test_merge_keys_and_anchors_work() -> None:
    text = "base: &b {a: 1, b: 2}\nmore:\n  <<: *b\n  b: 3\nsame: *b\n"
    assert parse_yaml(text) == {"base": {"a": 1, "b": 2}, "more": {"a": 1, "b": 3}, "same": {"a": 1, "b": 2}}


@pytest.mark.parametrize("text", ["a: 1\na: 2", "{a: 1, a: 2}", "x: {1: a, '1': b}", "- a: 1\n  'a': 2"])
def test_equal_keys_are_an_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match="stands twice in one mapping"):
        parse_yaml(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!set {b}",
        "a: !!binary AA==",
        "a: !!timestamp 2020-01-01",
        "a: !own x",
        "a: !!int x",
        "a: !!bool 5",
        "a: !!float 1:2",
        "a: !!python/name:os.system",
        "? [a, b]\n: c",
        "a: b: c",
    ],
)
def test_what_json_has_not_is_an_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        parse_yaml(text)


def test_a_number_without_end_is_an_error_or_a_number() -> None:
    value = parse_yaml("a: 1e999")["a"]
    assert value == math.inf
    with pytest.raises(yaml.YAMLError, match="cannot be read as int"):
        parse_yaml("a: " + "1" * 10_000)


def test_where_yaml_1_1_reads_booleans() -> None:
    text = "mode: {enum: [ON, 'OFF', on, true]}\nlist: [yes]\nno: nothing\nself: &s [*s, y]\n"
    assert sorted(map(str, booleans_of_yaml_1_1(text))) == sorted(
        map(
            str,
            [
                ("ON", ["mode", "enum", 0]),
                ("on", ["mode", "enum", 2]),
                ("yes", ["list", 0]),
                ("y", ["self", 1]),
            ],
        )
    )
