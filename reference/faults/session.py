"""Faults of a session's opening and of its configuration (facts 4.2)."""

from __future__ import annotations

from typing import Any

from protocol.json_values import MISSING, Json, laid_over
from reference.alterations import Memory, Sent, SessionStep, StepFactory, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    Condition,
    after,
    answers_to,
    asked,
    at_path,
    before,
    both,
    drop,
    has,
    lacks,
    put,
    rename,
    repeat,
    unset,
    with_value,
)
from reference.faults.answers import refusing
from reference.faults.situations import one_update_open

_UPDATE, _UPDATED, _CREATED = "session.update", "session.updated", "session.created"
_TURN_DETECTION = "session.audio.input.turn_detection"
_VAD = {"type": "server_vad", "threshold": 0.5, "create_response": True, "interrupt_response": True}


def _asked(path: str) -> Any:
    return lambda _event, memory: at_path(memory.last_asked(_UPDATE), path)


def _patch_only(event: Json, memory: Memory) -> Json:
    named = {"type", "object", "id", *memory.last_asked(_UPDATE)["session"]}
    return {key: value for key, value in event["session"].items() if key in named}


def _instructions_at_first(_event: Json, memory: Memory) -> Any:
    shown = memory.last_told(_CREATED)["session"]
    return shown.get("instructions", MISSING)  # a transcription session has none


TWO_MODALITIES = ["text", "audio"]


def _conversation_created(_event: Json, _memory: Memory) -> Json:
    return invent("conversation.created", conversation={"id": "conv_1", "object": "realtime.conversation"})


def _created_again(_event: Json, memory: Memory) -> Json:
    return again(memory.last_told(_CREATED))


def _as_before(_event: Json, memory: Memory) -> Json:
    return again(memory.last_told(_UPDATED) or memory.last_told(_CREATED), type=_UPDATED)


class _RefusedSticks(SessionStep):
    """What a refused update named shows in the next ``session.updated`` all the same."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._refused: Json = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if answers_to(_UPDATE)(event, self.memory):
            instructions = at_path(self.memory.offender(event), "session.instructions")
            self._refused = {"instructions": instructions} if isinstance(instructions, str) else {}
        elif event["type"] == _UPDATED:
            event["session"] |= self._refused
            self._refused = {}
        return [event]


def accept_update(*conditions: Condition) -> StepFactory:
    """Accept updates that the obedient server refuses, and stand by it."""
    return lambda memory: _Accepting(memory, conditions)


class _Accepting(SessionStep):
    def __init__(self, memory: Memory, conditions: tuple[Condition, ...]) -> None:
        super().__init__(memory)
        self._conditions = conditions
        self._accepted: Json = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if answers_to(_UPDATE, *self._conditions)(event, self.memory):
            patch = self.memory.offender(event)["session"]
            self._accepted = laid_over(self._accepted, patch)
            last = self.memory.last_told(_UPDATED) or self.memory.last_told(_CREATED)
            return [invent(_UPDATED, session=laid_over(last["session"], self._accepted))]
        if event["type"] == _UPDATED:
            named = self.memory.last_asked(_UPDATE)["session"]
            self._accepted = {key: value for key, value in self._accepted.items() if key not in named}
            return [{**event, "session": laid_over(event["session"], self._accepted)}]
        return [event]


class _NullIgnored(SessionStep):
    """Turn detection stays on, in whatever ``session.updated`` shows."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _UPDATED and at_path(event, _TURN_DETECTION) is None:
            return [with_value(event, _TURN_DETECTION, _VAD)]
        return [event]


_OPENING = (
    differs(
        "conversation-created-first",
        "`conversation.created` comes ahead of `session.created`.",
        before(_CREATED, _conversation_created),
    ),
    differs(
        "transcription-session-created",
        "The session is announced by `transcription_session.created`.",
        rename(_CREATED, "transcription_session.created"),
        models="D-15",
    ),
    differs(
        "session-created-again",
        "`session.created` is sent a second time when the client has acted.",
        after("input_audio_buffer.cleared", _created_again, nth=1),
    ),
    differs(
        "unasked-event-at-opening",
        "Behind `session.created` the server sends `rate_limits.updated` before the client acts.",
        after(_CREATED, lambda _event, _memory: invent("rate_limits.updated", rate_limits=[])),
    ),
    differs(
        "session-created-without-modalities",
        "`session.created` does not show `output_modalities`.",
        unset(_CREATED, "session.output_modalities"),
    ),
    differs(
        "session-created-without-session",
        "`session.created` carries no `session`.",
        unset(_CREATED, "session"),
        models="D-52",
    ),
)

_UPDATES = (
    differs(
        "update-unanswered",
        "`session.update` is never answered.",
        drop(_UPDATED),
        models="D-32",
    ),
    differs(
        "update-answered-twice",
        "One `session.update` is answered by two `session.updated`.",
        repeat(_UPDATED, one_update_open, nth=1),
        only="openai",
    ),
    differs(
        "updated-shows-patch-only",
        "`session.updated` shows only what the update named.",
        put(_UPDATED, "session", _patch_only, one_update_open),
    ),
    differs(
        "updated-without-truncation",
        "`session.updated` leaves out `truncation`.",
        unset(_UPDATED, "session.truncation"),
        only="openai",
    ),
    differs(
        "session-id-left-out",
        "`session.updated` has no session `id`.",
        unset(_UPDATED, "session.id"),
        models="D-48",
    ),
    differs(
        "session-id-changes",
        "`session.updated` shows another session `id`.",
        put(_UPDATED, "session.id", "sess_of_another"),
    ),
    differs(
        "updated-carries-clients-event-id",
        "`session.updated` carries the `event_id` of the `session.update`.",
        put(
            _UPDATED,
            "event_id",
            lambda _event, memory: memory.answered(_UPDATE, _UPDATED).get("event_id"),
        ),
    ),
    differs(
        "updated-instructions-not-shown",
        "`session.updated` shows the default `instructions` whatever was set.",
        put(_UPDATED, "session.instructions", _instructions_at_first),
        models="D-32 D-63",
    ),
    differs(
        "updated-modalities-not-shown",
        "`session.updated` shows the default `output_modalities` whatever was set.",
        put(_UPDATED, "session.output_modalities", ["audio"]),
        models="D-62",
        only="openai",
    ),
    differs(
        "unnamed-field-reset",
        "A `session.update` changes `instructions`, which it does not name.",
        put(
            _UPDATED,
            "session.instructions",
            "Be somebody else.",
            lambda _event, memory: lacks("session.instructions")(memory.answered(_UPDATE, _UPDATED), memory),
        ),
    ),
    differs(
        "partial-turn-detection-replaces",
        "A partial `turn_detection` replaces the whole object instead of being completed.",
        put(
            _UPDATED,
            _TURN_DETECTION,
            _asked(_TURN_DETECTION),
            asked(_UPDATE, both(has(_TURN_DETECTION), lacks(_TURN_DETECTION, None))),
        ),
        models="D-33",
    ),
    differs(
        "nested-field-nulled",
        "A `session.update` that sets `speed` makes `voice` null.",
        put(_UPDATED, "session.audio.output.voice", None, asked(_UPDATE, has("session.audio.output.speed"))),
    ),
    differs(
        "null-turn-detection-ignored",
        "`turn_detection: null` leaves turn detection on.",
        _NullIgnored,
    ),
    differs(
        "empty-tools-ignored",
        "An empty list of `tools` leaves the tools as they were.",
        put(
            _UPDATED,
            "session.tools",
            lambda _event, memory: memory.last_told(_UPDATED)["session"]["tools"],
            asked(_UPDATE, has("session.tools", [])),
        ),
    ),
    differs(
        "refused-update-sticks",
        "What a refused `session.update` named shows in the next `session.updated`.",
        _RefusedSticks,
    ),
    differs(
        "updated-after-refusal",
        "A refused `session.update` is answered by `session.updated` as well.",
        after("error", _as_before, answers_to(_UPDATE)),
        only="openai",
    ),
    differs(
        "voice-change-accepted",
        "Another voice is accepted after the session has produced audio.",
        accept_update(has("session.audio.output.voice")),
        only="openai",
    ),
    differs(
        "same-voice-refused",
        "Once the session has produced audio, an update that names its voice is refused.",
        refusing(
            _UPDATE,
            _UPDATED,
            both(
                has("session.audio.output.voice"),
                lambda _event, memory: bool(memory.last_told("response.output_audio.delta")),
            ),
        ),
        only="openai",
    ),
    differs(
        "model-changes",
        "`session.updated` shows another model than the connection was made with.",
        put(_UPDATED, "session.model", "gpt-realtime-of-tomorrow"),
        only="openai",
    ),
    differs(
        "both-modalities-accepted",
        "Text and audio together are accepted as `output_modalities`.",
        accept_update(has("session.output_modalities", TWO_MODALITIES)),
        models="D-70",
        only="openai",
    ),
    differs(
        "update-changes-running-response",
        "An update during a response shows in that response's `response.done`.",
        put(
            "response.done",
            "response.max_output_tokens",
            150,
            both(has("response.max_output_tokens", "inf"), asked(_UPDATE, has("session.max_output_tokens"))),
        ),
        only="openai",
    ),
    differs(
        "update-not-used",
        "The acknowledged `max_output_tokens` is not used by the next response.",
        put("response.created response.done", "response.max_output_tokens", "inf"),
        models="D-31 D-32",
    ),
)


FAULTS: tuple[Difference, ...] = (*_OPENING, *_UPDATES)
