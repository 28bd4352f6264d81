"""Counts what the frames of one session cost, and what the server may do because of them.

It is the innermost of three levels: a session's tab takes from a scenario's share, and that from the run's
meter (`wire.meter`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protocol.event_types import Event
from protocol.json_values import value_at
from wire.budget import BudgetKind, Cost
from wire.capacity import quota_ended
from wire.meter import Meter, Share

_RATES = {"audio/pcm": 48_000, "audio/pcmu": 8_000, "audio/pcma": 8_000}  # bytes per second
_PCM = _RATES["audio/pcm"]


@dataclass(slots=True)
class Tab:
    """What one session costs.

    A `response.create` takes a response when it is sent, and gives it back only when the server refuses
    it. Audio appended while the server makes turns and answers them by itself takes one too, until the
    response comes or the audio is gone.
    """

    share: Share
    over: str = ""  # why the session must not go on
    _asked: list[str] = field(default_factory=list)  # event ids of requests that are not answered
    _open: set[str] = field(default_factory=set)  # ids of responses that are not done
    _held: bool = False  # a response taken for what the server may do by itself
    _turned: bool = False  # the server took a turn out of the audio, and owes its response
    _answering: bool = True  # until session.created says otherwise
    _rates: dict[str, int] = field(default_factory=lambda: {"input": _PCM, "output": _PCM})

    @property
    def meter(self) -> Meter:
        """The meter of the run."""
        return self.share.meter

    # --- what we send -----------------------------------------------------------------------------------

    def client_event(self, event: Event) -> None:
        """Count what is about to be sent. Raises `OverBudget` where it must not be."""
        self.meter.check()
        match event.get("type"):
            case "input_audio_buffer.append":
                self._append(event.get("audio"))
            case "response.create":
                self._ask(event)
            case "session.update":
                self._configure(value_at(event, "session"), asked=True)
            case "conversation.item.create":
                for part in _list(value_at(event, "item.content")):
                    if isinstance(part, dict):
                        self._play(part.get("audio"))

    def spend(self, cost: Cost) -> None:
        """Count the audio and the text of a message that is about to be sent. Raises `OverBudget`."""
        self.meter.check()
        for kind in ("audio_s", "characters"):
            if cost.of(kind):
                self.share.take(kind, cost.of(kind))
        self.meter.audio_s += cost.audio_s
        self.meter.characters += cost.characters

    def _append(self, audio: Any) -> None:
        if self._answering:
            self._hold()
        self._play(audio)

    def _hold(self) -> None:
        """Take a response, and the tokens it may need, for what the server may do by itself."""
        if not self._held:
            self.meter.check_tokens()
            self.share.take("responses")
            self.meter.asked(1)
            self._held = True

    def _play(self, audio: Any) -> None:
        if isinstance(audio, str) and audio:
            seconds = len(audio) * 3 / 4 / self._rates["input"]
            self.share.take("audio_s", seconds)
            self.meter.audio_s += seconds

    def _ask(self, event: Event) -> None:
        self.meter.check_tokens()
        self.share.take("responses")
        id_ = event.get("event_id")
        self._asked.append(id_ if isinstance(id_, str) else "")
        self.meter.asked(1)

    # --- what we hear -----------------------------------------------------------------------------------

    def server_event(self, event: Event) -> None:
        """Count what the server just sent."""
        self.meter.heard += 1
        if event.get("type") == "session.created":
            self.meter.greeted.set()
        quota = quota_ended(event)
        if quota:
            self.meter.exhausted(quota)
        match event.get("type"):
            case "response.created":
                self._created(value_at(event, "response.id"))
            case "response.done":
                self._done(event)
            case "response.output_audio.delta" | "response.audio.delta":  # the second is the retired beta's
                self._heard_audio(event.get("delta"))
            case "error":
                self._refused(value_at(event, "error.event_id"))
            case "session.created" | "session.updated":
                self._configure(value_at(event, "session"), asked=False)
            case "input_audio_buffer.committed":
                self._turned = self._answering
            case "input_audio_buffer.cleared":
                self._let_go()

    def _created(self, id_: Any) -> None:
        self.meter.responses += 1
        self._open.add(str(id_))
        if self._asked:
            self._asked.pop(0)
        elif self._held:
            self._held = self._turned = False
        else:
            self.share.take("responses", forced=True)
            self.meter.asked(1)
            self._look("responses")

    def _done(self, event: Event) -> None:
        self._open.discard(str(value_at(event, "response.id")))
        self.meter.asked(-1)
        total = value_at(event, "response.usage.total_tokens")
        if isinstance(total, int) and not isinstance(total, bool) and total > 0:
            self.meter.paid(total)

    def _heard_audio(self, delta: Any) -> None:
        if isinstance(delta, str):
            seconds = len(delta) * 3 / 4 / self._rates["output"]
            self.share.take("audio_s", seconds, forced=True)
            self.meter.audio_s += seconds
            self._look("audio_s")

    def _look(self, kind: BudgetKind) -> None:
        if not self.over and self.meter.exceeded(kind):
            self.over = self.meter.budget.exhausted(kind)

    def _refused(self, event_id: Any) -> None:
        if isinstance(event_id, str) and event_id in self._asked:
            self._asked.remove(event_id)
            self.share.give_back("responses")
            self.share.refused += 1
            self.meter.asked(-1)

    def _let_go(self) -> None:
        if self._held and not self._turned:
            self._held = False
            self.share.give_back("responses")
            self.meter.asked(-1)

    def _configure(self, session: Any, *, asked: bool) -> None:
        """Take note of turn detection and audio formats; of what was only asked for, the dearer reading."""
        detection = value_at(session, "audio.input.turn_detection", None if asked else {})
        if isinstance(detection, dict):
            answering = detection.get("create_response") is not False
            self._answering = answering or (asked and self._answering)
            if asked and detection.get("idle_timeout_ms"):
                self._hold()
        elif not asked:
            self._answering = False
        for direction in ("input", "output"):
            format_ = value_at(session, f"audio.{direction}.format.type", "")
            rate = _RATES.get(format_) if isinstance(format_, str) else None
            if rate is not None:
                self._rates[direction] = min(rate, self._rates[direction]) if asked else rate

    def close(self) -> None:
        """The session has ended: what was asked for and did not come may have been made all the same."""
        self.meter.asked(-len(self._asked) - len(self._open) - self._held)
        self._asked.clear()
        self._open.clear()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
