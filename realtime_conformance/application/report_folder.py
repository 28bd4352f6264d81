"""The folder of a report before the report is there: it can be written, and holds no earlier one.

A report that is begun and does not come about, because the server did not start or the machine went down,
must leave no older one in its place: whoever finds that takes it for the new one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from reports.writing import COMBINED_NAMES, NAMES

TRACES, REPLAYS, SOUNDS = "traces", "replays", "audio"
_BEGINS = {
    TRACES: (b'{"trace":', b'{"trace" :'),
    REPLAYS: (b'{"replay":', b'{"replay" :'),
    SOUNDS: (b"RIFF",),
}
_SUFFIXES = {SOUNDS: ".wav"}


class NoFolderError(Exception):
    """No folder for temporary files can be made; the message says what to change."""


class FolderError(Exception):
    """A report cannot be written there; the message says what to change."""


def check(out: Path, others: Iterable[str] = ()) -> None:
    """Raise `FolderError` where no report can be written into `out`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.write_bytes(b"?")  # a full disk still makes files, and writes nothing into them
        probe.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            (out / ".writable").unlink(missing_ok=True)
        raise unusable(out, error) from None
    for name in (*NAMES, *others):
        if (out / name).is_dir():
            raise FolderError(f"{out / name}: is a folder, and a file is to be written there; move it away")


def remove_report(out: Path, *, recordings: bool = False) -> None:
    """Remove the files of an earlier report from `out`, and its audio. Raises `FolderError`.

    Those of channels, in folders below, go with it where it was one on several of them; their `recordings`
    only before others are made.
    """
    if (out / COMBINED_NAMES[0]).is_file():
        for below in sorted(out.glob(f"*/{NAMES[0]}")):
            remove_report(below.parent)
            remove_recordings(below.parent, *((TRACES, REPLAYS) if recordings else ()))
    try:
        for name in {*NAMES, *COMBINED_NAMES}:
            (out / name).unlink(missing_ok=True)
        remove_recordings(out, SOUNDS)
    except OSError as error:
        raise unusable(out, error) from None


def remove_recordings(out: Path, *folders: str, but: Iterable[Path] = ()) -> None:
    """Remove what earlier runs recorded in `folders` of `out`, `but` these; nothing that others put there."""
    kept = {path.resolve() for path in but}
    for folder in folders:
        for path in sorted((out / folder).rglob(f"*{_SUFFIXES.get(folder, '.jsonl')}"), reverse=True):
            with contextlib.suppress(OSError):
                if path.resolve() not in kept and _is_ours(path, folder):
                    path.unlink()
                    path.parent.rmdir()  # where it was the last


def _is_ours(path: Path, folder: str) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(10).startswith(_BEGINS[folder])


def unusable(out: Path, error: OSError) -> FolderError:
    """Return what tells that a report cannot be written into `out`."""
    reason = error.strerror or type(error).__name__
    return FolderError(f"--out {out}: cannot be written ({reason}); name another folder")
