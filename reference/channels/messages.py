"""The messages of the two channels: from the one key that they carry to a ``type``, and back.

Inside, a client message is ``{"type": "sendText", "contextId": ..., "body": {...}}``, its keys in camelCase
whatever the client wrote (CN-09, CN-12). A server message is told the same way, and three more types are no
keys: ``status`` (a status alone), ``error`` (a top-level error) and ``frame`` (``body`` is the whole frame).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Literal

from protocol.json_values import Json
from reference.channels.status import GrpcCode, StatusError

Spelling = Literal["any", "camelCase", "snake_case"]
"""Which spelling of keys a service takes."""

_UNDERSCORE = re.compile(r"_([a-z0-9])")
_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


def in_camel_case(key: str) -> str:
    """Return a key in camelCase: ``contextId`` for ``context_id``."""
    return _UNDERSCORE.sub(lambda found: found[1].upper(), key)


def in_snake_case(key: str) -> str:
    """Return a key in snake_case: ``context_id`` for ``contextId``."""
    return _CAPITAL.sub(lambda found: f"_{found[1].lower()}", key)


def respelled(value: Any, spelling: Spelling = "camelCase") -> Any:
    """Return a JSON value with all its keys in one spelling."""
    if isinstance(value, dict):
        respell = in_snake_case if spelling == "snake_case" else in_camel_case
        return {respell(key): respelled(inner, spelling) for key, inner in value.items()}
    return [respelled(inner, spelling) for inner in value] if isinstance(value, list) else value


def read_message(frame: Json, types: Collection[str], spelling: Spelling = "any") -> Json:
    """Return a client message by the one key of ``types`` that it carries.

    A key with null is one that is not set, and an unknown key is ignored (CN-11). ``spelling`` other than
    "any" is of a service that understands no other, which none that obeys is. Raise ``StatusError`` for a
    frame with none of the keys or with several, and for a value of the wrong type.
    """
    message = {key: value for key, value in _understood(frame, spelling).items() if value is not None}
    context_id = message.get("contextId")
    if context_id is not None and not isinstance(context_id, str):
        raise StatusError(GrpcCode.INVALID_ARGUMENT, "contextId must be a string.")
    found = [key for key in message if key in types]
    if len(found) != 1:
        text = f"A message carries exactly one of {', '.join(types)}; this one has {len(found)}."
        raise StatusError(GrpcCode.INVALID_ARGUMENT, text, context_id)
    body = message[found[0]]
    if not isinstance(body, dict):
        raise StatusError(GrpcCode.INVALID_ARGUMENT, f"{found[0]} must be an object.", context_id)
    place = {} if context_id is None else {"contextId": context_id}
    return {"type": found[0], **place, "body": body}


def _understood(frame: Json, spelling: Spelling) -> Json:
    """Return a frame in camelCase, without the keys that a service of one spelling does not know."""
    if spelling != "any":
        frame = {key: value for key, value in frame.items() if respelled({key: 0}, spelling) == {key: 0}}
    understood: Json = respelled(frame)
    return understood


def enveloped(message: Json) -> Json:
    """Return a server message as it stands in its frame: under ``result``, or as a top-level ``error``."""
    kind, body = message["type"], message.get("body")
    if kind == "frame":
        frame: Json = message["body"]
        return frame
    if kind == "error":
        return {"error": body}
    place = {"contextId": message["contextId"]} if "contextId" in message else {}
    beside = {key: value for key, value in message.items() if key not in _INSIDE}
    return {"result": {**place, **({} if kind == "status" else {kind: body}), **beside}}


def opened_envelope(frame: Json) -> Json | None:
    """Return the server message in a frame, as ``enveloped`` puts it there; None for what is none."""
    if isinstance(frame.get("error"), dict):
        return {"type": "error", "body": frame["error"]}
    result = frame.get("result")
    if not isinstance(result, dict):
        return None
    keys = [key for key in result if key not in ("contextId", "status")]
    if len(keys) > 1 or (keys and not isinstance(result[keys[0]], dict)):
        return {"type": "frame", "body": frame}
    place = {key: result[key] for key in ("contextId", "status") if key in result}
    return {"type": keys[0], **place, "body": result[keys[0]]} if keys else {"type": "status", **place}


_INSIDE = {"type", "event_id", "contextId", "body"}
"""What a message has inside and not on the wire, or in a place of its own there."""
