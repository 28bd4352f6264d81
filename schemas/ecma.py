r"""Patterns as JSON Schema means them: regular expressions of ECMA-262, whichever engine validates.

Python's `re` and Rust's `regex` differ from it and from each other: `\p{L}`, `\cA` and `\u{1F600}` are
ECMA-262's alone, `\d`, `\w`, `.` and `$` mean something else in each. `regress` is an engine for it. A
pattern is read with the flag `u`, as JSON Schema recommends, without it where it is only then one (`\-`).
Most patterns are plain: all engines agree about these, and nobody waits for `regress` to be loaded.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regress

ELSEWHERE = "x-names-by-ecma"
"""A keyword of ours, beside `patternProperties` whose patterns are not plain: `jsonschema` has to decide."""

Search = Callable[[str], bool]

_PLAIN = re.compile(
    r"\^?(?:(?:[A-Za-z0-9_\-:;,/ ]|\\[n./]|\[[A-Za-z0-9_-]+\]|\))(?:[*+?]|\{\d+(?:,\d*)?\})?|\((?!\?)|\|)*\$?"
)
"""Literals, classes of ASCII, groups and quantifiers, `^` at the start and `$` at the end."""


class NotAPattern(ValueError):
    """A pattern that ECMA-262 does not have. Says why."""


def is_plain(pattern: str) -> bool:
    """Tell whether `pattern` means the same to every engine but for `$`, which Python takes less strictly."""
    if not _PLAIN.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


@functools.cache
def searching(pattern: str) -> Search:
    """Return what tells whether a text holds a match of `pattern`. Raises `NotAPattern`."""
    if is_plain(pattern):
        # Python lets `$` match before a final newline, too.
        strict = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
        plain = re.compile(strict, re.ASCII).search
        return lambda text: plain(text) is not None
    find = _compiled(pattern)[0].find

    def search(text: str) -> bool:
        try:
            return find(text) is not None
        except UnicodeEncodeError:  # half a surrogate pair, which regress cannot be given
            return find(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")) is not None

    return search


def with_unicode(pattern: str) -> bool:
    """Tell whether `pattern` is one with the flag `u`. Raises `NotAPattern`."""
    return is_plain(pattern) or _compiled(pattern)[1]


@functools.cache
def _compiled(pattern: str) -> tuple[regress.Regex, bool]:
    """Return `pattern` compiled, and whether with the flag `u`."""
    import regress  # noqa: PLC0415 - only who has a pattern that is not plain waits for it

    try:
        return regress.Regex(pattern, "u"), True
    except (regress.RegressError, UnicodeEncodeError) as strict:
        try:
            return regress.Regex(pattern), False
        except (regress.RegressError, UnicodeEncodeError):
            raise NotAPattern(str(strict)) from None
