"""Faults of what only Inworld's dialect has (inworld 1.5, 3, 4.2, 4.4, 4.6, 5.2, 5.6, 6)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Pause, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import MOMENT_S, after, at_path, drop, has, put
from reference.faults.answers import refusal, refusing
from reference.faults.responses import WithoutResponses
from reference.faults.situations import session_shown

_CREATE, _UPDATE, _UPDATED = "response.create", "session.update", "session.updated"
_CHANNEL = "response.backchannel.audio"


class _ThirdRefused(WithoutResponses):
    """The third ``response.create`` of a session is refused if it has no ``response``."""

    def lost(self, _created: Json) -> bool:
        bare = "response" not in self.memory.last_asked(_CREATE)
        return bare and len([each for each in self.memory.told if each["type"] == "response.created"]) == 2

    def instead(self, _created: Json) -> list[Sent]:
        return [refusal(self.memory.last_asked(_CREATE), "missing_required_parameter")]


class _UnknownKeyRefused(WithoutResponses):
    """A ``response.create`` with a key that the server does not know is refused."""

    def lost(self, _created: Json) -> bool:
        return at_path(self.memory.last_asked(_CREATE), "response.conformance_probe") is True

    def instead(self, _created: Json) -> list[Sent]:
        asked_event = self.memory.last_asked(_CREATE)
        return [refusal(asked_event, "unknown_parameter", "response.conformance_probe")]


class _Overtaken(SessionStep):
    """An item that is sent in one burst with ``response.create`` is added when the response is done.

    A live server takes a moment for an item, so that such a request can come meanwhile.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._held: list[Json] = []
        self._generated = self._last = ""
        self._late = False

    def outgoing(self, event: Json) -> list[Sent]:
        self._late |= bool(self._held) and self._is_overtaken()
        told = event["type"] in ("conversation.item.added", "conversation.item.done")
        mine = at_path(event, "item.role") == "user" and at_path(event, "item.content.0.type") == "input_text"
        if told and mine and not self._generated and (self.memory.live or self._is_overtaken()):
            self._held.append(event)
            self._late = self._is_overtaken()
            return [Pause(MOMENT_S)] if self.memory.live else []
        if told and not mine and self._held:
            self._generated = str(at_path(event, "item.id"))
            return [{**event, "previous_item_id": self._held[0]["previous_item_id"]}]
        if event["type"] == "response.done" and self._held:
            held = [{**each, "previous_item_id": self._generated or None} for each in self._held]
            self._last = str(at_path(held[0], "item.id"))
            self._held, self._late = [], False
            return [event, *held]
        if told and self._last and event["previous_item_id"] == self._generated:
            event = {**event, "previous_item_id": self._last}
        return [*self.resumed(), event]

    def resumed(self) -> list[Sent]:
        if self._late or self._is_overtaken():
            return []
        held, self._held = self._held, []
        return [*held]

    def _is_overtaken(self) -> bool:
        return bool(self.memory.asked) and self.memory.asked[-1].get("type") == _CREATE


def _unasked_skip(_event: Json, _memory: Memory) -> Json:
    return invent("response.backchannel.skipped", reason="silence")


def _off(_event: Json, memory: Memory) -> bool:
    enabled = [at_path(each, "session.providerData.backchannel.enabled") for each in memory.asked]
    return True not in enabled


def _sent_only(_event: Json, memory: Memory) -> object:
    return at_path(memory.last_asked(_UPDATE), "session.providerData")


class _MemoryLost(SessionStep):
    """The memory's state begins anew with each turn, in a version below the one before."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._shown = False

    def outgoing(self, event: Json) -> list[Sent]:
        state = at_path(event, "session.providerData.memory.state")
        if event["type"] == _UPDATED and isinstance(state, dict):
            if self._shown:
                state["version"] = -1
            self._shown = True
        return [event]


def _other_shown(_event: Json, memory: Memory) -> bool:
    before, sent = at_path(session_shown(memory), "providerData"), _sent_only({}, memory)
    return isinstance(before, dict) and isinstance(sent, dict) and bool(set(before) - set(sent) - {"memory"})


FAULTS: tuple[Difference, ...] = (
    differs(
        "bare-create-refused",
        "A third `response.create` without `response` is refused.",
        _ThirdRefused,
        only="inworld",
    ),
    differs(
        "unknown-response-key-refused",
        "A `response.create` with a key the server does not know is refused.",
        _UnknownKeyRefused,
        only="inworld",
    ),
    differs(
        "burst-out-of-order",
        "An item sent in one burst with `response.create` is added only when the response is done.",
        _Overtaken,
        only="inworld",
    ),
    differs(
        "provider-data-refused",
        "The branch `responsiveness` of `providerData` is refused.",
        refusing(
            _UPDATE,
            _UPDATED,
            has("session.providerData.responsiveness"),
            "session.providerData.responsiveness",
        ),
        only="inworld",
    ),
    differs(
        "provider-data-replaced",
        "Sending one branch of `providerData` throws the others away.",
        put(_UPDATED, "session.providerData", _sent_only, _other_shown),
        only="inworld",
    ),
    differs(
        "snake-case-refused",
        "The key `provider_data` is refused.",
        refusing(_UPDATE, _UPDATED, has("session.provider_data"), "session.provider_data"),
        only="inworld",
    ),
    differs(
        "backchannel-unasked",
        "A back-channel event comes although the back-channel was never enabled.",
        after("input_audio_buffer.cleared", _unasked_skip, _off, nth=1),
        only="inworld",
    ),
    differs(
        "backchannel-in-response",
        "Back-channel audio carries the id of a response.",
        put(f"{_CHANNEL}.delta", "response_id", "resp_of_another"),
        only="inworld",
    ),
    differs(
        "backchannel-never-done",
        "Back-channel audio that began is never ended.",
        drop(f"{_CHANNEL}.done"),
        only="inworld",
    ),
    differs(
        "voice-profile-unasked",
        "A transcription comes with a voice profile that nobody asked for.",
        put(
            "conversation.item.input_audio_transcription.completed",
            "providerData",
            {"voiceProfile": {"age": "adult"}},
        ),
        only="inworld",
    ),
    differs(
        "timestamps-unasked",
        "Audio deltas carry `timestamp_info` that nobody asked for.",
        put(
            "response.output_audio.delta",
            "timestamp_info",
            {"word_alignment": {"words": []}},
            lambda _event, memory: (
                not any(
                    at_path(each, "session.providerData.tts.timestamp_type")
                    for each in memory.asked
                    if at_path(each, "session.providerData.tts") is not None
                    and isinstance(at_path(each, "session.providerData.tts"), dict)
                )
            ),
        ),
        only="inworld",
    ),
    differs(
        "memory-version-falls", "The version of the memory's state goes back.", _MemoryLost, only="inworld"
    ),
)
