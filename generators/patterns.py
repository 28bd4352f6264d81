"""Texts that match a pattern, as short and as long as they are to be."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generators.drawn_values import drawn
from generators.late_hypothesis import load_hypothesis
from generators.python_patterns import python_pattern
from schemas.ecma import Search, searching

if TYPE_CHECKING:
    from hypothesis import strategies as st
else:
    from generators.late_hypothesis import st

_TRIED = 12


def matches(pattern: str) -> st.SearchStrategy[str]:
    """Text that likely matches `pattern`, which is ECMA-262's; nothing where Hypothesis cannot draw any."""
    found = python_pattern(pattern)
    if found is None:
        return st.nothing()
    return st.from_regex(found, fullmatch=pattern.startswith("^") and pattern.endswith("$"))


@functools.cache
def matching(pattern: str, least: int = 0, most: int | None = None) -> tuple[str, ...]:
    """Return a few texts that match `pattern`, of the lengths allowed: a plain one, a shortest, a longest.

    There are none where Hypothesis cannot draw any.
    """
    if python_pattern(pattern) is None:
        return ()
    search = searching(pattern)
    plain = [text for text in _drawn(pattern) if search(text)]
    fitting = [text for text in plain if _fits(text, least, most)]
    ends = [e for e in (least, most) if e is not None]
    made = [text for end in ends for text in _of_length(plain, end, search)]
    chosen = [*fitting[:2], *(text for text in made if _fits(text, least, most))]
    return tuple(dict.fromkeys(chosen))


def _drawn(pattern: str) -> list[str]:
    load_hypothesis()
    from hypothesis.errors import Unsatisfiable  # noqa: PLC0415 - loaded when something is drawn

    try:
        return drawn(matches(pattern), _TRIED)
    except Unsatisfiable:
        return []


def _of_length(plain: list[str], length: int, search: Search) -> Iterator[str]:
    """Yield a text of `length` characters, made by repeating or leaving out one of another text."""
    for text in plain:
        for n in range(len(text)):
            other = text[:n] + text[n] * (1 + length - len(text)) + text[n + 1 :]
            if len(other) == length and search(other):
                yield other
                return


def _fits(text: str, least: int, most: int | None) -> bool:
    return len(text) >= least and (most is None or len(text) <= most)
