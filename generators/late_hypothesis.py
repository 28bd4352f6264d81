"""Hypothesis, loaded when something is to be drawn: the first frame of a run does not wait for it."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_home: str | None = None


def keep_in(folder: str | None) -> None:
    """Say where Hypothesis keeps what it writes down, loaded or not; None for its own choice."""
    global _home  # noqa: PLW0603 - Hypothesis has one for a process as well
    _home = folder
    if "hypothesis.configuration" in sys.modules:
        load_hypothesis()


def load_hypothesis() -> None:
    """Load Hypothesis. Every way to it leads over here, so that it knows its home from the beginning."""
    importlib.import_module("hypothesis.configuration").set_hypothesis_home_dir(_home)


class _Strategies:
    """What `hypothesis.strategies` is, loaded when it is asked for the first of them."""

    def __getattr__(self, name: str) -> Any:
        if "hypothesis" not in sys.modules:
            load_hypothesis()
        found = getattr(importlib.import_module("hypothesis.strategies"), name)
        setattr(self, name, found)
        return found


st = _Strategies()
