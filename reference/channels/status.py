"""Errors of the two channels: codes and forms are gRPC's (TS-09, TS-10)."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from protocol.json_values import Json


class GrpcCode(IntEnum):
    """The codes that the services use."""

    OK = 0
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13


def status(code: GrpcCode, message: str = "") -> dict[str, Any]:
    """Return a ``google.rpc.Status``; its code is an integer (CN-15)."""
    return {"code": int(code), "message": message, "details": []}


class StatusError(Exception):
    """A client message is refused, and the connection lives on.

    ``context_id`` is that of the context which the error is about. An error of no context is a top-level
    ``error``, unless ``alone`` says that it is a status without a context (TC-19).
    """

    def __init__(
        self, code: GrpcCode, message: str, context_id: str | None = None, *, alone: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.context_id = context_id
        self.alone = alone

    def message(self) -> Json:
        """Return the server message that says so."""
        told = status(self.code, str(self))
        if self.context_id is not None:
            return {"type": "status", "contextId": self.context_id, "status": told}
        return {"type": "status", "status": told} if self.alone else {"type": "error", "body": told}
