"""Counts the messages of a channel that has no types: by the key that tells them apart."""

from __future__ import annotations

from packs.keyed.messages import ReadMessage
from packs.pack import Stopwatch
from reports.statistics import OTHER, Statistics
from rules.case import ExchangeCase
from wire.trace import Entry

_NAMES = 200  # that are told apart, whatever a server invents


class MessageStatistics:
    """An observer: what `application.trace_statistics` is for the realtime channel."""

    def __init__(self, read: ReadMessage, stopwatch: Stopwatch) -> None:
        self._read, self._stopwatch = read, stopwatch
        self._now = Statistics()

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._now.traces += 1
        self._stopwatch.begin()

    def on_entry(self, entry: Entry) -> None:
        """Count the message in an entry."""
        message = self._read(entry)
        if message is not None:
            events = self._now.events
            key = (message.side, message.name or OTHER)
            if key not in events and len(events) >= _NAMES:
                key = (message.side, OTHER)
            events[key] = events.get(key, 0) + 1
            for kind, seconds in self._stopwatch.times(message):
                self._now.times.setdefault(kind, []).append(seconds)

    def on_exchange(self, case: ExchangeCase) -> None:
        """Do nothing: there are no exchanges in this channel."""

    def taken(self) -> Statistics:
        """Return what was counted since the last time."""
        done, self._now = self._now, Statistics()
        return done
