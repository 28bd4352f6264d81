"""Variants of content: deltas, ids, defaults, wording, codes (facts 8.3, 3, 6, 7, 8 and 10)."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable
from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import Edit, answers_to, at_path, drop, instead, lacks, put
from reference.faults.answers import refusal
from reference.faults.situations import session_shown

_TEXTS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "response.function_call_arguments": "arguments",
}
_WRITTEN = " ".join(f"{family}.delta" for family in _TEXTS)


def _split(event: Json, _memory: Memory) -> list[Sent]:
    text = event["delta"]
    return [again(event, delta=letter) for letter in text] or [event]


class _InOne(SessionStep):
    """Each text, transcript and list of arguments is sent in one delta, when it is complete."""

    def outgoing(self, event: Json) -> list[Sent]:
        family, _, suffix = event["type"].rpartition(".")
        if family not in _TEXTS:
            return [event]
        if suffix == "delta":
            return []
        place = {key: event[key] for key in event if key.endswith(("_id", "_index")) and key != "event_id"}
        return [invent(f"{family}.delta", **place, delta=event[_TEXTS[family]]), event]


class _Uuids(SessionStep):
    """All ids that the server makes are UUIDs."""

    renames = True
    _PREFIXES = ("event_", "item_", "resp_", "conv_", "sess_", "call_", "mcpr_")
    _LENGTH = 16

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._own: dict[str, str] = {}
        self._meant: dict[str, str] = {}

    def incoming(self, event: Json) -> Json:
        return _with_texts(event, lambda text: self._meant.get(text, text))

    def retold(self, event: Json) -> Json:
        return _with_texts(event, lambda text: self._own.get(text, text))

    def outgoing(self, event: Json) -> list[Sent]:
        return [_with_texts(event, self._uuid)]

    def _uuid(self, text: str) -> str:
        if text in self._own:  # also where the client gives it to another item
            return self._own[text]
        suffix = text.partition("_")[2]
        made = text.startswith(self._PREFIXES) and len(suffix) >= self._LENGTH and suffix.isalnum()
        if not made or self._is_the_clients(text):
            return text
        self._own[text] = str(uuid.uuid5(uuid.NAMESPACE_OID, text))
        self._meant[self._own[text]] = text
        return self._own[text]

    def _is_the_clients(self, text: str) -> bool:
        return any(text in (at_path(each, "item.id"), each.get("event_id")) for each in self.memory.asked)


def _with_texts(event: Json, change: Callable[[str], str]) -> Json:
    changed: Json = _replaced(event, change)
    return changed


def _replaced(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


class _OtherDefaults(SessionStep):
    """A session that says nothing has other instructions and another threshold."""

    renames = True

    def outgoing(self, event: Json) -> list[Sent]:
        if not isinstance(event.get("session"), dict):
            return [event]
        event = copy.deepcopy(event)  # what another change has said may be what is remembered
        session = event["session"]
        asked = self.memory.accepted("session.update", "session.updated")
        self._replace(event, "instructions", "Be of use.", asked)
        detection = at_path(session, "audio.input.turn_detection")
        said = any(_holds(each, "turn_detection") for each in asked)
        if isinstance(detection, dict) and detection.get("silence_duration_ms") and not said:
            detection["silence_duration_ms"] = 640
        return [event]

    def _replace(self, event: Json, name: str, other: str, asked: list[Json]) -> None:
        """Show `other` where nobody has `asked` for anything else than what there is by default."""
        session = event["session"]
        first = at_path(self.memory.last_told("session.created") or event, "session")
        if session.get(name) == first.get(name) and not any(name in each["session"] for each in asked):
            session[name] = other


class _OtherModel(_OtherDefaults):
    """A session that says nothing has another model; for OpenAI the address names it."""

    def outgoing(self, event: Json) -> list[Sent]:
        if not isinstance(event.get("session"), dict):
            return [event]
        event = copy.deepcopy(event)
        self._replace(
            event, "model", "house/model-1", self.memory.accepted("session.update", "session.updated")
        )
        return [event]


class _ModelAlias(SessionStep):
    """The name of the model in the address is an alias, and the model is shown by its own (as Azure does)."""

    renames = True

    def outgoing(self, event: Json) -> list[Sent]:
        if not isinstance(event.get("session"), dict):
            return [event]
        event = copy.deepcopy(event)
        event["session"]["model"] = "house/model-1"
        return [event]


def _holds(value: Any, name: str) -> bool:
    if isinstance(value, dict):
        return name in value or any(_holds(each, name) for each in value.values())
    return False


def _duplicate(error: Json, memory: Memory) -> list[Sent]:
    item = {"status": "completed", **memory.offender(error)["item"]}
    place = {"previous_item_id": item["id"], "item": item}
    return [invent("conversation.item.added", **place), invent("conversation.item.done", **place)]


def _id_in_use(event: Json, memory: Memory) -> bool:
    return bool(memory.added(str(at_path(event, "item.id"))))


def _private(event: Json, _memory: Memory) -> str | None:
    code = event["error"]["code"]
    return f"x_{code}" if code else None


class _CommitRefused(SessionStep):
    """A commit by the client is refused while turn detection is on."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._refused: set[str] = set()

    def outgoing(self, event: Json) -> list[Sent]:
        asked = self.memory.asked[-1] if self.memory.asked else {}
        if (
            event["type"] == "input_audio_buffer.committed"
            and asked.get("type") == "input_audio_buffer.commit"
            and self._listens()
        ):
            self._refused.add(event["item_id"])
            return [refusal(asked, "not_implemented")]
        return [] if at_path(event, "item.id") in self._refused else [event]

    def _listens(self) -> bool:
        return at_path(session_shown(self.memory), "audio.input.turn_detection") is not None


_UNSAID = lacks("error.param", "session.audio.input.transcription.model")


def _accepted_duplicates() -> Edit:
    return instead("error", _duplicate, answers_to("conversation.item.create", _id_in_use))


VARIANTS: tuple[Difference, ...] = (
    differs("letter-by-letter", "Texts are sent letter by letter.", instead(_WRITTEN, _split)),
    differs("never-streams", "Texts, transcripts and arguments come whole, without deltas.", drop(_WRITTEN)),
    differs("all-in-one-delta", "Each text is sent in one delta, when it is complete.", _InOne),
    differs(
        "text-without-deltas", "Written answers come without deltas.", drop("response.output_text.delta")
    ),
    differs("uuids", "All ids that the server makes are UUIDs.", _Uuids),
    differs("other-defaults", "Instructions and silence have other defaults.", _OtherDefaults),
    differs("other-model", "Another model is the default.", _OtherModel, only="inworld"),
    differs(
        "model-alias", "The model is shown by another name than the address has.", _ModelAlias, only="openai"
    ),
    differs("other-wording", "Errors are worded otherwise.", put("error", "error.message", "No.")),
    differs(
        "other-codes",
        "Errors have codes of the server's own, but where a document names the code.",
        put("error", "error.code", _private, _UNSAID),
        models="D-14 D-46 D-71",
    ),
    differs(
        "without-codes",
        "Errors have no code, but where a document names the code.",
        put("error", "error.code", None, _UNSAID),
        models="D-46",
    ),
    differs(
        "duplicate-id-accepted",
        "An item whose id is in use is appended, and names itself as its predecessor.",
        _accepted_duplicates(),
    ),
    differs(
        "commit-refused-under-vad",
        "A commit by the client is refused while turn detection is on.",
        _CommitRefused,
        models="D-10",
    ),
)
