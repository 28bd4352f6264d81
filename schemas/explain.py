"""Turns validation errors into leaf complaints a server author can act on.

`jsonschema.exceptions.best_match` stops at the union that failed (`$.session` is not valid under any of
the given schemas). Descending by the discriminating field reaches the leaf that is wrong.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.spellings import by_spelling

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

DISCRIMINATORS = ("type", "role", "object")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Violation:
    """One leaf of an event that its schema does not allow.

    `path` is the way to the leaf; `keyword` the JSON Schema keyword that failed (`required`, `type`, …).
    `kind` is `schema`, or `null-for-optional` where leaving the field out would have been valid.
    """

    path: tuple[str | int, ...]
    keyword: str
    expected: str
    actual: str
    kind: str = "schema"

    @property
    def place(self) -> str:
        """The path as written in reports: `session.tools[0].name`."""
        return dotted(self.path)


def dotted(path: Iterable[str | int]) -> str:
    """Return `path` in the notation of the protocol's own `param` field."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def leaf_errors(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the errors that say most, descending into unions whose branch the value clearly means."""
    for error in errors:
        if error.validator in ("anyOf", "oneOf") and error.context:
            branch = _meant_branch(error)
            if branch is not None:
                yield from leaf_errors(branch)
                continue
            foreign = _foreign_kind(error) or _missing_field(error)
            if foreign is not None:
                yield foreign
                continue
        elif error.context and error.validator in ("allOf", "$ref", "if"):
            yield from leaf_errors(error.context)
            continue
        yield error


def _inside(error: ValidationError) -> list[ValidationError]:
    """Return the errors inside the branches of a union; a branch that is `false` has none, and no number."""
    return [each for each in error.context or () if each.schema_path]


def _meant_branch(error: ValidationError) -> list[ValidationError] | None:
    branches: dict[int, list[ValidationError]] = defaultdict(list)
    for each in _inside(error):
        branches[int(each.schema_path[0])].append(each)
    # By fewer and fewer of them: a wrong `object` does not make a message another kind of item.
    for count in range(len(DISCRIMINATORS), 0, -1):
        names = DISCRIMINATORS[:count]
        meant = [each for each in branches.values() if not any(_says_another_branch(e, names) for e in each)]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


def _foreign_kind(error: ValidationError) -> ValidationError | None:
    """Return a complaint about the discriminating field, where its value is that of no branch at all."""
    value = error.instance
    if not isinstance(value, dict):
        return None
    context = _inside(error)
    branches = {int(each.schema_path[0]) for each in context}
    branches -= {int(e.schema_path[0]) for e in context if not e.relative_path and e.validator == "type"}
    for name in DISCRIMINATORS:
        kinds: dict[Any, None] = {}
        others: set[int] = set()
        for each in context:
            if list(each.relative_path) == [name] and each.validator in ("const", "enum"):
                value_or_values: Any = each.validator_value
                kinds |= dict.fromkeys(value_or_values if each.validator == "enum" else [value_or_values])
                others.add(int(each.schema_path[0]))
            elif not each.relative_path and each.validator == "required" and f"'{name}'" in each.message:
                return each
        if kinds and name in value and others >= branches:
            path = (*error.path, name)
            message = f"{value[name]!r} is none of the known kinds"
            return type(error)(
                message, "enum", path, instance=value[name], validator_value=list(kinds), parent=error.parent
            )
        branches -= others  # those are told apart by this name; it is one of the rest that is meant
    return None


def _missing_field(error: ValidationError) -> ValidationError | None:
    """Return a complaint about one field that is missing in each of the spellings that would do."""
    context = list(error.context or ())
    if any(each.relative_path or each.validator != "required" for each in context):
        return None
    lists: list[Any] = [each.validator_value for each in context]
    names = [name for each in lists for name in each]
    one_each = len(names) == len(context) == len({each.schema_path[0] for each in context})
    return context[0] if one_each and len(by_spelling(names)) == 1 and len(set(names)) > 1 else None


def _says_another_branch(error: ValidationError, names: tuple[str, ...]) -> bool:
    """Tell whether `error`, in a branch, shows that the value was not meant for this branch."""
    depth = list(error.relative_path)
    if not depth:
        return error.validator in ("type", "const", "enum") or (
            error.validator == "required" and any(f"'{name}'" in error.message for name in names)
        )
    if len(depth) == 1 and depth[0] in names:
        return error.validator in ("const", "enum", "type", "not")
    if error.relative_path:
        return False  # a union further down: the value was meant for this branch, and is wrong inside it
    return bool(error.context) and all(_says_another_branch(each, names) for each in error.context or ())


def violation(error: ValidationError) -> Violation:
    """Return `error` in words."""
    path = tuple(error.absolute_path)
    keyword = str(error.validator)
    value: Any = error.validator_value
    actual = shown_value(error.instance)
    if keyword == "required":
        missing = [n for n in value if isinstance(error.instance, dict) and n not in error.instance]
        named = next((n for n in missing if f"'{n}'" in error.message), missing[0] if missing else "")
        return Violation((*path, str(named)), keyword, "a value", "the field is missing")
    return Violation(path, keyword, _expectation(keyword, value), actual)


def _expectation(keyword: str, value: Any) -> str:
    match keyword:
        case "type":
            return f"type {' or '.join(value) if isinstance(value, list) else value}"
        case "const":
            return shown_value(value)
        case "enum":
            return "one of " + ", ".join(shown_value(v) for v in value)
        case "format":
            return "Base64" if value == "byte" else f"format {value}"
    template = _EXPECTATIONS.get(keyword, f"{keyword} {{}}")
    return template.format(shown_value(value) if keyword not in _EXPECTATIONS else value)


_EXPECTATIONS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "pattern": "text that matches {}",
    "additionalProperties": "no unknown field",
    "anyOf": "one of the allowed shapes",
    "oneOf": "exactly one of the allowed shapes",
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, skipkeys=True, default=repr)


def _begun(value: Any) -> str:
    """Return `value` as JSON, or its beginning, without making the rest: it may have no end."""
    text = ""
    for piece in _ENCODER.iterencode(value):
        text += piece
        if len(text) > _SHOWN:
            break
    return text


def shown_value(value: Any) -> str:
    """Return `value` as JSON, short enough for a line of a report."""
    text = f'"{value[:_SHOWN]}"' if isinstance(value, str) else _begun(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
