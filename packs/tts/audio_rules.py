"""The rules of speech synthesis about what is in a chunk: its audio, and when what is spoken."""

from __future__ import annotations

from packs.tts.contexts import Alignment, alignments, is_number
from packs.tts.rules import TTS_RULES, TtsCase
from packs.tts.sound import RIFF_BYTES, decoded

_UNITS = {"WORD": "word", "CHARACTER": "character"}
_SHORT_S = 0.1  # speech so short tells nothing of where times begin


@TTS_RULES.on("tts/audio/header", "server", "audioChunk")
def header(case: TtsCase) -> None:
    """Each chunk of `LINEAR16` begins with a RIFF header, and none of `PCM` does."""
    context = case.at.of(case.message)
    data = _decoded(case)
    if context is None or not data or context.encoding not in ("LINEAR16", "PCM"):
        return
    there, wanted = data.startswith(RIFF_BYTES), context.encoding == "LINEAR16"
    if there is wanted:
        case.holds()
    elif wanted:
        said = "a chunk of LINEAR16 has no RIFF header"
        case.violated("missing-header", "a RIFF header", f"bytes {data[:4].hex()}", said, _CONTENT)
    else:
        said = "a chunk of PCM begins with a RIFF header"
        case.violated("header", "samples", "a RIFF header", said, _CONTENT)


@TTS_RULES.on("tts/audio/whole-samples", "server", "audioChunk")
def chunk_has_whole_samples(case: TtsCase) -> None:
    """The audio of a chunk is Base64, and that of `PCM` whole samples of 16 bits."""
    content = case.message.body.get("audioContent")
    if not isinstance(content, str) or not content:
        return
    context, data = case.at.of(case.message), _decoded(case)
    if data is None:
        case.violated(
            "not-base64", "Base64", "other characters", "the audio of a chunk is no Base64", _CONTENT
        )
    elif context is not None and context.encoding == "PCM" and not data.startswith(RIFF_BYTES):
        if len(data) % 2:
            said = "a chunk of PCM ends within a sample"
            case.violated("half-sample", "whole samples", f"{len(data)} bytes", said, _CONTENT)
        else:
            case.holds()


@TTS_RULES.on("tts/alignment/one-length", "server", "audioChunk")
def one_length(case: TtsCase) -> None:
    """The three arrays of an alignment have one length."""
    for each in alignments(case.message.body):
        lengths = [len(each.texts), len(each.starts), len(each.ends)]
        if len(set(lengths)) > 1:
            said = f"the arrays of {each.unit}Alignment have {', '.join(map(str, lengths))} elements"
            case.violated("other", "one length", ", ".join(map(str, lengths)), said, _place(each))
        elif lengths[0]:
            case.holds()


@TTS_RULES.on("tts/alignment/only-if-asked", "server", "audioChunk")
def only_if_asked(case: TtsCase) -> None:
    """Alignments come only where `timestampType` asked for them."""
    context = case.at.of(case.message)
    if context is None:
        return
    asked = context.settings.get("timestampType") in ("WORD", "CHARACTER")
    there = bool(alignments(case.message.body))
    if there or asked:
        case.observed(("asked for" if asked else "unasked") if there else "without any")


@TTS_RULES.on("tts/alignment/as-asked", "server", "audioChunk", "contextClosed")
def as_asked(case: TtsCase) -> None:
    """A context that asked for times of words, or of characters, gets them."""
    context = case.at.of(case.message)
    asked = _UNITS.get(str(context.settings.get("timestampType"))) if context is not None else None
    if context is None or asked is None or context.unsure or context.closed:
        return
    if case.message.name == "audioChunk":
        units = {each.unit for each in alignments(case.message.body)}
        if asked in units:
            case.holds()
        elif units:
            said = f"times of each {asked} were asked for"
            case.violated("other", f"{asked}Alignment", ", ".join(sorted(units)), said, _INFO)
    elif context.audio and not context.aligned:
        said = f"context {context.id} was to tell when each {asked} is spoken, and never did"
        case.violated("missing", f"{asked}Alignment", "none", said, because=(context.asked_for,))


@TTS_RULES.on("tts/times/in-order", "server", "audioChunk")
def in_order(case: TtsCase) -> None:
    """Within one generation starts do not decrease, and nothing ends before it starts."""
    context = case.at.of(case.message)
    for each in alignments(case.message.body):
        last = context.starts.get(each.unit) if context is not None else None
        wrong = _first_wrong(each, last)
        if wrong:
            case.violated(*wrong, _place(each))
        elif each.starts:
            case.holds()


@TTS_RULES.on("tts/times/restart", "server", "audioChunk")
def restart(case: TtsCase) -> None:
    """Times start again at 0 after each `flushCompleted`."""
    context = case.at.of(case.message)
    found = [each for each in alignments(case.message.body) if each.starts and is_number(each.starts[0])]
    if context is None or not found or context.starts or (context.before or 0) < _SHORT_S:
        return
    began = min(each.starts[0] for each in found)
    if began >= (context.before or 0):
        said = f"after flushCompleted the times of context {context.id} go on at {began:g} s"
        case.violated("goes-on", "times from 0", f"{began:g} s", said, _place(found[0]))
    else:
        case.holds()


def _first_wrong(each: Alignment, last: float | None) -> tuple[str, str, str, str] | None:
    """Return kind, expectation, what came and a sentence for the first time that is out of order."""
    for at, end in zip(each.starts, each.ends, strict=False):
        if not (is_number(at) and is_number(end)):
            continue
        if last is not None and at < last:
            said = f"a {each.unit} starts at {at:g} s, after one that starts at {last:g} s"
            return "decreasing", f"{last:g} s or later", f"{at:g} s", said
        if end < at:
            said = f"a {each.unit} starts at {at:g} s and ends at {end:g} s"
            return "ends-first", f"{at:g} s or later", f"{end:g} s", said
        last = at
    return None


_INFO = "result.audioChunk.timestampInfo"
_CONTENT = "result.audioChunk.audioContent"


def _place(each: Alignment) -> str:
    return f"result.audioChunk.timestampInfo.{each.unit}Alignment"


def _decoded(case: TtsCase) -> bytes | None:
    """Return the audio of a chunk, None where it is no Base64."""
    content = case.message.body.get("audioContent")
    if not isinstance(content, str):
        return b""
    return decoded(content)
