"""What is drawn depends on the seed alone, not on which modules happen to be loaded.

Hypothesis likes to draw constants that it finds in the source of loaded modules. Which of ours are loaded
differs: between a run from a checkout and one from a wheel, against the embedded server and another one, and
from one moment to the next. The same seed has to say the same in all of them, and to cost the same.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

_ATTRIBUTE = "_local_constants"
_LOCK = threading.Lock()
_usual: list[Any] = []  # what Hypothesis has of its own, once for each thread that draws at the moment


@contextlib.contextmanager
def by_seed_alone() -> Iterator[None]:
    """See to it that this thread draws nothing in the meantime that Hypothesis has read in our modules.

    There is no setting for it.
    """
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415 - loaded when something is drawn
    from hypothesis.internal.constants_ast import Constants  # noqa: PLC0415

    provider: Any = providers.HypothesisProvider
    with _LOCK:
        _usual.append(_usual[0] if _usual else provider.__dict__[_ATTRIBUTE])
        setattr(provider, _ATTRIBUTE, Constants())
    providers.CONSTANTS_CACHE.cache.clear()  # each thread has one, of what fits where
    try:
        yield
    finally:
        providers.CONSTANTS_CACHE.cache.clear()
        with _LOCK:
            usual = _usual.pop()
            if not _usual:
                setattr(provider, _ATTRIBUTE, usual)
