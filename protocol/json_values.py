"""JSON values: one laid over another, and what stands at a path. Written once, for every room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
"""A JSON object."""

MISSING: Any = object()
"""What stands at a path where nothing does: null is a value."""


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` changed by `patch`, a JSON merge patch (RFC 7396).

    Its members replace those of `target`, null takes one away.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


LONGER, SHORTER = "+", "-"
"""What the name of a list ends with in an overlay whose members join those that are there, or leave."""


def overlaid(target: Any, overlay: Any) -> Any:
    """Return `target` with `overlay` laid over it: a merge patch in which `name+` and `name-` change a list.

    What `name+` lists is added to the list `name`, what `name-` lists is taken out of it.
    """
    if not isinstance(overlay, dict):
        return overlay
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in overlay.items():
        name, how = key[:-1], key[-1:]
        there = result.get(name)
        if value is None:
            result.pop(key, None)
        elif how in (LONGER, SHORTER) and isinstance(value, list) and isinstance(there, list):
            result[name] = (
                [*there, *value] if how == LONGER else [each for each in there if each not in value]
            )
        else:
            result[key] = overlaid(result.get(key), value)
    return result


def laid_over(below: Any, above: Any) -> Any:
    """Return `above` laid over `below`, object by object: unlike in a merge patch, null is a value.

    Neither is changed; what is returned shares its innermost values with them.
    """
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {
        **below,
        **{name: laid_over(below[name], value) if name in below else value for name, value in above.items()},
    }


def value_at(value: Any, path: str | Sequence[str | int], default: Any = None) -> Any:
    """Return what stands at `path` in `value`; `default` where nothing does.

    A path is written with dots (`item.content.0.text`), or given step by step; then only an integer is the
    place of an element.
    """
    dotted = isinstance(path, str)
    steps: Sequence[str | int] = path.split(".") if isinstance(path, str) else path
    for step in steps:
        if isinstance(value, dict):
            if step not in value:
                return default
            value = value[step]
        elif isinstance(value, list):
            index = int(step) if dotted and isinstance(step, str) and step.isdigit() else step
            if not isinstance(index, int) or index >= len(value):
                return default
            value = value[index]
        else:
            return default
    return value
