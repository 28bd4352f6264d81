"""The one string format that is enforced: `byte`, Base64 as RFC 4648 section 4 writes it."""

from __future__ import annotations

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def is_base64(text: object) -> bool:
    """Tell whether `text` is padded Base64 without white space; anything but a string passes.

    Deleting the alphabet in one `translate` costs a sixth of decoding (2 µs for 100 ms of audio).
    """
    if not isinstance(text, str):
        return True
    if len(text) % 4 or not text.isascii():
        return False
    rest = text.encode("ascii").translate(None, _ALPHABET)
    return not rest or (rest in (b"=", b"==") and text.endswith(rest.decode("ascii")))


def decoded_size(text: str) -> int:
    """Return how many bytes the Base64 `text` stands for."""
    return len(text) // 4 * 3 - text.endswith("=") - text.endswith("==")


CHECKERS = {"byte": is_base64}
"""Format checkers by name."""
