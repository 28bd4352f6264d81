"""Identifiers minted by the server: unique, free of meaning, and the same again for the same seed."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from hashlib import blake2b

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 21


class IdKind(StrEnum):
    """What an identifier is for; the value is its prefix, a habit of OpenAI's and no contract."""

    EVENT = "event"
    SESSION = "sess"
    CONVERSATION = "conv"
    ITEM = "item"
    RESPONSE = "resp"
    CALL = "call"


class Identifiers:
    """The mint of one session (EV-03, EV-04, RS-43, FC-07).

    ``scope`` tells sessions apart. Each kind counts for itself, so that an event more or less does
    not rename the items after it. Client-chosen ids are not known here: 21 drawn characters do not
    collide with them by accident.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._minted: Counter[IdKind] = Counter()

    def mint(self, kind: IdKind) -> str:
        """Return a new identifier such as ``item_7Yp3...``, within ``^[a-zA-Z0-9_-]+$``."""
        self._minted[kind] += 1
        return f"{kind}_{draw(f'{self._scope}/{kind}/{self._minted[kind]}', _LENGTH)}"


def draw(source: str, length: int) -> str:
    """Return ``length`` (at most 21) letters and digits that depend on ``source`` alone."""
    number = int.from_bytes(blake2b(source.encode(), digest_size=16).digest(), "big")
    drawn = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        drawn.append(_DIGITS[digit])
    return "".join(drawn)
