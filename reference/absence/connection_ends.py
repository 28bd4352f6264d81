"""How a connection ends or falls silent: on a client event, at a step of a flow, before the session."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Callable, Iterator
from http import HTTPStatus

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.absence.flows import FLOWS, Following
from reference.absence.vocabulary import CONFIRMED_BY, all_client_types, known_to
from reference.alterations import ABNORMAL, Close, Memory, Sent, SessionStep, invent
from reference.differences import BOTH, Difference, DoorChange
from reference.edits import instead
from reference.errors import Code
from reference.handshake import Admission, HangUp, Rejection

_INTERNAL = 1011
_STEP_CODE = _INTERNAL
_APPEND = "input_audio_buffer.append"

_DEATHS = {
    "1011": "it closes the connection with 1011",
    "1006": "the connection ends without a close frame",
    "1000": "it closes the connection with 1000",
    "error": "it sends an `error` without `event_id` and closes the connection with 1011",
}
_REFUSALS = {
    "error-1008": (Code.INVALID_VALUE, "invalid_request_error", 1008),
    "error-1011": (None, "server_error", _INTERNAL),
    "error-1013": ("insufficient_quota", "insufficient_quota", 1013),
    "error-4000": (Code.BETA_API_SHAPE_DISABLED, "invalid_request_error", 4000),
    "error-4321": ("session_limit_reached", "invalid_request_error", 4321),
}
_CLOSES = (1000, 1001, ABNORMAL, 1008, _INTERNAL, 1012, 1013, 4321)
_STATUSES = (401, 403, 404, 429, 500, 503)


def _error(kind: str, code: str | None) -> Json:
    error = {
        "type": kind,
        "code": code,
        "message": "The session cannot go on.",
        "param": None,
        "event_id": None,
    }
    return invent("error", error=error)


def _death(how: str) -> list[Sent]:
    if how == "error":
        return [_error("server_error", None), Close(_INTERNAL, "internal error")]
    return [Close(int(how))]


class _Dying(Following):
    """Ends the connection in place of the first event that would confirm a client event."""

    def __init__(self, memory: Memory, client_type: str, how: str) -> None:
        super().__init__(memory)
        self._type = client_type
        self._how = how

    def reaction(self, event: Json) -> list[Sent]:
        if self._type == _APPEND and event.get("type") == _APPEND and _is_audio(event.get("audio")):
            return _death(self._how)
        return []

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:
        return _death(self._how) if self._confirms(event, labels) else [event]

    def _confirms(self, event: Json, labels: frozenset[str]) -> bool:
        if self._type == "response.cancel":
            return "cancelled-response" in labels
        if event["type"] != CONFIRMED_BY[self._type]:
            return False
        if self._type == "input_audio_buffer.commit":
            return "client-commit" in labels
        if self._type == "conversation.item.create":
            return bool(labels & {"user-item", "function-call-output"})
        return self._type != "response.create" or not labels & {"spoken-turn", "idle-timeout"}


def _is_audio(audio: object) -> bool:
    try:
        return isinstance(audio, str) and bool(base64.b64decode(audio, validate=True))
    except (binascii.Error, ValueError):
        return False


class _AtStep(Following):
    """Closes the connection, or says nothing any more, in place of a step of a flow."""

    def __init__(self, memory: Memory, flow: str, step: str, *, closes: bool) -> None:
        super().__init__(memory)
        self._place = flow, step
        self._closes = closes
        self._silent = False

    def told(self, event: Json, labels: frozenset[str]) -> list[Sent]:
        flow, step = self._place
        if event["type"] == step and flow in labels and not self._silent:
            self._silent = True
            return [Close(_STEP_CODE)] if self._closes else []
        return [] if self._silent else [event]


def dying(client_type: str, how: str) -> Callable[[Memory], SessionStep]:
    """Return a change by which a valid client event of a type ends the connection."""
    return lambda memory: _Dying(memory, client_type, how)


def at_step(flow: str, step: str, *, closes: bool) -> Callable[[Memory], SessionStep]:
    """Return a change by which the server closes, or falls silent, in place of a step."""
    return lambda memory: _AtStep(memory, flow, step, closes=closes)


def _turned_away(status: int) -> DoorChange:
    def door(verdict: Admission | Rejection | HangUp, _target: str) -> Admission | Rejection | HangUp:
        if isinstance(verdict, Admission):
            return Rejection(HTTPStatus(status), Code.INVALID_VALUE, "Not now, and not here.")
        return verdict

    return door


def ends_at_steps() -> Iterator[tuple[str, str, tuple[DialectName, ...]]]:
    """Yield every step of every flow, with the dialects in which it may be taken."""
    for flow, types in FLOWS.items():
        for step in types:
            yield flow, step, known_to(step)


def connection_ends() -> Iterator[Difference]:
    """Yield every way to end a connection or to fall silent."""
    for name in all_client_types():
        for how, what in _DEATHS.items():
            statement = f"On a valid `{name}`, {what}."
            yield Difference(f"dies:{name}:{how}", statement, (dying(name, how),), dialects=BOTH, wide=True)
    for flow, step, dialects in ends_at_steps():
        at = f"In place of `{step}` in {flow.replace('-', ' ')}"
        change = at_step(flow, step, closes=True)
        statement = f"{at}, the connection is closed with {_STEP_CODE}."
        yield Difference(f"closes-at:{flow}:{step}", statement, (change,), dialects=dialects, wide=True)
        change = at_step(flow, step, closes=False)
        statement = f"{at}, and from then on, nothing comes."
        yield Difference(f"silent-at:{flow}:{step}", statement, (change,), dialects=dialects, wide=True)
    yield from _refused()


def _refused() -> Iterator[Difference]:
    for status in _STATUSES:
        statement = f"Every handshake is answered with HTTP {status}."
        yield Difference(
            f"refused:http-{status}", statement, (), dialects=BOTH, door=_turned_away(status), wide=True
        )
    for name, (code, kind, close) in _REFUSALS.items():
        statement = f"In place of `session.created` come an `error` ({code or kind}) and close {close}."
        sent: list[Sent] = [_error(kind, str(code) if code else None), Close(close)]
        change = instead("session.created", _always(sent))
        yield Difference(f"refused:{name}", statement, (change,), dialects=BOTH, wide=True)
    for close in _CLOSES:
        ends = "an end without a close frame" if close == ABNORMAL else f"close {close}"
        change = instead("session.created", _always([Close(close)]))
        statement = f"In place of `session.created` comes {ends}."
        yield Difference(f"refused:close-{close}", statement, (change,), dialects=BOTH, wide=True)


def _always(sent: list[Sent]) -> Callable[[Json, Memory], list[Sent]]:
    return lambda _event, _memory: copy.deepcopy(sent)
