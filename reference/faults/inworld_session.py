"""Faults of a session's configuration that only Inworld's dialect has (inworld 2, 5.1)."""

from __future__ import annotations

from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, Pause, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import answers_to, asked, at_path, both, has, lacks, put
from reference.faults.answers import refusing
from reference.faults.session import TWO_MODALITIES, accept_update

_UPDATE, _UPDATED, _CREATED = "session.update", "session.updated", "session.created"


def _modality(_event: Json, memory: Memory) -> Any:
    """Return what was last asked for of one modality, sound where nothing was."""
    asked_for = [at_path(each, "session.output_modalities") for each in memory.asked]
    return next((each for each in reversed(asked_for) if each in (["text"], ["audio"])), ["audio"])


_LONG_MOMENT_S = 0.4
"""Many clients that begin at once take long to come to the first thing they say."""


class _DeafAtFirst(SessionStep):
    """An update of the instructions that arrives ahead of ``session.created`` is refused.

    A live server takes a moment for ``session.created``, so that one can.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._early: list[Any] = []
        self._created: list[Sent] = []
        self._open = False

    def incoming(self, event: Json) -> Json:
        named = set(event.get("session") or ()) - {"type"}
        if event.get("type") == _UPDATE and not self._open and named == {"instructions"}:
            self._early.append(event.get("event_id"))
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _CREATED and self.memory.live:
            self._created = [event]
            return [Pause(_LONG_MOMENT_S)]
        said = self._refusal(self._early.pop(0)) if event["type"] == _UPDATED and self._early else event
        return [*self.resumed(), said]

    def resumed(self) -> list[Sent]:
        created, self._created, self._open = self._created, [], True
        return created

    def _refusal(self, event_id: Any) -> Json:
        error = {
            "type": "invalid_request_error",
            "code": "invalid_event",
            "message": "Wait for session.created.",
        }
        return invent("error", error={**error, "param": None, "event_id": event_id})


FAULTS: tuple[Difference, ...] = (
    differs(
        "session-type-demanded",
        "A `session.update` without `session.type` is refused.",
        refusing(_UPDATE, _UPDATED, lacks("session.type"), "session.type"),
        only="inworld",
    ),
    differs(
        "model-change-refused",
        "A `session.update` that sets another model is refused.",
        refusing(_UPDATE, _UPDATED, has("session.model"), "session.model"),
        only="inworld",
    ),
    differs(
        "voice-change-refused",
        "A `session.update` that sets another voice is refused after audio was produced.",
        refusing(
            _UPDATE,
            _UPDATED,
            both(
                has("session.audio.output.voice"),
                lambda _event, memory: bool(memory.last_told("response.output_audio.delta")),
            ),
            "session.audio.output.voice",
        ),
        only="inworld",
    ),
    differs(
        "unknown-key-refused",
        "A `session.update` with a key the server does not know is refused.",
        refusing(_UPDATE, _UPDATED, has("session.conformance_probe"), "session.conformance_probe"),
        only="inworld",
    ),
    differs(
        "unknown-model-accepted",
        "An unknown speech recognition model is accepted.",
        accept_update(has("session.audio.input.transcription.model")),
        only="inworld",
    ),
    differs(
        "unknown-model-unnamed",
        "The error for an unknown speech recognition model does not say in `param` what was wrong.",
        put(
            "error", "error.param", None, answers_to(_UPDATE, has("session.audio.input.transcription.model"))
        ),
        only="inworld",
    ),
    differs(
        "early-update-refused",
        "A `session.update` of the instructions that arrives ahead of `session.created` is refused.",
        _DeafAtFirst,
        only="inworld",
    ),
    differs(
        "both-modalities-refused",
        "Text and audio together are refused as `output_modalities`.",
        refusing(
            _UPDATE,
            _UPDATED,
            has("session.output_modalities", TWO_MODALITIES),
            "session.output_modalities",
        ),
        put(
            _UPDATED, "session.output_modalities", _modality, has("session.output_modalities", TWO_MODALITIES)
        ),
        put(
            "response.created response.done",
            "response.output_modalities",
            _modality,
            has("response.output_modalities", TWO_MODALITIES),
        ),
        only="inworld",
    ),
    differs(
        "format-alias-refused",
        "The short name of an audio format is refused.",
        refusing(
            _UPDATE, _UPDATED, has("session.audio.input.format", "g711_ulaw"), "session.audio.input.format"
        ),
        only="inworld",
    ),
    differs(
        "format-echoed-by-short-name",
        "`session.updated` shows an audio format by its short name.",
        put(
            _UPDATED,
            "session.audio.input.format",
            "g711_ulaw",
            asked(_UPDATE, has("session.audio.input.format", "g711_ulaw")),
        ),
        only="inworld",
    ),
)
