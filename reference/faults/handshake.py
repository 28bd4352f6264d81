"""Faults of the opening handshake (facts 0.3; Inworld 1)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from reference.differences import Difference, differs
from reference.errors import Code
from reference.handshake import OPENAI_KEY_SUBPROTOCOL, Admission, HangUp, Rejection, doors

_Verdict = Admission | Rejection | HangUp


def _key_is_unusual(target: str) -> bool:
    return "%" in target.partition("?")[2]


def _shut(verdict: _Verdict, target: str) -> _Verdict:
    if isinstance(verdict, Admission) and not (
        verdict.subprotocol or verdict.beta or _key_is_unusual(target)
    ):
        return Rejection(HTTPStatus.FORBIDDEN, Code.INVALID_API_KEY, "Nobody is let in.")
    return verdict


def _plain_keys_only(verdict: _Verdict, target: str) -> _Verdict:
    if isinstance(verdict, Admission) and _key_is_unusual(target):
        return Rejection(HTTPStatus.BAD_REQUEST, Code.INVALID_VALUE, "The key must be a UUID.", "key")
    return verdict


def _open_to_all(verdict: _Verdict, target: str) -> _Verdict:
    if isinstance(verdict, Rejection) and verdict.status is HTTPStatus.UNAUTHORIZED:
        door = doors()[target.partition("?")[0]]
        return Admission(door.dialect, words=door.words)
    return verdict


def _rude(verdict: _Verdict, _target: str) -> _Verdict:
    if isinstance(verdict, Rejection) and verdict.status is HTTPStatus.NOT_FOUND:
        return HangUp()
    return verdict


def _silent_about_subprotocol(verdict: _Verdict, _target: str) -> _Verdict:
    return replace(verdict, subprotocol=None) if isinstance(verdict, Admission) else verdict


def _key_as_subprotocol(verdict: _Verdict, _target: str) -> _Verdict:
    if not isinstance(verdict, Admission):
        return verdict
    keys = [each for each in verdict.offered if each.startswith(OPENAI_KEY_SUBPROTOCOL)]
    return replace(verdict, subprotocol=keys[0]) if keys else verdict


def _unoffered_subprotocol(verdict: _Verdict, _target: str) -> _Verdict:
    if not isinstance(verdict, Admission) or not verdict.subprotocol:
        return verdict
    return replace(verdict, subprotocol="chat")


FAULTS: tuple[Difference, ...] = (
    differs("nobody-let-in", "A handshake with everything right is refused.", door=_shut),
    differs(
        "unusual-key-refused",
        "A session key that is no UUID is refused.",
        door=_plain_keys_only,
        only="inworld",
    ),
    differs("anybody-let-in", "A handshake without a right credential is accepted.", door=_open_to_all),
    differs("hangs-up", "A handshake for an unknown path gets no HTTP answer.", door=_rude),
    differs(
        "subprotocol-not-echoed",
        "A credential offered as subprotocol is accepted, and the subprotocol not echoed.",
        door=_silent_about_subprotocol,
        only="inworld",
    ),
    differs(
        "realtime-not-selected",
        "A client that offers the subprotocol `realtime` beside its key is let in, and none is selected.",
        door=_silent_about_subprotocol,
        only="openai",
    ),
    differs(
        "key-selected-as-subprotocol",
        "Of the subprotocols that a client offers, the one with its key is selected.",
        door=_key_as_subprotocol,
        only="openai",
    ),
    differs(
        "unoffered-subprotocol",
        "A client that offers subprotocols is answered with another one.",
        door=_unoffered_subprotocol,
        only="openai",
    ),
)
