"""Small hand-written checks of what a client sent, joined into larger ones.

A shape *reads* a JSON value: it returns the value in the form the server works with (a copy, integral
floats as integers, unknown members left out where the dialect ignores them), or it raises
``RefusedError`` with the dotted path of the first thing that is wrong. Nothing here knows the
protocol; that is in ``client_events``.

There are two tempers. A strict reader refuses unknown members (the OpenAI dialect); a lenient one
ignores them (Inworld's). Types, lists of values and ranges are checked in both.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from reference.errors import in_message, missing_parameter, too_long, unknown, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping


class Shape(Protocol):
    """One check of one JSON value."""

    def suits(self, value: object) -> bool:
        """Tell whether a value is of the JSON type this shape is about, right or wrong otherwise."""
        ...

    def read(self, value: object, at: str, *, strict: bool) -> Any:
        """Return the value as the server will use it, or raise ``RefusedError`` naming the path ``at``."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string of ``shortest`` to ``longest`` characters that matches ``pattern`` as a whole."""

    longest: int | None = None
    shortest: int = 0
    pattern: str | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, str)

    def read(self, value: object, at: str, *, strict: bool) -> str:  # noqa: ARG002 (one signature for all)
        if not isinstance(value, str):
            raise _wrong_type(at, "a string", value)
        if self.longest is not None and len(value) > self.longest:
            raise too_long(at, self.longest, len(value))
        if len(value) < self.shortest:
            raise wrong(at, f"'{at}' must not be empty.")
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            raise wrong(at, f"'{at}' must match the pattern {self.pattern}.")
        return value


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few strings."""

    values: tuple[str, ...]

    def suits(self, value: object) -> bool:
        return isinstance(value, str)

    def read(self, value: object, at: str, *, strict: bool) -> str:  # noqa: ARG002
        if not isinstance(value, str):
            raise _wrong_type(at, "a string", value)
        if value not in self.values:
            allowed = ", ".join(f"'{choice}'" for choice in self.values)
            raise wrong(at, f"Invalid value: '{in_message(value)}'. Supported values are: {allowed}.")
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer within bounds. ``5.0`` is the integer 5, as JSON Schema has it."""

    least: int | None = None
    most: int | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def read(self, value: object, at: str, *, strict: bool) -> int:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise _wrong_type(at, "an integer", value)
        _within(at, value, self.least, self.most)
        return int(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds."""

    least: float | None = None
    most: float | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def read(self, value: object, at: str, *, strict: bool) -> float:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(at, "a number", value)
        _within(at, value, self.least, self.most)
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def suits(self, value: object) -> bool:
        return isinstance(value, bool)

    def read(self, value: object, at: str, *, strict: bool) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise _wrong_type(at, "a boolean", value)
        return value


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes as standard Base64 with padding and without white space; read as bytes."""

    longest: int | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, str)

    def read(self, value: object, at: str, *, strict: bool) -> bytes:
        text = Text(longest=self.longest).read(value, at, strict=strict)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise wrong(at, f"'{at}' is not valid Base64.") from None


@dataclass(frozen=True, slots=True)
class Anything:
    """Any object, taken as it is: JSON Schemas, prompt variables and the like."""

    def suits(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: str, *, strict: bool) -> dict[str, Any]:  # noqa: ARG002
        if not isinstance(value, dict):
            raise _wrong_type(at, "an object", value)
        return value


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value that may be null."""

    shape: Shape

    def suits(self, value: object) -> bool:
        return value is None or self.shape.suits(value)

    def read(self, value: object, at: str, *, strict: bool) -> Any:
        return None if value is None else self.shape.read(value, at, strict=strict)


@dataclass(frozen=True, slots=True)
class Rows:
    """An array of at least ``least`` and at most ``most`` values of one shape."""

    shape: Shape
    least: int = 0
    most: int | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, list)

    def read(self, value: object, at: str, *, strict: bool) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(at, "an array", value)
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            most = "" if self.most is None else f" to {self.most}"
            raise wrong(at, f"'{at}' must hold {self.least}{most} values, this has {len(value)}.")
        return [self.shape.read(row, f"{at}[{index}]", strict=strict) for index, row in enumerate(value)]


@dataclass(frozen=True, slots=True)
class FreeKeys:
    """An object with free keys and values of one shape, such as ``metadata``."""

    shape: Shape
    most: int | None = None
    longest_key: int | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: str, *, strict: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(at, "an object", value)
        if self.most is not None and len(value) > self.most:
            raise wrong(at, f"'{at}' must have at most {self.most} pairs, this has {len(value)}.")
        read = {}
        for key, entry in value.items():
            if self.longest_key is not None and len(key) > self.longest_key:
                raise too_long(f"{at}.{in_message(key, self.longest_key)}", self.longest_key, len(key))
            read[key] = self.shape.read(entry, f"{at}.{key}", strict=strict)
        return read


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes of different JSON types, such as an integer or ``"inf"``."""

    shapes: tuple[Shape, ...]
    expected: str

    def suits(self, value: object) -> bool:
        return any(shape.suits(value) for shape in self.shapes)

    def read(self, value: object, at: str, *, strict: bool) -> Any:
        for shape in self.shapes:
            if shape.suits(value):
                return shape.read(value, at, strict=strict)
        raise _wrong_type(at, self.expected, value)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with known members; ``null_is_absent`` leaves optional members out that are null."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)
    null_is_absent: bool = False

    def suits(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: str, *, strict: bool) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(at, "an object", value)
        # Absence is told before excess: a beta-shaped session lacks `type` and has unknown members,
        # and its author is helped by the former (SE-14).
        for name in self.required:
            if name not in value:
                raise missing_parameter(_join(at, name))
        read = {}
        for name, member in value.items():
            shape = self.required.get(name) or self.optional.get(name)
            if member is None and self.null_is_absent and name in self.optional:
                continue
            if shape is not None:
                read[name] = shape.read(member, _join(at, name), strict=strict)
            elif strict:
                raise unknown(_join(at, name))
        return read


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object of one of several shapes, told apart by a string member such as ``type``."""

    tag: str
    shapes: Mapping[str, Shape]
    default: str | None = None

    def suits(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: str, *, strict: bool) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type(at, "an object", value)
        if self.tag not in value and self.default is None:
            raise missing_parameter(_join(at, self.tag))
        name = OneOf(tuple(self.shapes)).read(
            value.get(self.tag, self.default), _join(at, self.tag), strict=strict
        )
        return self.shapes[name].read(value, at, strict=strict)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _wrong_type(at: str, expected: str, value: object) -> Exception:
    return wrong(at, f"Invalid type for '{at}': expected {expected}, but got {_kind(value)} instead.")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    kinds = {int: "an integer", float: "a decimal", str: "a string", list: "an array", dict: "an object"}
    return kinds.get(type(value), "something else")


def _within(at: str, value: float, least: float | None, most: float | None) -> None:
    if least is not None and value < least:
        raise wrong(at, f"'{at}' must be at least {least}, this is {in_message(str(value))}.")
    if most is not None and value > most:
        raise wrong(at, f"'{at}' must be at most {most}, this is {in_message(str(value))}.")
