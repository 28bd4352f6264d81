"""From JSON Schema to Hypothesis strategies: every value that is drawn satisfies the schema.

Why not hypothesis-jsonschema: docs/adr/0006. A schema is compiled once into nested strategies on
Hypothesis's public interface. What is not supported is said at once, with its pointer, never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from generators.meaning import Path, Strategy
from schemas.bundle import Schema
from schemas.engines import deciding, rooted

ANNOTATIONS = frozenset(("default", "examples", "$comment", "readOnly", "writeOnly", "deprecated"))

SUPPORTED = frozenset(
    "$ref type const enum allOf anyOf oneOf not pattern format minLength maxLength minimum maximum"
    " exclusiveMinimum exclusiveMaximum multipleOf items prefixItems minItems maxItems uniqueItems properties"
    " required additionalProperties propertyNames minProperties maxProperties".split()
)

_FAR = 2**31  # as far as numbers without a bound go
_LONG = 200  # as long as text without a bound gets
_MANY = 4  # as many elements as lists without a bound get
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")

PRESENT = st.booleans()
USUALLY = st.sampled_from((True, True, True, False))
"""Whether an optional object is there: with a half at each level, what lies deep would hardly be seen."""


class UnsupportedKeyword(ValueError):
    """The schema uses a keyword for which no values can be made; names keyword and pointer."""

    def __init__(self, keyword: str, pointer: str) -> None:
        self.keyword, self.pointer = keyword, pointer
        super().__init__(f"#{pointer or '/'}: no values can be made for the keyword {keyword!r}")


class Compiler:
    """Compiles the schemas of one bundle. `meaning` may choose the strategy for the value at a path."""

    def __init__(
        self,
        definitions: Mapping[str, Schema],
        meaning: Callable[[Path, Any], Strategy | None] = lambda _path, _schema: None,
    ) -> None:
        self.definitions = dict(definitions)
        self.meaning = meaning
        self._open: dict[tuple[str, Path], Strategy] = {}

    def strategy(self, schema: Schema, path: Path = (), pointer: str = "") -> Strategy:
        """Return a strategy for `schema`. Raises `UnsupportedKeyword`."""
        schema = self._flat(schema)
        if isinstance(schema, bool):
            if not schema:
                raise UnsupportedKeyword("false", pointer)
            return st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=9))
        self._check(schema, pointer)
        meant = self.meaning(path, schema)
        made = meant if meant is not None else self._made(schema, path, pointer)
        if meant is not None or "not" in schema or "pattern" in schema:
            valid = deciding(rooted(schema, self.definitions), "draft7")
            made = made.filter(valid.is_valid)
        return made

    def _check(self, schema: dict[str, Any], pointer: str) -> None:
        for keyword in schema:
            if keyword not in SUPPORTED and keyword not in ANNOTATIONS and not keyword.startswith("x-"):
                raise UnsupportedKeyword(keyword, f"{pointer}/{keyword}")

    def _made(self, schema: dict[str, Any], path: Path, pointer: str) -> Strategy:
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        for group in ("oneOf", "anyOf"):
            if group in schema:
                return self._union(schema, group, path, pointer)
        listed = schema.get("type", _implied(schema))
        kinds = [listed] if isinstance(listed, str) else list(listed)
        return st.one_of([self._of_type(kind, schema, path, pointer) for kind in kinds])

    def _union(self, schema: dict[str, Any], group: str, path: Path, pointer: str) -> Strategy:
        rest = {k: v for k, v in schema.items() if k != group}
        branches = [
            self.strategy(
                merged(self._flat(branch), rest) if rest else branch, path, f"{pointer}/{group}/{n}"
            )
            for n, branch in enumerate(schema[group])
        ]
        made = st.one_of(branches)
        if group == "oneOf" and len(branches) > 1:
            made = made.filter(deciding(rooted(schema, self.definitions), "draft7").is_valid)
        return made

    def _flat(self, schema: Schema) -> Schema:
        """Return `schema` with its references followed and its `allOf` merged into it."""
        for _ in range(len(self.definitions) + 1):
            if isinstance(schema, bool) or "$ref" not in schema:
                break
            schema = self.definitions[schema["$ref"].removeprefix("#/definitions/")]
        if isinstance(schema, bool) or "allOf" not in schema:
            return schema
        whole: Schema = {k: v for k, v in schema.items() if k != "allOf"}
        for part in schema["allOf"]:
            whole = merged(whole, self._flat(part))
        return whole

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
        members = [
            (
                name,
                self._member(sub, (*path, name), f"{pointer}/properties/{name}"),
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
        flat = self._flat(schema)
        return isinstance(flat, dict) and bool({"properties", "oneOf", "anyOf"} & set(flat))

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


def _implied(schema: Mapping[str, Any]) -> list[str]:
    """Return the types of a schema that does not name any, by its other keywords."""
    if "properties" in schema or "required" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    if "minLength" in schema or "maxLength" in schema or "pattern" in schema or "format" in schema:
        return ["string"]
    if "minimum" in schema or "maximum" in schema:
        return ["number"]
    return ["null", "boolean", "integer", "string"]


def bounds(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the least and the greatest number that `schema` allows; None where there is no bound."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        step = 1 if schema.get("type") == "integer" else 1e-6
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        step = 1 if schema.get("type") == "integer" else 1e-6
        high = schema["exclusiveMaximum"] - step
    return low, high


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
        between = st.floats(low, high, allow_nan=False, allow_infinity=False, width=32) \
            if low is None and high is None else st.floats(low, high, allow_nan=False, allow_infinity=False)  # fmt: skip
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
    alphabet = st.characters(exclude_categories=("Cs",))
    ends = [st.text("abc", min_size=n, max_size=n) for n in sorted({low, high})]
    return st.one_of(st.text(alphabet, min_size=low, max_size=min(high, _LONG)), *ends)


def merged(one: Schema, other: Schema) -> Schema:
    """Return a schema that allows what both allow, for the keywords that documents merge by `allOf`."""
    if one is True:
        return other
    if other is True or other == {}:
        return one
    if one is False or other is False or isinstance(one, bool) or isinstance(other, bool):
        return False
    whole = dict(one)
    for keyword, value in other.items():
        whole[keyword] = _merged_keyword(keyword, whole[keyword], value) if keyword in whole else value
    return whole


def _merged_keyword(keyword: str, one: Any, other: Any) -> Any:
    match keyword:
        case "required":
            return sorted({*one, *other})
        case "properties":
            return {
                name: merged(one.get(name, True), other.get(name, True))
                for name in dict.fromkeys([*one, *other])
            }
        case "enum":
            return [v for v in one if v in other]
        case "minimum" | "minLength" | "minItems" | "exclusiveMinimum" | "minProperties":
            return max(one, other)
        case "maximum" | "maxLength" | "maxItems" | "exclusiveMaximum" | "maxProperties":
            return min(one, other)
        case "type":
            kinds = [one] if isinstance(one, str) else one
            others = [other] if isinstance(other, str) else other
            both = [k for k in kinds if k in others] or [
                k for k in others if k == "integer" and "number" in kinds
            ]
            return both[0] if len(both) == 1 else both
    return other
