"""Messages without a `type`, told apart by the one key that they carry.

A client's message is `{contextId?, KEY: {…}}`, a server's `{result: {contextId?, KEY: {…}, status?}}` or
`{error: {…}}`, as gRPC services are written in JSON (facts CN-07, TS-05, TS-09, SC-01, ST-01). Clients write
keys in camelCase, in snake_case, or some so and some so (CN-09, CN-12): rules see camelCase only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from wire.trace import Entry

Side = Literal["client", "server"]

STATUS, ERROR, CLOSE, UNTOLD = "status", "error", "close", ""
"""Names of server messages that say that something went wrong, of errors of no context, of the end of the
connection, and of what is neither."""

ACCEPTANCE = "acceptance"
"""What the suite's label of a message says that it expects, where nothing is wrong with it."""

_CONTEXT = "contextId"
_NO_LABEL: Mapping[str, Any] = MappingProxyType({})
_SNAKE = re.compile(r"_([a-z0-9])")
_DEEPEST = 8


class KeyedMessage(NamedTuple):
    """A message as rules see it.

    `name` is the key that tells it apart, `body` what stands there, `context` the id of the context that it
    names, None where it names none, and `status` what stands beside. `event` is the frame as it came. A
    message of the server with a status that is no success is called `status`, whatever stands `beside` it.
    `stimulus` is the suite's label of a client's message that it made up: what is wrong with it, and where.
    """

    seq: int
    t: float | None
    side: Side
    name: str
    context: str | None
    body: Mapping[str, Any]
    status: Mapping[str, Any]
    event: Mapping[str, Any]
    beside: str = ""
    stimulus: Mapping[str, Any] = _NO_LABEL

    @property
    def is_misuse(self) -> bool:
        """Whether the suite sent it with a fault."""
        return bool(self.stimulus) and self.stimulus.get("expects") != ACCEPTANCE

    @property
    def code(self) -> int:
        """The code of its status: 0 for success, or where it has none; -1 for one that is no number."""
        return _code(self.status)


ReadMessage = Callable[[Entry], KeyedMessage | None]
"""What reads the message in an entry of a trace; None where there is none."""


def message_of(entry: Entry, names: Container[str] = ()) -> KeyedMessage | None:
    """Return the message in `entry`, None where it is no JSON object in a text frame.

    `names` are those of the channel's messages: they tell a message from fields that nobody knows (CN-11).
    How the server ended the connection is a message, too. What it should have put into `result`, or spelled
    in camelCase, is taken for what is meant: that is one defect, and no reason to hear nothing else.
    """
    if entry.kind == "close" and entry.dir == "server":
        return KeyedMessage(entry.seq, entry.t, "server", CLOSE, None, entry.detail or {}, {}, {})
    event = entry.event
    if event is None or entry.dir not in ("client", "server"):
        return None
    frame = camel_case(event)
    if entry.dir == "client":
        name, body = _only(frame, names, _CONTEXT)
        label = (entry.detail or {}).get("stimulus")
        return KeyedMessage(
            entry.seq,
            entry.t,
            "client",
            name,
            _id_in(frame),
            body,
            {},
            event,
            stimulus=label if isinstance(label, dict) else _NO_LABEL,
        )
    error = frame.get("error")
    if isinstance(error, dict):
        return KeyedMessage(entry.seq, entry.t, "server", ERROR, _id_in(frame), error, error, event)
    result = frame.get("result")
    result = result if isinstance(result, dict) else frame
    name, body = _only(result, names, _CONTEXT, STATUS)
    own, inner = result.get(STATUS), body.get(STATUS)
    status = own if isinstance(own, dict) else inner if isinstance(inner, dict) else {}
    beside = ""
    if _code(status) or (STATUS in result and name not in names):
        beside, name = (name if name in names else ""), STATUS
    return KeyedMessage(entry.seq, entry.t, "server", name, _id_in(result), body, status, event, beside)


def typed_message(entry: Entry) -> KeyedMessage | None:
    """Return the message in `entry` of a channel whose messages have a `type`, None where there is none.

    Its name is its type, and its body the whole event; that of the server which says `error` holds the error.
    """
    if entry.kind == "close" and entry.dir == "server":
        return KeyedMessage(entry.seq, entry.t, "server", CLOSE, None, entry.detail or {}, {}, {})
    event = entry.event
    if event is None or entry.dir not in ("client", "server"):
        return None
    error = event.get(ERROR) if entry.dir == "server" and entry.type == ERROR else None
    status = error if isinstance(error, dict) else {}
    return KeyedMessage(entry.seq, entry.t, entry.dir, entry.type, _id_in(event), event, status, event)


def _code(status: Mapping[str, Any]) -> int:
    code = status.get("code")
    if code is None or code == 0:
        return 0
    return code if type(code) is int else -1


def _only(frame: Mapping[str, Any], names: Container[str], *beside: str) -> tuple[str, Mapping[str, Any]]:
    """Return the one key of `frame` besides those, and the object there; of several messages, none counts."""
    there = [name for name, value in frame.items() if name not in beside and value is not None]
    found = [name for name in there if name in names] or there
    if len(found) != 1:
        return UNTOLD, {}
    body = frame[found[0]]
    return found[0], body if isinstance(body, dict) else {}


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
