"""Faults of frames (RFC 6455)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Broken, Memory, Sent
from reference.differences import Difference, differs
from reference.edits import Edit

_STATEMENTS = {
    "text-not-utf-8": "The text of a `response.done` is not UTF-8: a letter was cut in its middle.",
    "compressed-unasked": "A `response.done` is compressed, though no extension was negotiated.",
    "masked-frames": "The frame of a `response.done` is masked, as only a client's is.",
    "length-too-long": "The frame of a `response.done` announces more than there is.",
}


def _breaking(way: str) -> Edit:
    def act(event: Json, _memory: Memory) -> list[Sent]:
        return [Broken(event, way)]

    return Edit("response.done", act)


FAULTS: tuple[Difference, ...] = tuple(
    differs(way, statement, _breaking(way)) for way, statement in _STATEMENTS.items()
)
