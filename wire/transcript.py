"""Reads conversations that are written for people: transcripts.

    dialect: openai
    # An unknown item is deleted.
    > conversation.item.delete item_9
    < conversation.item.deleted item_9
    … 5 s for error

`>` is what the client sends, `<` what the server sends, `…` what neither does. An event is its type, words
for its most important fields, and other fields in braces; what is left out is filled in with usual values
(see `wire.transcript_filling`). The page docs/transcripts.md says all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.catalogue import UNNAMED, dialects
from protocol.event_types import Event
from wire.trace import Direction, Entry, EntryKind, RecordedTrace
from wire.trace_files import TraceError
from wire.transcript_filling import (
    beginning,
    clean,
    filled,
    full_type,
    given_by,
)
from wire.transcript_memory import TranscriptMemory
from wire.transcript_values import NotReadable, Scanner, Word

STEP = 0.1
"""Seconds between two entries where a transcript says nothing of time."""

_SIGN = re.compile(r"(?:(?P<times>\d+)x\s+)?(?P<sign>[<>…@]|\.\.\.)(?=\s|$)")
_WORD = re.compile(r'[^\s{}"]+')
_FACT = re.compile(r"^([a-z_]+):\s*(?=\S)", re.MULTILINE)
_HEADING = re.compile(r"^===[ \t]+(.*)$", re.MULTILINE)
_SECONDS = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
BEGINNINGS = ("session.created", "transcription_session.created")
_OWN = ("whole", "timed")
_MOST = 10_000  # times that one line is repeated
_SIGNS = "begin a line with > (client), < (server), … (neither) or # (a comment)"
_START = 65_536  # bytes, in which a transcript says something after its comments
_LARGEST = 16 * 2**20  # bytes


@dataclass
class _Connection:
    """One connection in the making."""

    header: dict[str, Any] = field(default_factory=lambda: {"measured": True})
    whole: bool = True
    timed: bool = True
    entries: list[Entry] = field(default_factory=list)
    memory: TranscriptMemory = field(default_factory=beginning)
    clock: float = 0.0
    set_to: float | None = None

    def tick(self, more: float = 0.0) -> float:
        """Return the time of the next entry."""
        self.clock = self.clock + STEP + more if self.set_to is None else self.set_to
        self.set_to = None
        return self.clock

    def add(
        self, who: Direction, kind: EntryKind, event: Event | None, detail: Any, more: float = 0.0
    ) -> None:
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, self.tick(more), who, kind, event, detail))
        if event is not None:
            self.memory.note(who, event)

    def begin(self, kind: EntryKind, type_: str, detail: Any = None) -> None:
        """Begin as the first statement says, or as all connections do."""
        if self.entries or not self.whole or kind == "refusal":
            return
        if kind == "open" and self.set_to is not None:
            self.clock, self.set_to = self.set_to, None
        self.entries.append(Entry(1, self.clock, "harness", "open", None, detail))
        if kind != "open" and type_ not in BEGINNINGS:
            later, self.set_to = self.set_to, None
            self.add("server", "text", filled(self.memory, "server", "session.created", {}, 2), None)
            self.set_to = later

    def trace(self, name: str) -> RecordedTrace:
        entries = self.entries if self.timed else [entry._replace(t=None) for entry in self.entries]
        return RecordedTrace(name, entries, self.header)


def is_transcript(start: str) -> bool:
    """Tell whether a file that begins with `start` is a transcript: by its first line that is no comment."""
    lines = [
        line for line in start.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")
    ]
    first = lines[0].lstrip() if lines else ""
    return bool(_SIGN.match(first + " ") or _FACT.match(first) or _HEADING.match(first))


def is_transcript_file(path: Path) -> bool:
    """Tell whether the file at `path` is a transcript. What cannot be read, or only once, is none."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError:
        return False
    return is_transcript(start.decode("utf-8", errors="replace"))


def read_transcript(text: str, name: str = "transcript", file: str = "") -> list[RecordedTrace]:
    """Return the connections that `text` tells of, called `name` (and numbered if several have no names).

    Raises `TraceError`, which names `file`, the line and a remedy.
    """
    scanner = Scanner(text.removeprefix("\ufeff"))
    try:
        return list(TranscriptReader(scanner).connections(name))
    except NotReadable as problem:
        raise TraceError(file or name, scanner.line(problem.place), str(problem), problem.remedy) from None
    except RecursionError:
        line = scanner.line(scanner.place)
        raise TraceError(file or name, line, "nests too deeply to be read", "say less in one event") from None


def read_transcript_file(path: Path, name: str) -> list[RecordedTrace]:
    """Return the connections in the transcript at `path`, called `name` (and numbered if several).

    Raises `TraceError`.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1).decode("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TraceError(str(path), 0, f"cannot be read ({reason})", "check the path") from None
    except UnicodeDecodeError:
        raise TraceError(str(path), 0, "is not UTF-8", "save it as UTF-8") from None
    if len(text) > _LARGEST:
        raise TraceError(str(path), 0, "is too large for a transcript", "record a trace as JSONL")
    found = read_transcript(text, name, str(path))
    for number, each in enumerate(found, 1):
        # Reports look for a file by the name of its trace.
        each.name = name if len(found) == 1 else f"{name}-{number}"
    return found


class TranscriptReader:
    """Reads statements from a text."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.now = _Connection()

    def connections(self, name: str) -> Iterator[RecordedTrace]:
        """Yield the connections of the text."""
        found: list[tuple[str | None, _Connection]] = []
        while True:
            heading = self._heading()
            self.now = _Connection()
            self._facts()
            self._statements()
            if self.now.entries or heading is not None:
                found.append((heading, self.now))
            self.scanner.blank()
            if self.scanner.place >= len(self.scanner.text):
                break
        if not found or not any(each.entries for _, each in found):
            raise NotReadable(0, "holds no events", _SIGNS)
        for number, (heading, each) in enumerate(found, 1):
            yield each.trace(heading or (name if len(found) == 1 else f"{name}-{number}"))

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.scanner.blank()
        found = pattern.match(self.scanner.text, self.scanner.place)
        self.scanner.place = found.end() if found else self.scanner.place
        return found

    def _heading(self) -> str | None:
        found = self._match(_HEADING)
        return found[1].strip() if found else None

    def _facts(self) -> None:
        while True:
            self.scanner.blank()
            start = self.scanner.place
            found = self._match(_FACT)
            if found is None:
                return
            name, value = found[1], self.scanner.fact()
            if name in (*_OWN, "measured") and not isinstance(value, bool):
                raise NotReadable(start, f"{name} is neither true nor false", f"write `{name}: false`")
            if name == "dialect" and value not in dialects():
                others = ", ".join(name for name in dialects() if name != UNNAMED)
                remedy = f"write `dialect: {UNNAMED}`, or {others}"
                raise NotReadable(start, f"{value} is no dialect", remedy)
            if name in _OWN:
                setattr(self.now, name, value)
            else:
                self.now.header[name] = value

    def _statements(self) -> None:
        while True:
            self.scanner.blank()
            start = self.scanner.place
            if start >= len(self.scanner.text) or _HEADING.match(self.scanner.text, start):
                return
            found = self._match(_SIGN)
            if found is None:
                raise NotReadable(start, "this is no statement", _SIGNS)
            times = int(found["times"] or 1)
            if times > _MOST:
                raise NotReadable(start, f"{times} times is too often", f"repeat it {_MOST} times at most")
            after = self.scanner.place
            for _ in range(times):
                self.scanner.place = after
                self._statement(found["sign"], start)

    def _statement(self, sign: str, start: int) -> None:
        match sign:
            case "@":
                self.now.set_to = self._seconds(start)
                self._unit()
            case ">":
                self._frame("client", start)
            case "<":
                self._frame("server", start)
            case _:
                self._neither(start)

    # --- parts of statements ----------------------------------------------------------------------------

    def _words(self) -> list[Word]:
        """Read words up to a payload or the next statement; those in quotes are strings."""
        found: list[Word] = []
        while True:
            self.scanner.blank()
            text, place = self.scanner.text, self.scanner.place
            if (
                place >= len(text)
                or text[place] in "{&"
                or _SIGN.match(text, place)
                or _HEADING.match(text, place)
            ):
                return found
            if text[place] == '"':
                found.append(Word.at(place, self.scanner.string(), quoted=True))
                continue
            word = self._match(_WORD)
            if word is None:
                raise NotReadable(place, f"{text[place]} stands alone", "put quotes around text")
            found.append(Word.at(place, word[0], quoted=False))

    def _payload(self) -> dict[str, Any] | None:
        self.scanner.blank()
        return self.scanner.object() if self.scanner.at("{") else None

    def _beside(self) -> dict[str, Any] | None:
        self.scanner.blank()
        if not self.scanner.taken("&"):
            return None
        start = self.scanner.place
        found = self._payload()
        if found is None:
            raise NotReadable(start, "nothing stands behind &", "write & {name: value}")
        return found

    def _seconds(self, start: int) -> float:
        found = self._match(_SECONDS)
        if found is None:
            raise NotReadable(start, "a number of seconds is missing", "write `… 5 s` or `@ 12.5 s`")
        return float(found[0])

    def _unit(self) -> None:
        self._match(re.compile(r"s\b"))

    # --- statements -------------------------------------------------------------------------------------

    def _frame(self, who: Direction, start: int) -> None:
        words = self._words()
        payload, beside = self._payload(), self._beside()
        if not words:
            if payload is None:
                raise NotReadable(start, "says nothing", "write the type of an event, as `> response.create`")
            event: Event = clean(payload)
            type_ = event.get("type")
            self.now.begin("text", type_ if isinstance(type_, str) else "")
            self.now.add(who, "text", event, beside)
            return
        first = words[0]
        if not first.quoted and first in KINDS_OF_FRAMES:
            self._other(who, first, words[1:], {**(payload or {}), **(beside or {})})
            return
        for type_ in _each_type(first):
            full = full_type(who, type_)
            self.now.begin("text", full)
            given = given_by(who, full, words[1:], payload or {})
            seq = len(self.now.entries) + 1
            self.now.add(who, "text", filled(self.now.memory, who, full, given, seq), beside)

    def event(self, who: Direction, memory: TranscriptMemory, seq: int) -> Event:
        """Return the one event in the text, as it is in a conversation so far."""
        words, payload = self._words(), self._payload()
        full = full_type(who, str(words[0]))
        return filled(memory, who, full, given_by(who, full, words[1:], payload or {}), seq)

    def _other(self, who: Direction, what: str, words: list[Word], given: dict[str, Any]) -> None:
        """Add what is no event."""
        kind: EntryKind = KINDS_OF_FRAMES[what]
        detail: dict[str, Any] = {}
        for word in words:
            number = word.value
            name = _DETAILS[kind][0 if isinstance(number, int) else 1]
            if not name or name in detail:
                raise NotReadable(word.place, f"{word} has no meaning here", f"write `{_EXAMPLES[kind]}`")
            detail[name] = number if isinstance(number, int) else str(word)
        if kind == "close":
            detail = {"code": 1000, "reason": "", **detail}
        self.now.begin(kind, "")
        self.now.add(who, kind, None, clean({**detail, **given}))

    def _neither(self, start: int) -> None:
        words, payload = self._words(), self._payload()
        given = payload or {}
        if words == ["open"]:
            if self.now.entries:
                raise NotReadable(
                    start, "the connection is open already", "begin another one with `=== name`"
                )
            self.now.begin("open", "", None if payload is None else clean(given))
            return
        self.now.begin("deadline", "")
        if words == ["flood"]:
            self.now.add("harness", "limit", None, clean(given))
            return
        try:
            waited, awaited, silent = _waited(words)
        except ValueError:
            remedy = "write `… 5 s`, `… 5 s for error`, `… 5 s (1 s silent) for error`, `… open` or `… flood`"
            raise NotReadable(start, "this is no deadline", remedy) from None
        detail = {"since": len(self.now.entries), "awaited": awaited, "waited_s": waited}
        detail |= {"silent_s": waited if silent is None else silent, "silent": silent is None, **given}
        self.now.add("harness", "deadline", None, clean(detail), waited)


KINDS_OF_FRAMES: dict[str, EntryKind] = {
    "close": "close",
    "refuse": "refusal",
    "binary": "binary",
    "text": "text",
}
_DETAILS = {
    "close": ("code", "reason"),
    "refusal": ("status", "problem"),
    "binary": ("size", ""),
    "text": ("", "raw"),
}
_EXAMPLES = {
    "close": '< close 1011 "going away"',
    "refusal": "< refuse 401",
    "binary": "< binary 640",
    "text": '> text "{no"',
}


def _waited(words: list[Word]) -> tuple[float, str, float | None]:
    """Return how long somebody waited, for what, and for how long of it nothing came, None for all of it."""
    silent: float | None = None
    awaited = ""
    match [str(word) for word in words]:
        case [waited, "s", open_, "s", "silent)", *rest] if open_.startswith("("):
            silent = float(open_[1:])
        case [waited, "s", *rest]:
            pass
        case _:
            raise ValueError(words)
    if rest:
        for_, awaited = rest
        if for_ != "for":
            raise ValueError(words)
    return float(waited), awaited, silent


def _each_type(word: str) -> list[str]:
    """Return the types that a word such as `item.added+done` names."""
    first, *rest = word.split("+")
    stem = first.rpartition(".")[0]
    return [first, *(f"{stem}.{each}" if stem else each for each in rest)]
