"""One response, from ``response.created`` to ``response.done``.

A response is a run of small steps with a pause between them. It keeps what it has opened: an item,
in it perhaps a content part, and in that the streams of deltas. However it ends, everything open is
closed from the inside out with what was really streamed (CB-03, CB-04), so that one function closes
a finished answer and a cancelled one alike.
"""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, TypeVar

from protocol.json_values import Json
from reference.conversation import ContentPart, ConversationItem
from reference.errors import SERVER_ERROR
from reference.identifiers import IdKind
from reference.model import AnswerMessage, Call
from reference.speech import speak
from reference.usage import OUTPUT_AUDIO_TOKEN_MS, InputTokens, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from reference.model import Output
    from reference.response_settings import ResponseSettings
    from reference.state import SessionState

_T = TypeVar("_T")


class ResponseStream:
    """A response that is being made; ``done`` is called once, after its ``response.done``."""

    def __init__(
        self, state: SessionState, settings: ResponseSettings, done: Callable[[ResponseStream], None]
    ) -> None:
        self.id = state.identifiers.mint(IdKind.RESPONSE)
        self.settings = settings
        self.finished = False
        self.usage: Json | None = None
        self._state = state
        self._done = done
        self._status = "in_progress"
        self._status_details: Json | None = None
        self._conversation_id = state.conversation.id if settings.joins_conversation else None
        self._output: list[ConversationItem] = []
        self._text_tokens = 0
        self._audio_bytes = 0
        self._given = InputTokens.of(settings.prompt)
        self._item: ConversationItem | None = None
        self._part: ContentPart | None = None
        self._previous: str | None = None

    @property
    def completed(self) -> bool:
        """Whether the response came to its natural end."""
        return self._status == "completed"

    @property
    def audio_ms(self) -> int:
        """How long the sound lasts that was streamed so far."""
        return self.settings.output_format.milliseconds(self._audio_bytes)

    def open(self) -> None:
        """Send ``response.created`` (RS-01, RS-02)."""
        self._state.outbox.send("response.created", response=self.wire())

    def steps(self) -> Iterator[None]:
        """Make the answer; each step sends one or two events that belong together."""
        answer: Sequence[Output] = self._state.model.answer(self.settings.prompt)
        for output in answer:
            yield
            if isinstance(output, AnswerMessage):
                complete = yield from self._message(output)
            else:
                complete = yield from self._call(output)
            self._close_item("completed" if complete else "incomplete")
            if not complete:
                self._finish("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
                return
        self._finish("completed", None)

    def cancel(self, reason: str) -> None:
        """Stop here: ``reason`` is ``client_cancelled`` or ``turn_detected`` (CB-01, CB-03 to CB-07)."""
        self._close_item("incomplete")
        self._finish("cancelled", {"type": "cancelled", "reason": reason})

    def fail(self) -> None:
        """End with what is there because the server cannot go on (RS-41)."""
        self._close_item("incomplete")
        error = {"type": SERVER_ERROR, "code": SERVER_ERROR, "message": "The answer could not be made."}
        self._finish("failed", {"type": "failed", "error": error})

    def wire(self) -> Json:
        """Return the response as it is now (3.6)."""
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self._status,
            "status_details": self._status_details,
            "output": [item.wire() for item in self._output],
            "conversation_id": self._conversation_id,
            "output_modalities": list(self.settings.output_modalities),
            "max_output_tokens": self.settings.max_output_tokens,
            "audio": {"output": {"format": self.settings.audio_format, "voice": self.settings.voice}},
            "usage": self.usage,
            "metadata": self.settings.metadata,
        }

    # The answer, output by output. These return whether the tokens sufficed.

    def _message(self, message: AnswerMessage) -> Generator[None, None, bool]:
        self._open_item(ConversationItem(self._new_item_id(), "message", "in_progress", role="assistant"))
        yield
        self._open_part()
        for piece in self._state.model.pieces(message.text):
            yield
            if not self._afford(1):
                return False
            if not self.settings.speaks:
                self._text_delta(piece)
                continue
            self._transcript_delta(piece)
            yield
            if not self._sound_delta(piece):
                return False
        yield
        return True

    def _call(self, call: Call) -> Generator[None, None, bool]:
        item = ConversationItem(
            self._new_item_id(),
            "function_call",
            "in_progress",
            name=call.name,
            call_id=self._state.identifiers.mint(IdKind.CALL),
            arguments="",
        )
        self._open_item(item)
        for piece in self._state.model.pieces(call.arguments):
            yield
            if not self._afford(1):
                return False
            item.arguments = (item.arguments or "") + piece
            self._text_tokens += 1
            self._state.outbox.delta(
                "response.function_call_arguments.delta", **self._place(), call_id=item.call_id, delta=piece
            )
        yield
        return True

    def _text_delta(self, piece: str) -> None:
        part = _opened(self._part)
        part.text = (part.text or "") + piece
        self._text_tokens += 1
        self._state.outbox.delta("response.output_text.delta", **self._place(), content_index=0, delta=piece)

    def _transcript_delta(self, piece: str) -> None:
        part = _opened(self._part)
        part.transcript = (part.transcript or "") + piece
        self._text_tokens += 1
        self._state.outbox.delta(
            "response.output_audio_transcript.delta", **self._place(), content_index=0, delta=piece
        )

    def _sound_delta(self, piece: str) -> bool:
        """Speak one piece, or as much of it as there are tokens for; return whether that was all of it."""
        part = _opened(self._part)
        audio_format = self.settings.output_format
        sound = speak(piece, audio_format, self.settings.voice_name, self.settings.speed)
        left_ms = self._audio_tokens_left() * OUTPUT_AUDIO_TOKEN_MS - self.audio_ms
        whole = audio_format.milliseconds(self._audio_bytes + len(sound)) - self.audio_ms <= left_ms
        if not whole:
            sound = sound[: audio_format.size(left_ms)]
        if sound:
            self._state.spoken = True
            part.audio += sound
            self._audio_bytes += len(sound)
            delta = base64.b64encode(sound).decode()
            self._state.outbox.send(
                "response.output_audio.delta", **self._place(), content_index=0, delta=delta
            )
        return whole

    # The budget of ``max_output_tokens``: one token for each piece of text, one for 50 ms of sound (RS-40).

    def _afford(self, tokens: int) -> bool:
        return self._text_tokens + tokens + math.ceil(self.audio_ms / OUTPUT_AUDIO_TOKEN_MS) <= self._most()

    def _audio_tokens_left(self) -> float:
        return self._most() - self._text_tokens

    def _most(self) -> float:
        most = self.settings.max_output_tokens
        return most if isinstance(most, int) else math.inf

    # Opening and closing.

    def _new_item_id(self) -> str:
        return self._state.identifiers.mint(IdKind.ITEM)

    def _open_item(self, item: ConversationItem) -> None:
        """Announce an item; in the default conversation also as one of its own (RS-13 to RS-15, CI-13)."""
        self._item = item
        self._output.append(item)
        self._state.outbox.send(
            "response.output_item.added",
            response_id=self.id,
            output_index=len(self._output) - 1,
            item=item.wire(),
        )
        if self.settings.joins_conversation:
            self._previous = self._state.conversation.place(item)
            self._state.outbox.send(
                "conversation.item.added", previous_item_id=self._previous, item=item.wire()
            )

    def _open_part(self) -> None:
        """Open the one content part of a message (RS-16 to RS-19)."""
        if self.settings.speaks:
            part = ContentPart(
                "output_audio",
                transcript="",
                audio_format=self.settings.output_format,
                speed=self.settings.speed,
            )
        else:
            part = ContentPart("output_text", text="")
        self._part = part
        _opened(self._item).content.append(part)
        self._state.outbox.send(
            "response.content_part.added", **self._place(), content_index=0, part=_short(part)
        )

    def _close_item(self, status: str) -> None:
        """Close what is open, from the inside out (RS-20 to RS-29); nothing, if nothing is."""
        item = self._item
        if item is None:
            return
        send = self._state.outbox.send
        if self._part is not None:
            self._close_part(self._part)
        elif item.type == "function_call":
            send(
                "response.function_call_arguments.done",
                **self._place(),
                call_id=item.call_id,
                name=item.name,
                arguments=item.arguments,
            )
        item.status = status
        if self.settings.joins_conversation:
            send("conversation.item.done", previous_item_id=self._predecessor(item), item=item.wire())
        send(
            "response.output_item.done",
            response_id=self.id,
            output_index=len(self._output) - 1,
            item=item.wire(),
        )
        self._item = None

    def _close_part(self, part: ContentPart) -> None:
        send = self._state.outbox.send
        place = {**self._place(), "content_index": 0}
        if part.type == "output_audio":
            send("response.output_audio.done", **place)
            send("response.output_audio_transcript.done", **place, transcript=part.transcript)
        else:
            send("response.output_text.done", **place, text=part.text)
        send("response.content_part.done", **place, part=_short(part))
        self._part = None

    def _predecessor(self, item: ConversationItem) -> str | None:
        """Return what ``added`` said (CI-11), but never name a deleted item (CI-09)."""
        conversation = self._state.conversation
        if self._previous is not None and conversation.find(self._previous) is None:
            return conversation.predecessor(item.id)
        return self._previous

    def _finish(self, status: str, details: Json | None) -> None:
        """Send ``response.done`` (RS-04, RS-05, RS-07, RS-30, RS-39)."""
        self.finished = True
        self._status, self._status_details = status, details
        self.usage = usage(self._given, self._text_tokens, self.audio_ms)
        self._state.outbox.send("response.done", response=self.wire())
        self._done(self)

    def _place(self) -> Json:
        """Return the ids that events about the open item carry (EV-10)."""
        return {
            "response_id": self.id,
            "item_id": _opened(self._item).id,
            "output_index": len(self._output) - 1,
        }


def _opened(thing: _T | None) -> _T:
    assert thing is not None, "a delta before anything was opened"
    return thing


def _short(part: ContentPart) -> Json:
    """Return a part in the short vocabulary of ``response.content_part.*`` (RS-18, RS-24)."""
    if part.type == "output_audio":
        return {"type": "audio", "transcript": part.transcript}
    return {"type": "text", "text": part.text}
