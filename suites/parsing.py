"""Lets one thread at a time parse Python, where the interpreter cannot do it for several.

Events are drawn, and conversations thought of, in threads of their own. Hypothesis parses source code as it
draws; so does pytest in the main thread, for the place of a skip or a failure. Python 3.11 counts the depth
of all parsers in one place, and one of two ends with `SystemError: AST constructor recursion depth mismatch`.
"""

from __future__ import annotations

import ast
import functools
import sys
import threading
from typing import Any

_FIRST_SOUND = (3, 12)


def parse_in_turn() -> None:
    """From now on, `ast.parse` waits until no other thread is in it. Does nothing a second time."""
    if sys.version_info >= _FIRST_SOUND or hasattr(ast.parse, "__wrapped__"):
        return
    parse, turn = ast.parse, threading.RLock()

    @functools.wraps(parse)
    def parse_alone(*args: Any, **options: Any) -> Any:
        with turn:
            return parse(*args, **options)

    ast.parse = parse_alone
