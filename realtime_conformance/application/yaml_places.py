"""Where something stands in a YAML file: its line, for messages about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import yaml


def place_in(node: yaml.Node | None, path: tuple[str | int, ...], name: str = "") -> str:
    """Return where `path` is in words: its line, that of the field `name` in it, and its JSON pointer."""
    line = node_at(node, (*path, name)) if name else None
    found = line or node_at(node, path) or node_at(node, path[:-1])
    pointer = "/" + "/".join(str(step) for step in path)
    return f"line {found.start_mark.line + 1}: {pointer}" if found is not None else pointer


def node_at(node: yaml.Node | None, path: tuple[str | int, ...]) -> yaml.Node | None:
    """Return the node at `path`, None where there is none."""
    for step in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        else:
            return None
    return node


def meant(name: str, known: Iterable[str]) -> str:
    """Return a question after the one of `known` that `name` probably means; empty where none is like it."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}? " if close else ""
