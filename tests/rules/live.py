"""Conversations as live services tell them, written down by somebody else: only directions and events.

Unlike the reference server's, they have no handshake, no deadlines, and audio of a few bytes.
"""

from __future__ import annotations

import copy
from typing import Any

from protocol.dialect import DialectName
from rules.verdicts import Tally
from tests.rules.judged_traces import book, violated
from wire.trace import Direction, Entry, RecordedTrace
from wire.transcript import read_transcript

Json = dict[str, Any]
VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
PCM = {"type": "audio/pcm", "rate": 24000}
SPOKEN = "AgD6/wIA/v/6/wEA//8CAP3/AAD9/wMA/f8BAAAAAAD9"
"""What recordings keep of a delta: 33 bytes, an odd number."""
WEATHER = {"type": "function", "name": "get_weather", "description": "Look it up.", "parameters": {}}


class Live:
    """A conversation in the making; what the client and the server say is added by hand."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.last: str | None = None
        self.previous: dict[str, str | None] = {}
        self._count = 0
        listening = {
            "format": PCM,
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": VAD,
        }
        self.session: Json = {
            "type": "realtime",
            "object": "realtime.session",
            "id": "sess_1",
            "model": "gpt-realtime",
            "output_modalities": ["text"],
            "instructions": "Be kind.",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "truncation": "auto",
            "prompt": None,
            "expires_at": 1785217650,
            "include": None,
            "audio": {"input": listening, "output": {"format": PCM, "voice": "alloy", "speed": 1.0}},
        }
        self.server("session.created", session=self.session)

    def new(self, kind: str) -> str:
        self._count += 1
        return f"{kind}_{self._count:04d}"

    def server(self, event_type: str, /, **members: Any) -> None:
        self._add("server", {"type": event_type, "event_id": self.new("event"), **members})

    def client(self, event_type: str, /, **members: Any) -> None:
        self._add("client", {"type": event_type, **members})

    def _add(self, who: Direction, event: Json) -> None:
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, seq * 0.05, who, "text", copy.deepcopy(event)))

    def error(self, code: str | None, *, kind: str = "invalid_request_error", **members: Any) -> None:
        told = {"type": kind, "code": code, "message": "No.", "param": None, "event_id": None}
        self.server("error", error={**told, **members})

    def update(self, *, shown: Json | None = None, **session: Any) -> None:
        """Send an update; the server shows it as it was sent, or what is `shown`."""
        self.client("session.update", session={"type": "realtime", **session})
        self.session = {**self.session, **(session if shown is None else shown)}
        self.server("session.updated", session=self.session)

    def listen(self, turn_detection: Json | None = VAD, transcription: Json | None = None) -> None:
        """Change what the server does with input audio."""
        asked = {"turn_detection": turn_detection, "transcription": transcription}
        audio = self.session["audio"]
        shown = {**audio, "input": {**audio["input"], **asked}}
        self.update(audio={"input": asked}, shown={"audio": shown})

    def added(self, item: Json) -> str | None:
        previous, self.last = self.last, item["id"]
        self.previous[item["id"]] = previous
        self.server("conversation.item.added", previous_item_id=previous, item=item)
        return previous

    def whole(self, item: Json) -> None:
        previous = self.added(item)
        self.server("conversation.item.done", previous_item_id=previous, item=item)

    def user(self, *content: Json) -> Json:
        said = list(content) or [{"type": "input_text", "text": "Hello."}]
        item = {"type": "message", "role": "user", "content": said}
        self.client("conversation.item.create", item=item)
        seen = [{k: v for k, v in each.items() if k != "audio"} for each in said]
        shown = {**item, "id": self.new("item"), "status": "completed", "content": seen}
        self.whole(shown)
        return shown

    def turn(self, start: int = 1460, end: int = 4256) -> str:
        """The user speaks, and the server commits what it heard."""
        item_id = self.new("item")
        self.client("input_audio_buffer.append", audio=SPOKEN[:44])
        self.server("input_audio_buffer.speech_started", audio_start_ms=start, item_id=item_id)
        self.server("input_audio_buffer.speech_stopped", audio_end_ms=end, item_id=item_id)
        self.commit(item_id)
        return item_id

    def commit(self, item_id: str) -> None:
        self.server("input_audio_buffer.committed", previous_item_id=self.last, item_id=item_id)
        heard = [{"type": "input_audio", "transcript": None}]
        self.whole(
            {"id": item_id, "type": "message", "status": "completed", "role": "user", "content": heard}
        )

    def ask(self, **response: Any) -> None:
        self.client("response.create", **({"response": response} if response else {}))

    def created(self, **members: Any) -> Json:
        response = {
            "object": "realtime.response",
            "id": self.new("resp"),
            "status": "in_progress",
            "status_details": None,
            "output": [],
            "conversation_id": "conv_1",
            "usage": None,
            "output_modalities": self.session["output_modalities"],
            "max_output_tokens": "inf",
            "metadata": None,
            "audio": {"output": {"format": PCM, "voice": "alloy"}},
            **members,
        }
        self.server("response.created", response=response)
        return response

    def open(self, response: Json, item: Json | None = None, index: int = 0) -> Json:
        """Announce an item, a message if nothing else is said, in response and conversation."""
        message = {
            "id": self.new("item"),
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        item = item or message
        self.server("response.output_item.added", response_id=response["id"], output_index=index, item=item)
        if response["conversation_id"] is not None:
            self.added(item)
        return item

    def place(self, response: Json, item: Json, index: int = 0) -> Json:
        return {
            "response_id": response["id"],
            "item_id": item["id"],
            "output_index": index,
            "content_index": 0,
        }

    def say(self, response: Json, item: Json, *words: str, spoken: bool = False, index: int = 0) -> None:
        """Begin the only part of a message and tell some of it."""
        place = self.place(response, item, index)
        part = {"type": "audio", "transcript": ""} if spoken else {"type": "text", "text": ""}
        self.server("response.content_part.added", **place, part=part)
        for word in words:
            family = "output_audio_transcript" if spoken else "output_text"
            self.server(f"response.{family}.delta", **place, delta=word, obfuscation="x")
            if spoken:
                self.server("response.output_audio.delta", **place, delta=SPOKEN)

    def close(
        self,
        response: Json,
        item: Json,
        text: str,
        *,
        spoken: bool = False,
        status: str = "completed",
        index: int = 0,
    ) -> None:
        """End the part and the message."""
        place = self.place(response, item, index)
        if spoken:
            self.server("response.output_audio.done", **place)
            self.server("response.output_audio_transcript.done", **place, transcript=text)
            part, content = (
                {"type": "audio", "transcript": text},
                {"type": "output_audio", "transcript": text},
            )
        else:
            self.server("response.output_text.done", **place, text=text)
            part, content = {"type": "text", "text": text}, {"type": "output_text", "text": text}
        self.server("response.content_part.done", **place, part=part)
        self.ended(response, {**item, "status": status, "content": [content]}, index)

    def ended(self, response: Json, item: Json, index: int = 0) -> None:
        if response["conversation_id"] is not None:
            previous = self.previous.get(item["id"])
            self.server("conversation.item.done", previous_item_id=previous, item=item)
        self.server("response.output_item.done", response_id=response["id"], output_index=index, item=item)
        response["output"] = [*response["output"], item]

    def done(self, response: Json, status: str = "completed", reason: str | None = None, **more: Any) -> None:
        details = None if status == "completed" else {"type": status, "reason": reason}
        usage = {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2}
        ended = {**response, "status": status, "status_details": details, "usage": usage, **more}
        self.server("response.done", response=ended)

    def answer(self, *, spoken: bool = False, **response: Any) -> Json:
        """Ask for a response; it is told in full."""
        self.ask(**response)
        told = self.created()
        item = self.open(told)
        self.say(told, item, "Hi", " there.", spoken=spoken)
        self.close(told, item, "Hi there.", spoken=spoken)
        self.done(told)
        return item

    def trace(self, **header: Any) -> RecordedTrace:
        return RecordedTrace("live", self.entries, header)


def captured(said: str) -> list[Entry]:
    """Return what a transcript says as others write it down: no handshake, and no ids the client left out."""
    entries = read_transcript(f"whole: false\n{said}")[0].entries
    return [_without_id(e) if e.dir == "client" else e for e in entries]


def _without_id(entry: Entry) -> Entry:
    given = (entry.event or {}).get("event_id") != f"e{entry.seq}"
    return (
        entry
        if given
        else entry._replace(event={n: v for n, v in (entry.event or {}).items() if n != "event_id"})
    )


def numbered(entries: list[Entry], **header: Any) -> RecordedTrace:
    return RecordedTrace("live", [e._replace(seq=n) for n, e in enumerate(entries, 1)], header)


def wrong(trace: RecordedTrace, dialect: DialectName = "openai") -> dict[str, str]:
    """Return what `trace` violates, with the first finding of each."""
    return {id_: tally.findings[0].message for id_, tally in violated(dialect, trace)}


def counted(trace: RecordedTrace, requirement: str, dialect: DialectName = "openai") -> Tally:
    return book(dialect).judge(trace).get(requirement, Tally())
