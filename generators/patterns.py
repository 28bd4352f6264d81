"""Texts that match a pattern, as short and as long as they are to be."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from generators.drawn_values import drawn

if TYPE_CHECKING:
    from hypothesis import strategies as st
else:
    from generators.late_hypothesis import st

_TRIED = 12


def matches(pattern: str) -> st.SearchStrategy[str]:
    r"""Text that matches `pattern` as ECMA reads it: `\d` is a digit of ASCII, and `$` the very end."""
    whole = pattern.startswith("^") and pattern.endswith("$")
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=whole)


@functools.cache
def matching(pattern: str, least: int = 0, most: int | None = None) -> tuple[str, ...]:
    """Return a few texts that match `pattern`, of the lengths allowed: a plain one, a shortest, a longest."""
    found = re.compile(pattern)
    plain = [text for text in drawn(matches(pattern), _TRIED) if found.search(text)]
    fitting = [text for text in plain if _fits(text, least, most)]
    ends = [e for e in (least, most) if e is not None]
    made = [text for end in ends for text in _of_length(plain, end, found)]
    chosen = [*fitting[:2], *(text for text in made if _fits(text, least, most))]
    return tuple(dict.fromkeys(chosen))


def _of_length(plain: list[str], length: int, pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield a text of `length` characters, made by repeating or leaving out one of another text."""
    for text in plain:
        for n in range(len(text)):
            other = text[:n] + text[n] * (1 + length - len(text)) + text[n + 1 :]
            if len(other) == length and pattern.search(other):
                yield other
                return


def _fits(text: str, least: int, most: int | None) -> bool:
    return len(text) >= least and (most is None or len(text) <= most)
