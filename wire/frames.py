"""Text frames and the events in them."""

from __future__ import annotations

import json
from typing import Any

import orjson

Event = dict[str, Any]
"""One event of the protocol: a JSON object."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse(text: str | bytes) -> Any:
    """Return the JSON value in `text`.

    Raises `ValueError` for what is not JSON: NaN and Infinity, cut-off text, text too deep to be read.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # Lone surrogates are JSON by the grammar, though no UTF-8 can hold them.
        try:
            return json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            raise ValueError("nests too deeply to be read") from None


def dump(value: Any) -> str:
    """Return `value` as one line of JSON."""
    try:
        return orjson.dumps(value).decode("utf-8")
    except (TypeError, orjson.JSONEncodeError):  # lone surrogates, integers beyond 64 bits
        return json.dumps(value, separators=(",", ":"), default=str)


def event_of(text: str | bytes) -> Event | None:
    """Return the event in `text`, or None where it is not one JSON object."""
    try:
        value = parse(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
