"""The default conversation as the judge keeps it: order, what was taken out, and what is let go."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import conversation as module
from rules.conversation import KnownConversation


def _of(*places: tuple[str, str]) -> KnownConversation:
    made = KnownConversation()
    for id_, previous in places:
        made.place(id_, previous)
    return made


@pytest.mark.parametrize(
    ("previous", "order"),
    [("", "abcx"), ("root", "xabc"), ("a", "axbc"), ("b", "abxc"), ("c", "abcx"), ("unknown", "abcx")],
)
def test_an_item_stands_where_it_was_put(previous: str, order: str) -> None:
    made = _of(("a", ""), ("b", ""), ("c", ""), ("x", previous))
    assert list(made) == list(order)
    assert made.last == order[-1]
    assert made.head == order[0]
    assert [made.before(each) for each in made] == [None, *order[:-1]]


def test_an_item_is_put_once() -> None:
    made = _of(("a", ""), ("b", ""), ("a", ""))
    assert list(made) == ["a", "b"]


def test_nothing_stands_in_an_empty_one() -> None:
    made = KnownConversation()
    assert made.last is None
    assert made.before("a") is None
    assert not made.head
    assert "a" not in made


def test_what_is_taken_out_is_known_to_have_been_there() -> None:
    made = _of(("a", ""), ("b", ""), ("c", ""))
    made.remove("a", 7)
    assert list(made) == ["b", "c"]
    assert made.head == "b"
    assert made.deleted == {"a": 7}
    assert "a" not in made
    made.remove("never", 8)  # named by a server all the same
    assert made.deleted == {"a": 7, "never": 8}
    made.remove("b", 9)
    made.remove("c", 10)
    assert not made.head
    made.place("d", "")
    assert made.head == made.last == "d"


def test_a_long_one_keeps_its_newest_part_and_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 6)
    made = _of(*((each, "") for each in "abcdef"))
    made.remove("never", 1)
    assert list(made) == list("abcdef")
    assert not made.forgot
    made.place("g", "")
    assert list(made) == list("defg")
    assert made.forgot
    assert made.head == "a"
    assert "a" not in made
    assert not made.deleted
    made.place("x", "root")
    made.remove("x", 2)
    assert made.head == "a"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "root", *"abcdef"])), max_size=12))
def test_neighbours_and_order_agree(places: list[tuple[str, str]]) -> None:
    made = _of(*places)
    assert len(set(made)) == len(list(made)) == len({id_ for id_, _ in places})
    assert all(made.before(later) == earlier for earlier, later in pairwise(made))
