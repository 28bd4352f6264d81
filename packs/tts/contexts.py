"""What is known of a connection of speech synthesis: its contexts, what was said to each, what each spoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from packs.keyed.messages import ACCEPTANCE, ERROR, STATUS, KeyedMessage
from packs.keyed.misuse import Misuses
from packs.tts.sound import SpokenSound

MOST_OPEN = 5
"""Contexts that a connection may have at once (TO-09)."""

LONGEST_TEXT = 1000
"""Characters of one text, and of a buffer (TC-03, TC-16)."""

TAGS = "[]<>{}*"
"""What stands around words that are no text: how to speak, and what besides."""

_MOST = 1000  # contexts that are remembered


def asked_encoding(settings: Mapping[str, Any]) -> str:
    """Return the `audioEncoding` that the `settings` of a context ask for, empty where they ask for none."""
    audio = settings.get("audioConfig")
    asked = audio.get("audioEncoding") if isinstance(audio, Mapping) else None
    return asked if isinstance(asked, str) else ""


def asked_rate(settings: Mapping[str, Any]) -> int | None:
    """Return the `sampleRateHertz` that the `settings` of a context ask for, None where they ask for none."""
    audio = settings.get("audioConfig")
    asked = audio.get("sampleRateHertz") if isinstance(audio, Mapping) else None
    return asked if type(asked) is int and asked > 0 else None


@dataclass(slots=True)
class Context:
    """One context, from its `create` on; what is counted are entries of the trace.

    `early` is the first text that was sent before `created` came, `unspoken` the oldest text that no audio
    followed so far, `asked` the flushes that are not completed, `settled` the completion of the last one
    since any text. `audio` counts chunks with sound, `aligned` says whether any told when it is spoken.
    Of the speech since the last completed flush, `starts` are the last starts, by unit, and `ends` is its
    last end; `before` is the last end of the speech before that. `walk` says which setting the suite made up
    to see whether it is taken. `sound` is how long it spoke: of `characters` sent, `letters` can be spoken;
    the server counted `used` of them, and `buffered` are those since a flush was asked for or anything was
    spoken.
    """

    id: str
    asked_for: int
    settings: Mapping[str, Any]
    created: int = 0
    closing: int = 0
    closed: int = 0
    cancelled: int = 0
    failed: int = 0
    texts: int = 0
    early: int = 0
    unspoken: int = 0
    settled: int = 0
    audio: int = 0
    letters: int = 0
    characters: int = 0
    used: int = 0
    buffered: int = 0
    aligned: bool = False
    sound: SpokenSound = field(default_factory=SpokenSound)
    asked: list[int] = field(default_factory=list)
    starts: dict[str, float] = field(default_factory=dict)
    ends: float | None = None
    before: float | None = None
    walk: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it was asked for, and neither refused nor closed."""
        return not self.closed and not (self.failed and not self.created)

    @property
    def encoding(self) -> str:
        """The `audioEncoding` that was asked for, empty where none was."""
        return asked_encoding(self.settings)

    @property
    def rate(self) -> int | None:
        """The `sampleRateHertz` that was asked for, None where none was."""
        return asked_rate(self.settings)

    @property
    def threshold(self) -> int:
        """How many characters the buffer may hold (TC-16)."""
        asked = self.settings.get("bufferCharThreshold")
        return asked if type(asked) is int and 0 < asked < LONGEST_TEXT else LONGEST_TEXT

    @property
    def segmented(self) -> bool:
        """Whether the server may cut the text by itself, and flush what it has cut."""
        mode = self.settings.get("autoModeStrategy")
        return self.settings.get("autoMode") is True or mode not in (None, "CLIENT_SEGMENTED")

    @property
    def unsure(self) -> bool:
        """Whether what it owes is not known any more: it failed, or was cancelled."""
        return bool(self.failed or self.cancelled)


class ContextReading:
    """The contexts of one connection."""

    def __init__(self) -> None:
        self.contexts: dict[str, Context] = {}
        self.forgot = False  # whether there were more contexts than are remembered
        self.nameless = False  # whether the client has left out the id of a context
        self.trouble = 0  # the error that came last, if nothing else came since
        self.misuses = Misuses()
        self.minted = False  # whether the server may have made up the id of a context
        self.texts: dict[str, str] = {}  # the last text sent to a context since anything came of it
        self.lone: Context | None = None  # the only context, where the last message left out its id
        self.asking: KeyedMessage | None = None  # the client's last message, if nothing came since

    def of(self, message: KeyedMessage) -> Context | None:
        """Return the context that `message` is about: the one it names, or the only one (TC-08)."""
        if message.context is not None:
            return self.contexts.get(message.context)
        there = self.open
        return there[0] if message.side == "client" and len(there) == 1 else None

    @property
    def open(self) -> list[Context]:
        """The contexts that are open, and those that were asked for."""
        return [each for each in self.contexts.values() if each.is_open]

    def keys(self, message: KeyedMessage) -> tuple[str, ...]:
        """Return the id of the context that `message` names."""
        return (message.context,) if message.context else ()

    def take_in(self, message: KeyedMessage) -> None:
        """Take in a message that was judged."""
        if message.is_misuse:
            self._misused(message)
        elif message.side == "client":
            self._sent(message)
        else:
            self._came(message)

    def _sent(self, message: KeyedMessage) -> None:
        self.nameless = self.nameless or message.context is None
        self.asking, self.lone = message, None
        if message.name == "create":
            id_ = message.context or ""
            known = self.contexts.get(id_)
            if known is None or not known.is_open:
                self.contexts.pop(id_, None)
                self.contexts[id_] = Context(id_, message.seq, message.body, walk=_walk(message))
                self._forget()
            return
        context = self.of(message)
        if context is None or not context.is_open:
            return
        if message.context is None and (message.name != "sendText" or speaks(message.body.get("text"))):
            self.lone = context
        if message.name == "sendText":
            self._text(context, message)
        elif message.name == "flushContext":
            context.asked.append(message.seq)
            context.buffered = 0
        elif message.name == "closeContext":
            context.closing = context.closing or message.seq
        elif message.name == "cancelContext":
            context.cancelled = context.cancelled or message.seq

    def _misused(self, message: KeyedMessage) -> None:
        """Take in a message with a fault: nobody knows any more what its context owes."""
        self.nameless = self.nameless or message.context is None
        self.misuses.sent(message)
        self.asking = self.lone = None
        id_ = message.context
        if message.name == "create" and id_ is None:
            self.minted = True
        elif message.name == "create" and id_ is not None and id_ not in self.contexts:
            self.contexts[id_] = Context(id_, message.seq, message.body, failed=message.seq)
            self._forget()
        elif (context := self.of(message)) is not None:
            context.failed = context.failed or message.seq

    def _text(self, context: Context, message: KeyedMessage) -> None:
        given = message.body.get("text")
        text = given if isinstance(given, str) else ""
        self.texts[context.id] = text
        context.settled = 0
        if not context.closing:
            context.characters += len(text)
            context.letters += sum(each.isalnum() for each in text)
            context.buffered += len(text)
            context.sound.tagged = context.sound.tagged or any(each in TAGS for each in text)
        if speaks(text):
            context.texts += 1
            context.early = context.early or (0 if context.created else message.seq)
            context.unspoken = context.unspoken or message.seq
        if isinstance(message.body.get("flushContext"), dict):
            context.asked.append(message.seq)
            context.buffered = 0

    def _forget(self) -> None:
        """Forget the oldest context where there are too many: a connection may have any number of them."""
        if len(self.contexts) > _MOST:
            oldest = next((id_ for id_, each in self.contexts.items() if not each.is_open), None)
            del self.contexts[oldest if oldest is not None else next(iter(self.contexts))]
            self.forgot = True

    def _came(self, message: KeyedMessage) -> None:
        self.trouble = message.seq if message.name in (STATUS, ERROR) and message.code else 0
        self.asking = self.lone = None
        context, misuse = self.of(message), self.misuses.answered(message)
        if context is None:
            if misuse is None:
                self._strayed(message)
            return
        self.texts.pop(context.id, None)
        if message.name == STATUS:
            if message.code:
                context.failed = context.failed or message.seq
        elif message.name == "contextCreated":
            context.created = context.created or message.seq
        elif message.name == "audioChunk":
            self._spoke(context, message)
        elif message.name == "flushCompleted":
            if len(context.asked) == 1 and not context.unspoken and not context.segmented:
                context.settled = message.seq
            context.asked = context.asked[1:]
            context.before = context.ends if context.ends is not None else context.before
            context.starts, context.ends = {}, None
            context.sound.seconds = 0.0
        elif message.name == "contextClosed":
            context.closed = context.closed or message.seq

    def _strayed(self, message: KeyedMessage) -> None:
        """Take in what names no context that there is: it may be about any of them."""
        for each in self.open if message.name in (STATUS, ERROR) and message.code else ():
            each.failed = each.failed or message.seq
        if message.name == "audioChunk":
            for each in self.contexts.values():
                each.unspoken = 0

    def _spoke(self, context: Context, message: KeyedMessage) -> None:
        content = message.body.get("audioContent")
        if isinstance(content, str) and content:
            context.audio += 1
            context.unspoken = context.buffered = 0
            context.sound.add(content, context.encoding, context.rate)
        usage = message.body.get("usage")
        counted = usage.get("processedCharactersCount") if isinstance(usage, Mapping) else None
        context.used += counted if type(counted) is int else 0
        for each in alignments(message.body):
            context.aligned = True
            starts = [at for at in each.starts if is_number(at)]
            if starts:
                context.starts[each.unit] = max(*starts, context.starts.get(each.unit, 0.0))
            ends = [at for at in each.ends if is_number(at)]
            if ends:
                context.ends = max(*ends, context.ends or 0.0)


class Alignment(NamedTuple):
    """When each unit, `word` or `character`, is spoken: `texts` of the units, starts and ends in seconds."""

    unit: str
    texts: list[Any]
    starts: list[Any]
    ends: list[Any]


def alignments(chunk: Mapping[str, Any]) -> list[Alignment]:
    """Return the alignments in an `audioChunk`; what is no array counts as an empty one."""
    info = chunk.get("timestampInfo")
    if not isinstance(info, Mapping):
        return []
    found = []
    for unit in ("word", "character"):
        part = info.get(f"{unit}Alignment")
        if isinstance(part, Mapping):
            named = (f"{unit}s", f"{unit}StartTimeSeconds", f"{unit}EndTimeSeconds")
            found.append(Alignment(unit, *(_array(part.get(name)) for name in named)))
    return found


def _walk(message: KeyedMessage) -> str:
    """Return which setting the suite made up to see whether it is taken, empty where it did not."""
    label = message.stimulus
    if label.get("expects") != ACCEPTANCE:
        return ""
    return f"{label.get('path') or 'settings'}: {label.get('value', '')}"


def speaks(text: Any) -> bool:
    """Tell whether `text` has anything that can be spoken."""
    return isinstance(text, str) and any(each.isalnum() for each in text)


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def is_number(value: Any) -> bool:
    """Tell whether `value` is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
