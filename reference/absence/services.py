"""What services of speech leave out: a kind of message, or all that comes after it, by channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from protocol.json_values import Json
from reference.alterations import Close, Memory, Sent, SessionStep
from reference.differences import Difference, service_differs
from reference.edits import drop, instead

SERVICE_MESSAGES = {
    "tts": ("contextCreated", "audioChunk", "flushCompleted", "contextClosed", "status"),
    "stt": ("transcription", "speechStarted", "speechStopped", "usage"),
}
"""What each service says of its own accord, by channel."""

WAYS_TO_LEAVE_OUT = ("left-out", "closes-at", "ends-at", "silent-at")


class _Silent(SessionStep):
    """Says nothing from the first message of a type on, that one included."""

    def __init__(self, memory: Memory, kind: str) -> None:
        super().__init__(memory)
        self._kind = kind
        self._over = False

    def outgoing(self, event: Json) -> list[Sent]:
        self._over = self._over or event["type"] == self._kind
        return [] if self._over else [event]


def _silent(kind: str) -> Callable[[Memory], SessionStep]:
    return lambda memory: _Silent(memory, kind)


def _closing(kind: str, code: int) -> Callable[[Memory], SessionStep]:
    return instead(kind, lambda _event, _memory: [Close(code)])


def service_absences() -> Iterator[Difference]:
    """Yield a fault for each message and each way in which it, or what comes after it, is left out."""
    for channel, kinds in SERVICE_MESSAGES.items():
        for kind in kinds:
            closed = f"In place of `{kind}` the connection is closed with"
            ways: dict[str, tuple[str, Callable[[Memory], SessionStep]]] = {
                "left-out": (f"`{kind}` is never sent.", drop(kind)),
                "closes-at": (f"{closed} 1011.", _closing(kind, 1011)),
                "ends-at": (f"{closed} 1000.", _closing(kind, 1000)),
                "silent-at": (f"From the first `{kind}` on, nothing is sent.", _silent(kind)),
            }
            for way in WAYS_TO_LEAVE_OUT:
                statement, change = ways[way]
                yield service_differs(channel, f"{way}-{kind}", "", statement, change)
