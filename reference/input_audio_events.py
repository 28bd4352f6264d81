"""The desk for ``input_audio_buffer.*``: audio comes in, turns and user items come out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from protocol.json_values import Json
from reference.conversation import ContentPart, ConversationItem
from reference.errors import Code, RefusedError
from reference.identifiers import IdKind
from reference.input_audio import InputAudio
from reference.speech import decode_audio
from reference.turns import SpeechStarted, TurnDetector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference.configuration import Configuration
    from reference.responses import Responses
    from reference.state import SessionState, Timer


SHORTEST_COMMIT_MS = 100


class Listening:
    """Holds the input buffer, finds the turns in it and commits them."""

    def __init__(self, state: SessionState, responses: Responses) -> None:
        self._state = state
        self._responses = responses
        self._audio = InputAudio(state.configuration.input_format)
        self._detector: TurnDetector | None = None
        self._announced: str | None = None
        """The id that ``speech_started`` gave to the item to come (IA-09)."""
        self._turn_ms = 0
        self._quiet_since: float | None = None
        self._quiet_from_ms = 0
        self._timer: Timer | None = None
        responses.began = self._stir
        responses.rested = self._rest
        self._tune()

    def append(self, event: Json) -> None:
        """Take in audio; there is no answer, but turns may begin and end (IA-01)."""
        data = event["audio"]
        self._audio.append(data)
        if self._detector is None:
            return
        audio_format = self._audio.audio_format
        for found in self._detector.feed(decode_audio(data, audio_format), audio_format.rate):
            if isinstance(found, SpeechStarted):
                self._turn_began(found.at_ms)
            else:
                self._turn_ended(found.at_ms)

    def commit(self, event: Json) -> None:  # noqa: ARG002 (one signature for all handlers)
        """Answer ``input_audio_buffer.commit``; never with a response (IA-02 to IA-06)."""
        if self._audio.duration_ms < SHORTEST_COMMIT_MS:
            raise RefusedError(
                Code.INPUT_AUDIO_BUFFER_COMMIT_EMPTY,
                f"Error committing input audio buffer: buffer too small. Expected at least "
                f"{SHORTEST_COMMIT_MS}ms of audio, but buffer only has {self._audio.duration_ms}ms of audio.",
            )
        self._stir()
        self._end_speech()
        self._commit(self._audio.take_all())

    def clear(self, event: Json) -> None:  # noqa: ARG002
        """Answer ``input_audio_buffer.clear`` (IA-07).

        Speech that was announced goes on: a ``speech_started`` is owed its ``speech_stopped``, and the
        item will hold what comes from now on.
        """
        self._audio.clear()
        self._state.outbox.send("input_audio_buffer.cleared")

    def configure(self, old: Configuration) -> None:
        """Follow an update of the session, which is about to be answered."""
        self._audio.reformat(self._state.configuration.input_format)
        if self._state.configuration.turn_detection != old.turn_detection:
            self._tune()
            self._arm()
        elif self._detector is not None and self._state.configuration.input_format != old.input_format:
            self._detector.restart(self._audio.position_ms)

    def close(self) -> None:
        """Drop what is still to come."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tune(self) -> None:
        """Make the detector agree with the configuration (IA-15)."""
        settings = self._state.configuration.turn_detection
        if settings is None:
            # The turn that is under way gets its end; the client commits it, under the id announced.
            self._end_speech()
            self._detector = None
        elif self._detector is None:
            self._detector = self._state.behaviour.detector(settings, self._audio.position_ms)
        else:
            self._detector.configure(settings)
            self._detector.restart(self._audio.position_ms)

    def _turn_began(self, at_ms: int) -> None:
        """Tell that speech began, and stop the response it interrupts (IA-08 to IA-11, CB-07, CB-08)."""
        self._stir()
        self._announced = self._state.identifiers.mint(IdKind.ITEM)
        # Audio that was cleared or committed in the meantime is not part of the turn.
        self._turn_ms = max(at_ms, self._audio.start_ms)
        self._state.outbox.send(
            "input_audio_buffer.speech_started", audio_start_ms=self._turn_ms, item_id=self._announced
        )
        if self._settings["interrupt_response"]:
            self._responses.interrupt()

    def _turn_ended(self, at_ms: int) -> None:
        """Tell that speech ended, commit it and answer it (IA-08, IA-13, IA-14)."""
        self._state.outbox.send(
            "input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=self._announced
        )
        self._commit(self._audio.take(self._turn_ms, at_ms))
        if self._settings["create_response"]:
            self._responses.answer()

    def _end_speech(self) -> None:
        """End detected speech before its time; its id stays announced (IA-10, IA-12)."""
        if self._detector is None or not self._detector.speaking:
            return
        position_ms = self._audio.position_ms
        self._detector.stop(position_ms)
        self._state.outbox.send(
            "input_audio_buffer.speech_stopped", audio_end_ms=position_ms, item_id=self._announced
        )

    def _commit(self, sound: bytes) -> ConversationItem:
        """Make a user item of some audio (IA-02, IA-03, IA-09)."""
        item = ConversationItem(
            id=self._announced or self._state.identifiers.mint(IdKind.ITEM),
            type="message",
            role="user",
            content=[ContentPart("input_audio", audio=sound, audio_format=self._audio.audio_format)],
        )
        self._announced = None
        self._state.outbox.send(
            "input_audio_buffer.committed",
            previous_item_id=self._state.conversation.last_id,
            item_id=item.id,
        )
        # The words are noted when the transcription is complete, but they are told from the sound now.
        words = item.heard
        self._state.announce(item)
        if self._state.configuration.transcribes:
            self._state.host.stream(self._transcription(item, words))
        return item

    def _transcription(self, item: ConversationItem, words: str) -> Iterator[None]:
        """Transcribe one item, beside everything else (TR-01 to TR-11)."""
        place = {"item_id": item.id, "content_index": 0}
        wants_logprobs = self._state.configuration.wants_logprobs
        pieces = self._state.model.pieces(words)
        for piece in pieces:
            yield
            extra = {"logprobs": [_logprob(piece)]} if wants_logprobs else {}
            self._state.outbox.delta(
                "conversation.item.input_audio_transcription.delta", **place, delta=piece, **extra
            )
        yield
        item.content[0].transcript = words
        seconds = math.ceil(item.content[0].audio_ms / 1000) if words else 0
        extra = {"logprobs": [_logprob(piece) for piece in pieces]} if wants_logprobs else {}
        self._state.outbox.send(
            "conversation.item.input_audio_transcription.completed",
            **place,
            transcript=words,
            usage={"type": "duration", "seconds": seconds},
            **extra,
        )

    @property
    def _settings(self) -> Json:
        settings = self._state.configuration.turn_detection
        assert settings is not None, "a turn without turn detection"
        return settings

    # The idle timeout: measured on the clock, from the end of the last response's sound (ID-01).

    def _rest(self, playback_ms: int) -> None:
        """Note that the assistant has said all it had to say, in so many milliseconds from now."""
        self._quiet_since = self._state.host.now() + playback_ms / 1000
        self._quiet_from_ms = self._audio.position_ms
        self._arm()

    def _stir(self) -> None:
        """Note that somebody does something: the silence is over."""
        self._quiet_since = None
        self.close()

    def _arm(self) -> None:
        self.close()
        settings = self._state.configuration.turn_detection or {}
        # Without `create_response` nothing is to happen by itself (3.3), this included.
        speaking = self._detector is not None and self._detector.speaking
        if self._quiet_since is None or speaking or not settings.get("create_response"):
            return
        if settings.get("idle_timeout_ms") is not None:
            now = self._state.host.now()
            wait = max(self._quiet_since, now) - now + settings["idle_timeout_ms"] / 1000
            self._timer = self._state.host.later(wait, self._idle)

    def _idle(self) -> None:
        """Prompt a user who says nothing: commit the silence and answer it (ID-01 to ID-06)."""
        timeout_ms = self._settings["idle_timeout_ms"]
        start_ms = max(self._quiet_from_ms, self._audio.position_ms - timeout_ms)
        end_ms = max(self._audio.position_ms, start_ms + timeout_ms)
        self._stir()
        self._announced = self._state.identifiers.mint(IdKind.ITEM)
        self._state.outbox.send(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=start_ms,
            audio_end_ms=end_ms,
            item_id=self._announced,
        )
        self._audio.clear()
        self._commit(b"")
        self._responses.answer()


def _logprob(piece: str) -> Json:
    return {"token": piece, "logprob": -0.01, "bytes": list(piece.encode())}
