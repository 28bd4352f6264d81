"""The values in transcripts: JSON, and the flow style of YAML as far as it says the same with fewer quotes.

    {instructions: Be brief., tools: [], audio.input.turn_detection: null, -voice, input: ~200ms}

A dotted key is a path; `-name` leaves a field out; `~200ms` is so much silence as Base64, `~500x!` a
character so many times; `!exactly {…}` is a value in which nothing is filled in.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from wire.frames import dump, parse

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SILENCE = re.compile(r"~(\d+(?:\.\d+)?)ms")
_REPEATED = re.compile(r"~(\d+)x([!-~])")
_STRING = re.compile(r'"(?:[^"\\]|\\[\s\S])*"')
_BARE = re.compile(r"[^,\[\]{}]+?(?=\s*(?:[,\[\]{}]|:\s|:$|$))")
_FOLD = re.compile(r"[ \t]*\n\s*")  # as in YAML, text goes on in the next line
_JOIN = re.compile(r"\\\n\s*")  # and without a space between
_BLANK = re.compile(r"(?:\s+|#(?=\s).*|#$)*", re.MULTILINE)
_PLAIN = re.compile(r"[A-Za-z_*$/(<][^,\[\]{}\n\"\\:#]*(?<![\s.])\.?|\d*[A-Za-z_][\w./-]*")
_KEY = re.compile(r"[A-Za-z_][\w/]*")
_PER_MS = 48  # bytes of PCM16 at 24 kHz
_LONGEST_SILENCE = 600_000  # milliseconds
_MOST_REPEATED = 2**20
_REPEATABLE = "!$%&()*+-./0123456789;<=>?@BCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~"
_LONG = 40  # characters; shorter texts are written out
_WORDS = {"null": None, "true": True, "false": False}


@dataclass(frozen=True)
class LeftOut:
    """Stands for a field that is left out."""


@dataclass(frozen=True)
class Exactly:
    """A value in which nothing is filled in."""

    value: Any


ABSENT = LeftOut()


class Word(str):
    """A word at a `place` of the text; `quoted`, it is a string, whatever it looks like."""

    __slots__ = ("place", "quoted")

    place: int
    quoted: bool

    @classmethod
    def at(cls, place: int, text: str, *, quoted: bool) -> Word:
        word = cls(text)
        word.place, word.quoted = place, quoted
        return word

    @property
    def value(self) -> Any:
        """What the word means."""
        return str(self) if self.quoted else scalar(str(self))


class NotReadable(ValueError):
    """What stands at `place`, an index into the text, is not what it should be; `remedy` says what helps."""

    def __init__(self, place: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.place, self.remedy = place, remedy


def silent_audio(milliseconds: float) -> str:
    """Return so much silence: PCM16 at 24 kHz, as Base64."""
    return base64.b64encode(bytes(round(_PER_MS * milliseconds))).decode()


def scalar(word: str) -> Any:
    """Return what a word without quotes means."""
    if word in _WORDS:
        return _WORDS[word]
    if _NUMBER.fullmatch(word):
        return parse(word)
    if (found := _SILENCE.fullmatch(word)) and float(found[1]) <= _LONGEST_SILENCE:
        return silent_audio(float(found[1]))
    found = _REPEATED.fullmatch(word)
    return found[2] * int(found[1]) if found and int(found[1]) <= _MOST_REPEATED else word


class Scanner:
    """Reads values from `text`, beginning at `place`."""

    def __init__(self, text: str, place: int = 0) -> None:
        self.text, self.place = text, place

    def line(self, place: int) -> int:
        """Return the number of the line in which `place` is."""
        return self.text.count("\n", 0, place) + 1

    def blank(self) -> None:
        """Pass over white space and comments."""
        found = _BLANK.match(self.text, self.place)
        self.place = found.end() if found else self.place

    def at(self, start: str) -> bool:
        return self.text.startswith(start, self.place)

    def taken(self, start: str) -> bool:
        """Tell whether `start` comes next, and pass over it."""
        there = self.at(start)
        self.place += len(start) if there else 0
        return there

    def string(self) -> str:
        """Read a string in quotes."""
        found = _STRING.match(self.text, self.place)
        try:
            value = json.loads(_FOLD.sub(" ", _JOIN.sub("", found[0]))) if found else None
        except ValueError:
            value = None
        if found is None or value is None:
            raise NotReadable(self.place, "a string is not closed, or no JSON", 'write it as in JSON: "…"')
        self.place = found.end()
        return str(value)

    def value(self) -> Any:
        """Read a value of any kind."""
        self.blank()
        if self.taken("!exactly"):
            return Exactly(self.value())
        if self.at("{"):
            return self.object()
        if self.at("["):
            return self._array()
        return self.string() if self.at('"') else scalar(self._bare())

    def fact(self) -> Any:
        """Read a value that ends with its line, unless it has brackets or quotes."""
        self.blank()
        if self.text[self.place : self.place + 1] in ("{", "[", '"'):
            return self.value()
        start = self.place
        end = self.text.find("\n", start)
        self.place = len(self.text) if end < 0 else end
        return scalar(self.text[start : self.place].strip())

    def object(self) -> dict[str, Any]:
        """Read an object: `{` comes next."""
        found: dict[str, Any] = {}
        began, self.place = self.place, self.place + 1
        while self._more(began, "}"):
            start = self.place
            path = [self.string()] if self.at('"') else self._bare().split(".")
            if path[0].startswith("-") and not self.at(":"):
                path[0] = path[0][1:]
                value: Any = ABSENT
            elif self.taken(":"):
                value = self.value()
            else:
                raise NotReadable(start, f"{'.'.join(path)} has no value", "write `name: value`, or `-name`")
            if path[0] == "":  # `.name` belongs to the event itself
                path = [f".{path[1]}", *path[2:]] if len(path) > 1 else path
            _put(found, path, value, start)
        return found

    def _array(self) -> list[Any]:
        found: list[Any] = []
        began, self.place = self.place, self.place + 1
        while self._more(began, "]"):
            found.append(self.value())
        return found

    def _more(self, began: int, end: str) -> bool:
        """Pass over what separates members; tell whether there is another before `end`."""
        first = self.place == began + 1
        self.blank()
        comma = not first and self.taken(",")
        self.blank()
        if self.taken(end):
            return False
        if self.place >= len(self.text):
            raise NotReadable(began, f"{self.text[began]} is never closed", f"add a {end}")
        if not first and not comma:
            raise NotReadable(
                self.place,
                f"a comma or {end} should stand here",
                'put quotes around text that holds , : { } [ ] or "',
            )
        return True

    def _bare(self) -> str:
        found = _BARE.match(self.text, self.place)
        if found is None:
            raise NotReadable(self.place, "a value should stand here", "write null for nothing")
        self.place = found.end()
        return _FOLD.sub(" ", found[0].strip())


def _put(found: dict[str, Any], path: list[str], value: Any, place: int) -> None:
    for name in path[:-1]:
        found = found.setdefault(name, {})
        if not isinstance(found, dict):
            raise NotReadable(place, f"{name} has a value already", "give each field one value")
    known = found.get(path[-1])
    if isinstance(known, dict) and isinstance(value, dict):
        for name, each in value.items():
            _put(known, [name], each, place)
    elif path[-1] in found:
        raise NotReadable(place, f"{path[-1]} has a value already", "give each field one value")
    else:
        found[path[-1]] = value


def word_of(value: Any) -> str:
    """Return how a value that is neither object nor array is written, between other words."""
    if isinstance(value, str):
        short = _shortened(value)
        plain = re.fullmatch(r"[A-Za-z_][\w./-]*", value) and value not in _WORDS
        return short or (value if plain else quoted(value))
    return dump(value)


def written(value: Any) -> str:
    """Return how `value` is written."""
    if isinstance(value, Exactly):
        return f"!exactly {written(value.value)}"
    if isinstance(value, dict):
        return "{" + ", ".join(_member(name, each) for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(each) for each in value) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.isprintable() and scalar(value) == value
        return _shortened(value) or (value if plain else quoted(value))
    return dump(value)


def _member(name: str, value: Any) -> str:
    dot = "." if name.startswith(".") and _KEY.fullmatch(name[1:]) else ""
    key = name if _KEY.fullmatch(name[len(dot) :]) else quoted(name)
    if isinstance(value, LeftOut):
        return f"-{key}"
    if key == name and isinstance(value, dict) and len(value) == 1 and not dot:
        ((inner, each),) = value.items()
        if _KEY.fullmatch(inner):
            shown = _member(inner, each)
            return f"-{name}.{shown[1:]}" if shown.startswith("-") else f"{name}.{shown}"
    return f"{key}: {written(value)}"


def quoted(value: str) -> str:
    """Return how text is written in quotes."""
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _shortened(value: str) -> str | None:
    """Return what stands for silence, or for a text of one character repeated; None for any other text."""
    if (
        len(value) > _LONG
        and value == value[0] * len(value)
        and value[0] not in ',[]{}":#A'
        and "!" <= value[0] <= "~"
    ):
        return f"~{len(value)}x{value[0]}"
    return _silence_of(value)


def _silence_of(value: str) -> str | None:
    """Return silence by its length, where `value` is that and the length a short number."""
    if len(value) < 4 or value.strip("A=") or "=" in value[:-2] or len(value) % 4:
        return None
    size = len(value) * 3 // 4 - value.count("=")
    word = f"~{size / _PER_MS:g}ms"
    return word if scalar(word) == value else None
