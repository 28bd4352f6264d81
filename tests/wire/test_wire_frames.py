"""Reading JSON: how deep it may nest, whatever else is in it."""

from __future__ import annotations

import json

import pytest

from wire.frames import parse

_BOTH = {"object": ('{"a":', "}"), "array": ("[", "]"), "mixed": ('[{"a":', "}]")}


@pytest.mark.parametrize("filling", [0, 500, 5000], ids=["short", "near", "long"])
@pytest.mark.parametrize("bracket", _BOTH)
@pytest.mark.parametrize("encoded", [True, False], ids=["bytes", "text"])
def test_the_last_level_is_read_and_the_next_is_not(bracket: str, filling: int, encoded: bool) -> None:
    opening, closing = _BOTH[bracket]
    per = len(closing)
    said = json.dumps("x" * filling)

    def nested(levels: int) -> str | bytes:
        times = levels // per
        text = opening * times + said + closing * times
        return text.encode() if encoded else text

    assert parse(nested(20), 20)
    with pytest.raises(ValueError, match="nests too deeply"):
        parse(nested(20 + per), 20)


@pytest.mark.parametrize("filling", ["{[" * 10, "{[" * 5000], ids=["short", "long"])
def test_brackets_inside_strings_are_no_levels(filling: str) -> None:
    assert parse(json.dumps({"said": filling}), 1) == {"said": filling}


def test_many_values_side_by_side_are_no_levels() -> None:
    assert parse(json.dumps([[]] * 5000), 2) == [[]] * 5000
