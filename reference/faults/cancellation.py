"""Faults of responses that are cut off: by the client, or by speech (facts 4.5, 4.6)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import at_path, drop, has, put, with_value
from reference.faults.answers import refusal
from reference.faults.situations import cut_off
from reference.faults.streams import restated

_DONE, _PART_DONE = "response.output_item.done", "response.content_part.done"
_TEXT, _TEXT_DONE = "response.output_text.delta", "response.output_text.done"
_WORDS_DONE, _AUDIO_DONE = "response.output_audio_transcript.done", "response.output_audio.done"
_FINALS = f"{_DONE} conversation.item.done"
_CUT = has("item.status", "incomplete")
_RESPONSE_CUT = has("response.status", "cancelled")
_BY_CLIENT = has("response.status_details.reason", "client_cancelled")


class _Unstreamed(SessionStep):
    """The finals of a response that is cut off hold words that were never streamed."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._cancelled = self._running = False

    def incoming(self, event: Json) -> Json:
        self._cancelled |= self._running and event.get("type") == "response.cancel"
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        self._running = self._running or event["type"] == "response.created"
        if event["type"] == "response.done":
            self._running = False
        if not self._cancelled:
            return [event]
        if event["type"] == _TEXT_DONE:
            event = {**event, "text": event["text"] + " and so on."}
        elif event["type"] == _PART_DONE:
            event = put_text(event, "part.text")
        elif event["type"] in _FINALS:
            event = put_text(event, "item.content.0.text")
        elif event["type"] == "response.done":
            event = put_text(event, "response.output.0.content.0.text")
            self._cancelled = False
        return [event]


def put_text(event: Json, path: str) -> Json:
    """Add words at a path."""
    text = at_path(event, path)
    return with_value(event, path, text + " and so on.") if isinstance(text, str) else event


class _NothingClosed(SessionStep):
    """From the cancellation on there is only ``response.done``."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._cancelled = False

    def incoming(self, event: Json) -> Json:
        self._cancelled = event.get("type") == "response.cancel"
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        closes = event["type"] in f"{_TEXT_DONE} {_WORDS_DONE} {_AUDIO_DONE} {_PART_DONE} {_DONE}".split()
        return [] if self._cancelled and closes else [event]


_REST = (" and on",) * 30


class _CancelIgnored(SessionStep):
    """A running response cannot be cancelled."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._running = self._asked = False

    def incoming(self, event: Json) -> Json | None:
        if event.get("type") == "response.cancel" and self._running and not self._calls():
            self._asked = True
            return None
        return event

    def _calls(self) -> bool:
        """Tell whether the response calls or speaks, which nobody could go on with here."""
        return any(
            at_path(each, "item.type") == "function_call" or at_path(each, "part.type") == "audio"
            for each in self.memory.told
        )

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "response.created":
            self._running = True
        elif event["type"] == "response.done":
            if self._asked:
                event["response"] |= {"status": "completed", "status_details": None}
                for item in event["response"]["output"]:
                    item["status"] = "completed"
                    item["content"][0]["text"] += "".join(_REST)
            self._running = self._asked = False
        elif self._asked:
            return self._rest(event)
        return [event]

    def _rest(self, event: Json) -> list[Sent]:
        """Stream what a client that cancelled does not want to read, and let the finals agree with it."""
        if event["type"] == _TEXT_DONE:
            place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
            deltas: list[Sent] = [invent(_TEXT, **place, delta=word) for word in _REST]
            return [*deltas, {**event, "text": event["text"] + "".join(_REST)}]
        if event["type"] == _PART_DONE:
            event["part"]["text"] += "".join(_REST)
        elif event["type"] in _FINALS.split():
            event["item"]["status"] = "completed"
            event["item"]["content"][0]["text"] += "".join(_REST)
        return [event]


class _CancelRefused(_CancelIgnored):
    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._refused: Json = {}

    def incoming(self, event: Json) -> Json | None:
        heard = super().incoming(event)
        if heard is None:
            self._refused = event
        return heard

    def outgoing(self, event: Json) -> list[Sent]:
        asked, self._refused = self._refused, {}
        answer: list[Sent] = [refusal(asked, "not_implemented", type="server_error")] if asked else []
        return [*answer, *super().outgoing(event)]


_CUT_OFF = (
    differs(
        "cut-stream-left-open",
        "When a response is cut off, its text gets no `done`.",
        drop(_TEXT_DONE, cut_off),
    ),
    differs(
        "cut-item-left-open",
        "When a response is cut off, its open item gets no `response.output_item.done`.",
        drop(_DONE, _CUT),
    ),
    differs(
        "cut-item-left-open-in-conversation",
        "When a response is cut off, its open item gets no `conversation.item.done`.",
        drop("conversation.item.done", _CUT),
    ),
    differs(
        "cut-everything-left-open",
        "When a response is cancelled, nothing that was opened is closed.",
        _NothingClosed,
    ),
    differs(
        "cut-finals-hold-the-rest",
        "The finals of a response that was cut off hold words that were never streamed.",
        _Unstreamed,
    ),
    differs(
        "cut-item-in-progress",
        "An item that was cut off is still `in_progress`.",
        put(_FINALS, "item.status", "in_progress", _CUT),
        put("response.done", "response.output", restated("incomplete", "in_progress")),
    ),
    differs(
        "cut-item-forgotten",
        "An item announced before the cancellation is missing in `response.done`.",
        put(
            "response.done",
            "response.output",
            lambda event, _memory: event["response"]["output"][:-1],
            _RESPONSE_CUT,
        ),
        models="D-29",
    ),
    differs(
        "cancel-without-effect",
        "`response.cancel` is not answered, and the response goes on to its end.",
        _CancelIgnored,
        models="D-17",
    ),
    differs(
        "cancel-not-implemented",
        "`response.cancel` is answered with `server_error`, and the response goes on.",
        _CancelRefused,
        models="D-17",
    ),
    differs(
        "cancelled-for-no-reason",
        "A response that is cancelled gives no reason.",
        put("response.done", "response.status_details", {"type": "cancelled"}, _BY_CLIENT),
    ),
    differs(
        "cancelled-for-wrong-reason",
        "A response that the client cancelled says `turn_detected`.",
        put(
            "response.done",
            "response.status_details.reason",
            "turn_detected",
            _BY_CLIENT,
        ),
    ),
    differs(
        "barge-in-for-wrong-reason",
        "A response that speech cut off says `client_cancelled`.",
        put(
            "response.done",
            "response.status_details.reason",
            "client_cancelled",
            has("response.status_details.reason", "turn_detected"),
        ),
    ),
)


FAULTS: tuple[Difference, ...] = (*_CUT_OFF,)
