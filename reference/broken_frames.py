"""Frames that break RFC 6455, each in one way.

What obeys is left to the library; these are made by hand, for no library lets anybody send them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

_TEXT, _FINAL, _COMPRESSED, _MASKED = 0x01, 0x80, 0x40, 0x80
_TOO_MUCH = 1000
_BYTES_OF_LENGTH = ((1 << 7) - 2, 1 << 16)


def _framed(payload: bytes, *, bits: int = 0, announced: int | None = None, mask: bytes = b"") -> bytes:
    size = len(payload) if announced is None else announced
    masked = _MASKED if mask else 0
    if size < _BYTES_OF_LENGTH[0]:
        length = bytes((masked | size,))
    elif size < _BYTES_OF_LENGTH[1]:
        length = bytes((masked | 126,)) + struct.pack("!H", size)
    else:
        length = bytes((masked | 127,)) + struct.pack("!Q", size)
    return bytes((_FINAL | bits | _TEXT,)) + length + mask + payload


def _not_utf_8(payload: bytes) -> bytes:
    """Cut a letter of several bytes in its middle, as who counts bytes for letters does."""
    return _framed(payload.replace(b'"type"', b'"note": "caf\xc3", "type"', 1))


def _compressed(payload: bytes) -> bytes:
    """Compress, as permessage-deflate (RFC 7692) does, though nobody has negotiated it."""
    deflate = zlib.compressobj(wbits=-15)
    data = deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return _framed(data.removesuffix(b"\x00\x00\xff\xff"), bits=_COMPRESSED)


def _masked(payload: bytes) -> bytes:
    """Mask, as only clients do; a mask of zeros changes nothing."""
    return _framed(payload, mask=bytes(4))


def _too_long(payload: bytes) -> bytes:
    """Announce more than there is."""
    return _framed(payload, announced=len(payload) + _TOO_MUCH)


WAYS_TO_BREAK: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "text-not-utf-8": _not_utf_8,
        "compressed-unasked": _compressed,
        "masked-frames": _masked,
        "length-too-long": _too_long,
    }
)
"""How the frame of an event may be broken."""
