"""The error catalogue: why a client event is refused, and how the refusal reads on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Values of ``error.code``, spelled as on the wire."""

    INVALID_VALUE = "invalid_value"
    INVALID_EVENT = "invalid_event"
    MISSING_REQUIRED_PARAMETER = "missing_required_parameter"
    UNKNOWN_PARAMETER = "unknown_parameter"
    STRING_ABOVE_MAX_LENGTH = "string_above_max_length"
    CANNOT_UPDATE_VOICE = "cannot_update_voice"
    INPUT_AUDIO_BUFFER_COMMIT_EMPTY = "input_audio_buffer_commit_empty"
    CONVERSATION_ALREADY_HAS_ACTIVE_RESPONSE = "conversation_already_has_active_response"
    RESPONSE_CANCEL_NOT_ACTIVE = "response_cancel_not_active"
    ITEM_DELETE_INVALID_ITEM_ID = "item_delete_invalid_item_id"
    ITEM_RETRIEVE_INVALID_ITEM_ID = "item_retrieve_invalid_item_id"
    ITEM_TRUNCATE_INVALID_ITEM_ID = "item_truncate_invalid_item_id"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    INVALID_TOOL_CALL_ID = "invalid_tool_call_id"
    SESSION_EXPIRED = "session_expired"
    BETA_API_SHAPE_DISABLED = "beta_api_shape_disabled"
    INVALID_API_KEY = "invalid_api_key"
    NOT_FOUND = "not_found"
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    SESSION_LIMIT_REACHED = "session_limit_reached"


INVALID_REQUEST = "invalid_request_error"
"""``error.type`` of every mistake of a client (ER-08)."""

SERVER_ERROR = "server_error"
"""``error.type`` of every fault of ours (ER-08)."""


class RefusedError(Exception):
    """A client event cannot be obeyed; raised before anything has changed (ER-04).

    ``param`` is the dotted path of the member at fault (``item.content[0].text``), or None where the
    fault is not in one member.
    """

    def __init__(
        self, code: Code | None, message: str, *, param: str | None = None, kind: str = INVALID_REQUEST
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.kind = kind

    def wire(self, client_event_id: str | None) -> dict[str, Any]:
        """Return the ``error`` member of an ``error`` event: five keys, null where unknown (ER-01, ER-02)."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": client_event_id,
        }


def missing_parameter(param: str) -> RefusedError:
    """Return the refusal of an event that lacks a required member."""
    return RefusedError(
        Code.MISSING_REQUIRED_PARAMETER, f"Missing required parameter: '{param}'.", param=param
    )


def unknown(param: str) -> RefusedError:
    """Return the refusal of a member that the protocol does not have."""
    return RefusedError(Code.UNKNOWN_PARAMETER, f"Unknown parameter: '{in_message(param)}'.", param=param)


def wrong(param: str | None, message: str) -> RefusedError:
    """Return the refusal of a value of the wrong type, outside its list or outside its range."""
    return RefusedError(Code.INVALID_VALUE, message, param=param)


def too_long(param: str, most: int, actual: int) -> RefusedError:
    """Return the refusal of a string of more than ``most`` characters."""
    return RefusedError(
        Code.STRING_ABOVE_MAX_LENGTH,
        f"'{param}' is too long: at most {most} characters are allowed, this has {actual}.",
        param=param,
    )


def internal() -> RefusedError:
    """Return the answer to an event which a fault of this server kept from being answered."""
    return RefusedError(None, "The server had an error while handling this event.", kind=SERVER_ERROR)


def in_message(text: str, most: int = 64) -> str:
    """Return what a client sent, fit to stand in a message: short, and without control characters."""
    kept = text if len(text) <= most else text[:most] + "..."
    return "".join(c if c.isprintable() else "?" for c in kept)
