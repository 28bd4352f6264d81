"""A bookkeeper that reads a session's events and objects to whatever does not add up.

Written for the tests of this server only, from the facts, with the plainest means: dictionaries and
assertions. It knows what was announced, what is open and what was closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
STREAMS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "response.function_call_arguments": "arguments",
    "response.output_audio": None,
}


@dataclass
class Output:
    """One output item of a response."""

    index: int
    streamed: dict[str, str] = field(default_factory=dict)
    finals: dict[str, Any] = field(default_factory=dict)
    opened_parts: int = 0
    closed_parts: int = 0
    done: Json | None = None


@dataclass
class Response:
    """One response."""

    created: Json
    outputs: dict[str, Output] = field(default_factory=dict)
    done: bool = False


class Ledger:
    """Feed it every event of a session, in order; call ``close`` when nothing more will come."""

    def __init__(self) -> None:
        self.event_ids: set[str] = set()
        self.order: list[str] = []
        self.open_items: dict[str, Json] = {}
        self.announced: set[str] = set()
        self.deleted: set[str] = set()
        self.responses: dict[str, Response] = {}
        self.speaking = False

    def read(self, events: list[Json]) -> None:
        for event in events:
            self._read(event)

    def close(self) -> None:
        assert not self.open_items
        assert all(response.done for response in self.responses.values())

    def _read(self, event: Json) -> None:
        assert event["event_id"]
        assert event["event_id"] not in self.event_ids
        self.event_ids.add(event["event_id"])
        name = event["type"]
        if name.startswith("conversation.item.") and "item" in event and "retrieved" not in name:
            self._item(name, event)
        elif name == "conversation.item.deleted":
            self.order.remove(event["item_id"])
            self.deleted.add(event["item_id"])
        elif name.startswith("response."):
            self._response(name, event)
        elif name in {"input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"}:
            assert self.speaking == name.endswith("stopped")
            self.speaking = not self.speaking

    def _item(self, name: str, event: Json) -> None:
        item, previous = event["item"], event["previous_item_id"]
        assert previous not in self.deleted
        assert "audio" not in str([part.keys() for part in item.get("content", [])])
        if name.endswith("added"):
            assert item["id"] not in self.announced - self.deleted
            assert previous is None or previous in self.order
            self.announced.add(item["id"])
            self.order.insert(0 if previous is None else self.order.index(previous) + 1, item["id"])
            self.open_items[item["id"]] = event
        else:
            added = self.open_items.pop(item["id"])
            if added["previous_item_id"] not in self.deleted:
                assert previous == added["previous_item_id"]

    def _response(self, name: str, event: Json) -> None:
        if name == "response.created":
            response = event["response"]
            assert response["id"] not in self.responses
            assert response["status"] == "in_progress"
            assert (response["output"], response["usage"], response["status_details"]) == ([], None, None)
            if response["conversation_id"] is not None:
                writers = [r for r in self.responses.values() if r.created["conversation_id"] and not r.done]
                assert not writers
            self.responses[response["id"]] = Response(response)
        elif name == "response.done":
            self._response_done(event["response"])
        else:
            response = self.responses[event["response_id"]]
            assert not response.done
            self._output(name, event, response)

    def _output(self, name: str, event: Json, response: Response) -> None:
        if name == "response.output_item.added":
            assert event["output_index"] == len(response.outputs)
            assert event["item"]["status"] == "in_progress"
            response.outputs[event["item"]["id"]] = Output(event["output_index"])
            return
        item_id = event["item"]["id"] if "item" in event else event["item_id"]
        output = response.outputs[item_id]
        assert output.done is None
        assert event["output_index"] == output.index
        stream, _, what = name.rpartition(".")
        if name == "response.content_part.added":
            assert event["content_index"] == output.opened_parts
            output.opened_parts += 1
        elif name == "response.content_part.done":
            output.closed_parts += 1
            for key in ("text", "transcript"):
                assert event["part"].get(key) == output.finals.get(key)
        elif name == "response.output_item.done":
            self._output_done(event["item"], output, response)
        elif what == "delta":
            assert stream not in output.finals
            output.streamed[stream] = output.streamed.get(stream, "") + event["delta"]
        else:
            assert what == "done"
            assert stream not in output.finals
            final = STREAMS[stream]
            output.finals[stream] = True
            if final is not None:
                assert event[final] == output.streamed.get(stream, "")
                output.finals[final] = event[final]

    def _output_done(self, item: Json, output: Output, response: Response) -> None:
        output.done = item
        assert item["status"] in {"completed", "incomplete"}
        assert set(output.streamed) <= set(output.finals)
        assert output.opened_parts == output.closed_parts
        if item["type"] == "function_call":
            assert item["arguments"] == output.finals["arguments"]
        else:
            assert len(item["content"]) == output.opened_parts
        if response.created["conversation_id"] is not None:
            assert item["id"] not in self.open_items

    def _response_done(self, response: Json) -> None:
        known = self.responses[response["id"]]
        assert not known.done
        known.done = True
        for key in ("id", "conversation_id", "metadata", "output_modalities", "max_output_tokens", "audio"):
            assert response[key] == known.created[key]
        assert response["output"] == [output.done for output in known.outputs.values()]
        details = response["status_details"]
        if response["status"] == "completed":
            assert details is None
            assert response["output"]
        else:
            assert response["status"] in {"cancelled", "incomplete", "failed"}
            assert details["type"] == response["status"]
        self._usage(response["usage"])

    @staticmethod
    def _usage(usage: Json) -> None:
        given, made = usage["input_token_details"], usage["output_token_details"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        assert usage["input_tokens"] == given["text_tokens"] + given["audio_tokens"] + given["image_tokens"]
        assert usage["output_tokens"] == made["text_tokens"] + made["audio_tokens"]
        assert given["cached_tokens"] == sum(given["cached_tokens_details"].values())
