"""YAML with the scalars of YAML 1.2's core schema, on PyYAML's C loader.

PyYAML follows YAML 1.1: it reads `enum: [ON, OFF]` as two booleans, `12:30` as 750 and `2024-01-01` as a
date, and lets the last of two equal keys win without a word. A protocol document means none of that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

from protocol.errors import DocumentError

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
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("merge", r"^<<$", "<"),  # not in the core schema, but in many documents
)


_MOST_VALUES = 100_000  # in a file of settings

_BASES = {"0o": 8, "0x": 16}

_READERS: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: {"true": True, "false": False}[text.lower()],
    "int": lambda text: int(text, _BASES.get(text[:2], 10)),
    "float": float,
}


class CoreLoader(_Base):
    """Safe loader for YAML 1.2 core scalars; keys are strings, and equal keys in one mapping are an error."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]
    # What JSON has not (dates, sets, bytes) is an error even where a tag asks for it.
    yaml_constructors: ClassVar[dict[str | None, Any]] = {
        tag: _Base.yaml_constructors[tag]
        for tag in (*(f"tag:yaml.org,2002:{kind}" for kind in ("null", "str", "seq", "map")), None)
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice in one mapping", key.start_mark
                )
            seen.add(key.value)
            key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)


def _constructor(kind: str, read: Callable[[str], Any]) -> Callable[[CoreLoader, yaml.ScalarNode], Any]:
    def construct(_: CoreLoader, node: yaml.ScalarNode) -> Any:
        try:
            return read(node.value)
        except (ValueError, KeyError):  # a tag in the text promised too much, or the number has no end
            problem = f"{str(node.value)[:20]!r} cannot be read as {kind}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None

    return construct


for _tag, _pattern, _first in _SCALARS:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
# As a value, `<<` is text like any other; as a key, it never gets this far.
CoreLoader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: node.value)
for _tag, _read in _READERS.items():
    CoreLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _constructor(_tag, _read))


def parse_yaml(text: str) -> Any:
    """Return the one document in `text`.

    Raises `yaml.YAMLError` (with `problem_mark` where the place is known), or `RecursionError` where the
    text nests deeper than the interpreter allows.
    """
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506 - a subclass of the safe loader


def parse_settings(text: str, file: str) -> tuple[Any, yaml.Node | None]:
    """Return the one document in `text`, a file of settings, as a value and as a node that knows its lines.

    Raises `DocumentError`, which names the `file` and the place.
    """
    try:
        content, node = parse_yaml(text), yaml.compose(text, Loader=CoreLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise DocumentError(
            file, place, f"is not YAML: {said}", "correct it; text with `: ` or ` #` in it needs quotes"
        ) from None
    if _values(content, {}) > _MOST_VALUES:
        raise DocumentError(file, "", "is endless by its aliases (`*name`)", "write out what they stand for")
    return content, node


def _values(value: Any, known: dict[int, float]) -> float:
    """Return how many values `value` consists of, aliases written out; infinite where one holds itself."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = math.inf  # until it is counted
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_values(each, known) for each in inner)
    return known[id(value)]


def booleans_of_yaml_1_1(text: str) -> list[tuple[str, list[str | int]]]:
    """Return the plain scalars in `text` that YAML 1.1 would read as booleans, each with its path.

    Mapping keys are left out: they are names, and readers compare them as text.
    """
    found: list[tuple[str, list[str | int]]] = []
    pending: list[tuple[yaml.Node | None, list[str | int]]] = [(yaml.compose(text, Loader=CoreLoader), [])]
    seen: set[int] = set()  # an anchored node stands in many places, perhaps in itself
    while pending:
        node, path = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            pending += [(value, [*path, str(key.value)]) for key, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            pending += [(value, [*path, index]) for index, value in reversed([*enumerate(node.value)])]
        elif isinstance(node, yaml.ScalarNode) and not node.style and YAML_1_1_BOOLEAN.match(node.value):
            found.append((node.value, path))
    return found
