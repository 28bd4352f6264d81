"""The rules of speech recognition about what is taken: settings, audio in chunks of any size, the end."""

from __future__ import annotations

from packs.keyed.messages import CLOSE, ERROR, STATUS
from packs.keyed.rules import ANY
from packs.stt.rules import STT_RULES, SttCase
from packs.stt.turns import OF_TURN

_CLOSES = "stt/close/connection-closes"
_GOING_AWAY = (1001, 1012, 1013)
_WRONG_ARGUMENT = 3  # a gRPC code
_PLAIN = {
    "modelId": ("inworld/inworld-stt-1",),
    "audioEncoding": ("LINEAR16",),
    "sampleRateHertz": (16_000,),
    "numberOfChannels": (1,),
    "includeWordTimestamps": (True, False),
}
"""Settings that every service takes which takes any."""
_MESSAGES = ("transcription", "speechStarted", "speechStopped", "usage")


@STT_RULES.on("stt/messages/taken", "server", ERROR, STATUS)
def not_taken(case: SttCase) -> None:
    """A valid message is taken, in whichever spelling its keys are."""
    at = case.at
    plain = all(value in _PLAIN.get(name, ()) for name, value in at.settings.items())
    wrong = at.early or at.closing or at.ending or at.odd or at.untold or at.refused or at.misused
    if at.configured and plain and not wrong and case.message.code == _WRONG_ARGUMENT:
        said = "valid messages were refused, and nothing else was sent"
        case.violated(
            "refused", "they are taken", f"code {case.message.code}", said, because=(at.configured,)
        )


@STT_RULES.on("stt/messages/taken", "server", "transcription", "usage")
def was_taken(case: SttCase) -> None:
    """A valid message is taken, in whichever spelling its keys are."""
    if case.at.configured and not case.at.refused:
        case.holds()


@STT_RULES.on("stt/audio/any-size", "server", "transcription", ERROR, STATUS)
def any_size(case: SttCase) -> None:
    """Chunks of audio may end within a sample."""
    if case.at.odd and case.at.configured and not (case.at.heard_odd or case.at.refused):
        case.observed("refused" if case.message.name != "transcription" else "taken")


@STT_RULES.on("stt/silence/no-words", "server", "transcription")
def no_words(case: SttCase) -> None:
    """Nothing is heard in silence."""
    if case.at.silent and case.message.body.get("isFinal") is True:
        case.observed("words" if case.message.body.get("transcript") else "an empty text")


@STT_RULES.on(_CLOSES, "client", "closeStream")
def close_owed(case: SttCase) -> None:
    """After `closeStream` the server closes the connection."""
    at = case.at
    if at.configured and not (at.closing or at.refused or at.misused):
        case.owes("", "the end of the connection", "the connection stayed open after closeStream")


@STT_RULES.on(_CLOSES, "server", CLOSE)
def closed_at_last(case: SttCase) -> None:
    """After `closeStream` the server closes the connection."""
    case.paid("")


@STT_RULES.on("stt/connection/goes-on", "server", CLOSE)
def ended_early(case: SttCase) -> None:
    """The connection goes on until `closeStream`."""
    at, code = case.at, case.message.body.get("code")
    if not at.configured or at.closing or at.refused or at.misused or at.untold:
        return
    if code in _GOING_AWAY:
        case.undecided("the server went away")
        return
    said = "the server ended the connection before closeStream, and said nothing of why"
    case.violated("ended", "the connection goes on", f"close {code or 'without a code'}", said)


@STT_RULES.on("stt/connection/goes-on", "client", "closeStream")
def went_on(case: SttCase) -> None:
    """The connection goes on until `closeStream`."""
    if not case.at.closing:
        case.holds()


@STT_RULES.on("stt/speech/alone", "server", ANY)
def alone_in_its_frame(case: SttCase) -> None:
    """`speechStarted` stands alone in its frame."""
    result = case.message.event.get("result")
    if not isinstance(result, dict) or result.get("speechStarted") is None:
        return
    other = next((name for name in _MESSAGES if name != "speechStarted" and result.get(name) is not None), "")
    if other:
        said = f"speechStarted stands beside {other}"
        case.violated("beside", "a frame of its own", other, said, "result.speechStarted")
    else:
        case.holds()


@STT_RULES.on("stt/final/once-per-turn", "client", "audioChunk", "endTurn", "closeStream")
def heard_before(case: SttCase) -> None:
    """Each turn ends in exactly one transcription with `isFinal`."""
    at = case.at
    if at.said_again and not at.owed_again:
        said = "a turn was sent that had become final before, and this time it never did"
        case.owes(OF_TURN, "a transcription with isFinal", said, "unheard")
