"""What the machine speaks with: a client event sent, its answer awaited, what was visited noted."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from protocol.event_types import Event
from suites.conversations.content import Content
from suites.conversations.table import Coverage
from suites.talk import Talk, Unmet
from wire.failures import Ended, Flooded, Stalled
from wire.frames import Received

_T = TypeVar("_T")


class Stageplay(Protocol):
    """One conversation as the machine sees it: a session, and a way to have it do things."""

    talk: Talk
    coverage: Coverage
    audio: bool
    spoken: bool
    retrieve: bool
    responses: int  # that may be asked for

    def do(self, coroutine: Coroutine[Any, Any, _T]) -> _T: ...

    def close(self, cut: str) -> None: ...


class Speaking(RuleBasedStateMachine):
    """A machine in a conversation: `content` is the model of it, `running` the response under way."""

    def __init__(self, play: Stageplay) -> None:
        super().__init__()
        self.play = play
        self.content = Content()
        self.running: Received | None = None
        self.cut = ""  # why nothing more can be said
        self.notes = 0
        self.asked = 0
        self.appended = 0

    # --- saying and hearing -----------------------------------------------------------------------------

    @property
    def talk(self) -> Talk:
        return self.play.talk

    @property
    def mute(self) -> bool:
        """Whether nothing more is to be said in this conversation."""
        return bool(self.cut)

    def _do(self, coroutine: Coroutine[Any, Any, _T]) -> _T | None:
        """Have something done; where it cannot be, the conversation is over."""
        try:
            return self.play.do(coroutine)
        except (Stalled, Unmet, Ended, Flooded) as error:
            self.cut = str(error)
            return None

    def _ask(self, type_: str, where: Any = lambda _: True, **fields: Any) -> Event | None:
        """Send a client event; return its answer, None where it was refused or nothing came."""
        return _granted(self._do(self.talk.ask(type_, where=where, meanwhile=self._busy, **fields)))

    def _misuse(self, type_: str, where: Any = lambda _: True, **fields: Any) -> Event | None:
        """Send what is to be refused; return the answer where it was not. Silence ends nothing."""
        return _granted(self._do(self.talk.refused(type_, where=where, meanwhile=self._busy, **fields)))

    @property
    def _busy(self) -> bool:
        return self.running is not None

    def _visit(self, machine: str, state: str, move: str, *, done: bool) -> None:
        if not self.cut:
            self.play.coverage.visit(machine, state, move, done=done)

    @property
    def _response(self) -> str:
        return "running" if self.running is not None else "idle"


def _granted(received: Received | None) -> Event | None:
    return None if received is None or received.type == "error" else received.event
