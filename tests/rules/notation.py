"""Conversations as transcripts, as short as they can be: how `rules/examples` writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from wire.trace import RecordedTrace
from wire.trace_files import TraceError
from wire.transcript import KINDS_OF_FRAMES, read_transcript
from wire.transcript_writing import write_transcript

_USUAL = ("< session.created", "> update", "< session.updated")
_VALUE = r"\{[^{}]*\}|\[[^][{}]*\]|\"[^\"]*\"|[^][{},\"]*"
_FIELD = re.compile(rf"(?:(?<=[{{ ])|^)-?[\w./]+(?:: (?:{_VALUE}))?(?:, )?")
_EVENT = re.compile(rf"[<>] (?!(?:{'|'.join(KINDS_OF_FRAMES)})\b)\S+ .*\{{")


def written(trace: RecordedTrace) -> str:
    """Return `trace` as a transcript."""
    return write_transcript(trace).partition("\n")[2]


def read(text: str) -> RecordedTrace:
    """Return the conversation in `text`."""
    return read_transcript(text, "by hand")[0]


def briefest(text: str, shows: Callable[[RecordedTrace], bool]) -> str:
    """Return `text` without fields, and settings, for which what is filled in shows the same."""
    lines = text.splitlines()
    place = 0
    while place < len(lines):
        for shorter in _shorter(lines[place]):
            if len("".join(shorter)) >= len(lines[place]):
                continue
            other = [*lines[:place], *shorter, *lines[place + 1 :]]
            if _is_shown("\n".join(other) + "\n", shows):
                lines = other
                break
        else:
            place += 1
    return "\n".join(lines) + "\n"


def _is_shown(text: str, shows: Callable[[RecordedTrace], bool]) -> bool:
    try:
        return shows(read(text))
    except TraceError:
        return False


def _shorter(line: str) -> Iterator[list[str]]:
    """Yield nothing for what goes without saying; then the line without its braces, and without a field."""
    if line in _USUAL:
        yield []
    if not _EVENT.match(line):
        return
    head, _, fields = line.partition(" {")
    yield [head]
    for found in _FIELD.finditer(fields):
        rest = fields[: found.start()] + fields[found.end() :]
        yield [f"{head} {{{rest}".replace(", }", "}").replace(" {}", "")]
