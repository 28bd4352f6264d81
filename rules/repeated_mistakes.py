"""What a server only shows of a client event that is itself wrong: that it took the event is the defect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from protocol.json_values import MISSING, value_at
from schemas.explain import Violation, shown_value

_ITEM_DEPTH = 2
_COMPLETED = ("id", "object", "status")
"""Fields of an item that the server adds where a client leaves them out."""


def only_shows(violation: Violation, taken: Iterable[dict[str, Any]]) -> bool:
    """Tell whether a server event is wrong only in what it shows of a client event that is itself wrong.

    That it took the client event is the defect; that it shows what it took is not another one.
    """
    return any(_shown(violation, event) for event in taken)


def _shown(violation: Violation, event: dict[str, Any]) -> bool:
    value = value_at(event, violation.path[:-1])
    last = value_at(event, violation.path, MISSING) if violation.path else MISSING
    if last is MISSING:  # what the client left out of an item or a content part, the server cannot show
        return violation.keyword == "required" and _is_clients(violation.path) and isinstance(value, dict)
    return violation.keyword != "required" and shown_value(last) == violation.actual


def _is_clients(path: tuple[str | int, ...]) -> bool:
    """Tell whether a field is the client's to give: in a part of an item, or in an item itself."""
    if len(path) > _ITEM_DEPTH:
        return True
    return len(path) == _ITEM_DEPTH and path[0] == "item" and path[1] not in _COMPLETED
