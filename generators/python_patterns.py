r"""ECMA-262's patterns in the words of Python's `re`, for Hypothesis to draw text by.

What is drawn need not be all that matches, and is looked at afterwards: so a class such as `\p{L}` becomes
those of its characters that are below U+3000 (`\d` and its like are ASCII's). What `re` has no words for at
all has no translation: a lookbehind of no fixed length, a group's name that is used twice.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable

from schemas.ecma import NotAPattern, is_plain, searching

_TOKEN = re.compile(
    r"""
    (?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})
    |\\u\{(?P<point>[0-9a-fA-F]+)\}
    |(?P<property>\\[pP]\{[^}]*\})
    |\\c(?P<control>[A-Za-z])
    |(?P<nul>\\0(?![0-9]))
    |\(\?<(?P<group>[A-Za-z_$][\w$]*)>
    |\\k<(?P<back>[A-Za-z_$][\w$]*)>
    |(?P<space>\\s)
    |(?P<known>\\[dDwWSbBfnrtvxu0-9^$\\.*+?()\[\]{}|/-])
    |\\(?P<itself>[^A-Za-z0-9])
    |(?P<nothing>\[\])|(?P<everything>\[\^\])
    |(?P<open>\[\^?)|(?P<close>\])
    |(?P<end>\$)|(?P<any>\.)
    |(?P<other>[^\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_FAR = 0x3000
_SPACES = r" \t\n\v\f\r"
_DOT = "[^\\n\\r\u2028\u2029]"


@functools.cache
def python_pattern(pattern: str) -> re.Pattern[str] | None:
    """Return `pattern` for Python's `re`; None where it has no words for it."""
    try:
        return re.compile(_translated(pattern), re.ASCII)
    except (re.error, ValueError, OverflowError, RecursionError):
        return None


def _translated(pattern: str) -> str:
    """Raises `ValueError` for what has no translation."""
    if is_plain(pattern):
        return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    made, at, inside = "", 0, False
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None:
            raise ValueError(f"{pattern[at:]} is not understood")
        at = found.end()
        kind, text = str(found.lastgroup), found[str(found.lastgroup)]
        if kind == "open":
            made, inside = made + (text if not inside else "\\["), True
        elif kind == "close":
            made, inside = made + text, False
        else:
            made += _token(kind, text, inside=inside)
    return made


_WORDS = {"nul": "\\x00", "group": "(?P<{}>", "back": "(?P={})"}
_OUTSIDE = {"nothing": "(?!)", "everything": "[\\s\\S]", "end": "\\Z", "any": _DOT}
_INSIDE = {"nothing": "\\[]", "everything": "\\[^]"}


def _token(kind: str, text: str, *, inside: bool) -> str:
    """Return a token of ECMA-262's syntax in Python's; `inside` a class of characters or not."""
    if kind in _CHARACTERS:
        return re.escape(_CHARACTERS[kind](text))
    if kind in _WORDS:
        return _WORDS[kind].format(text)
    if kind in ("property", "space"):
        characters = _SPACES if kind == "space" else _class(text)
        return characters if inside else f"[{characters}]"
    if inside and text in "&~|":  # two of these would be an operation between classes
        return re.escape(text)
    return (_INSIDE if inside else _OUTSIDE).get(kind, text)


def _of_pair(text: str) -> str:
    """Return the character that two escapes of surrogates stand for."""
    return str(json.loads(f'"{text}"'))


_CHARACTERS: dict[str, Callable[[str], str]] = {
    "pair": _of_pair,
    "point": lambda text: chr(int(text, 16)),
    "control": lambda text: chr(ord(text) % 32),
    "itself": str,
}


@functools.cache
def _class(name: str) -> str:
    r"""Return the characters of a class such as `\p{Lu}`, as they are written between brackets."""
    try:
        search = searching(f"^{name}$")
    except NotAPattern as error:
        raise ValueError(str(error)) from None
    ranges: list[list[int]] = []
    for point in filter(lambda each: search(chr(each)), range(0x20, _FAR)):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    if not ranges:
        raise ValueError(f"{name} has no character below U+{_FAR:X}")
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in ranges)
