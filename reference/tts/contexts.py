"""One context: it buffers text, speaks it flush by flush, and closes (TC-03 to TC-07, TO-01 to TO-08)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from protocol.json_values import Json
from reference.channels.session import Outlet
from reference.channels.status import GrpcCode, StatusError
from reference.state import Timer
from reference.tts.policy import MOST_CHARACTERS, TtsPolicy
from reference.tts.utterance import SpokenChunk, Utterance, chunk_body
from reference.tts.voice_settings import VoiceSettings

_SENTENCE_ENDS = ".!?…。！？"

Task = Callable[[], Iterator[None]]


class SpokenContext:
    """A context that is open. All that it has to say is a queue of tasks, done one after the other.

    ``closed`` is called when it has closed. Contexts speak side by side, chunk by chunk in turn, for each has
    a stream of its own (TO-08).
    """

    def __init__(
        self,
        context_id: str,
        settings: VoiceSettings,
        outlet: Outlet,
        policy: TtsPolicy,
        closed: Callable[[str], object],
    ) -> None:
        self.id = context_id
        self.closing = False
        self._settings = settings
        self._outlet = outlet
        self._policy = policy
        self._closed = closed
        self._buffer = ""
        self._tasks: deque[Task] = deque()
        self._speaking: object | None = None  # stands for the stream that is under way
        self._elapsed_s = 0.0  # spoken since the last flushCompleted
        self._delay: Timer | None = None
        self._send("contextCreated", settings.echo())

    def add(self, text: str, *, flush: bool) -> None:
        """Take text, and flush if asked to or if the buffer is full (TC-03, TC-16)."""
        longest = self._policy.longest_text
        if longest is not None and len(text) > longest:
            refusal = f"A text has at most {longest} characters; this one has {len(text)}."
            raise StatusError(GrpcCode.INVALID_ARGUMENT, refusal, self.id)
        self._buffer += text
        if flush:
            self.flush()
        elif self._buffer:
            self._flush_by_itself()

    def flush(self) -> None:
        """Speak what is buffered; ``flushCompleted`` comes behind it, also where there is nothing (TO-06)."""
        self._speak(self._taken(len(self._buffer)), told=True)

    def update(self, asked: Json) -> None:
        """Change settings, having spoken the buffer with the old ones (TC-07)."""
        settings = self._settings.changed(asked, self.id, self._policy)
        if self._buffer:
            self._speak(self._taken(len(self._buffer)), told=self._policy.tells_automatic_flushes)
        self._settings = settings
        self._do(lambda: self._tell("contextUpdated", settings.echo()))

    def close(self) -> None:
        """Speak what is buffered, then close (TC-05, TO-04)."""
        text = self._taken(len(self._buffer))
        self.closing = True
        if self._policy.speaks_on_close:
            self._speak(text, told=self._policy.completes_on_close)
        self._do(self._end)

    def cancel(self) -> None:
        """Throw away what was not spoken yet, and close (TC-06, TO-15)."""
        closes = self.closing or self._policy.closes_on_cancel
        self.stop()
        self._elapsed_s = 0.0
        if closes:
            self.closing = True
            self._do(self._end)

    def stop(self) -> None:
        """Forget everything that is still to come."""
        self._taken(len(self._buffer))
        self._tasks.clear()
        self._speaking = None

    def _flush_by_itself(self) -> None:
        """Flush as much as the settings say (TC-14, TC-16), and the rest after a time."""
        settings = self._settings
        size = 0
        threshold = settings["bufferCharThreshold"]
        if settings["autoMode"] and settings["autoModeStrategy"] == "SENTENCE_BOUNDARY":
            size = max(self._buffer.rfind(end) for end in _SENTENCE_ENDS) + 1
        elif settings["autoMode"]:
            size = len(self._buffer)
        reached = 0 < threshold < MOST_CHARACTERS and len(self._buffer) >= threshold
        if reached or len(self._buffer) > MOST_CHARACTERS:
            size = len(self._buffer)
        told = self._policy.tells_automatic_flushes
        if size:
            self._speak(self._taken(size), told=told)
        if self._buffer and self._delay is None and settings["maxBufferDelayMs"] > 0:
            self._delay = self._outlet.later(settings["maxBufferDelayMs"] / 1000, self._waited)

    def _waited(self) -> None:
        """Flush what has been buffered for as long as it may be."""
        self._delay = None
        if self._buffer:
            self._speak(self._taken(len(self._buffer)), told=self._policy.tells_automatic_flushes)

    def _taken(self, size: int) -> str:
        """Take text out of the buffer; what was waited for is over."""
        text, self._buffer = self._buffer[:size], self._buffer[size:]
        if self._delay is not None:
            self._delay.cancel()
            self._delay = None
        return text

    # --- what is said, in its order ---

    def _speak(self, text: str, *, told: bool) -> None:
        settings = self._settings
        self._do(lambda: self._spoken(text, settings))
        if told:
            self._do(self._completed)

    def _do(self, task: Task) -> None:
        self._tasks.append(task)
        if self._speaking is None:
            self._speaking = object()
            self._outlet.stream(self._steps(self._speaking))

    def _steps(self, speaking: object) -> Iterator[None]:
        """Do the tasks one after the other, with a pause between two chunks and none between two tasks."""
        while self._speaking is speaking:
            if not self._tasks:
                self._speaking = None
                return
            for _ in self._tasks.popleft()():
                yield
                if self._speaking is not speaking:
                    return

    def _spoken(self, text: str, settings: VoiceSettings) -> Iterator[None]:
        """Speak one flush; ``ASYNC`` alignments come one chunk late, or behind all of them (TC-13)."""
        utterance = Utterance(text, settings, self._policy, self._elapsed_s)
        self._elapsed_s += utterance.seconds
        late = settings["timestampTransportStrategy"] == "ASYNC"
        owed: deque[SpokenChunk] = deque()
        for number, chunk in enumerate(utterance.chunks()):
            if number:
                yield
            self._send("audioChunk", chunk_body(chunk, settings["modelId"], aligned=not late))
            if owed and not self._policy.trailing_alignments:
                self._align(owed.popleft())
            if late and chunk.alignment:
                owed.append(chunk)
        for chunk in owed:
            self._align(chunk)

    def _align(self, chunk: SpokenChunk) -> None:
        self._send("audioChunk", {"timestampInfo": chunk.alignment})

    def _completed(self) -> Iterator[None]:
        if self._policy.restarts_times:
            self._elapsed_s = 0.0
        return self._tell("flushCompleted", {})

    def _end(self) -> Iterator[None]:
        self._closed(self.id)
        return self._tell("contextClosed", {})

    def _tell(self, kind: str, body: Json) -> Iterator[None]:
        self._send(kind, body)
        return iter(())

    def _send(self, kind: str, body: Json) -> None:
        self._outlet.send(kind, body, self.id)
