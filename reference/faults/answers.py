"""What several faults are made of: answering with an error, and answering what should be refused."""

from __future__ import annotations

from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, invent
from reference.edits import Condition, Edit, Invention, answers_to, instead


def refusal(asked: Json, code: str = "invalid_value", param: str | None = None, **error: Any) -> Json:
    """Return an ``error`` that answers a client event."""
    shown = {
        "type": "invalid_request_error",
        "code": code,
        "message": "This is not possible.",
        "param": param,
        "event_id": asked.get("event_id"),
    }
    return invent("error", error={**shown, **error})


def refusing(client_type: str, answer: str, where: Condition, param: str | None = None, **error: Any) -> Edit:
    """Refuse client events of a type for which a condition holds, in place of their answer."""

    def holds(_event: Json, memory: Memory) -> bool:
        return where(memory.last_asked(client_type), memory)

    return instead(
        answer, lambda _event, memory: refusal(memory.last_asked(client_type), param=param, **error), holds
    )


def accept(client_type: str, answer: Invention, *conditions: Condition) -> Edit:
    """Answer client events that the obedient server refuses; ``answer`` is made from the client event."""
    return instead(
        "error",
        lambda error, memory: answer(memory.offender(error), memory),
        answers_to(client_type, *conditions),
    )
