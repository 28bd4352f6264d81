"""The replaceable parts of a session: the seams at which a variant or a fault is put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.dialect import DialectName
from reference.alterations import Alteration
from reference.channels.conduct import ServiceConduct
from reference.handshake import Admission, HangUp, Rejection, admit
from reference.model import Model, ScriptedModel
from reference.outbox import Outbox
from reference.response_stream import ResponseStream
from reference.turns import TurnDetector

Admit = Callable[[str, list[tuple[str, str]], frozenset[str] | None], Admission | Rejection | HangUp]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Which class does what. The default obeys.

    * ``admit``: who is let in.
    * ``alteration``: what becomes of the events of a session on their way in and out; made anew for
      each session, with its dialect's name and that of the dialect it was derived from. None lets all of
      them pass as they are.
    * ``outbox``: what leaves, and in what form; sees every event of the session.
    * ``model``: what is answered; made with the seed.
    * ``detector``: where turns begin and end; made with a ``turn_detection`` object and a position.
    * ``stream``: how one response is told.
    * ``services``: how the services of the other channels differ from those that obey, by channel.
    """

    admit: Admit = admit
    alteration: Callable[[tuple[DialectName, ...]], Alteration | None] = lambda _family: None
    outbox: type[Outbox] = Outbox
    model: Callable[[int], Model] = ScriptedModel
    detector: Callable[[dict[str, Any], int], TurnDetector] = TurnDetector
    stream: type[ResponseStream] = ResponseStream
    services: Mapping[str, ServiceConduct] = field(default_factory=dict)
