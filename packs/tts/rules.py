"""The rules of speech synthesis: contexts, their speech, and what is refused.

Of a context that failed or was cancelled nothing more is owed: what a server does with it is not known.
"""

from __future__ import annotations

from typing import Any

from packs.keyed.messages import ERROR, STATUS
from packs.keyed.rules import ANY, KeyedCase, KeyedRules
from packs.tts.contexts import MOST_OPEN, Context, ContextReading, speaks

TTS_RULES = KeyedRules()

TtsCase = KeyedCase[ContextReading]

_OF_A_CONTEXT = ("contextCreated", "audioChunk", "flushCompleted", "contextClosed")
_SPEAKING = ("tts/context/acknowledged", "tts/context/burst", "tts/context/closed", "tts/flush/completed")
"""What nobody can be sure is owed by a context that failed or was cancelled."""

_NOT_FOUND = 5  # a gRPC code
_TOO_LARGE = 2**20  # bytes


def _context(case: TtsCase) -> Context | None:
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


def _refused(case: TtsCase) -> bool:
    """Tell whether a message of the server is an error, whatever its form."""
    return case.message.code != 0 or case.message.name == ERROR


# --- contexts -----------------------------------------------------------------------------------------------


@TTS_RULES.on("tts/context/created-first", "server", *_OF_A_CONTEXT)
def context_created_first(case: TtsCase) -> None:
    """Nothing of a context comes before its `contextCreated`."""
    context = _context(case)
    if context is None or context.failed or _refused(case):
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
    known = _context(case)
    if case.message.context and (known is None or not known.is_open) and len(case.at.open) < MOST_OPEN:
        said = f"create of context {case.message.context} was not answered"
        case.owes(case.message.context, "contextCreated", said, "unanswered")


@TTS_RULES.on("tts/context/acknowledged", "server", "contextCreated", STATUS)
def create_paid(case: TtsCase) -> None:
    """A valid `create` is answered by `contextCreated`, or by an error."""
    if case.message.name == "contextCreated":
        _strayed(case, "tts/context/acknowledged")
    if not case.message.context:
        return
    if _refused(case):
        case.forgive(case.message.context, *_SPEAKING)
    else:
        case.paid(case.message.context)


@TTS_RULES.on("tts/context/created-once", "server", "contextCreated")
def created_once(case: TtsCase) -> None:
    """A context is created once."""
    context = _context(case)
    if context is not None:
        case.observed("once" if not context.created else "again")


@TTS_RULES.on("tts/context/burst", "client", "flushContext", "closeContext", "sendText")
def burst_owes(case: TtsCase) -> None:
    """What is sent before `contextCreated` came is taken: create, texts and close in one burst work."""
    context, message = _context(case), case.message
    if context is None or not context.is_open or context.created or context.closing or context.cancelled:
        return
    flushes = message.name != "sendText" or isinstance(message.body.get("flushContext"), dict)
    if flushes and (context.early or speaks(message.body.get("text"))) and not context.asked:
        said = f"the text that context {context.id} was sent in one burst with its create was not spoken"
        case.owes(context.id, "the text is spoken: audioChunk", said, "unspoken")


@TTS_RULES.on("tts/context/burst", "server", "audioChunk", "contextClosed")
def burst_paid(case: TtsCase) -> None:
    """What is sent before `contextCreated` came is taken: create, texts and close in one burst work."""
    context = _context(case)
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
    context = _context(case)
    if context is not None and context.is_open and not (context.closing or context.unsure):
        said = f"contextClosed of context {context.id} never came"
        case.owes(context.id, "contextClosed", said)


@TTS_RULES.on("tts/context/closed", "client", "cancelContext")
def cancel_forgives(case: TtsCase) -> None:
    """`close_context` is answered by exactly one `contextClosed`."""
    context = _context(case)
    if context is not None:
        case.forgive(context.id, *_SPEAKING)


@TTS_RULES.on("tts/context/closed", "server", "contextClosed")
def close_paid(case: TtsCase) -> None:
    """`close_context` is answered by exactly one `contextClosed`."""
    context = _context(case)
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
    context = _context(case)
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
    context = _context(case)
    if context is None or _refused(case):
        return
    if case.message.name == "contextClosed":
        if not context.closed:
            case.holds()
    elif context.closed:
        said = f"{case.message.name} of context {context.id} came after its contextClosed"
        case.violated("late", "nothing", case.message.name, said, because=(context.closed,))


@TTS_RULES.on("tts/context/id-carried", "server", *_OF_A_CONTEXT)
def id_carried(case: TtsCase) -> None:
    """Every result of a context carries its `contextId`."""
    message = case.message
    if message.context is None:
        if "" not in case.at.contexts:
            said = f"{message.name} does not say of which context it is"
            case.violated("missing", "contextId", "none", said, "result.contextId")
    elif message.context not in case.at.contexts:
        said = f"{message.name} names context {message.context}, which nobody has created"
        case.violated("unknown", "the id of a context", message.context, said, "result.contextId")
    else:
        case.holds()


@TTS_RULES.on("tts/limits/five-contexts", "client", "create")
def sixth_owes(case: TtsCase) -> None:
    """A connection has at most 5 contexts: a sixth `create` is refused, and the others live on."""
    there = case.at.open
    sure = [each for each in there if not (each.closing or each.unsure)]
    id_ = case.message.context
    if id_ and len(sure) == len(there) >= MOST_OPEN and id_ not in case.at.contexts:
        case.owes(id_, "an error", f"create of context {id_}, the sixth, was not refused", "unanswered")


@TTS_RULES.on("tts/limits/five-contexts", "server", "contextCreated", STATUS, ERROR)
def sixth_paid(case: TtsCase) -> None:
    """A connection has at most 5 contexts: a sixth `create` is refused, and the others live on."""
    message = case.message
    if message.context and not _refused(case):
        case.missed(message.context, "contextCreated")
        return
    for id_ in (message.context,) if message.context else list(case.at.contexts):
        if _refused(case) and case.paid(id_):
            return


# --- speech -------------------------------------------------------------------------------------------------


@TTS_RULES.on("tts/audio/within-context", "server", "audioChunk")
def within_context(case: TtsCase) -> None:
    """`audioChunk` comes only between `contextCreated` and `contextClosed` of its context."""
    context = _context(case)
    if context is None:
        return
    if context.closed:
        said = f"audio of context {context.id} came after its contextClosed"
        case.violated("late", "no audio", "audioChunk", said, because=(context.closed,))
    elif context.created:
        case.holds()


def _flushes(case: TtsCase) -> Context | None:
    """Return the context of which a message flushes text that was not spoken yet."""
    context, message = _context(case), case.message
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


@TTS_RULES.on("tts/flush/completed", "server", "flushCompleted", "contextClosed")
def flush_paid(case: TtsCase) -> None:
    """Each flush that was asked for ends in a `flushCompleted`, after its audio."""
    context = _context(case)
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


# --- refusals, and what every message is like ---------------------------------------------------------------


@TTS_RULES.on("tts/errors/unknown-context", "client", "sendText")
def unknown_owes(case: TtsCase) -> None:
    """Text to an unknown or closed context is refused with code 5, and the connection lives on."""
    id_, context = case.message.context, _context(case)
    if id_ and (context is None or context.closed) and speaks(case.message.body.get("text")):
        said = f"text to context {id_}, which is not open, was not refused"
        case.owes(id_, "a status of code 5", said, "unanswered")


@TTS_RULES.on("tts/errors/unknown-context", "server", STATUS, ERROR)
def unknown_paid(case: TtsCase) -> None:
    """Text to an unknown or closed context is refused with code 5, and the connection lives on."""
    id_ = case.message.context
    if not id_ or not _refused(case):
        return
    if case.message.code == _NOT_FOUND:
        case.paid(id_)
    else:
        case.missed(id_, f"code {case.message.code}")


@TTS_RULES.on("tts/errors/then-closed", "server", STATUS)
def failed_owes(case: TtsCase) -> None:
    """A context that fails is closed: after its status comes `contextClosed`."""
    context = _context(case)
    if context is not None and _refused(case) and context.created and context.is_open and not context.unsure:
        case.owes(context.id, "contextClosed", f"context {context.id} failed, and was not closed")


@TTS_RULES.on("tts/errors/then-closed", "server", "contextClosed")
def failed_paid(case: TtsCase) -> None:
    """A context that fails is closed: after its status comes `contextClosed`."""
    if case.message.context:
        case.paid(case.message.context)


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
    path = _null(case.message.event, "", 0)
    if path:
        case.violated("null", "no such field", "null", f"{path} is null", path)
    elif case.message.name:
        case.holds()


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
    for name, inner in value.items() if depth < 4 and isinstance(value, dict) else ():
        here = f"{path}.{name}" if path else name
        if inner is None:
            return here
        if found := _null(inner, here, depth + 1):
            return found
    return ""
