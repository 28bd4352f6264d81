"""What became of the messages that the suite sent with a fault, or to see whether they are taken.

The label in the trace says what is wrong with a message (`path`, `operator`, `value`), and what it `expects`.
A server's error is the answer to the message whose context it names, or else to the oldest without an answer.
"""

from __future__ import annotations

from packs.keyed.messages import ERROR, STATUS, KeyedMessage

_MOST = 100  # messages without an answer that are remembered


def fault_told(message: KeyedMessage) -> str:
    """Return in words what the suite has sent: `create with create.voiceId: type number`."""
    label = message.stimulus
    name = message.name or "a message"
    fault = f"{label.get('path') or 'the whole'}: {label.get('operator', '')} {label.get('value', '')}"
    return f"{name} with {fault}".rstrip()


def is_error(message: KeyedMessage) -> bool:
    """Tell whether a message of the server is an error, whatever its form."""
    return message.name == ERROR or (message.name == STATUS and message.code != 0)


class Misuses:
    """The messages with a label that had no answer so far, oldest first; `last` is the newest of all."""

    def __init__(self) -> None:
        self._open: dict[str, KeyedMessage] = {}
        self.last: KeyedMessage | None = None

    def sent(self, message: KeyedMessage) -> None:
        """Take note of a message with a label."""
        self.last = message
        if len(self._open) < _MOST:
            self._open[self.key(message)] = message

    @staticmethod
    def key(message: KeyedMessage) -> str:
        """Return what obligations of a message with a label are about."""
        return message.context or f"message {message.seq}"

    def of(self, message: KeyedMessage) -> KeyedMessage | None:
        """Return the message with a label that one of the server's is about, None where there is none."""
        if message.context is not None and message.context in self._open:
            return self._open[message.context]
        if message.context is None and is_error(message):
            return next(iter(self._open.values()), None)
        return None

    def answered(self, message: KeyedMessage) -> KeyedMessage | None:
        """Take note that `message` of the server is an answer; return what it is the answer to."""
        found = self.of(message)
        if found is not None:
            del self._open[self.key(found)]
        return found
