"""From JSON Schema to Hypothesis strategies: every value that is drawn satisfies the schema.

Why not hypothesis-jsonschema: docs/adr/0006. A schema is compiled once into nested strategies on
Hypothesis's public interface. What is not supported is said at once, with its pointer, never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from hypothesis import strategies as st

from generators.meaning import Meaning, Path, Strategy, sentence
from generators.resolving import UnsupportedKeyword, bounds, check, flat, kinds_of, merged, placed
from schemas.bundle import Schema
from schemas.engines import deciding, rooted

_FAR = 2**31  # as far as numbers without a bound go
_LONG = 200  # as long as text without a bound gets
_MANY = 4  # as many elements as lists without a bound get

PRESENT = st.booleans()
USUALLY = st.sampled_from((True, True, True, False))
"""Whether an optional object is there: with a half at each level, what lies deep would hardly be seen."""


class Compiler:
    """Compiles the schemas of one bundle. `meaning` may choose the strategy for the value at a path."""

    def __init__(
        self,
        definitions: Mapping[str, Schema],
        meaning: Meaning = lambda _path, _schema: None,
    ) -> None:
        self.definitions = dict(definitions)
        self.meaning = meaning

    def strategy(self, schema: Schema, path: Path = (), pointer: str = "") -> Strategy:
        """Return a strategy for `schema`. Raises `UnsupportedKeyword`."""
        schema = flat(schema, self.definitions)
        if isinstance(schema, bool):
            if not schema:
                raise UnsupportedKeyword("false", pointer)
            return st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=9))
        check(schema, pointer)
        meant = self.meaning(path, schema)
        made = meant.strategy if meant is not None else self._made(schema, path, pointer)
        if meant is not None or "not" in schema or "pattern" in schema:
            valid = deciding(rooted(schema, self.definitions), "draft7")
            made = made.filter(valid.is_valid)
        return made

    def _made(self, schema: dict[str, Any], path: Path, pointer: str) -> Strategy:
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for group in ("oneOf", "anyOf"):
            if group in schema:
                return self._union(schema, group, path, pointer)
        return st.one_of([self._of_type(kind, schema, path, pointer) for kind in kinds_of(schema)])

    def _union(self, schema: dict[str, Any], group: str, path: Path, pointer: str) -> Strategy:
        rest = {k: v for k, v in schema.items() if k != group}
        branches = [
            self.strategy(
                merged(flat(branch, self.definitions), rest) if rest else branch,
                path,
                f"{pointer}/{group}/{n}",
            )
            for n, branch in enumerate(schema[group])
        ]
        made = st.one_of(branches)
        if group == "oneOf" and len(branches) > 1:
            made = made.filter(deciding(rooted(schema, self.definitions), "draft7").is_valid)
        return made

    def _of_type(self, kind: str, schema: dict[str, Any], path: Path, pointer: str) -> Strategy:
        match kind:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer" | "number":
                return numbers(schema, whole=kind == "integer")
            case "string":
                return strings(schema)
            case "array":
                return self._array(schema, path, pointer)
            case "object":
                return self._object(schema, path, pointer)
        raise UnsupportedKeyword(f"type {kind}", f"{pointer}/type")

    def _array(self, schema: dict[str, Any], path: Path, pointer: str) -> Strategy:
        low = int(schema.get("minItems", 0))
        high = int(schema.get("maxItems", max(low, _MANY)))
        tuple_like = schema.get("prefixItems") or (
            schema["items"] if isinstance(schema.get("items"), list) else []
        )
        if tuple_like:
            parts = [self.strategy(s, (*path, "*"), f"{pointer}/items/{n}") for n, s in enumerate(tuple_like)]
            return st.tuples(*parts).map(list)
        each = self.strategy(schema.get("items", True), (*path, "*"), f"{pointer}/items")
        unique = _by_text if schema.get("uniqueItems") else None
        ends = {low, min(high, low + 20)}
        sized = [st.lists(each, min_size=n, max_size=n, unique_by=unique) for n in sorted(ends)]
        return st.one_of(st.lists(each, min_size=low, max_size=high, unique_by=unique), *sized)

    def _object(self, schema: dict[str, Any], path: Path, pointer: str) -> Strategy:
        needed = set(schema.get("required", ()))
        properties: dict[str, Schema] = dict(schema.get("properties", {}))
        rest = schema.get("additionalProperties", True)
        for name in needed - set(properties):
            properties[name] = rest
        here = placed(path, properties, self.definitions)
        members = [
            (
                name,
                self._member(sub, (*here, name), f"{pointer}/properties/{name}"),
                name in needed,
                self._deep(sub),
            )
            for name, sub in properties.items()
            if sub is not False
        ]
        if not members or (isinstance(rest, dict) and not properties):
            return self._mapping(schema, rest, path, pointer)

        @st.composite
        def draw_object(draw: st.DrawFn) -> dict[str, Any]:
            return {
                name: draw(strategy)
                for name, strategy, required, deep in members
                if required or draw(USUALLY if deep else PRESENT)
            }

        return draw_object()

    def _member(self, schema: Schema, path: Path, pointer: str) -> Strategy:
        """Compile a member; one that refers to itself is compiled when it is first drawn."""
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if reference is None:
            return self.strategy(schema, path, pointer)
        if path.count(path[-1]) > 2:
            return st.deferred(lambda: self.strategy(schema, path[:2], pointer))
        return self.strategy(schema, path, pointer)

    def _deep(self, schema: Schema) -> bool:
        whole = flat(schema, self.definitions)
        return isinstance(whole, dict) and bool({"properties", "oneOf", "anyOf"} & set(whole))

    def _mapping(self, schema: dict[str, Any], rest: Schema, path: Path, pointer: str) -> Strategy:
        low, high = int(schema.get("minProperties", 0)), schema.get("maxProperties")
        if rest is False:
            return st.just({})
        names = self.strategy(schema["propertyNames"], (*path, "*"), f"{pointer}/propertyNames") \
            if "propertyNames" in schema else st.text("abcdefgh_", min_size=1, max_size=9)  # fmt: skip
        values = self.strategy(rest, (*path, "*"), f"{pointer}/additionalProperties")
        most = int(high) if high is not None else max(low, _MANY)
        ends = [st.dictionaries(names, values, min_size=n, max_size=n) for n in sorted({low, most})]
        return st.one_of(st.dictionaries(names, values, min_size=low, max_size=most), *ends)


def _by_text(value: Any) -> str:
    return repr(value)


def numbers(schema: Mapping[str, Any], *, whole: bool) -> Strategy:
    """Numbers in the range of `schema`, its ends as likely as all between them."""
    if "examples" in schema:
        return st.sampled_from(schema["examples"])
    low, high = bounds(schema)
    multiple = schema.get("multipleOf")
    if multiple:
        first = 0 if low is None else int(-(-low // multiple))
        last = first + 1000 if high is None else int(high // multiple)
        return st.integers(first, last).map(lambda n: n * multiple)
    ends = [st.just(int(e) if whole else e) for e in (low, high) if e is not None]
    if whole:
        between: Strategy = st.integers(
            int(low) if low is not None else -_FAR, int(high) if high is not None else _FAR
        )
    else:
        width: Literal[32, 64] = 32 if low is None and high is None else 64
        between = st.floats(low, high, allow_nan=False, allow_infinity=False, width=width)
    return st.one_of(*ends, between)


def strings(schema: Mapping[str, Any]) -> Strategy:
    """Strings of the lengths that `schema` allows, both ends among them; its examples where it has some."""
    if "pattern" in schema:
        pattern = schema["pattern"]
        samples = [e for e in schema.get("examples", ()) if isinstance(e, str)]
        drawn = st.from_regex(
            re.compile(pattern), fullmatch=pattern.startswith("^") and pattern.endswith("$")
        )
        return st.one_of(st.sampled_from(samples), drawn) if samples else drawn
    if "examples" in schema:
        return st.sampled_from(schema["examples"])
    low = int(schema.get("minLength", 0))
    high = int(schema.get("maxLength", max(low, _LONG)))
    alphabet = st.characters(exclude_categories=["Cs"])
    # One choice, not one a character: long text is what examples are slow by.
    ends = [st.sampled_from(("a" * n, sentence(n))) for n in sorted({low, high})]
    return st.one_of(st.text(alphabet, min_size=low, max_size=min(high, _LONG)), *ends)
