"""Measures, in one connection that is judged, how long its turns take."""

from __future__ import annotations

from collections.abc import Callable

from realtime_conformance.application.turn_times import ENDS_OF_SPEECH, TurnTimes
from rules.case import ExchangeCase
from wire.trace import Entry


class TurnObserver:
    """An observer of a judge (`rules.observer`) that tells each time, in seconds, with its kind."""

    def __init__(self, told: Callable[[str, float], None]) -> None:
        self._turns = TurnTimes(told)

    def on_entry(self, entry: Entry) -> None:
        """Look at an event of the server."""
        type_ = entry.type
        if entry.dir != "server" or entry.t is None or entry.event is None:
            return
        if type_.startswith("response.") or type_ in ENDS_OF_SPEECH:
            response = entry.event.get("response")
            named = response.get("id") if isinstance(response, dict) else None
            id_ = entry.event.get("response_id") or named
            self._turns.on_event(type_, entry.event, id_ if isinstance(id_, str) else None, entry.t)

    def on_exchange(self, case: ExchangeCase) -> None:
        """Note when a response was asked for."""
        self._turns.on_exchange(case)
