"""The effective configuration of a session, and how a ``session.update`` changes it.

A configuration is kept in the shape it has on the wire and is never changed in place: an update makes
a new one or raises before anything happened (SE-10). The id and the set of keys stay (SE-06).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from protocol.json_values import Json, laid_over
from reference.errors import Code, RefusedError, wrong
from reference.profiles import DEFAULT_INSTRUCTIONS, TURN_DETECTION, Profile
from reference.provider_data import LOCKED_TTS
from reference.speech import AudioFormat


@dataclass(frozen=True, slots=True)
class Configuration:
    """What ``session.created`` and ``session.updated`` show, with names for the parts the server uses."""

    dialect: Profile
    session: Json
    opened: bool = False
    """A ``session.update`` was accepted: members locked at session open are fixed from now on."""

    def echo(self) -> Json:
        """Return the whole effective session (SE-04, SE-06)."""
        return copy.deepcopy(self.session)

    def updated(self, patch: Json, *, spoken: bool, expires_at: int) -> Configuration:
        """Return the configuration after an update whose form was already checked.

        Only what is present changes, at every level (SE-08). ``spoken`` says whether the session has
        produced audio, which locks the voice in one dialect. Raise ``RefusedError`` for a change that
        is not allowed (SE-11, SE-12).
        """
        _check_locks(self.dialect, self.session, patch, spoken=spoken)
        session = self.echo()
        for key, value in copy.deepcopy(patch).items():
            if key == "audio":
                self._merge_audio(session["audio"], value)
            elif key == "providerData":
                session[key] = laid_over(session[key], self._without_locked(value))
            elif key == "instructions":
                session[key] = value or DEFAULT_INSTRUCTIONS
            else:
                session[key] = value
        if self.dialect.refreshes_expiry:
            session["expires_at"] = expires_at
        return replace(self, session=session, opened=True)

    def _merge_audio(self, audio: Json, patch: Json) -> None:
        source = patch.get("input", {})
        for key, value in source.items():
            audio["input"][key] = self._completed(key, audio["input"][key], value)
        audio["output"].update(patch.get("output", {}))

    def _completed(self, key: str, old: Any, new: Any) -> Any:
        """Return one member of ``audio.input``: merged with what was there, or filled up from defaults."""
        if new is None:
            return None
        if key == "turn_detection":
            kind = new.get("type") or (old or self.dialect.turn_detection)["type"]
            base = old if old is not None and old["type"] == kind else TURN_DETECTION[kind]
            # A lenient update without a type may name members of the other kind: those mean nothing.
            known = {name: value for name, value in new.items() if name in TURN_DETECTION[kind]}
            return {**base, **known}
        if key == "transcription":
            default = {"model": self.dialect.transcription_model, "language": None, "prompt": None}
            return {**default, **(old or {}), **new}
        return {**(old or {}), **new} if key == "noise_reduction" else new

    def _without_locked(self, provider_data: Json) -> Json:
        """Return an update of ``providerData`` without what is locked: that is ignored, not refused."""
        if not self.opened or "tts" not in provider_data:
            return provider_data
        tts = {key: value for key, value in provider_data["tts"].items() if key not in LOCKED_TTS}
        return {**provider_data, "tts": tts}

    @property
    def input_format(self) -> AudioFormat:
        return AudioFormat.of(self.session["audio"]["input"]["format"])

    @property
    def turn_detection(self) -> Json | None:
        settings: Json | None = self.session["audio"]["input"]["turn_detection"]
        return settings

    @property
    def transcribes(self) -> bool:
        return self.session["audio"]["input"]["transcription"] is not None

    @property
    def wants_logprobs(self) -> bool:
        """Whether transcriptions come with ``logprobs``: only when asked for (TR-11)."""
        return bool(self.session["include"])

    @property
    def answers_tool_results(self) -> bool:
        """Whether the server goes on by itself after a tool result (Inworld's ``auto_tool_response``)."""
        return bool(self.session.get("providerData", {}).get("auto_tool_response"))


def _check_locks(dialect: Profile, session: Json, patch: Json, *, spoken: bool) -> None:
    """Raise ``RefusedError`` where an update would change what may not change any more."""
    model = patch.get("model")
    if dialect.fixed_model and model is not None and model != session["model"]:
        raise wrong("session.model", "The model of a session cannot be changed after it was opened.")
    if session["tracing"] is not None and "tracing" in patch and patch["tracing"] != session["tracing"]:
        raise wrong("session.tracing", "Tracing cannot be changed once it is on.")
    voice = patch.get("audio", {}).get("output", {}).get("voice")
    if dialect.locks_voice and spoken and voice is not None and voice != session["audio"]["output"]["voice"]:
        raise RefusedError(
            Code.CANNOT_UPDATE_VOICE, "The voice cannot be changed after the assistant has spoken."
        )
