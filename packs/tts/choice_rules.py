"""What speech synthesis may do one way or another: reports show which way a server took; none is wrong."""

from __future__ import annotations

from packs.keyed.messages import ERROR, STATUS
from packs.tts.contexts import LONGEST_TEXT
from packs.tts.rules import TTS_RULES, TtsCase, context_of, is_refusal

_SHOWN = ("voiceId", "modelId", "timestampType", "timestampTransportStrategy")


@TTS_RULES.on("tts/context/settings-shown", "server", "contextCreated")
def settings_shown(case: TtsCase) -> None:
    """`contextCreated` shows the settings that were asked for."""
    context, body = context_of(case), case.message.body
    if context is None or context.created or is_refusal(case):
        return
    asked = {name: context.settings[name] for name in _SHOWN if name in context.settings}
    shown = {name: body[name] for name in asked if name in body}
    if shown:
        other = [name for name, value in shown.items() if value != asked[name]]
        case.observed(f"another {other[0]}" if other else "as asked for")


@TTS_RULES.on("tts/context/cancelled", "server", "audioChunk", "contextClosed")
def cancelled(case: TtsCase) -> None:
    """A context that was cancelled is closed, and speaks no more than was on its way."""
    context = context_of(case)
    if context is not None and context.cancelled and not (context.closed or context.closing):
        case.observed("closed" if case.message.name == "contextClosed" else "audio afterwards")


@TTS_RULES.on("tts/errors/unknown-voice", "server", "contextCreated", STATUS, ERROR)
def unknown_voice(case: TtsCase) -> None:
    """A voice or a model that does not exist is refused."""
    context = context_of(case)
    if context is None or context.created or context.failed:
        return
    names = [str(context.settings.get(name)) for name in ("voiceId", "modelId")]
    if any(name.startswith(_NOBODY) for name in names):
        case.observed("refused" if is_refusal(case) else "created")


@TTS_RULES.on("tts/errors/of-no-context", "server", STATUS, ERROR)
def of_no_context(case: TtsCase) -> None:
    """A text that is of no context is answered by an error."""
    asked = case.at.asking
    if asked is not None and asked.context is None and not case.at.contexts and is_refusal(case):
        case.observed("answered")


@TTS_RULES.on("tts/errors/of-no-context", "client", "create")
def of_no_context_unanswered(case: TtsCase) -> None:
    """A text that is of no context is answered by an error."""
    asked = case.at.asking
    if asked is not None and asked.context is None and asked.name == "sendText" and not case.at.contexts:
        case.observed("not answered before the next message")


@TTS_RULES.on("tts/text/longest", "server", "audioChunk", STATUS, ERROR)
def longest_text(case: TtsCase) -> None:
    """A text of more than 1000 characters is refused."""
    context = context_of(case)
    if context is not None and len(case.at.texts.get(context.id, "")) > LONGEST_TEXT:
        case.observed("refused" if is_refusal(case) else "spoken")


@TTS_RULES.on("tts/usage/characters", "server", "contextClosed")
def characters_used(case: TtsCase) -> None:
    """`processedCharactersCount`, summed over a context, is how many characters were sent."""
    context = context_of(case)
    if context is None or context.closed or context.unsure or not context.used:
        return
    counted, sent = context.used, context.characters
    case.observed("as many as sent" if counted == sent else "more than sent" if counted > sent else "fewer")


_NOBODY = "conformance-"
"""What names of voices and models begin with that nobody has."""
