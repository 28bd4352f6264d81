"""What `judge` is given: files and folders, and the traces in them, in whatever form people have them."""

from __future__ import annotations

import functools
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from packs.catalogue import PACKS
from packs.keyed.messages import ERROR, STATUS, Side, camel_case
from packs.pack import Pack
from protocol.catalogue import UNNAMED, dialect_of, dialects
from protocol.event_types import Event
from rules.rulebook import own_contract
from wire.captures.capture import Capture, named_few
from wire.captures.conversion import TraceOnDisk, traces_of
from wire.captures.file_start import start_of
from wire.captures.forms import TRANSCRIPT_FORM, form_of
from wire.captures.unpacking import copied, packed_as, unpacked
from wire.trace import Direction, Entry, Trace
from wire.trace_files import TraceError, TraceFile
from wire.transcript import is_transcript_file, read_transcript_file

STANDARD_INPUT = Path("-")
_NAME_OF_INPUT = "stdin"
_OF_SERVERS = ("result", "error")
_OF_JSONL = b'{"trace":'
_ALWAYS = (".jsonl", ".har")
"""Names of files that are judged wherever they lie: what cannot be read of them is told."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A trace, or a file with traces, to be judged.

    `path` is where it is read, `name` how its trace is called, `file` what people call the file. `shown` is
    the file that people have, which reports link to.
    """

    path: Path
    name: str
    file: str
    shown: Path
    lines_before: int | None = None

    def absolute(self) -> Recording:
        """Return the same for a process that is in another folder."""
        return replace(self, path=self.path.absolute(), shown=self.shown.absolute())

    def open(self) -> Sequence[Trace]:
        """Return the traces. Raises `TraceError`."""
        if self.path == self.shown and not _is_own(self.path) and is_transcript_file(self.path):
            return read_transcript_file(self.path, self.name)
        return [TraceFile(self.path, self.name, file=self.file, lines_before=self.lines_before)]


@dataclass(slots=True)
class Recordings:
    """What is to be judged, what could not be read, and sentences about what could."""

    found: list[Recording] = field(default_factory=list)
    unreadable: list[TraceError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0


def recordings_in(
    paths: Sequence[Path],
    folder: Callable[[], Path],
    group_by: str = "",
    stdin: Callable[[], IO[bytes]] | None = None,
) -> Recordings:
    """Return what is to be judged of `paths`; `-` is standard input.

    What is not read where it lies is put into `folder`, which is asked for only then. A file that cannot be
    read costs the others nothing.
    `group_by` names the field that tells sessions in one file apart. Raises `TraceError` for a folder without
    traces, and where standard input is named twice.
    """
    if sum(path == STANDARD_INPUT for path in paths) > 1:
        raise TraceError("-", 0, "is named twice", "standard input can be read once")
    gathering = _Gathering(folder, group_by, stdin or (lambda: sys.stdin.buffer))
    files = [each for path in paths for each in _files(path)]
    gathering.made.files = len(files)
    for path, name in named(files):
        gathering.add(path, name)
    gathering.made.notes = gathering.sentences()
    return gathering.made


class _Gathering:
    """Reads one file after the other."""

    def __init__(self, folder: Callable[[], Path], group_by: str, stdin: Callable[[], IO[bytes]]) -> None:
        self.made = Recordings()
        self._folder = folder
        self._group_by = group_by
        self._stdin = stdin
        self._said: dict[str, list[str]] = {}

    def add(self, path: Path, name: str) -> None:
        if not self._group_by and _is_own(path):  # nearly always: nothing else is asked
            self.made.found.append(Recording(path, name, str(path), path))
            return
        try:
            if path == STANDARD_INPUT:
                self._add_input()
            else:
                self._add_file(path, path, str(path), name)
        except TraceError as error:
            self.made.unreadable.append(error)

    def _add_input(self) -> None:
        to = self._folder() / _NAME_OF_INPUT
        copied(self._stdin(), to, "standard input", self._worth_it)
        self._add_file(to, STANDARD_INPUT, "standard input", _NAME_OF_INPUT)

    def _worth_it(self, path: Path) -> bool:
        """Tell whether what begins like the file at `path` can be read at all: it may never end."""
        head = start_of(Capture(path, "standard input", sender_of))
        return bool(packed_as(path)) or form_of(head, sender_of) is not None

    def _add_file(self, path: Path, shown: Path, file: str, name: str) -> None:
        try:
            packed = packed_as(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TraceError(file, 0, f"cannot be read ({reason})", "check the path") from None
        if not packed:
            self._add_capture(Capture(path, file, sender_of, self._group_by), name, shown)
            return
        passed: list[str] = []
        before = len(self.made.found), len(self.made.unreadable)
        for each in unpacked(path, file, name, self._folder()):
            capture = Capture(each.path, each.file, sender_of, self._group_by, complete=not each.cut_off)
            if packed == "zip" and not _is_wanted(capture, Path(each.file)):
                passed.append(each.file.removeprefix(f"{file}/"))
                continue
            try:
                self._add_capture(capture, each.name, shown)
            except TraceError as error:
                self.made.unreadable.append(error)
        if before == (len(self.made.found), len(self.made.unreadable)):
            problem = f"holds no trace, but {named_few(passed)}"
            raise TraceError(file, 0, problem, "name an archive with traces in it")

    def _add_capture(self, capture: Capture, name: str, shown: Path) -> None:
        taken = {each.name for each in self.made.found}
        name = next(each for each in _numbered(name) if each not in taken)
        plain = capture.path == shown
        for each in traces_of(capture, name, self._folder, plain=plain):
            self.made.found.append(_recording(each, shown))
        for note in capture.notes:
            self._said.setdefault(note, []).append(capture.file)

    def sentences(self) -> list[str]:
        """Return what is said of files, once for all of which it is said."""
        return [f"{named_few(files)}: {note}" for note, files in self._said.items()]


def _recording(each: TraceOnDisk, shown: Path) -> Recording:
    in_archive = each.file != str(shown) and shown != STANDARD_INPUT  # whose lines nobody can look up
    return Recording(each.path, each.name, each.file, shown, -1 if in_archive else each.lines_before)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        number += 1
        yield f"{name} ({number})"


def _is_own(path: Path) -> bool:
    """Tell whether a file is a trace of ours, by its first bytes; what cannot be read is none."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_OF_JSONL)) == _OF_JSONL
    except OSError:
        return False


def _files(path: Path) -> list[Path]:
    """Return the files that `path` names: itself, or those in a folder that have traces in them, sorted."""
    if not path.is_dir():
        return [path]
    inside = sorted(p for p in path.glob("**/*") if p.is_file() and _is_trace(p))
    if not inside:
        problem = "holds no file with a trace, of whatever form"
        raise TraceError(str(path), 0, problem, "name a file, or a folder with traces")
    return inside


def _is_trace(path: Path) -> bool:
    if path.suffix.lower() in _ALWAYS:
        return True
    try:
        return bool(packed_as(path)) or _is_wanted(Capture(path, str(path), sender_of), path)
    except OSError:
        return False


def _is_wanted(capture: Capture, called: Path) -> bool:
    """Tell whether a file among others is to be judged: by its form, and some by their names.

    Signs of transcripts are those of quotations, too: only text files are taken for one.
    """
    if called.suffix.lower() in _ALWAYS:
        return True
    try:
        form = form_of(start_of(capture), sender_of)
    except TraceError:
        return False
    return form is not None and (form is not TRANSCRIPT_FORM or called.suffix.lower() == ".txt")


def named(files: Sequence[Path]) -> list[tuple[Path, str]]:
    """Return `files` with names for their traces: the stem, with as much of the path as tells them apart."""
    names = {f: f.stem for f in files}
    for depth in range(1, max((len(f.parts) for f in files), default=0) + 1):
        times = Counter(names.values())
        for file in [f for f, name in names.items() if times[name] > 1]:
            names[file] = "/".join(file.parts[-depth - 1 :])
    return [(f, names[f]) for f in files]


def sender_of(event: Event) -> Direction | None:
    """Return who sends `event`: the one side of which some channel's document has such a message.

    None where no document has it, and where one has it of both sides.
    """
    type_ = event.get("type")
    if not isinstance(type_, str):
        return _side_of_keyed(event)
    sides = (said for said in map(_sides_of_type, _vocabularies(), itertools.repeat(type_)) if any(said))
    client, server = next(sides, (False, False))
    return None if client is server else "client" if client else "server"


_Vocabulary = tuple[frozenset[str], frozenset[str]]  # of a client, and of a server


def _sides_of_type(vocabulary: _Vocabulary, type_: str) -> tuple[bool, bool]:
    return type_ in vocabulary[0], type_ in vocabulary[1]


def _vocabularies() -> Iterator[_Vocabulary]:
    """Yield the types of events of all channels and dialects: nearly always the first one knows."""
    for name in sorted(dialects(), key=lambda name: name != UNNAMED):
        yield _of_dialect(name)
    for pack in PACKS.values():
        yield frozenset(pack.contract.client), frozenset(pack.contract.server)


@functools.cache
def _of_dialect(name: str) -> _Vocabulary:
    contract, words = own_contract(name), dialect_of(name).words
    return frozenset(map(words.type, contract.client)), frozenset(map(words.type, contract.server))


@functools.cache
def _names(pack: Pack, side: Side) -> frozenset[str]:
    """Return the names of one side's messages, in the spelling in which they are read."""
    found = pack.contract.client if side == "client" else pack.contract.server
    return frozenset(camel_case(dict.fromkeys(found)))


def _side_of_keyed(event: Event) -> Direction | None:
    """Return who sends a message without a `type`: a server puts its own into `result` or `error`."""
    side: Side = "server" if any(isinstance(event.get(name), dict) for name in _OF_SERVERS) else "client"
    entry = Entry(1, None, side, "text", event)
    for pack in PACKS.values():
        message = pack.read(entry)
        if message is not None and message.name in {STATUS, ERROR, *_names(pack, side)}:
            return side
    return None
