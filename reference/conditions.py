"""The conditions under which a server works: how many it has room for, what it may spend, how fast it is.

None of them breaks the protocol. A server that is crowded, tired or out of money obeys as long as it serves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal, get_args

Full = Literal["error", "http-429", "http-503", "close-1008", "close-1013"]
"""How a session is refused for which there is no room: by an `error` and a close, by HTTP, or by a close."""

WAYS_TO_BE_FULL: tuple[Full, ...] = get_args(Full)

HTTP_STATUS = {"http-429": 429, "http-503": 503}
CLOSE_CODE = {"error": 1008, "close-1008": 1008, "close-1013": 1013}
CLOSE_QUOTA = 1013
"""What a connection is closed with once the quota has ended (FB-07)."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which conditions a server works. The default has room, money and time for everything.

    * ``sessions``: how many may be open at once; ``full`` says how one more is refused, ``retry_after`` what
      an HTTP refusal says of when to come again, in seconds.
    * ``slot_freed_after``: seconds from the end of a session until its place is free (FS-04).
    * ``quota``: responses that may be made, over all sessions; then the account has nothing left (FB-07).
    * ``silent_age``: a session that reaches its longest duration is closed without an ``error`` (FB-04).
    * ``delay``: each event leaves up to so many seconds late, in its order.
    * ``latency``: and each of them so many seconds late, always.
    * ``thinking``: seconds from ``response.created`` to the first sign of the answer.
    * ``real_time``: audio comes no faster than it is heard, as 24 kHz PCM.
    * ``wrong_from``: a session that begins while so many are open, itself among them, differs from one that
      obeys; one that begins while there are fewer obeys.
    * ``standstill``: seconds in which nothing leaves, once, when ``standstill_after`` events have left.
    """

    sessions: int | None = None
    full: Full = "error"
    retry_after: int | None = None
    slot_freed_after: float = 0.0
    quota: int | None = None
    silent_age: bool = False
    delay: float = 0.0
    latency: float = 0.0
    thinking: float = 0.0
    real_time: bool = False
    wrong_from: int = 0
    standstill: float = 0.0
    standstill_after: int = 100


class House:
    """What all sessions of a server share: places, money, and the moment in which everything stands still."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.turned_away = 0
        self._taken = 0
        self._made = 0
        self._left = 0
        self._stands_until = 0.0

    def take_place(self) -> bool:
        """Take a place for a session; tell whether there was one."""
        room = self.conditions.sessions
        if room is not None and self._taken >= room:
            self.turned_away += 1
            return False
        self._taken += 1
        return True

    def free_place(self) -> None:
        """Give a place back."""
        self._taken -= 1

    @property
    def overworked(self) -> bool:
        """Whether a session that begins now differs from one that obeys."""
        return self._taken >= self.conditions.wrong_from

    @property
    def broke(self) -> bool:
        """Whether the account has nothing left."""
        return self.conditions.quota is not None and self._made >= self.conditions.quota

    def pays(self) -> bool:
        """Pay for one response; tell whether there was enough for it."""
        if self.broke:
            return False
        self._made += 1
        return True

    def leaving(self, now: float) -> float:
        """Count an event that is about to leave; return the moment from which it may."""
        self._left += 1
        if self.conditions.standstill and self._left == self.conditions.standstill_after + 1:
            self._stands_until = now + self.conditions.standstill
        return self._stands_until


class Delay:
    """When the events of one session leave: each late at random, none before one that came earlier."""

    def __init__(self, bound: float, seed: str, latency: float = 0.0) -> None:
        self._bound = bound
        self._latency = latency
        self._random = random.Random(seed)  # noqa: S311 (repeatable, and no secret)
        self._last = 0.0

    def due(self, now: float) -> float:
        """Return when what is sent now is to leave."""
        if not self._bound:
            return now + self._latency
        self._last = max(self._last, now + self._latency + self._random.uniform(0.0, self._bound))
        return self._last


def out_of_quota() -> dict[str, Any]:
    """Return the ``error`` member that says that the account has nothing left (FB-07)."""
    return {
        "type": "insufficient_quota",
        "code": "insufficient_quota",
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "param": None,
        "event_id": None,
    }
