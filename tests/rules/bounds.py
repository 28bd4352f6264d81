"""Bounds of requirements in few words: where one holds, and where it is violated."""

from __future__ import annotations

from typing import Any

from reference.dialects import DialectName
from tests.rules.small.rows import Row
from tests.rules.whole import Conversation

Bound = tuple[Any, ...]
"""What `bounded` is called with."""


def bounded(
    requirement: str, said: Conversation, *also: str, dialect: DialectName = "openai"
) -> tuple[str, Row]:
    """One boundary; a plus before the requirement says that it holds."""
    outcome = "holds" if requirement.startswith("+") else "violated"
    id_ = requirement.removeprefix("+")
    return f"{outcome}: {id_}", Row(id_, said, outcome, dialect=dialect, also=also)
