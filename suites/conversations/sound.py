"""What a client may do with audio, and with the settings that say who makes turns of it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from generators.audio import encode_pcm, tone
from protocol.event_types import Event
from protocol.json_values import value_at
from suites.conversations.bounds import APPENDS
from suites.conversations.content import ExpectedItem
from suites.conversations.speaking import Speaking
from suites.talk import ANNOUNCED

_PIECES_MS = (120, 40)
_SILENT = {"type": "server_vad", "create_response": False, "interrupt_response": False}


class Sounding(Speaking):
    """Appends, commits and clears audio where the client makes the turns, and changes settings."""

    # --- audio ------------------------------------------------------------------------------------------

    @precondition(lambda self: self.appended < APPENDS)
    @precondition(lambda self: self.play.audio)
    @rule(milliseconds=st.sampled_from(_PIECES_MS))
    def append_audio(self, milliseconds: int) -> None:
        self._append(milliseconds)

    def _append(self, milliseconds: int) -> None:
        self._take_over_turns()
        if self.mute or not self.content.by_hand:
            return
        self.appended += 1
        self._visit("buffer", self.content.buffer, "append", done=True)
        self._do(self.talk.session.send("input_audio_buffer.append", audio=encode_pcm(tone(milliseconds))))
        self.content.buffer_ms += milliseconds

    @precondition(lambda self: self.play.audio)
    @rule()
    def append_misused(self) -> None:
        self._take_over_turns()
        if self.mute or not self.content.by_hand:
            return
        answer = self._misuse("input_audio_buffer.append", lambda _: False, audio="*** no Base64 ***")
        self._visit("buffer", self.content.buffer, "misuse", done=answer is not None)

    @precondition(lambda self: self.play.audio)
    @rule(enough=st.booleans())
    def commit_audio(self, enough: bool) -> None:
        self._take_over_turns()
        if enough and self.content.buffer != "enough" and self.appended < APPENDS:
            self._append(max(_PIECES_MS))
        if self.mute or not self.content.by_hand:
            return
        state = self.content.buffer
        committed = self._ask("input_audio_buffer.commit")
        self._visit("buffer", state, "commit", done=committed is not None)
        if committed is None:
            return
        self._visit("response", self._response, "commit-audio", done=True)
        self.content.buffer_ms = 0
        id_ = str(committed.get("item_id"))
        self._do(
            self.talk.session.wait_for(
                ANNOUNCED, where=lambda e: value_at(e, "item.id") == id_, streaming=True
            )
        )
        self.content.add(ExpectedItem(id_))

    def _take_over_turns(self) -> None:
        """Audio is only for sessions whose turns the client makes: others answer without being asked."""
        if not self.mute and not self.content.by_hand and self._update("turns-by-hand", **_detection(None)):
            self.content.by_hand = True

    @rule()
    def clear_audio(self) -> None:
        if self.mute:
            return
        state = self.content.buffer
        cleared = self._ask("input_audio_buffer.clear")
        self._visit("buffer", state, "clear", done=cleared is not None)
        if cleared is not None:
            self.content.buffer_ms = 0

    # --- settings ---------------------------------------------------------------------------------------

    def _update(self, move: str, **session: Any) -> bool:
        state = self.content.settings
        updated = self._ask("session.update", session=self.talk.patch(**session))
        self._visit("settings", state, move, done=updated is not None)
        return updated is not None

    @rule(number=st.integers(1, 3))
    def change_instructions(self, number: int) -> None:
        if self.mute:
            return
        done = self._update("instruct", instructions=f"You keep {number} secrets.")
        self._visit("response", self._response, "change-settings", done=done)

    @rule(by_hand=st.sampled_from([True, False]))
    def change_turn_detection(self, by_hand: bool) -> None:
        if self.mute:
            return
        move = "turns-by-hand" if by_hand else "turns-automatic"
        if self._update(move, **_detection(None if by_hand else _SILENT)):
            self.content.by_hand = by_hand

    @rule()
    def change_settings_misused(self) -> None:
        if not self.mute:
            self._update("misuse", output_modalities=["smell"])


def _detection(value: Event | None) -> Event:
    return {"audio": {"input": {"turn_detection": value}}}
