"""Which scenarios `-k` asks for: a text, or texts joined by `and`, `or`, `not` and parentheses.

A text is found in the ids of a scenario and of the requirements that it provokes, wherever it stands there.
One without any of these words and without parentheses is one text with its spaces, as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Matcher = Callable[[Sequence[str]], bool]
"""Whether names match."""

_TOKEN = re.compile(r"[()]|[^\s()]+")
_WORDS = frozenset(("and", "or", "not", "(", ")"))
_DEEPEST = 100  # parentheses and negations within each other


class SelectionError(ValueError):
    """An expression that cannot be understood; the message names the place."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    column: int

    def __str__(self) -> str:
        return f"{self.text!r} at column {self.column}" if self.text else "the end"


def matcher(expression: str) -> Matcher:
    """Return what tells whether names match `expression`. Raises `SelectionError`."""
    tokens = [_Token(found[0], found.start() + 1) for found in _TOKEN.finditer(expression)]
    if not any(token.text in _WORDS for token in tokens):
        return _contains(expression)
    return _Parser(expression, tokens).whole()


def matchers(expressions: Iterable[str]) -> Matcher:
    """Return what tells whether names match one of `expressions`. Raises `SelectionError`."""
    found = [matcher(each) for each in expressions]
    return lambda names: any(matches(names) for matches in found)


def _contains(text: str) -> Matcher:
    return lambda names: any(text in name for name in names)


class _Parser:
    """Reads an expression: `or` binds least, then `and`, then `not`."""

    def __init__(self, expression: str, tokens: list[_Token]) -> None:
        self._expression = expression
        self._left = [*tokens, _Token("", len(expression) + 1)]
        self._depth = 0

    def whole(self) -> Matcher:
        """Return what the whole expression asks for."""
        found = self._either()
        if self._left[0].text:
            raise self._wrong("and, or, or the end")
        return found

    def _either(self) -> Matcher:
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda names: any(matches(names) for matches in parts)

    def _both(self) -> Matcher:
        parts = [self._single()]
        while self._takes("and"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else lambda names: all(matches(names) for matches in parts)

    def _single(self) -> Matcher:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong(f"no more than {_DEEPEST} levels")
        found = self._deeper()
        self._depth -= 1
        return found

    def _deeper(self) -> Matcher:
        if self._takes("not"):
            inner = self._single()
            return lambda names: not inner(names)
        if self._takes("("):
            inside = self._either()
            if not self._takes(")"):
                raise self._wrong("and, or, or )")
            return inside
        token = self._left[0]
        if not token.text or token.text in _WORDS:
            raise self._wrong("a text, not, or (")
        self._left.pop(0)
        return _contains(token.text)

    def _takes(self, word: str) -> bool:
        if self._left[0].text != word:
            return False
        self._left.pop(0)
        return True

    def _wrong(self, expected: str) -> SelectionError:
        return SelectionError(f"{self._expression!r}: {expected} is expected, not {self._left[0]}")
