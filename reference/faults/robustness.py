"""Faults that show under misuse (facts 4.9)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep
from reference.differences import Difference, differs
from reference.edits import has, put, with_value

_FRAGMENTED = "evt_in_fragments"
_ANSWERS = ("conversation.item.added", "conversation.item.done")


def _was_refused(_event: Json, memory: Memory) -> bool:
    return any(each["type"] == "error" for each in memory.told)


class _FragmentsIgnored(SessionStep):
    """A stack that drops messages of several frames; events do not show their frames, so it goes by name."""

    def incoming(self, event: Json) -> Json | None:
        return None if event.get("event_id") == _FRAGMENTED else event

    def outgoing(self, event: Json) -> list[Sent]:
        # A session that was recorded was answered: the answer is what is missing.
        asked = self.memory.asked
        unheard = asked and asked[-1].get("event_id") == _FRAGMENTED
        return [] if unheard and event["type"] in _ANSWERS else [event]


class _TurnsFail(SessionStep):
    """Whatever was wrong before, the next turns pay for it."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != "response.done" or not _was_refused(event, self.memory):
            return [event]
        details = {
            "type": "failed",
            "error": {"type": "server_error", "code": "internal", "message": "Failed."},
        }
        failed = with_value(event, "response.status", "failed")
        return [with_value(failed, "response.status_details", details)]


FAULTS: tuple[Difference, ...] = (
    differs(
        "param-points-elsewhere",
        "An `error` for a missing or an unknown field names `session.instructions` in `param`.",
        put(
            "error",
            "error.param",
            "session.instructions",
            has("error.code", "missing_required_parameter", "unknown_parameter"),
        ),
    ),
    differs(
        "turns-fail-after-misuse",
        "Once a client event was refused, every response of the session fails.",
        _TurnsFail,
    ),
    differs(
        "fragments-ignored",
        "An event that comes in several WebSocket fragments is dropped.",
        _FragmentsIgnored,
    ),
)
