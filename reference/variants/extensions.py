"""Variants that Inworld documents, or was seen to send (facts 8.3, 6.6), and calls of MCP tools."""

from __future__ import annotations

import itertools

from protocol.json_values import Json, laid_over
from reference.alterations import Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import after, at_path, before, both, put, repeat, unset
from reference.faults.answers import refusal
from reference.faults.situations import session_has, session_shown
from reference.faults.turns import untold_response
from reference.identifiers import draw

_UPDATE, _UPDATED = "session.update", "session.updated"
_STEM = "conversation.item.input_audio_transcription"
_BYTES_PER_MS = 48  # PCM at 24 kHz
_WORDS = "response.output_audio_transcript.done"


class _McpCall(SessionStep):
    """A written response of the conversation calls a tool of an MCP server behind its message."""

    _CALL = {"type": "mcp_call", "server_label": "library", "name": "find", "approval_request_id": None}  # noqa: RUF012

    def outgoing(self, event: Json) -> list[Sent]:
        if any(item["type"] == "mcp_call" for item in event.get("response", {}).get("output", ())):
            return [event]
        if (
            event["type"] != "response.done"
            or event["response"]["status"] != "completed"
            or not self._has_tool()
        ):
            return [event]
        response, place = event["response"], {"output_index": len(event["response"]["output"])}
        item_id = f"mcp_{response['id']}"
        begun = {"id": item_id, **self._CALL, "arguments": "", "output": None, "error": None}
        done = {**begun, "arguments": '{"title": "Emma"}', "output": "Found."}
        about = {"item_id": item_id, **place}
        stream = {"response_id": response["id"], **about}
        last = {"previous_item_id": self.memory.last_told("conversation.item.added")["item"]["id"]}
        of_response = {"response_id": response["id"], **place}
        told = {**event, "response": {**response, "output": [*response["output"], done]}}
        return [
            invent("response.output_item.added", **of_response, item=begun),
            invent("conversation.item.added", **last, item=begun),
            invent("response.mcp_call_arguments.delta", **stream, delta=done["arguments"]),
            invent("response.mcp_call_arguments.done", **stream, arguments=done["arguments"]),
            invent("response.mcp_call.in_progress", **about),
            invent("response.mcp_call.completed", **about),
            invent("conversation.item.done", **last, item=done),
            invent("response.output_item.done", **of_response, item=done),
            told,
        ]

    def _has_tool(self) -> bool:
        tools = session_shown(self.memory).get("tools") or []
        return any(tool.get("type") == "mcp" for tool in tools)


class _ProviderDataShown(SessionStep):
    """``session.updated`` shows ``providerData`` as the client has set it."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._data: Json = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == _UPDATED:
            sent = at_path(self.memory.last_asked(_UPDATE), "session.providerData")
            if isinstance(sent, dict):
                self._data = laid_over(self._data, sent)
            if self._data:
                event["session"]["providerData"] = laid_over(
                    event["session"].get("providerData") or {}, self._data
                )
        return [event]


_NUMBERS = itertools.count(1)


def _channel(_event: Json, _memory: Memory) -> list[Sent]:
    place = {"backchannel_id": f"bc_{draw(f'backchannel {next(_NUMBERS)}', 21)}"}
    return [
        invent("response.backchannel.audio.delta", **place, delta="AAAAAAAA"),
        invent("response.backchannel.audio.done", **place),
    ]


def _enabled(_event: Json, memory: Memory) -> bool:
    return any(at_path(each, "session.providerData.backchannel.enabled") is True for each in memory.asked)


def _cancelling(_event: Json, memory: Memory) -> bool:
    return bool(memory.asked[-1].get("type") == "response.cancel")


def _text_too(event: Json, _memory: Memory) -> list[Sent]:
    place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
    return [
        invent("response.output_text.delta", **place, delta=event["transcript"]),
        invent("response.output_text.done", **place, text=event["transcript"]),
    ]


def _shown_again(_event: Json, memory: Memory) -> Json:
    return invent(_UPDATED, session=session_shown(memory))


class _Rolling(SessionStep):
    """Each transcription delta holds the whole text so far."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._so_far: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == f"{_STEM}.delta":
            event["delta"] = self._so_far.get(event["item_id"], "") + event["delta"]
            self._so_far[event["item_id"]] = event["delta"]
        return [event]


class _ThirdOfTheLength(SessionStep):
    """Truncation is refused beyond a third of what was said."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != "conversation.item.truncated":
            return [event]
        said = [
            len(each["delta"])
            for each in self.memory.told
            if each["type"] == "response.output_audio.delta" and each["item_id"] == event["item_id"]
        ]
        if event["audio_end_ms"] > sum(said) * 3 / 4 / _BYTES_PER_MS / 3:
            return [refusal(self.memory.last_asked("conversation.item.truncate"), param="audio_end_ms")]
        return [event]


def _going_on(event: Json, memory: Memory) -> list[Sent]:
    """Tell a response that nobody asked for, with an id that no other of the session has."""
    number = sum(each["type"] == "response.done" for each in memory.told)
    told = [each for each in untold_response(event, memory) if isinstance(each, dict)]
    name = f"{told[0]['response']['id']}_{number}"
    return [{**each, "response": {**each["response"], "id": name}} for each in told]


def _with_call(event: Json, _memory: Memory) -> bool:
    kinds = [item["type"] for item in event["response"]["output"]]
    return bool(event["response"]["status"] == "completed" and "function_call" in kinds)


_INWORLD = (
    differs(
        "unsolicited-update",
        "`session.updated` comes unasked, as after a memory cycle.",
        after("response.done", _shown_again),
        models="D-77",
        only="inworld",
    ),
    differs(
        "growing-transcription",
        "`completed` is repeated with longer text, and has no `usage`.",
        unset(f"{_STEM}.completed", "usage"),
        after(
            f"{_STEM}.completed",
            lambda event, _memory: again(event, transcript=event["transcript"] + " Yes."),
        ),
        models="D-78",
        only="inworld",
    ),
    differs(
        "rolling-transcription",
        "Transcription deltas hold the text so far.",
        _Rolling,
        models="D-79",
        only="inworld",
    ),
    differs(
        "text-beside-transcript",
        "The words of a spoken answer are sent as text, too.",
        before(_WORDS, _text_too),
        models="D-80",
        only="inworld",
    ),
    differs(
        "output-buffer-events",
        "`output_audio_buffer.*` events come, without `response_id`.",
        after("response.output_audio.done", lambda _event, _memory: invent("output_audio_buffer.started")),
        after("response.done", lambda _event, _memory: invent("output_audio_buffer.stopped")),
        models="D-81",
        only="inworld",
    ),
    differs(
        "resources-exhausted",
        "A frame without `type` says that resources are exhausted.",
        before(
            "conversation.item.added",
            lambda _event, _memory: {"errorType": "SESSION_RESOURCES_EXHAUSTED"},
            nth=1,
        ),
        models="D-82",
        only="inworld",
    ),
    differs(
        "truncates-a-third",
        "Truncation is accepted for the first part only.",
        _ThirdOfTheLength,
        models="D-83",
        only="inworld",
    ),
    differs(
        "answers-tool-calls",
        "After a function call the server goes on by itself.",
        after("response.done", _going_on, both(_with_call, session_has("output_modalities", ["text"]))),
        models="D-84",
        only="inworld",
    ),
    differs(
        "arguments-done-nameless",
        "`response.function_call_arguments.done` has no `name`.",
        unset("response.function_call_arguments.done", "name"),
        models="D-51",
        only="inworld",
    ),
    differs(
        "usage-at-top",
        "Usage stands beside `response`.",
        put("response.done", "usage", lambda event, _memory: event["response"]["usage"]),
        unset("response.done", "response.usage"),
        models="D-52",
        only="inworld",
    ),
    differs(
        "speech-started-timeless",
        "`speech_started` has no `audio_start_ms`.",
        unset("input_audio_buffer.speech_started", "audio_start_ms"),
        models="D-52",
        only="inworld",
    ),
    differs(
        "suggests-turns",
        "The end of a turn is suggested, and the suggestion revoked.",
        after(
            "input_audio_buffer.speech_started",
            lambda event, _memory: [
                invent("input_audio_buffer.turn_suggestion", item_id=event["item_id"]),
                invent("input_audio_buffer.turn_suggestion_revoked", item_id=event["item_id"]),
            ],
        ),
        models="D-36",
        only="inworld",
    ),
    differs(
        "backchannel-audio",
        "With the back-channel enabled, back-channel audio comes while the user speaks.",
        after("input_audio_buffer.speech_started", _channel, _enabled),
        models="D-36",
        only="inworld",
    ),
    differs(
        "provider-data-shown", "`session.updated` shows `providerData`.", _ProviderDataShown, only="inworld"
    ),
)

_CANCELLING = (
    differs(
        "backchannel-goes-on",
        "With the back-channel enabled, its audio goes on when a response is cancelled.",
        before("response.output_text.done", _channel, both(_enabled, _cancelling)),
        models="D-36",
        only="inworld",
    ),
)

_CALLS = (
    differs("mcp-calls", "Responses call the tools of MCP servers.", _McpCall, only="openai"),
    differs(
        "rate-limits-twice",
        "`rate_limits.updated` comes twice.",
        repeat("rate_limits.updated"),
        only="openai",
    ),
)

VARIANTS: tuple[Difference, ...] = (*_INWORLD, *_CANCELLING, *_CALLS)
