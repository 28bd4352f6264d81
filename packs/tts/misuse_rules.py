"""The rules of speech synthesis about messages with a fault, and about settings that are to be taken.

What is wrong with a message is what the suite says of it (`packs.keyed.misuse`): only its own are judged.
"""

from __future__ import annotations

from packs.keyed.messages import CLOSE, ERROR, STATUS
from packs.keyed.misuse import fault_told, is_error
from packs.keyed.rules import MISUSE
from packs.tts.rules import TTS_RULES, TtsCase, context_of

_REFUSED, _SURVIVED = "tts/misuse/refused", "tts/misuse/survived"
_DONE = ("contextCreated", "audioChunk", "flushCompleted", "contextClosed")
_NOT_OFFERED = (5, 8, 12)
"""Codes of gRPC that say that a service has no such thing, or no more of it."""


@TTS_RULES.on(_REFUSED, "client", MISUSE)
def misuse_to_be_refused(case: TtsCase) -> None:
    """What lacks what is required, or has a value of another type, is refused by an error, and not done."""
    if case.message.stimulus.get("expects") == "refusal":
        said = f"{fault_told(case.message)} was not refused"
        case.owes(case.at.misuses.key(case.message), "an error", said, "not-refused")


@TTS_RULES.on(_REFUSED, "server", STATUS, ERROR, *_DONE)
def misuse_refused(case: TtsCase) -> None:
    """What lacks what is required, or has a value of another type, is refused by an error, and not done."""
    misuse = case.at.misuses.of(case.message)
    if misuse is None:
        return
    key = case.at.misuses.key(misuse)
    if is_error(case.message):
        case.paid(key)
    else:
        case.missed(key, case.message.name)


@TTS_RULES.on("tts/misuse/choice", "server", STATUS, ERROR, *_DONE)
def misuse_choice(case: TtsCase) -> None:
    """A message with a fault of which nobody knows what is to become is refused, or taken."""
    misuse = case.at.misuses.of(case.message)
    if misuse is not None and misuse.is_misuse:
        way = "refused" if is_error(case.message) else "taken"
        case.observed(f"{misuse.stimulus.get('operator')}: {way}")


@TTS_RULES.on(_SURVIVED, "client", MISUSE)
def misuse_to_survive(case: TtsCase) -> None:
    """After a message with a fault the connection goes on: a context that is asked for is created."""
    said = f"after {fault_told(case.message)} no context was created any more"
    case.owes(MISUSE, "contextCreated of the next context", said, "lost")


@TTS_RULES.on(_SURVIVED, "server", "contextCreated", CLOSE)
def misuse_survived(case: TtsCase) -> None:
    """After a message with a fault the connection goes on: a context that is asked for is created."""
    if case.message.name == CLOSE:
        if case.at.trouble:  # then it is the error that has ended it
            case.forgive(MISUSE, _SURVIVED)
        return
    context, last = context_of(case), case.at.misuses.last
    while context is not None and last is not None and context.asked_for > last.seq:
        if not case.paid(MISUSE):
            return


@TTS_RULES.on("tts/misuse/others-live", "server", "contextClosed")
def others_live(case: TtsCase) -> None:
    """What is refused of one context leaves the others open."""
    context, last = context_of(case), case.at.misuses.last
    if context is None or not context.created or context.closed or context.unsure:
        return
    if case.at.trouble and not context.closing:
        said = f"context {context.id} was closed when another was refused something, and nobody had closed it"
        case.violated("closed", "it stays open", "contextClosed", said, because=(case.at.trouble,))
    elif context.closing and last is not None and context.created < last.seq:
        case.holds()


@TTS_RULES.on("tts/settings/taken", "server", "contextCreated", STATUS)
def settings_taken(case: TtsCase) -> None:
    """A `create` with settings that are documented is not refused as invalid."""
    context = context_of(case)
    if context is None or context.created or context.failed or not context.walk:
        return
    if not is_error(case.message):
        case.holds()
    elif case.message.code not in _NOT_OFFERED:
        said = f"a create with {context.walk}, which is documented, was refused"
        code = f"code {case.message.code}"
        case.violated("refused", "contextCreated", code, said, because=(context.asked_for,))
