"""From JSON Schema to Hypothesis strategies: every value that is drawn satisfies the schema.

Why not hypothesis-jsonschema: docs/adr/0006. A schema is read into a tree once (`generators.schema_tree`) and
the tree compiled into nested strategies on Hypothesis's public interface. What is not supported is said at
once, with its pointer. Only what must match a pattern that no text is found for is left out, and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from generators.choices import choices
from generators.field_meanings import Meaning, Strategy, sentence
from generators.nodes import Node
from generators.patterns import matches
from generators.schema_resolution import UnsupportedKeyword, bounds
from generators.schema_tree import SchemaReader
from schemas.bundle import Schema

if TYPE_CHECKING:
    from hypothesis import strategies as st
else:
    from generators.late_hypothesis import st

_FAR = 2**31  # as far as numbers without a bound go
_LONG = 200  # as long as text without a bound gets
_MANY = 4  # as many elements as lists without a bound get
_WIDE = 20  # as many as lists with one get, beyond their least

_USUALLY = (True, True, True, False)
"""Whether an optional object is there: with a half at each level, what lies deep would hardly be seen."""

_EXACT = frozenset(
    "type properties required additionalProperties unevaluatedProperties propertyNames minProperties"
    " maxProperties minItems maxItems items prefixItems additionalItems minLength maxLength minimum maximum"
    " const enum anyOf default examples format".split()
)
"""Keywords that need no look at what was drawn: it was drawn so."""


class Compiler:
    """Compiles the schemas of one bundle. `meaning` may choose the strategy for the value at a path."""

    def __init__(
        self,
        definitions: Mapping[str, Schema],
        meaning: Meaning = lambda _path, _schema: None,
        dialect: str = "draft7",
    ) -> None:
        self.reader = SchemaReader(definitions, meaning, dialect)

    def strategy(self, schema: Schema) -> Strategy:
        """Return a strategy for `schema`. Raises `UnsupportedKeyword`."""
        node = self.reader.read(schema)
        if node is None:
            raise UnsupportedKeyword("false", "")
        return compiled(node)


def compiled(node: Node) -> Strategy:
    """Return a strategy for the values of a tree."""
    made = _made(node)
    return made if set(node.schema) <= _EXACT and not _crowded(node) else made.filter(node.accepts)


def _crowded(node: Node) -> bool:
    """Tell whether so many members must be there, or may be, that leaving some out at will can go wrong."""
    return node.kind == "object" and bool({"minProperties", "maxProperties"} & set(node.schema))


def _made(node: Node) -> Strategy:
    match node.kind:
        case "leaf":
            return _leaf(node)
        case "union":
            return st.one_of([compiled(branch) for branch in node.branches])
        case "array":
            return _array(node)
        case "mapping":
            return _mapping(node)
        case "object":
            return _object(node)


def _leaf(node: Node) -> Strategy:
    values = [value for _, value in choices(node)]
    if "const" in node.schema or "enum" in node.schema:
        return st.sampled_from(values)
    if node.meant is not None:
        return node.meant.strategy
    match node.type:
        case "null":
            return st.none()
        case "boolean":
            return st.sampled_from(values)
        case "integer" | "number":
            return number_strategy(node.schema, whole=node.type == "integer", samples=values)
        case "string":
            return strings(node.schema, samples=values)
    return st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=9))


def _array(node: Node) -> Strategy:
    low = node.bound("minItems") or 0
    most = node.bound("maxItems")
    high = max(low, len(node.places) + _MANY) if most is None else most
    if node.element is None:
        high = min(high, len(node.places))
    elif node.schema.get("uniqueItems"):
        high = max(low, min(high, _different(node.element)))
    unique = repr if node.schema.get("uniqueItems") else None
    each = compiled(node.element) if node.element is not None else st.nothing()
    if not node.places:
        ends = {low, min(high, low + _WIDE)}
        sized = [st.lists(each, min_size=n, max_size=n, unique_by=unique) for n in sorted(ends)]
        return st.one_of(
            st.lists(each, min_size=low, max_size=high if most is not None else None, unique_by=unique)
            if node.element is not None and high > low
            else sized[0],
            *sized,
        )
    places = [compiled(place) for place in node.places]

    @st.composite
    def draw_array(draw: st.DrawFn) -> list[Any]:
        size = draw(st.integers(low, min(high, low + len(places) + _WIDE)))
        first = [draw(place) for place in places[:size]]
        left = size - len(first)
        return first + draw(st.lists(each, min_size=left, max_size=left)) if left else first

    return draw_array()


def _different(node: Node) -> int:
    """Return how many different values of `node` may be counted on."""
    if node.kind == "union":
        return sum(_different(branch) for branch in node.branches)
    if node.kind == "leaf" and (node.type in ("boolean", "null") or {"const", "enum"} & set(node.schema)):
        return len(choices(node))
    return _WIDE


def _object(node: Node) -> Strategy:
    members = [
        (name, compiled(member), name in node.needed, member.kind in ("object", "union"))
        for name, member in node.members.items()
    ]

    @st.composite
    def draw_object(draw: st.DrawFn) -> dict[str, Any]:
        return {
            name: draw(strategy)
            for name, strategy, required, deep in members
            if required or draw(st.sampled_from(_USUALLY) if deep else st.booleans())
        }

    return draw_object()


def _mapping(node: Node) -> Strategy:
    if node.element is None or node.keys is None:
        return st.just({})
    low, most = node.bound("minProperties") or 0, node.bound("maxProperties")
    plain = "propertyNames" not in node.schema
    names = st.text("abcdefgh_", min_size=1, max_size=9) if plain else compiled(node.keys)
    values = compiled(node.element)
    high = max(low, min(most if most is not None else max(low, _MANY), _different(node.keys)))
    ends = [st.dictionaries(names, values, min_size=n, max_size=n) for n in sorted({low, high})]
    return st.one_of(st.dictionaries(names, values, min_size=low, max_size=high), *ends)


def number_strategy(schema: Mapping[str, Any], *, whole: bool, samples: list[Any]) -> Strategy:
    """Numbers in the range of `schema`, its `samples` as likely as all between them."""
    if "examples" in schema:
        return st.sampled_from(samples)
    low, high = bounds(schema)
    multiple = schema.get("multipleOf")
    if multiple:
        step = Fraction(str(multiple))
        first = 0 if low is None else round(Fraction(str(low)) / step)
        last = first + 1000 if high is None else round(Fraction(str(high)) / step)
        first = min(first, last - 1000) if low is None else first
        return st.integers(first, last).map(lambda n: int(n * step) if whole else float(n * step))
    ends = [st.just(int(e) if whole else e) for e in (low, high) if e is not None]
    if whole:
        least = int(low) if low is not None else min(-_FAR, int(high or 0) - _FAR)
        most = int(high) if high is not None else max(_FAR, least + _FAR)
        between: Strategy = st.integers(least, most)
    else:
        width: Literal[32, 64] = 32 if low is None and high is None else 64
        between = st.floats(low, high, allow_nan=False, allow_infinity=False, width=width)
    return st.one_of(*ends, between)


def strings(schema: Mapping[str, Any], *, samples: list[Any]) -> Strategy:
    """Strings of the lengths that `schema` allows, both ends among them; `samples` where it has examples."""
    low = int(schema.get("minLength", 0))
    if "pattern" in schema:
        drawn = matches(schema["pattern"])
        if "minLength" not in schema and "maxLength" not in schema:
            return st.one_of(st.sampled_from(samples), drawn)
        high = int(schema.get("maxLength", _LONG))
        # Where chance rarely meets the length, what is known to have it takes its place.
        return st.one_of(
            st.sampled_from(samples), drawn.map(lambda t: t if low <= len(t) <= high else samples[0])
        )
    if "examples" in schema:
        return st.sampled_from(samples)
    high = int(schema.get("maxLength", max(low, _LONG)))
    alphabet = st.characters(exclude_categories=["Cs"])
    # One choice, not one a character: long text is what examples are slow by.
    ends = [st.sampled_from(("a" * n, sentence(n))) for n in sorted({low, high})]
    if low > _LONG:
        return st.one_of(ends)
    return st.one_of(st.text(alphabet, min_size=low, max_size=min(high, _LONG)), *ends)
