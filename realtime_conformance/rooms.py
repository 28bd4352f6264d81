"""Finds the rooms (`schemas`, `wire`, `rules`, …) and makes them importable.

In a checkout they are packages beside this one. A wheel must not drop packages called `schemas` or
`reports` into somebody's site-packages, so it carries them inside this one.
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def folder() -> Path:
    """Return the folder that holds the rooms."""
    return _HERE if (_HERE / "schemas").is_dir() else _HERE.parent


def open_rooms() -> None:
    """Put the rooms first on this process's path."""
    place = str(folder())
    if sys.path[:1] != [place]:
        sys.path.insert(0, place)
