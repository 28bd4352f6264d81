"""The rules of speech recognition: turns, their interim and final texts, and how a stream ends.

An interim text is no promise (SO-04), and speech events may be absent altogether (SO-08).
"""

from __future__ import annotations

import re
from typing import Any

from packs.keyed.envelopes import judge_envelope
from packs.keyed.messages import ERROR, STATUS
from packs.keyed.rules import ANY, KeyedCase, KeyedRules
from packs.stt.turns import OF_TURN, TurnReading

STT_RULES = KeyedRules()

SttCase = KeyedCase[TurnReading]

_WORD = re.compile(r"\w+")
_SLACK_MS = 1.0  # of rounding


# --- the beginning and the end of a stream ------------------------------------------------------------------


@STT_RULES.on("stt/config/first", "client", "audioChunk")
def early_owes(case: SttCase) -> None:
    """`transcribeConfig` is the first message: audio before it is refused."""
    if not case.at.configured and not case.at.early:
        case.owes("", "an error", "audio before transcribeConfig was not refused", "unanswered")


@STT_RULES.on("stt/config/first", "server", STATUS, ERROR, "transcription")
def early_paid(case: SttCase) -> None:
    """`transcribeConfig` is the first message: audio before it is refused."""
    if not case.at.early:
        return
    if case.message.name == "transcription" and not case.at.configured:
        case.missed("", "transcription")
    elif case.message.name == ERROR or case.message.code:
        case.paid("")


@STT_RULES.on("stt/usage/once-and-last", "client", "closeStream")
def usage_owes(case: SttCase) -> None:
    """`usage` comes once, after the last transcription."""
    if case.at.turns and not case.at.closing and not case.at.used:
        case.owes("", "usage", "after closeStream no usage came")


@STT_RULES.on("stt/usage/once-and-last", "server", "usage", "transcription")
def usage_paid(case: SttCase) -> None:
    """`usage` comes once, after the last transcription."""
    at, message = case.at, case.message
    if message.name == "transcription":
        if at.used:
            said = "a transcription came after usage"
            case.violated("early", "usage last", "transcription", said, because=(at.used,))
    elif at.used:
        case.violated("again", "usage once", "another", "usage came again", because=(at.used,))
    elif not case.paid(""):
        case.holds()


@STT_RULES.on("stt/usage/not-more-than-sent", "server", "usage")
def not_more_than_sent(case: SttCase) -> None:
    """`transcribedAudioMs` is not more than the audio that was sent."""
    told, sent = case.message.body.get("transcribedAudioMs"), case.at.sent_ms
    if not isinstance(told, int | float) or isinstance(told, bool):
        return
    if sent is None:
        case.undecided("how much audio was sent is not known")
    elif told > sent + _SLACK_MS:
        said = f"usage counts {told:g} ms of audio, and {sent:.0f} ms were sent"
        case.violated("more", f"at most {sent:.0f}", f"{told:g}", said, "result.usage.transcribedAudioMs")
    else:
        case.holds()


@STT_RULES.on("stt/close/finals-come", "client", "closeStream")
def stream_end_owes(case: SttCase) -> None:
    """After `closeStream` the turn under way is finalised."""
    if not case.at.closing and any(case.at.turn.interims):
        case.owes(
            OF_TURN, "a transcription with isFinal", "the turn under way at closeStream never became final"
        )


@STT_RULES.on("stt/close/finals-come", "server", "transcription")
def stream_end_paid(case: SttCase) -> None:
    """After `closeStream` the turn under way is finalised."""
    if case.message.body.get("isFinal") is True:
        case.paid(OF_TURN)


# --- turns --------------------------------------------------------------------------------------------------


@STT_RULES.on("stt/final/once-per-turn", "server", "speechStopped")
def final_owed(case: SttCase) -> None:
    """Each turn ends in exactly one transcription with `isFinal`."""
    if any(case.at.turn.interims) and not case.at.turn.stopped:
        case.owes(OF_TURN, "a transcription with isFinal", "the turn whose speech stopped never became final")


@STT_RULES.on("stt/final/once-per-turn", "server", "transcription")
def once_per_turn(case: SttCase) -> None:
    """Each turn ends in exactly one transcription with `isFinal`."""
    at = case.at
    if case.message.body.get("isFinal") is not True:
        return
    nothing_new = not (at.turn.audio or at.turn.heard or at.ending)
    if at.final and nothing_new:
        said = "another final transcription came, and nothing was sent or heard since the last"
        case.violated("again", "one final", "another", said, because=(at.final,))
    elif not case.paid(OF_TURN):
        case.holds()
    case.forgive(OF_TURN, "stt/final/once-per-turn")  # what is owed twice for one turn is met once


@STT_RULES.on("stt/final/says-so", "server", "transcription")
def says_so(case: SttCase) -> None:
    """`isFinal` is a boolean where it is given."""
    given = case.message.body.get("isFinal")
    if given is None or isinstance(given, bool):
        case.holds()
    else:
        said = "isFinal is no boolean"
        case.violated("other", "true or false", repr(given)[:80], said, "result.transcription.isFinal")


@STT_RULES.on("stt/interim/cumulative", "server", "transcription")
def cumulative(case: SttCase) -> None:
    """Interim transcripts hold the whole turn so far, and no increments."""
    if case.message.body.get("isFinal") is not True:
        return
    final = _words(case.message.body.get("transcript"))
    interims = [words for text in case.at.turn.interims if (words := _words(text))]
    if len(interims) < 2 or not final:
        return
    joined = [word for words in interims for word in words]
    goes_on = interims[1][: len(interims[0])] == interims[0]  # a word may be said twice
    if not goes_on and joined == final[: len(joined)]:
        said = "the interim transcripts of a turn are pieces, which together are its final one"
        expected = "the whole turn so far in each"
        case.violated("increments", expected, case.at.turn.interims[-1][:80], said, _TRANSCRIPT)
    else:
        case.holds()


@STT_RULES.on("stt/turn/end-turn-finalises", "client", "endTurn")
def end_turn_owes(case: SttCase) -> None:
    """After `endTurn` the pending turn is finalised."""
    if any(case.at.turn.interims) and not case.at.ending:
        case.owes(OF_TURN, "a transcription with isFinal", "the turn under way at endTurn never became final")


@STT_RULES.on("stt/turn/end-turn-finalises", "server", "transcription")
def end_turn_paid(case: SttCase) -> None:
    """After `endTurn` the pending turn is finalised."""
    if case.message.body.get("isFinal") is True:
        case.paid(OF_TURN)


@STT_RULES.on("stt/turn/manual", "server", "transcription")
def manual(case: SttCase) -> None:
    """With `vadThreshold: 0` no turn ends by itself."""
    if case.at.manual and case.message.body.get("isFinal") is True:
        by_client = case.at.ending or case.at.closing
        case.observed("ended by the client" if by_client else "ended by itself")


@STT_RULES.on("stt/speech/started-first", "server", "speechStarted", "transcription")
def started_first(case: SttCase) -> None:
    """`speechStarted` comes before the first transcription of its turn."""
    turn = case.at.turn
    if case.message.name == "transcription":
        if turn.started and not turn.first:
            case.holds()
    elif turn.first and not turn.started and not turn.stopped:
        said = "speechStarted came after the first transcription of its turn"
        case.violated("late", "speechStarted first", "transcription", said, because=(turn.first,))


@STT_RULES.on("stt/speech/stopped-after-started", "server", "speechStopped")
def stops_after_start(case: SttCase) -> None:
    """`speechStopped` comes after the `speechStarted` of its turn."""
    turn = case.at.turn
    if turn.started:
        case.holds()
    elif not case.at.final:  # it may come after the final of its turn
        said = "speechStopped came before any speechStarted"
        case.violated("early", "speechStarted first", "speechStopped", said)


# --- what comes only where it was asked for -----------------------------------------------------------------


@STT_RULES.on("stt/words/only-if-asked", "server", "transcription")
def words_only_if_asked(case: SttCase) -> None:
    """`wordTimestamps` is empty where nobody asked for it."""
    _only_if(case, case.at.settings.get("includeWordTimestamps") is True, "wordTimestamps")


@STT_RULES.on("stt/profile/only-if-asked", "server", "transcription")
def profile_only_if_asked(case: SttCase) -> None:
    """A `voiceProfile` comes only where it was asked for."""
    asked = case.at.settings.get("voiceProfileConfig")
    _only_if(case, isinstance(asked, dict) and asked.get("enableVoiceProfile") is True, "voiceProfile")


def _only_if(case: SttCase, asked: bool, name: str) -> None:
    if asked or not case.at.configured:
        return
    if case.message.body.get(name):
        case.violated("unasked", f"no {name}", name, f"nobody asked for {name}", f"{_TRANSCRIPTION}.{name}")
    else:
        case.holds()


@STT_RULES.on("stt/words/as-asked", "server", "transcription")
def words_as_asked(case: SttCase) -> None:
    """Where times of words were asked for, a final transcription with words has them."""
    body = case.message.body
    asked = case.at.settings.get("includeWordTimestamps") is True
    if not asked or body.get("isFinal") is not True or not _words(body.get("transcript")):
        return
    if body.get("wordTimestamps"):
        case.holds()
    else:
        case.violated("missing", "wordTimestamps", "none", "a final has no times of its words", _WORDS)


@STT_RULES.on("stt/frames/enveloped", "server", ANY)
def stt_enveloped(case: SttCase) -> None:
    """What the server says stands in `result`, with keys in camelCase, or in `error`."""
    judge_envelope(case)


@STT_RULES.on("stt/words/in-order", "server", "transcription")
def words_in_order(case: SttCase) -> None:
    """No word ends before it starts, and none starts before the one that precedes it."""
    last = None
    for word in _timed(case.message.body.get("wordTimestamps")):
        start, end = word
        if end < start or (last is not None and start < last):
            kind = "ends-first" if end < start else "decreasing"
            said = f"a word is said to last from {start:g} to {end:g} ms"
            expected = f"{start if end < start else last:g} ms or later"
            case.violated(kind, expected, f"{min(start, end):g} ms", said, _WORDS)
            return
        last = start
    if last is not None:
        case.holds()


@STT_RULES.on("stt/speaker/only-with-diarization", "server", "transcription")
def speaker(case: SttCase) -> None:
    """Words name a `speaker` only with diarization."""
    asked = case.at.settings.get("enableSpeakerDiarization") is True
    words = case.message.body.get("wordTimestamps")
    named = any(isinstance(w, dict) and "speaker" in w for w in words) if isinstance(words, list) else False
    if named:
        case.observed("asked for" if asked else "unasked")


_TRANSCRIPTION = "result.transcription"
_TRANSCRIPT = f"{_TRANSCRIPTION}.transcript"
_WORDS = f"{_TRANSCRIPTION}.wordTimestamps"


def _words(text: Any) -> list[str]:
    return _WORD.findall(text.lower()) if isinstance(text, str) else []


def _timed(words: Any) -> list[tuple[float, float]]:
    """Return start and end of each word that has both, in milliseconds."""
    found = []
    for word in words if isinstance(words, list) else ():
        if isinstance(word, dict):
            start, end = word.get("startTimeMs"), word.get("endTimeMs")
            if isinstance(start, int | float) and isinstance(end, int | float):
                found.append((start, end))
    return found
