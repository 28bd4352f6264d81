"""What every server event must satisfy, whatever its type: the envelope (facts 4.1)."""

from __future__ import annotations

from collections.abc import Container

from protocol.event_types import Event
from rules.case import EventCase
from rules.verdicts import Tally
from wire.trace import Entry

_REMEMBERED = 10_000
"""Event ids kept to find a second use; a server that repeats one does so within far fewer events."""

_WITHOUT_ID = frozenset(("input_audio_buffer.dtmf_event_received",))

ONE_OBJECT = "envelope/one-json-object"
HAS_ID = "envelope/event-id-present"
UNIQUE_IDS = "envelope/event-id-unique"
MINTED = "envelope/event-id-minted-by-server"
UNKNOWN_TYPES = "envelope/unknown-event-types"


class Envelope:
    """The checks of one connection. Written out by hand, because every event of every trace passes here.

    `described` are the types of server events that the contract knows.
    """

    def __init__(self, case: EventCase, described: Container[str]) -> None:
        self.case = case
        # Of a provider's own events that no document describes, nothing is known but their names.
        self.without_id = _WITHOUT_ID.union(
            t for t in case.dialect.signs.get("own", ()) if t not in described
        )
        self.seen: dict[str, int] = {}
        self.older: dict[str, int] = {}
        self.sound = 0  # events with nothing wrong, counted for all requirements at the end
        self.first_sound = 0  # the entry of the first of them
        self.clients = case.reading.exchanges.ids
        self.objects, self.present, self.unique, self.minted = map(
            case.tally_of, (ONE_OBJECT, HAS_ID, UNIQUE_IDS, MINTED)
        )

    def not_an_event(self, entry: Entry) -> None:
        """Report a frame that is not one JSON object with a string `type`."""
        detail = entry.detail or {}
        bare = self.case.dialect.switches.sends_bare_errors
        if entry.event is not None and "errorType" in entry.event and bare:
            # Seen live when resources are exhausted; clients must skip it (inworld 7.3).
            self.case.about(UNKNOWN_TYPES)
            self.case.observed("errorType frame without type")
            return
        if entry.kind == "binary":
            actual = f"a binary frame of {detail.get('size', '?')} bytes"
        elif entry.event is not None:
            actual = "an object without a string `type`"
        else:
            actual = f"text that is not a JSON object: {str(detail.get('raw', ''))[:80]!r}"
        self.case.about(ONE_OBJECT)
        self.case.violated(
            "not-an-event",
            "a server frame is not an event",
            expected="one JSON object with a string `type`",
            actual=actual,
        )

    def unknown(self, type_: str) -> None:
        """Record an event type that the contract does not know; sending such is legal (EV-09)."""
        self.case.about(UNKNOWN_TYPES)
        self.case.observed(type_)

    def check(self, type_: str, event: Event, seq: int) -> None:
        """Check the envelope of the event in entry `seq`."""
        id_ = event.get("event_id")
        if not isinstance(id_, str) or not id_:
            self.objects.subjects += 1
            if type_ not in self.without_id:
                self._violated(HAS_ID, "missing", f"{type_} has no event_id", "a non-empty string", id_)
            return
        if id_ in self.clients:
            self._sound_as_far_as(self.objects, self.present)
            message = f"{type_} carries the client's event_id as its own"
            self._violated(MINTED, "of-the-client", message, "an id minted by the server", id_)
            return
        first = self.seen.get(id_) or self.older.get(id_)
        if first is not None:
            self._sound_as_far_as(self.objects, self.present, self.minted)
            message = f"{type_} has an event_id that was used before"
            self._violated(UNIQUE_IDS, "used-before", message, "an id used once", id_, first)
            return
        if not self.sound:
            self.first_sound = seq
        self.sound += 1
        self.seen[id_] = seq
        if len(self.seen) > _REMEMBERED:  # in two generations: letting go costs nothing then
            self.older, self.seen = self.seen, {}

    def finish(self) -> None:
        """Count the events whose envelopes were in order."""
        for tally in (self.objects, self.present, self.unique, self.minted):
            tally.subjects += self.sound
            if self.sound and tally.first is None:
                tally.first = self.case.trace, self.first_sound
        self.sound = 0

    def _sound_as_far_as(self, *tallies: Tally) -> None:
        for tally in tallies:
            tally.subjects += 1

    def _violated(
        self, requirement: str, kind: str, message: str, expected: str, actual: object, *because: int
    ) -> None:
        self.case.about(requirement)
        self.case.violated(kind, message, path="event_id", expected=expected, actual=actual, because=because)
