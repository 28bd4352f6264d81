"""Frames as RFC 6455 knows them: what breaks its rules, what a frame weighs, how one is cut in fragments."""

from __future__ import annotations

from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode

from wire.trace import Direction


def broken_framing(error: BaseException | None, closer: Direction, code: int | None, reason: str) -> str:
    """Return how what the server sent violates RFC 6455, empty where it does not.

    `error` is what the parser of frames ended with; the rest is the close, and `closer` who sent it first. A
    connection that is cut off is no violation, nor is a frame that is only larger than this suite accepts.
    """
    if closer != "client":
        return ""
    if code == CloseCode.INVALID_DATA:
        return f"text that is not UTF-8 ({reason})"
    if isinstance(error, PayloadTooBig) and error.size is not None and error.size >= 2**63:
        # The most significant bit of a 64-bit length has to be 0 (section 5.2).
        return f"a frame announces a length of {error.size} bytes"
    return reason if code == CloseCode.PROTOCOL_ERROR else ""


def weight(frame: str | bytes) -> int:
    """Return about how many bytes of memory `frame` needs: 16 MB of brackets are a gigabyte of arrays."""
    if isinstance(frame, bytes):
        return len(frame)
    return len(frame) + 64 * (frame.count(",") + frame.count("[")) + 192 * frame.count("{")


def cut(text: str, pieces: int) -> list[str]:
    """Return `text` in so many pieces of about the same length."""
    size = max(1, -(-len(text) // pieces))
    return [text[start : start + size] for start in range(0, len(text), size)]
