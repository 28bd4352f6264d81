"""What makes a server differ from the one that obeys: the machinery of variants and of faults.

A *change* is one way to differ, for example that an event is left out. It is begun anew for each
session and then is a `SessionStep`, through which all events of the session pass::

    client event -> incoming -> the server that obeys -> outgoing -> what is really sent

A change never reaches into the server. So the same change can be applied to a session that is under
way and to one that was recorded: what a change knows is what was said, and that is in a trace too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol.json_values import Json

ABNORMAL = 1006
"""The close code that stands for a connection that ended without a close frame (RFC 6455, 7.4.1)."""
FRESH = "\x00fresh"
"""Stands for an ``event_id`` that whoever delivers the event has to mint."""


@dataclass(frozen=True, slots=True)
class Close:
    """The server ends the connection here, and says nothing more; with `ABNORMAL`, without a close frame."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """An event whose frame breaks RFC 6455 in one of the ways of `reference.broken_frames`."""

    event: Json
    way: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A server that is live thinks for so many seconds, and then says what `Step.resumed` returns."""

    seconds: float


Sent = Json | Close | Broken | Pause
"""What may leave a server, or take it time."""


def invent(event_type: str, /, **members: Any) -> Json:
    """Return a server event that the obedient server did not send."""
    return {"type": event_type, "event_id": FRESH, **members}


def again(event: Json, **members: Any) -> Json:
    """Return an event like another one, under an ``event_id`` of its own."""
    return {**copy.deepcopy(event), "event_id": FRESH, **members}


@dataclass(slots=True)
class Memory:
    """What both sides have said so far, as the obedient server heard and meant it.

    ``live`` is for a session that is under way: what the client will say is not known there.
    """

    asked: list[Json] = field(default_factory=list)
    told: list[Json] = field(default_factory=list)
    said: list[Json] = field(default_factory=list)
    """Both of these, in their order."""
    live: bool = False

    def last_asked(self, event_type: str) -> Json:
        """Return the client's last event of a type; empty if there was none."""
        return _last(self.asked, event_type)

    def accepted(self, event_type: str, by: str) -> list[Json]:
        """Return the client events of a type that were answered ``by`` one, and that which the next answers.

        The server answers those that it does not refuse in their order.
        """
        refused = {each["error"].get("event_id") for each in self.told if each["type"] == "error"} - {None}
        taken = [e for e in self.asked if e.get("type") == event_type and e.get("event_id") not in refused]
        return taken[: sum(each["type"] == by for each in self.told) + 1]

    def answered(self, event_type: str, by: str) -> Json:
        """Return the client event of a type that the server's next event ``by`` answers; empty if none."""
        return next(iter(self.accepted(event_type, by)[-1:]), {})

    def last_told(self, event_type: str) -> Json:
        """Return the server's last event of a type; empty if there was none."""
        return _last(self.told, event_type)

    def offender(self, error: Json) -> Json:
        """Return the client event that an ``error`` names; empty if it names none."""
        named = error.get("error", {}).get("event_id")
        return next((each for each in reversed(self.asked) if named and each.get("event_id") == named), {})

    def added(self, item_id: str) -> Json:
        """Return the item with an id, as ``conversation.item.added`` showed it; empty if it did not."""
        for each in self.told:
            if each["type"] == "conversation.item.added" and each["item"]["id"] == item_id:
                item: Json = each["item"]
                return item
        return {}


def _last(events: list[Json], event_type: str) -> Json:
    return next((each for each in reversed(events) if each.get("type") == event_type), {})


class SessionStep:
    """One change at work in one session. This one changes nothing."""

    renames = False
    """Whether it calls by other names or values whatever is said, by whichever change."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def incoming(self, event: Json) -> Json | None:
        """Return a client event as the server is to understand it; None for one it does not get."""
        return event

    def reaction(self, event: Json) -> list[Sent]:  # noqa: ARG002 (for steps that do react)
        """Return what is sent at once on a valid client event, ahead of the server's own answer."""
        return []

    def outgoing(self, event: Json) -> list[Sent]:
        """Return what is sent in place of an event of the server."""
        return [event]

    def retold(self, event: Json) -> Json:
        """Return a recorded client event as it would have been sent to a server with this change."""
        return event

    def resumed(self) -> list[Sent]:
        """Return what is to be sent when a pause that this step has made is over."""
        return []

    def ending(self) -> list[Sent]:
        """Return what is still to be sent when a recorded session ends."""
        return []


StepFactory = Callable[[Memory], SessionStep]


class Alteration:
    """All changes at work in one session: those of faults first, then those of variants."""

    def __init__(self, changes: Sequence[StepFactory]) -> None:
        self.memory = Memory()
        # Who renames what is said comes last, so that what others invent is renamed, too.
        self._steps = sorted((change(self.memory) for change in changes), key=lambda step: step.renames)

    def followed_by(self, changes: Sequence[StepFactory]) -> None:
        """Let `changes` be at work behind those that are: on what they send, too."""
        self._steps += [change(self.memory) for change in changes]

    def incoming(self, event: Json) -> Json | None:
        """Return a client event as the server is to understand it; None for one it does not get."""
        heard: Json | None = event
        for step in reversed(self._steps):
            heard = step.incoming(event)
            if heard is None:
                break
            event = heard
        self.memory.asked.append(event)
        self.memory.said.append(event)
        return heard

    def reactions(self, event: Json) -> list[Sent]:
        """Return what is sent at once on a valid client event, ahead of the server's own answer."""
        return [sent for step in self._steps for sent in step.reaction(event)]

    def outgoing(self, event: Json) -> list[Sent]:
        """Return what is sent in place of an event of the server."""
        if not self._steps:
            return [event]
        sent = self._through(0, [copy.deepcopy(event)])
        self.memory.told.append(event)
        self.memory.said.append(event)
        return sent

    def retold(self, event: Json) -> Json:
        """Return a recorded client event as it would have been sent to this server."""
        for step in self._steps:
            event = step.retold(event)
        return event

    def ending(self) -> list[Sent]:
        """Return what is still to be sent when a recorded session ends."""
        return [sent for place, step in enumerate(self._steps) for sent in self._from(place, step.ending())]

    def resumed(self) -> list[Sent]:
        """Return what is to be sent when a pause is over."""
        return [sent for place, step in enumerate(self._steps) for sent in self._from(place, step.resumed())]

    def _from(self, place: int, events: list[Sent]) -> list[Sent]:
        """Return what the steps behind the one at ``place`` make of what it sends."""
        return self._through(place + 1, events)

    def _through(self, place: int, events: list[Sent]) -> list[Sent]:
        for step in self._steps[place:]:
            events = [
                sent
                for each in events
                # What has no type any more is no event, and nothing that a step knows.
                for sent in (step.outgoing(each) if isinstance(each, dict) and "type" in each else [each])
            ]
        return events
