"""JSON values: one laid over another, and what stands at a path."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest

from protocol.json_values import MISSING, laid_over, merge_patch, overlaid, value_at

EVENT = {"type": "t", "item": {"content": [{"text": "Hello."}, {"text": None}]}, "0": "a name"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("type", "t"),
        ("item.content.0.text", "Hello."),
        ("item.content.1.text", None),
        ("item.content.2.text", MISSING),
        ("item.content.text", MISSING),
        ("type.of", MISSING),
        ("0", "a name"),
        ((), EVENT),
        (("item", "content", 0, "text"), "Hello."),
        (("item", "content", "0", "text"), MISSING),
        (("item", 0), MISSING),
    ],
)
def test_a_value_at_a_path(path: str | Sequence[str | int], found: Any) -> None:
    assert value_at(EVENT, path, MISSING) == found


def test_where_nothing_stands_it_is_null_unless_told_otherwise() -> None:
    assert value_at(EVENT, "item.id") is None
    assert value_at(EVENT, "item.id", "") == ""


@pytest.mark.parametrize(
    ("below", "above", "patched", "laid"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1}}, {"a": None}, {}, {"a": None}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": 1}, "text", "text", "text"),
    ],
)
def test_null_takes_away_in_a_patch_and_is_a_value_where_it_is_laid_over(
    below: Any, above: Any, patched: Any, laid: Any
) -> None:
    before = copy.deepcopy((below, above))
    assert merge_patch(below, above) == patched
    assert laid_over(below, above) == laid
    assert (below, above) == before


@pytest.mark.parametrize(
    ("below", "overlay", "expected"),
    [
        ({"a": [1, 2]}, {"a+": [3]}, {"a": [1, 2, 3]}),
        ({"a": [1, 2, 1]}, {"a-": [1, 4]}, {"a": [2]}),
        ({"a": [1, 2]}, {"a-": [1], "a+": [3]}, {"a": [2, 3]}),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a-": [{"b": 1}]}, {"a": [{"b": 2}]}),
        ({"a": [1]}, {"a": [3], "b": {"c": None}}, {"a": [3], "b": {}}),
        ({"a+": 1}, {"a+": None}, {}),
    ],
)
def test_an_overlay_lengthens_and_shortens_lists(below: Any, overlay: Any, expected: Any) -> None:
    before = copy.deepcopy((below, overlay))
    assert overlaid(below, overlay) == expected
    assert (below, overlay) == before
