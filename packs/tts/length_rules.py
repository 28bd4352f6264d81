"""The rules of speech synthesis about how much comes: for an encoding that was asked for, for a text."""

from __future__ import annotations

from packs.tts.contexts import Context
from packs.tts.rules import TTS_RULES, TtsCase, context_of, is_refusal
from packs.tts.sound import WaveFormat, decoded, wave_format

_LINEAR_TAGS = (1, 0xFFFE)
_SHORTER, _LONGER, _SLACK_S = 0.75, 1.5, 0.8
"""Audio against the times that are told of it: it may end in silence, and times may be rounded."""

_FEWEST_LETTERS = 15  # less text tells nothing of how long it takes
_LEAST_S, _MOST_S, _PAUSES_S = 0.015, 0.5, 3.0
"""Seconds of a letter or digit, at the usual speed: nobody speaks so fast, and nobody so slowly."""


@TTS_RULES.on("tts/audio/as-asked", "server", "audioChunk")
def header_as_asked(case: TtsCase) -> None:
    """Audio has the encoding and the sample rate that were asked for."""
    context, content = context_of(case), case.message.body.get("audioContent")
    if context is None or context.encoding not in ("LINEAR16", "WAV") or not isinstance(content, str):
        return
    form = wave_format(decoded(content) or b"")
    if form is None:
        return
    wrong = _wrong_form(form, context)
    if wrong:
        kind, expected, actual = wrong
        said = f"the RIFF header of a chunk says {actual}, and {expected} was asked for"
        case.violated(kind, expected, actual, said, _CONTENT)
    elif context.rate:
        case.holds()


def _wrong_form(form: WaveFormat, context: Context) -> tuple[str, str, str] | None:
    """Return kind, what was asked for, and what the header says, where the two differ."""
    if context.rate and form.rate != context.rate:
        return "rate", f"{context.rate} Hz", f"{form.rate} Hz"
    if context.encoding == "LINEAR16" and (form.tag not in _LINEAR_TAGS or form.bits != 16):
        return "format", "linear samples of 16 bits", f"format {form.tag} of {form.bits} bits"
    return None


@TTS_RULES.on("tts/audio/as-asked", "server", "flushCompleted", "contextClosed")
def length_as_asked(case: TtsCase) -> None:
    """Audio has the encoding and the sample rate that were asked for."""
    context = context_of(case)
    if context is None or context.closed or context.unsure or is_refusal(case):
        return
    ends, sound = context.ends, context.sound
    if not (ends and sound.known and sound.seconds):
        return
    late = context.settings.get("timestampTransportStrategy") == "ASYNC"  # some times may still come
    one_flush = context.texts == 1  # of several texts, times may begin again where nobody is told of it
    shorter = sound.seconds < _SHORTER * ends - _SLACK_S / 2
    longer = sound.seconds > _LONGER * ends + _SLACK_S and one_flush and not late
    if shorter or longer:
        told = f"{ends:.1f} s of speech by its times", f"{sound.seconds:.1f} s of {_asked(context)}"
        said = f"the audio of context {context.id} is {told[1]}, and {told[0]}"
        case.violated("shorter" if shorter else "longer", *told, said)
    else:
        case.holds()


def _asked(context: Context) -> str:
    return f"{context.encoding} at {context.rate} Hz" if context.rate else context.encoding


@TTS_RULES.on("tts/audio/plausible-length", "server", "contextClosed")
def plausible_length(case: TtsCase) -> None:
    """The speech of a context is about as long as its text: of 15 to 500 ms a letter."""
    context = context_of(case)
    if context is None or context.closed or context.unsure or not context.closing or context.unspoken:
        return
    sound = context.sound
    if not (sound.known and sound.total) or sound.tagged or context.letters < _FEWEST_LETTERS:
        return
    least, most = _bounds(context)
    if least <= sound.total <= most:
        case.holds()
        return
    expected, actual = f"{least:.1f} to {most:.1f} s", f"{sound.total:.2f} s"
    said = f"context {context.id} spoke {context.letters} letters in {actual}"
    case.violated("too-short" if sound.total < least else "too-long", expected, actual, said)


def _bounds(context: Context) -> tuple[float, float]:
    """Return how long the text of a context may take, in seconds."""
    audio = context.settings.get("audioConfig")
    asked = audio.get("speakingRate") if isinstance(audio, dict) else None
    speed = float(asked) if isinstance(asked, int | float) and asked > 0 else 1.0
    return context.letters * _LEAST_S / speed, context.letters * _MOST_S / speed + _PAUSES_S


_CONTENT = "result.audioChunk.audioContent"
