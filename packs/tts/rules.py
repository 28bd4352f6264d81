"""The rules of speech synthesis: contexts, their speech, and what is refused.

Of a context that failed or was cancelled nothing more is owed: what a server does with it is not known.
"""

from __future__ import annotations

from packs.keyed.messages import ERROR, STATUS
from packs.keyed.rules import KeyedCase, KeyedRules
from packs.tts.contexts import MOST_OPEN, Context, ContextReading, speaks

TTS_RULES = KeyedRules()

TtsCase = KeyedCase[ContextReading]

_TROUBLE = (2, 13, 14)
"""Codes of gRPC of which nobody knows what they are about: unknown, internal, unavailable."""
_OF_A_CONTEXT = ("contextCreated", "audioChunk", "flushCompleted", "contextClosed")
_SPEECH = ("tts/context/burst", "tts/flush/completed")
_SPEAKING = ("tts/context/acknowledged", "tts/context/burst", "tts/context/closed", "tts/flush/completed")
"""What nobody can be sure is owed by a context that failed or was cancelled."""


def context_of(case: TtsCase) -> Context | None:
    """Return the context that a message is about, None where there is none."""
    return case.at.of(case.message)


def _strayed(case: TtsCase, requirement: str) -> bool:
    """Tell whether a result names no context that there is: somebody owed it, and nobody knows for which.

    That is one defect (`tts/context/id-carried`), and what is owed by `requirement` is no other.
    """
    if case.at.of(case.message) is not None:
        return False
    for id_ in case.at.contexts:
        case.forgive(id_, requirement)
    return True


def is_refusal(case: TtsCase) -> bool:
    """Tell whether a message of the server is an error, whatever its form."""
    return case.message.code != 0 or case.message.name == ERROR


# --- contexts -----------------------------------------------------------------------------------------------


@TTS_RULES.on("tts/context/created-first", "server", *_OF_A_CONTEXT)
def context_created_first(case: TtsCase) -> None:
    """Nothing of a context comes before its `contextCreated`."""
    context = context_of(case)
    if context is None or context.failed or is_refusal(case):
        return
    if case.message.name == "contextCreated":
        if not context.created:
            case.holds()
    elif not context.created:
        said = f"{case.message.name} of context {context.id} came before its contextCreated"
        case.violated("late", "contextCreated first", case.message.name, said, because=(context.asked_for,))


@TTS_RULES.on("tts/context/acknowledged", "client", "create")
def create_owes(case: TtsCase) -> None:
    """A valid `create` is answered by `contextCreated`, or by an error."""
    known = context_of(case)
    if case.message.context and (known is None or not known.is_open) and len(case.at.open) < MOST_OPEN:
        said = f"create of context {case.message.context} was not answered"
        case.owes(case.message.context, "contextCreated", said, "unanswered")


@TTS_RULES.on("tts/context/acknowledged", "server", "contextCreated", STATUS, ERROR)
def create_paid(case: TtsCase) -> None:
    """A valid `create` is answered by `contextCreated`, or by an error."""
    if case.message.name == "contextCreated" or (is_refusal(case) and not case.message.context):
        _strayed(case, "tts/context/acknowledged")
    if not case.message.context:
        return
    if not is_refusal(case):
        case.paid(case.message.context)
        return
    context = context_of(case)
    created = context is not None and context.created
    # What was opened is closed also where it has failed (TS-16).
    case.forgive(case.message.context, *(_SPEECH if created else _SPEAKING))


@TTS_RULES.on("tts/context/created-once", "server", "contextCreated")
def created_once(case: TtsCase) -> None:
    """A context is created once."""
    context = context_of(case)
    if context is not None:
        case.observed("once" if not context.created else "again")


@TTS_RULES.on("tts/context/burst", "client", "flushContext", "closeContext", "sendText")
def burst_owes(case: TtsCase) -> None:
    """What is sent before `contextCreated` came is taken: create, texts and close in one burst work."""
    context, message = context_of(case), case.message
    if context is None or not context.is_open or context.created or context.closing or context.cancelled:
        return
    flushes = message.name != "sendText" or isinstance(message.body.get("flushContext"), dict)
    if flushes and (context.early or speaks(message.body.get("text"))) and not context.asked:
        said = f"the text that context {context.id} was sent in one burst with its create was not spoken"
        case.owes(context.id, "the text is spoken: audioChunk", said, "unspoken")


@TTS_RULES.on("tts/context/burst", "server", "audioChunk", "contextClosed")
def burst_paid(case: TtsCase) -> None:
    """What is sent before `contextCreated` came is taken: create, texts and close in one burst work."""
    context = context_of(case)
    if _strayed(case, "tts/context/burst") or context is None:
        return
    if case.message.name == "audioChunk":
        if case.message.body.get("audioContent"):
            case.paid(context.id)
    elif context.unsure:
        case.forgive(context.id, "tts/context/burst")
    else:
        case.missed(context.id, "contextClosed, and no audio before it")


@TTS_RULES.on("tts/context/closed", "client", "closeContext")
def close_owes(case: TtsCase) -> None:
    """`close_context` is answered by exactly one `contextClosed`."""
    context = context_of(case)
    if context is not None and context.is_open and not (context.closing or context.unsure):
        said = f"contextClosed of context {context.id} never came"
        case.owes(context.id, "contextClosed", said)


@TTS_RULES.on("tts/context/closed", "client", "cancelContext")
def cancel_forgives(case: TtsCase) -> None:
    """`close_context` is answered by exactly one `contextClosed`."""
    context = context_of(case)
    if context is not None:
        case.forgive(context.id, *_SPEAKING)


@TTS_RULES.on("tts/context/closed", "server", "contextClosed")
def close_paid(case: TtsCase) -> None:
    """`close_context` is answered by exactly one `contextClosed`."""
    context = context_of(case)
    if _strayed(case, "tts/context/closed") or context is None:
        return
    if context.closed:
        said = f"contextClosed of context {context.id} came again"
        case.violated("again", "one contextClosed", "another", said, because=(context.closed,))
    else:
        case.paid(context.id)


@TTS_RULES.on("tts/context/spoken-before-closed", "server", "contextClosed")
def spoken_before_closed(case: TtsCase) -> None:
    """What was sent before `close_context` is spoken before `contextClosed` comes."""
    context = context_of(case)
    if context is None or context.closed or context.unsure or not (context.closing and context.texts):
        return
    if context.unspoken:
        said = f"context {context.id} was closed and its last text was not spoken"
        expected = "audioChunk before contextClosed"
        case.violated("unspoken", expected, "contextClosed", said, because=(context.unspoken,))
    else:
        case.holds()


@TTS_RULES.on(
    "tts/context/nothing-after-closed", "server", "contextCreated", "flushCompleted", "contextClosed"
)
def nothing_after_closed(case: TtsCase) -> None:
    """Nothing of a context comes after its `contextClosed`."""
    context = context_of(case)
    if context is None or is_refusal(case):
        return
    if case.message.name == "contextClosed":
        if not context.closed:
            case.holds()
    elif context.closed:
        said = f"{case.message.name} of context {context.id} came after its contextClosed"
        case.violated("late", "nothing", case.message.name, said, because=(context.closed,))


@TTS_RULES.on("tts/context/id-carried", "server", *_OF_A_CONTEXT, STATUS)
def id_carried(case: TtsCase) -> None:
    """Every result of a context carries its `contextId`."""
    message = case.message
    if message.name == STATUS and (message.context is not None or case.at.nameless or not case.at.contexts):
        return  # it may be about a context that nobody has created, or about none
    if message.context is None:
        if "" not in case.at.contexts:
            said = f"{message.name} does not say of which context it is"
            case.violated("missing", "contextId", "none", said, "result.contextId")
    elif message.context not in case.at.contexts:
        if case.at.forgot or case.at.minted:
            return
        said = f"{message.name} names context {message.context}, which nobody has created"
        case.violated("unknown", "the id of a context", message.context, said, "result.contextId")
    else:
        case.holds()


@TTS_RULES.on("tts/limits/five-contexts", "client", "create")
def sixth_owes(case: TtsCase) -> None:
    """A connection has 5 contexts at most: five are created, a sixth is refused, the others live on."""
    there = case.at.open
    sure = [each for each in there if not (each.closing or each.unsure)]
    id_ = case.message.context
    if id_ and len(sure) == len(there) >= MOST_OPEN and id_ not in case.at.contexts:
        case.owes(id_, "an error", f"create of context {id_}, the sixth, was not refused", "unanswered")


@TTS_RULES.on("tts/limits/five-contexts", "server", STATUS)
def fewer(case: TtsCase) -> None:
    """A connection has 5 contexts at most: five are created, a sixth is refused, the others live on."""
    context, there = context_of(case), case.at.open
    if context is None or context.created or context.unsure or not is_refusal(case):
        return
    alike = any(each.created and each.settings == context.settings for each in there)
    if alike and len(there) <= MOST_OPEN and case.message.code not in _TROUBLE:
        said = f"create of context {context.id} was refused, with {len(there) - 1} contexts open"
        case.violated("fewer", f"{MOST_OPEN} contexts", f"code {case.message.code}", said)


@TTS_RULES.on("tts/limits/five-contexts", "server", "contextCreated", STATUS, ERROR)
def sixth_paid(case: TtsCase) -> None:
    """A connection has 5 contexts at most: five are created, a sixth is refused, the others live on."""
    message = case.message
    if message.context and not is_refusal(case):
        case.missed(message.context, "contextCreated")
        return
    for id_ in (message.context,) if message.context else list(case.at.contexts):
        if is_refusal(case) and case.paid(id_):
            return


# --- speech -------------------------------------------------------------------------------------------------


@TTS_RULES.on("tts/audio/within-context", "server", "audioChunk")
def within_context(case: TtsCase) -> None:
    """`audioChunk` comes only between `contextCreated` and `contextClosed` of its context."""
    context = context_of(case)
    if context is None:
        return
    if context.closed:
        said = f"audio of context {context.id} came after its contextClosed"
        case.violated("late", "no audio", "audioChunk", said, because=(context.closed,))
    elif context.created:
        case.holds()


def _flushes(case: TtsCase) -> Context | None:
    """Return the context of which a message flushes text that was not spoken yet."""
    context, message = context_of(case), case.message
    if context is None or not context.is_open or context.closing or context.unsure:
        return None
    if message.name == "sendText":
        asked = isinstance(message.body.get("flushContext"), dict)
        return context if asked and (context.unspoken or speaks(message.body.get("text"))) else None
    return context if context.unspoken else None


@TTS_RULES.on("tts/flush/completed", "client", "flushContext", "sendText")
def flush_owes(case: TtsCase) -> None:
    """Each flush that was asked for ends in a `flushCompleted`, after its audio."""
    context = _flushes(case)
    if context is not None:
        said = f"flushCompleted of context {context.id} never came"
        case.owes(context.id, "flushCompleted", said)


@TTS_RULES.on("tts/flush/completed", "server", "audioChunk")
def flush_is_over(case: TtsCase) -> None:
    """Each flush that was asked for ends in a `flushCompleted`, after its audio."""
    context = context_of(case)
    if context is not None and context.settled and not (context.closed or context.unsure):
        said = f"audio of context {context.id} came after the flushCompleted of all its text"
        expected = "audioChunk before flushCompleted"
        case.violated("early", expected, "audioChunk", said, because=(context.settled,))


@TTS_RULES.on("tts/flush/completed", "server", "flushCompleted", "contextClosed")
def flush_paid(case: TtsCase) -> None:
    """Each flush that was asked for ends in a `flushCompleted`, after its audio."""
    context = context_of(case)
    if _strayed(case, "tts/flush/completed") or context is None or context.closed:
        return
    if context.unsure:
        case.forgive(context.id, "tts/flush/completed")
    elif case.message.name == "contextClosed":
        case.missed(context.id, "contextClosed")
    elif context.asked and 0 < context.unspoken <= context.asked[0]:
        said = f"flushCompleted of context {context.id} came before the audio of its text"
        case.forgive(context.id, "tts/flush/completed")
        case.violated("early", "audioChunk first", "flushCompleted", said, because=(context.unspoken,))
    else:
        case.paid(context.id)
