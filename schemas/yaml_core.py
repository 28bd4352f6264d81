"""YAML with the scalars of YAML 1.2's core schema, on PyYAML's C loader.

PyYAML follows YAML 1.1: it reads `enum: [ON, OFF]` as two booleans, `12:30` as 750 and `2024-01-01` as a
date, and lets the last of two equal keys win without a word. A protocol document means none of that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # a PyYAML built without libyaml: slower, the same result
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Hashable

YAML_1_1_BOOLEAN = re.compile(r"^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$")
"""Plain scalars that YAML 1.1 readers turn into booleans and YAML 1.2 leaves as strings."""

_SCALARS = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("merge", r"^<<$", "<"),  # not in the core schema, but in many documents
)


class CoreLoader(_Base):
    """Safe loader for YAML 1.2 core scalars; equal keys in one mapping are an error."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice in one mapping", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in _SCALARS:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def parse_yaml(text: str) -> Any:
    """Return the one document in `text`.

    Raises `yaml.YAMLError` (with `problem_mark` where the place is known), or `RecursionError` where the
    text nests deeper than the interpreter allows.
    """
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506 - a subclass of the safe loader


def booleans_of_yaml_1_1(text: str) -> list[tuple[str, list[str | int]]]:
    """Return the plain scalars in `text` that YAML 1.1 would read as booleans, each with its path.

    Mapping keys are left out: they are names, and readers compare them as text.
    """
    found: list[tuple[str, list[str | int]]] = []

    def walk(node: yaml.Node, path: list[str | int]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, [*path, str(key.value)])
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                walk(value, [*path, index])
        elif isinstance(node, yaml.ScalarNode) and not node.style and YAML_1_1_BOOLEAN.match(node.value):
            found.append((node.value, path))

    root = yaml.compose(text, Loader=CoreLoader)
    if root is not None:
        walk(root, [])
    return found
