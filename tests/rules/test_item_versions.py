"""Two versions of an item: whether they say the same, and where they part."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.item_versions import parting, same_item

_ITEM: dict[str, Any] = {
    "id": "item_1",
    "type": "message",
    "role": "user",
    "status": "completed",
    "content": [{"type": "input_text", "text": "One."}, {"type": "input_text", "text": "Two."}],
}


@pytest.mark.parametrize(
    ("change", "place", "one", "other"),
    [
        ({"role": "system"}, ".role", "user", "system"),
        ({"status": "incomplete"}, ".status", "completed", "incomplete"),
        ({"content": [_ITEM["content"][0]]}, ".content", _ITEM["content"], [_ITEM["content"][0]]),
        (
            {"content": [_ITEM["content"][0], {"type": "input_text", "text": "2"}]},
            ".content[1].text",
            "Two.",
            "2",
        ),
        ({"content": [_ITEM["content"][0], {"type": "input_text"}]}, ".content[1].text", "Two.", None),
        ({"content": None}, ".content", _ITEM["content"], None),
        ({"call_id": "call_1"}, ".call_id", None, "call_1"),
    ],
)
def test_the_first_place_where_they_part(change: dict[str, Any], place: str, one: Any, other: Any) -> None:
    changed = {**_ITEM, **change}
    assert not same_item(_ITEM, changed)
    assert parting(_ITEM, changed) == (place, one, other)


@pytest.mark.parametrize("newer", [{"object": "realtime.item"}, {"phase": "final_answer"}])
def test_a_field_that_only_one_shows_is_nobodys_business(newer: dict[str, Any]) -> None:
    assert same_item(_ITEM, {**_ITEM, **newer})
    assert parting({**_ITEM, **newer}, _ITEM) == ("", None, None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
_ITEMS = st.dictionaries(st.sampled_from(["id", "content", "status", "new"]), _JSON, max_size=4)


@given(_ITEMS, _ITEMS)
def test_they_part_somewhere_just_where_they_are_not_the_same(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    place, mine, theirs = parting(one, other)
    assert bool(place) is not same_item(one, other)
    assert not place or mine != theirs
