"""Faults of servers of other providers: events of their own that lack what they must have (facts FV)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from protocol.json_values import MISSING, Json
from reference.alterations import Memory, Sent
from reference.differences import Difference, by_name, differs
from reference.edits import after, with_value
from reference.providers import EXTRAS, extra


def _incomplete(name: str, member: str) -> Callable[[Json, Memory], list[Sent]]:
    def made(event: Json, _memory: Memory) -> list[Sent]:
        sent = extra(name, event)
        assert isinstance(sent, dict)
        return [with_value(sent, member, MISSING)]

    return made


FAULTS: Mapping[str, Difference] = MappingProxyType(
    by_name(
        differs(
            f"incomplete:{name}",
            f"`{name}` comes without `{member}`.",
            after("response.output_audio.done", _incomplete(name, member)),
            only="azure-voice-live",
        )
        for name, members in EXTRAS.items()
        for member in list(members)[:1]
    )
)
"""These faults by their names; none of them means anything in a main dialect."""
