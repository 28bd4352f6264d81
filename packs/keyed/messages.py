"""Messages without a `type`, told apart by the one key that they carry.

A client's message is `{contextId?, KEY: {…}}`, a server's `{result: {contextId?, KEY: {…}, status?}}` or
`{error: {…}}`, as gRPC services are written in JSON (facts CN-07, TS-05, TS-09, SC-01, ST-01). Clients write
keys in camelCase, in snake_case, or some so and some so (CN-09, CN-12): rules see camelCase only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from wire.trace import Entry

Side = Literal["client", "server"]

STATUS, ERROR, UNTOLD = "status", "error", ""
"""Names of server messages that are nothing but a status, of errors of no context, and of what is neither."""

_CONTEXT = "contextId"
_SNAKE = re.compile(r"_([a-z0-9])")
_DEEPEST = 8


class KeyedMessage(NamedTuple):
    """A message as rules see it.

    `name` is the key that tells it apart, `body` what stands there, `context` the id of the context that it
    names, None where it names none, and `status` what stands beside. `event` is the frame as it came.
    """

    seq: int
    t: float | None
    side: Side
    name: str
    context: str | None
    body: Mapping[str, Any]
    status: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def code(self) -> int:
        """The code of its status; 0, which is success, where it has none."""
        code = self.status.get("code")
        return code if type(code) is int else 0


def message_of(entry: Entry) -> KeyedMessage | None:
    """Return the message in `entry`, None where it is no JSON object in a text frame."""
    event = entry.event
    if event is None or entry.dir not in ("client", "server"):
        return None
    if entry.dir == "client":
        frame = camel_case(event)
        name, body = _only(frame, _CONTEXT)
        return KeyedMessage(entry.seq, entry.t, "client", name, _id_in(frame), body, {}, event)
    result = event.get("result")
    if not isinstance(result, dict):
        error = event.get("error")
        name = ERROR if isinstance(error, dict) else UNTOLD
        status = error if isinstance(error, dict) else {}
        return KeyedMessage(entry.seq, entry.t, "server", name, _id_in(event), status, status, event)
    name, body = _only(result, _CONTEXT, STATUS)
    own, inner = result.get(STATUS), body.get(STATUS)
    status = own if isinstance(own, dict) else inner if isinstance(inner, dict) else {}
    if name == UNTOLD and STATUS in result:
        name = STATUS
    return KeyedMessage(entry.seq, entry.t, "server", name, _id_in(result), body, status, event)


def _only(frame: Mapping[str, Any], *beside: str) -> tuple[str, Mapping[str, Any]]:
    """Return the one key of `frame` besides those, and the object there; of several keys, none counts."""
    names = [name for name, value in frame.items() if name not in beside and value is not None]
    if len(names) != 1:
        return UNTOLD, {}
    body = frame[names[0]]
    return names[0], body if isinstance(body, dict) else {}


def _id_in(frame: Mapping[str, Any]) -> str | None:
    id_ = frame.get(_CONTEXT)
    return id_ if isinstance(id_, str) and id_ else None


def camel_case(value: Any, depth: int = 0) -> Any:
    """Return `value` with the keys of all objects in camelCase."""
    if depth >= _DEEPEST:
        return value
    if isinstance(value, dict):
        return {_SNAKE.sub(_upper, str(k)): camel_case(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [camel_case(each, depth + 1) for each in value]
    return value


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()
