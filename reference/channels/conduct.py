"""How the service of a channel differs from the one that obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reference.alterations import StepFactory
from reference.channels.doors import ChannelAdmission
from reference.handshake import HangUp, Rejection

ChannelVerdict = ChannelAdmission | Rejection | HangUp
ChannelDoor = Callable[[ChannelVerdict], ChannelVerdict]
"""What becomes of the verdict on an upgrade request."""


@dataclass(frozen=True, slots=True)
class ServiceConduct:
    """What faults and variants make of one service. The default obeys.

    * ``changes``: what becomes of its messages on their way in and out.
    * ``policy``: fields of its policy (``TtsPolicy``, ``SttPolicy``) that are another value.
    * ``doors``: what becomes of the verdict on who is let in.
    """

    changes: tuple[StepFactory, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    doors: tuple[ChannelDoor, ...] = ()


OBEDIENT = ServiceConduct()
