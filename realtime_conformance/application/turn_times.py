"""How long a user waits for an answer, from the entries of a trace: to its first sound, and to its end.

Both begin where the user was done: with the `response.create` that the response answers, or with the end of
the speech that it answers (`input_audio_buffer.speech_stopped`, else the commit), as the trace has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reports.statistics import FIRST_AUDIO, TURN
from rules.case import ExchangeCase

ENDS_OF_SPEECH = frozenset(("input_audio_buffer.speech_stopped", "input_audio_buffer.committed"))
"""Server events that end what a user says."""

_SOUND = "response.output_audio.delta"
_TEXT = "response.output_text.delta"
_WAITING = 64  # responses that are awaited at once


class TurnTimes:
    """Measures turns. `told` is called with the kind of time and its seconds."""

    def __init__(self, told: Callable[[str, float], None]) -> None:
        self._told = told
        self._asked: dict[str, float] = {}  # when responses that are not done were asked for
        self._mute: set[str] = set()  # those of them that were not heard so far
        self._spoken: float | None = None  # when the speech ended that no response answers so far

    @property
    def listening(self) -> bool:
        """Whether the first sound of some response is awaited."""
        return bool(self._mute)

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._asked.clear()
        self._mute.clear()
        self._spoken = None

    def on_event(self, type_: str, event: Mapping[str, Any], id_: str | None, t: float) -> None:
        """Look at a server event of the response `id_`, if it has one, that came at `t` seconds."""
        if type_ in ENDS_OF_SPEECH:
            if self._spoken is None or type_.endswith("stopped"):
                self._spoken = t
        elif id_ is None:
            return
        elif type_ == "response.created":
            if self._spoken is not None:
                self._asked_for(id_, self._spoken)
                self._spoken = None
        elif id_ in self._asked:
            self._answered(type_, event, id_, t)

    def on_exchange(self, case: ExchangeCase) -> None:
        """Note when a response was asked for, where it is the client that asked."""
        exchange, event = case.exchange, case.entry.event
        sent = case.reading.times.get(exchange.seq)
        if exchange.type != "response.create" or exchange.answer_seq != case.entry.seq or sent is None:
            return
        response = event.get("response") if event is not None else None
        id_ = response.get("id") if isinstance(response, dict) else None
        if isinstance(id_, str):
            self._asked_for(id_, sent)

    def _asked_for(self, id_: str, t: float) -> None:
        if len(self._asked) < _WAITING:
            self._asked[id_] = t
            self._mute.add(id_)

    def _answered(self, type_: str, event: Mapping[str, Any], id_: str, t: float) -> None:
        if type_ == "response.done":
            began = self._asked.pop(id_)
            self._mute.discard(id_)
            response = event.get("response")
            if isinstance(response, dict) and response.get("status") == "completed":
                self._told(TURN, t - began)
        elif type_ in (_SOUND, _TEXT) and id_ in self._mute:
            self._mute.discard(id_)  # a response of text is not awaited any more
            if type_ == _SOUND:
                self._told(FIRST_AUDIO, t - self._asked[id_])
