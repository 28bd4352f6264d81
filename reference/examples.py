"""Values that satisfy a JSON Schema, for the arguments of function calls.

It follows what tools in use are made of (types, required members, bounds, ``enum``, local ``$ref``),
and gives null for what it cannot follow. A schema comes from a client and may be anything at all, so
nothing in here trusts the type of a keyword.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from protocol.json_values import Json, value_at

_DEEPEST = 8
_MOST_ROWS = 100
_LONGEST_TEXT = 10_000

_Maker = Callable[[Json, Any, int], Any]


def example_of(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """Return a value for ``schema``; ``root`` is the document that ``$ref`` points into."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    if isinstance(schema.get("$ref"), str):
        return example_of(_resolve(schema["$ref"], root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    for values in (_rows(schema.get("enum")), _rows(schema.get("examples"))):
        if values:
            return values[0]
    for branches in (_rows(schema.get("anyOf")), _rows(schema.get("oneOf"))):
        if branches:
            return example_of(branches[0], root, depth + 1)
    make: _Maker = _MAKERS.get(_kind(schema), _text)
    return make(schema, root, depth)


def _kind(schema: Json) -> str:
    kind = schema.get("type")
    if isinstance(kind, list) and kind:
        kind = kind[0]
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "string"


def _object(schema: Json, root: Any, depth: int) -> Json:
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    names = [name for name in _rows(schema.get("required")) if isinstance(name, str)]
    return {name: example_of(known.get(name, {}), root, depth + 1) for name in names}


def _array(schema: Json, root: Any, depth: int) -> list[Any]:
    count = min(int(_number(schema.get("minItems"), 0)), _MOST_ROWS)
    return [example_of(schema.get("items"), root, depth + 1) for _ in range(count)]


def _decimal(schema: Json, _root: Any, _depth: int) -> float:
    if "minimum" in schema:
        return _number(schema["minimum"], 1)
    if "exclusiveMinimum" in schema:
        return _number(schema["exclusiveMinimum"], 0) + 1
    return min(1, _number(schema.get("maximum"), 1))


def _integer(schema: Json, root: Any, depth: int) -> int:
    return math.ceil(_decimal(schema, root, depth))


def _text(schema: Json, _root: Any, _depth: int) -> str:
    shortest, longest = (int(_number(schema.get(key), 0)) for key in ("minLength", "maxLength"))
    return "example"[: longest or None].ljust(min(shortest, _LONGEST_TEXT), "x")


def _true(_schema: Json, _root: Any, _depth: int) -> bool:
    return True


def _null(_schema: Json, _root: Any, _depth: int) -> None:
    return None


_MAKERS: dict[str, _Maker] = {
    "object": _object,
    "array": _array,
    "number": _decimal,
    "integer": _integer,
    "string": _text,
    "boolean": _true,
    "null": _null,
}


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any, default: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _resolve(reference: str, root: Any) -> Any:
    """Return what ``#/$defs/name`` and the like point at."""
    steps = reference.removeprefix("#").strip("/").split("/")
    return value_at(root, [step for step in steps if step])
