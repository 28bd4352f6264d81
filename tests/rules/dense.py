"""YAML with an entry in a line or a few: for files that are written by a script and read in differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from protocol.yaml_core import parse_yaml

_WIDTH = 110
_INDENT = "  "


def dense(entries: Mapping[str, Any]) -> str:
    """Return `entries` as YAML, each beginning a line of its own and going on in indented ones."""
    text = "".join(
        "\n".join(_lines(f"{_scalar(name)}: {_flow(value)}")) + "\n" for name, value in entries.items()
    )
    assert parse_yaml(text) == entries
    return text


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(name)}: {_flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """Return a scalar as it is written between brackets."""
    text: str = yaml.safe_dump([value], default_flow_style=True, width=math.inf, allow_unicode=True)
    return text.strip().removeprefix("[").removesuffix("]")


def _lines(text: str) -> Iterator[str]:
    """Break a text in front of a brace, behind a comma, or else at any single space, where a line is full."""
    indent = ""
    while len(indent + text) > _WIDTH:
        room = _WIDTH - len(indent) + 1
        end = text.rfind(", ", 0, room) + 1 or text.rfind(" ", 1, room)
        # Where two spaces stand, YAML would read one.
        while end > 0 and "  " in text[end - 1 : end + 2]:
            end = text.rfind(" ", 1, end)
        if end <= 0:
            break
        yield indent + text[:end]
        text, indent = text[end + 1 :], _INDENT
    yield indent + text
