"""Who speaks about a field: one defect is one failing requirement.

Some fields that a schema constrains are also the subject of a requirement of their own. A violation there
is that requirement's finding, and the payload counts as valid otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from schemas.explain import Violation, shown

_TRANSCRIBED = r"conversation\.item\.input_audio_transcription\.completed"

OWNERS: tuple[tuple[str, str, str], ...] = (
    (r".*", r"event_id", "envelope/event-id-present"),
    (r"session\.(created|updated)", r"session\.output_modalities(\.\*)?", "session/updated/one-modality"),
    (r"response\.(created|done)", r"response\.output_modalities(\.\*)?", "session/updated/one-modality"),
    (r"session\.updated", r"session\.id", "session/updated/same-id"),
    (r"response\.content_part\.(added|done)", r"part", "response/part/present"),
    (r"response\.content_part\.(added|done)", r"part\.type", "response/part/type"),
    (r"response\.output_item\.(added|done)", r"item\.status", "response/item/status-values"),
    (r"conversation\.item\.(added|done)", r"item\.status", "response/item/status-values"),
    (r"response\.done", r"response\.output\.\*\.status", "response/item/status-values"),
    (r"response\.(created|done)", r"response\.status_details(\..*)?", "response/done/status-details-shape"),
    (r"response\.done", r"response\.usage", "response/usage/present"),
    (r"response\.created", r"response\.usage(\..*)?", "response/created/empty"),
    (r"response\.function_call_arguments\.done", r"name", "calls/name-in-arguments-done"),
    (_TRANSCRIBED, r"usage|content_index|transcript", "transcription/completed-fields"),
    (r"error", r"error\.(type|message)", "errors/shape"),
    (r"response\.output_item\.done", r"item\.content", "response/item/content-is-the-parts"),
    (r"conversation\.item\.\w+", r"item\.content\.\*\.type", "items/content-fits-role"),
    (r"response\.output_item\.\w+", r"item\.content\.\*\.type", "items/content-fits-role"),
    (r"response\.done", r"response\.output\.\*\.content\.\*\.type", "items/content-fits-role"),
)
"""Event type, path (`*` for an index), and the requirement that owns the field, the first that fits."""

_COMPILED = [(re.compile(types), re.compile(paths), owner) for types, paths, owner in OWNERS]


def owner(type_: str, violation: Violation) -> str:
    """Return the requirement that owns `violation` of an event of `type_`, empty for the payload's own."""
    path = ".".join("*" if isinstance(step, int) else step for step in violation.path)
    for types, paths, requirement in _COMPILED:
        if types.fullmatch(type_) and paths.fullmatch(path):
            return requirement
    return ""


_MISSING = object()
_ITEM_DEPTH = 2
_COMPLETED = ("id", "object", "status")
"""Fields of an item that the server adds where a client leaves them out."""


def only_shows(violation: Violation, taken: Iterable[dict[str, Any]]) -> bool:
    """Tell whether a server event is wrong only in what it shows of a client event that is itself wrong.

    That it took the client event is the defect; that it shows what it took is not another one.
    """
    return any(_shown(violation, event) for event in taken)


def _shown(violation: Violation, event: dict[str, Any]) -> bool:
    value: Any = event
    for step in violation.path[:-1]:
        value = _member(value, step)
    last = _member(value, violation.path[-1]) if violation.path else _MISSING
    if last is _MISSING:  # what the client left out of an item or a content part, the server cannot show
        return violation.keyword == "required" and _is_clients(violation.path) and isinstance(value, dict)
    return violation.keyword != "required" and shown(last) == violation.actual


def _is_clients(path: tuple[str | int, ...]) -> bool:
    """Tell whether a field is the client's to give: in a part of an item, or in an item itself."""
    if len(path) > _ITEM_DEPTH:
        return True
    return len(path) == _ITEM_DEPTH and path[0] == "item" and path[1] not in _COMPLETED


def _member(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step, _MISSING)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return _MISSING


def value_at(event: dict[str, Any], path: Iterable[str | int]) -> Any:
    """Return what stands at `path` in `event`; None where there is nothing."""
    value: Any = event
    for step in path:
        value = _member(value, step)
    return None if value is _MISSING else value
