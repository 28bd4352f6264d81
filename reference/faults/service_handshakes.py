"""Faults that both services have in common: who is let in, and the form of all messages (facts 1)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus

from protocol.json_values import Json
from reference.alterations import Memory
from reference.channels.conduct import ChannelDoor, ChannelVerdict
from reference.channels.doors import ChannelAdmission
from reference.channels.messages import enveloped, respelled
from reference.differences import Difference, service_differs
from reference.edits import after, instead
from reference.handshake import Rejection


def _open_to_all(channel: str) -> ChannelDoor:
    """Return a door that lets in who shows no credential."""

    def door(verdict: ChannelVerdict) -> ChannelVerdict:
        refused = isinstance(verdict, Rejection) and verdict.status is HTTPStatus.UNAUTHORIZED
        return ChannelAdmission(channel) if refused else verdict

    return door


def _silent_about_subprotocol(verdict: ChannelVerdict) -> ChannelVerdict:
    return replace(verdict, subprotocol=None) if isinstance(verdict, ChannelAdmission) else verdict


def _bare(event: Json, _memory: Memory) -> Json:
    whole = enveloped(event)
    return {"type": "frame", "body": whole.get("result", whole)}


def _in_snake_case(event: Json, _memory: Memory) -> Json:
    return {"type": "frame", "body": respelled(enveloped(event), "snake_case")}


def common_faults(channel: str) -> tuple[Difference, ...]:
    """Return the faults that the service of any channel may have."""
    return (*_of_the_way_in(channel), *_of_form(channel))


def _of_the_way_in(channel: str) -> tuple[Difference, ...]:
    return (
        service_differs(
            channel,
            "anybody-let-in",
            "CN-02",
            "A handshake without a credential is accepted.",
            door=_open_to_all(channel),
        ),
        service_differs(
            channel,
            "subprotocol-not-echoed",
            "CN-04",
            "A token offered as subprotocol is accepted, and the subprotocol not echoed.",
            door=_silent_about_subprotocol,
        ),
    )


def _of_form(channel: str) -> tuple[Difference, ...]:
    different = partial(service_differs, channel)
    return (
        different(
            "envelope-missing",
            {"tts": "TS-03", "stt": "ST-01"}[channel],
            "Messages stand in their frames without `result`.",
            instead("*", _bare),
        ),
        different(
            "frames-no-objects",
            "CN-07 CN-13",
            "Behind the first message comes a frame that is a JSON array.",
            after("*", lambda _event, _memory: {"type": "frame", "body": [{"alive": True}]}, nth=1),
        ),
        different(
            "answers-in-snake-case",
            "CN-10",
            "The keys of the server's messages are in snake_case.",
            instead("*", _in_snake_case),
        ),
        different(
            "snake-case-refused",
            "CN-09 CN-12",
            "Client messages with a key in snake_case are not understood.",
            policy={"spelling": "camelCase"},
        ),
        different(
            "camel-case-refused",
            "CN-09 CN-12",
            "Client messages with a key in camelCase are not understood.",
            policy={"spelling": "snake_case"},
        ),
    )
