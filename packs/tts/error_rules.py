"""The rules of speech synthesis about refusals, and about what every message is like."""

from __future__ import annotations

from typing import Any

from packs.keyed.envelopes import judge_envelope
from packs.keyed.messages import CLOSE, ERROR, STATUS
from packs.keyed.rules import ANY
from packs.tts.contexts import LONGEST_TEXT, MOST_OPEN, speaks
from packs.tts.rules import TTS_RULES, TtsCase, context_of, is_refusal

_NOT_FOUND = 5  # a gRPC code
_NO_NUMBER = -1  # a code that is judged by itself
_TOO_LARGE = 2**20  # bytes
_DEEPEST = 4


@TTS_RULES.on("tts/errors/unknown-context", "client", "sendText")
def unknown_owes(case: TtsCase) -> None:
    """Text to an unknown or closed context is refused with code 5, and the connection lives on."""
    id_, context = case.message.context, context_of(case)
    if context is None and case.at.forgot:
        return
    if id_ and (context is None or context.closed) and speaks(case.message.body.get("text")):
        said = f"text to context {id_}, which is not open, was not refused"
        case.owes(id_, "a status of code 5", said, "unanswered")


@TTS_RULES.on("tts/errors/unknown-context", "server", STATUS, ERROR)
def unknown_paid(case: TtsCase) -> None:
    """Text to an unknown or closed context is refused with code 5, and the connection lives on."""
    id_ = case.message.context
    if not id_ or not is_refusal(case):
        return
    if case.message.code in (_NOT_FOUND, _NO_NUMBER):
        case.paid(id_)
    else:
        case.missed(id_, f"code {case.message.code}")


@TTS_RULES.on("tts/errors/then-closed", "server", STATUS)
def failed_owes(case: TtsCase) -> None:
    """A context that cannot be created is closed: after its status comes `contextClosed`."""
    context = context_of(case)
    refused = context is not None and is_refusal(case) and not (context.created or context.unsure)
    if context is not None and refused and len(case.at.open) <= MOST_OPEN:
        case.owes(context.id, "contextClosed", f"context {context.id} failed, and was not closed")


@TTS_RULES.on("tts/errors/then-closed", "server", "contextClosed")
def failed_paid(case: TtsCase) -> None:
    """A context that cannot be created is closed: after its status comes `contextClosed`."""
    if context_of(case) is None:
        for id_ in case.at.contexts:
            case.forgive(id_, "tts/errors/then-closed")
    elif case.message.context:
        case.paid(case.message.context)


@TTS_RULES.on("tts/errors/alone", "server", STATUS)
def alone(case: TtsCase) -> None:
    """The status of an error stands alone: beside no other result, and in no chunk."""
    message = case.message
    if message.beside:
        said = f"an error came with {message.beside}"
        case.violated("beside", "a status alone", message.beside, said, "result.status")
    elif message.code:
        case.holds()


@TTS_RULES.on("tts/errors/connection-lives", "server", CLOSE)
def connection_lives(case: TtsCase) -> None:
    """An error does not end the connection."""
    if case.at.trouble:
        how = f"the server closed the connection ({case.message.body.get('code', 'no code')})"
        said = "the connection ended with an error that was about one message"
        case.violated("ended", "the connection goes on", how, said, because=(case.at.trouble,))


@TTS_RULES.on("tts/errors/connection-lives", "client", ANY)
def connection_lived(case: TtsCase) -> None:
    """An error does not end the connection."""
    if case.at.trouble:
        case.holds()


@TTS_RULES.on("tts/text/taken", "server", STATUS)
def text_taken(case: TtsCase) -> None:
    """A text of up to 1000 characters is taken, an empty one too."""
    context = context_of(case)
    if context is None or not context.created or context.unsure or not is_refusal(case):
        return
    text = case.at.texts.get(context.id)
    if text is not None and len(text) <= LONGEST_TEXT and case.message.code != _NO_NUMBER:
        kind, what = ("refused", f"a text of {len(text)} characters") if text else ("empty", "an empty text")
        said = f"{what} was refused in context {context.id}"
        case.violated(kind, "it is taken", f"code {case.message.code}", said)


@TTS_RULES.on("tts/text/taken", "server", "audioChunk", "flushCompleted")
def text_was_taken(case: TtsCase) -> None:
    """A text of up to 1000 characters is taken, an empty one too."""
    context = context_of(case)
    if context is not None and context.id in case.at.texts:
        case.holds()


@TTS_RULES.on("tts/status/integer-code", "server", ANY)
def integer_code(case: TtsCase) -> None:
    """The `code` of a status is an integer."""
    code = case.message.status.get("code")
    if code is None:
        return
    if type(code) is int:
        case.holds()
    else:
        said = "the code of a status is no integer"
        case.violated("other", "an integer", repr(code)[:80], said, "result.status.code")


@TTS_RULES.on("tts/fields/left-out", "server", ANY)
def unset_left_out(case: TtsCase) -> None:
    """Fields that are not set are left out, and never null."""
    if case.message.name == CLOSE:
        return
    path = _null(case.message.event, "", 0)
    if path:
        case.violated("null", "no such field", "null", f"{path} is null", path)
    elif case.message.name:
        case.holds()


@TTS_RULES.on("tts/frames/enveloped", "server", ANY)
def in_its_envelope(case: TtsCase) -> None:
    """What the server says stands in `result`, with keys in camelCase, or in `error`."""
    judge_envelope(case)


@TTS_RULES.on("tts/frames/size", "server", "audioChunk")
def frame_size(case: TtsCase) -> None:
    """A message has at most 1 MiB, its Base64 counted."""
    content = case.message.body.get("audioContent")
    if isinstance(content, str):
        if len(content) > _TOO_LARGE:
            said = f"an audioChunk has {len(content)} characters of audio"
            case.violated("larger", "at most 1 MiB", f"{len(content)} characters", said)
        else:
            case.holds()


def _null(value: Any, path: str, depth: int) -> str:
    """Return the path of the first null in `value`, empty where there is none."""
    for name, inner in value.items() if depth < _DEEPEST and isinstance(value, dict) else ():
        here = f"{path}.{name}" if path else name
        if inner is None:
            return here
        if found := _null(inner, here, depth + 1):
            return found
    return ""
