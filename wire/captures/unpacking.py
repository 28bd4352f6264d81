"""Unpacks what is compressed, or comes from a pipe, into a folder, and never more than a bound."""

from __future__ import annotations

import gzip
import lzma
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wire.trace_files import TraceError

MOST_BYTES_UNPACKED = 2**30
"""Bytes that one file may unpack to. Silent audio shrinks to a thousandth: no ratio tells a bomb from it."""

MOST_MEMBERS = 10_000
"""Files in an archive."""

_GZIP, _ZIP, _EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_CHUNK = 2**20
_SIGNATURE = 4
_NESTED = 2  # gzip within an archive; an archive within an archive is not looked into
_UNSEEN = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that was in another one: where it lies now, what people call it, how its trace is to be called.

    `cut_off` tells that what was compressed ends too early.
    """

    path: Path
    file: str
    name: str
    cut_off: bool = False


def packed_as(path: Path) -> str:
    """Return `gzip` or `zip`, or nothing for what is neither. Raises `OSError`."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        start = file.read(_SIGNATURE)
    return "gzip" if start[:2] == _GZIP else "zip" if start in (_ZIP, _EMPTY_ZIP) else ""


def copied(stream: IO[bytes], to: Path, file: str, known: Callable[[Path], bool]) -> None:
    """Write what comes from `stream`, called `file`, to `to`.

    After its first bytes, `known` tells whether they are worth more. Raises `TraceError` where there is too
    much, and where it cannot be written.
    """
    copying = _Copying(file, "save it to a file, and name that")
    try:
        with to.open("wb") as target:
            first = stream.read(_CHUNK)
            target.write(first)
            target.flush()
            if known(to):
                copying.copy(stream.read, target, len(first))
    except OSError as error:
        raise _unwritten(file, error) from None


def unpacked(path: Path, file: str, name: str, folder: Path, depth: int = 0) -> Iterator[Unpacked]:
    """Yield what is in the gzip or zip file at `path`, called `file`, unpacked into `folder`.

    Raises `TraceError` for what is damaged, encrypted, too large, or empty.
    """
    packed = packed_as(path)
    if not packed:
        yield Unpacked(path, file, name)
    elif packed == "gzip":
        found = _from_gzip(path, file, name, folder)
        if packed_as(found.path) and depth < _NESTED:
            yield from unpacked(found.path, file, name, folder, depth + 1)
        else:
            yield found
    elif depth:
        raise TraceError(
            file, 0, "is an archive within another one", "unpack the outer one, and name the inner"
        )
    else:
        yield from _from_zip(path, file, name, folder)


def _from_gzip(path: Path, file: str, name: str, folder: Path) -> Unpacked:
    to = _place(folder)
    cut_off = False
    try:
        with gzip.open(path) as source, to.open("wb") as target:
            try:
                _Copying(file, "unpack it, and name what is in it").copy(source.read1, target)
            except EOFError:
                cut_off = True
    except (gzip.BadGzipFile, zlib.error):
        raise TraceError(file, 0, "is damaged (gzip)", "compress it again") from None
    except OSError as error:
        raise _unwritten(file, error) from None
    if cut_off and not to.stat().st_size:
        raise TraceError(file, 0, "is cut off (gzip) before anything is in it", "compress it again")
    return Unpacked(to, file, name, cut_off)


def _from_zip(path: Path, file: str, name: str, folder: Path) -> Iterator[Unpacked]:
    copying = _Copying(file, "unpack it, and name what is in it")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _is_unseen(m.filename)]
            if not members:
                raise TraceError(file, 0, "holds no files", "name an archive with traces in it")
            if len(members) > MOST_MEMBERS:
                problem = f"holds {len(members)} files, more than {MOST_MEMBERS}"
                raise TraceError(file, 0, problem, "unpack it, and name the folder")
            for member in members:
                if member.flag_bits & 1:
                    raise TraceError(
                        f"{file}/{member.filename}", 0, "is encrypted", "unpack it with its password"
                    )
                to = _place(folder)
                with archive.open(member) as source, to.open("wb") as target:
                    copying.copy(source.read, target)
                own = _stem(member.filename) if len(members) > 1 else name
                yield from unpacked(to, f"{file}/{member.filename}", own, folder, 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError) as error:
        raise TraceError(file, 0, f"is damaged (zip: {error})", "make the archive again") from None
    except OSError as error:
        raise _unwritten(file, error) from None


def _is_unseen(member: str) -> bool:
    """Tell whether a member was put there by a file manager."""
    return member.startswith(_UNSEEN) or member.rpartition("/")[2] in _UNSEEN


def _stem(member: str) -> str:
    return member.removesuffix(".gz").rpartition("/")[2].rpartition(".")[0] or member


def _place(folder: Path) -> Path:
    handle, path = tempfile.mkstemp(suffix=".jsonl", dir=folder)
    os.close(handle)
    return Path(path)


class _Copying:
    """Copies up to a bound, in all copies together."""

    def __init__(self, file: str, remedy: str) -> None:
        self._file, self._remedy = file, remedy
        self._left = MOST_BYTES_UNPACKED

    def copy(self, read: Callable[[int], bytes], target: IO[bytes], already: int = 0) -> None:
        self._left -= already
        while chunk := read(_CHUNK):
            self._left -= len(chunk)
            if self._left < 0:
                problem = f"is more than {MOST_BYTES_UNPACKED // 2**20} MB, unpacked"
                raise TraceError(self._file, 0, problem, self._remedy)
            target.write(chunk)


def _unwritten(file: str, error: OSError) -> TraceError:
    reason = error.strerror or type(error).__name__
    return TraceError(
        file, 0, f"cannot be read, or unpacked ({reason})", "check the path, and the room on the disk"
    )
