"""Events to build small traces of, by hand: a conversation reads like what was said."""

from __future__ import annotations

import base64
from typing import Any, cast

from reference.dialects import DialectName
from rules.case import ExchangeCase
from rules.engine import Rulebook
from rules.registration import Registered
from rules.rulebook import own_contract
from rules.verdicts import Tally
from rules.views import ExchangeView
from tests.rules.judging import book
from wire.trace import Direction, Entry, Kind, RecordedTrace

Json = dict[str, Any]
Said = tuple[Direction, Json]

OFF: Json = {"input": {"turn_detection": None}}
VAD: Json = {"input": {"turn_detection": {"type": "server_vad"}}}


def audio(milliseconds: float) -> str:
    """So much silence: PCM16 at 24 kHz, as Base64."""
    return base64.b64encode(bytes(round(48 * milliseconds))).decode()


def client(type_: str, **members: Any) -> Said:
    return "client", {"type": type_, **members}


def server(type_: str, **members: Any) -> Said:
    return "server", {"type": type_, **members}


def append(milliseconds: float) -> Said:
    return client("input_audio_buffer.append", audio=audio(milliseconds))


def session(**fields: Any) -> Json:
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": "sess_1",
        "model": "gpt-realtime",
        "output_modalities": ["text"],
        "audio": OFF,
        **fields,
    }


def hearing(**fields: Any) -> Json:
    """The `audio` of a session, by fields of its input."""
    return {"input": {"turn_detection": None, **fields}}


def speaking(**fields: Any) -> Json:
    """The `audio` of a session, by fields of its output."""
    return {**OFF, "output": fields}


def created(**fields: Any) -> Said:
    return server("session.created", session=session(**fields))


def message(id_: str = "", role: str = "user", text: str | None = "Hello.", **fields: Any) -> Json:
    """A message; without an id, as a client creates it."""
    kind = "output_text" if role == "assistant" else "input_text"
    said = {"type": "message", "role": role, "content": [{"type": kind, "text": text}], **fields}
    return {"id": id_, "status": "completed", **said} if id_ else said


def spoken(id_: str) -> Json:
    content = [{"type": "output_audio", "transcript": "Hello."}]
    return {**message(id_, "assistant"), "content": content}


def call(id_: str, call_id: str) -> Json:
    return {
        "id": id_,
        "type": "function_call",
        "status": "completed",
        "call_id": call_id,
        "name": "get_weather",
        "arguments": "{}",
    }


def output(call_id: str, **fields: Any) -> Json:
    return {"type": "function_call_output", "call_id": call_id, "output": "{}", **fields}


def joins(item: Json, previous: str | None = None) -> list[Said]:
    """An item is added to the conversation, and done."""
    return [
        server("conversation.item.added", previous_item_id=previous, item=item),
        server("conversation.item.done", previous_item_id=previous, item=item),
    ]


def put(item: Json, previous: str | None = None) -> list[Said]:
    """The client creates an item, and it joins."""
    return [client("conversation.item.create", item=item), *joins(item, previous)]


def response(id_: str, status: str = "in_progress", **fields: Any) -> Json:
    usage = None if status == "in_progress" else {"total_tokens": 3, "input_tokens": 2, "output_tokens": 1}
    return {
        "object": "realtime.response",
        "id": id_,
        "status": status,
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "output_modalities": ["text"],
        "usage": usage,
        "metadata": None,
        **fields,
    }


def begins(id_: str, **fields: Any) -> Said:
    return server("response.created", response=response(id_, **fields))


def ends(id_: str, status: str = "completed", **fields: Any) -> Said:
    return server("response.done", response=response(id_, status, **fields))


def speaks(response_id: str, item_id: str, milliseconds: float, **fields: Any) -> list[Said]:
    """An answer of so much audio, from its item to its end."""
    ids = {"response_id": response_id, "item_id": item_id, "output_index": 0, "content_index": 0}
    empty = {**spoken(item_id), "status": "in_progress", "content": []}
    place = {"response_id": response_id, "output_index": 0}
    return [
        server("response.output_item.added", **place, item=empty),
        server("conversation.item.added", previous_item_id=None, item=empty),
        server("response.content_part.added", **ids, part={"type": "audio", "transcript": ""}),
        server("response.output_audio.delta", **ids, delta=audio(milliseconds)),
        server("response.output_audio_transcript.delta", **ids, delta="Hello."),
        server("response.output_audio.done", **ids),
        server("response.output_audio_transcript.done", **ids, transcript="Hello."),
        server("response.content_part.done", **ids, part={"type": "audio", "transcript": "Hello."}),
        server("conversation.item.done", previous_item_id=None, item=spoken(item_id)),
        server("response.output_item.done", **place, item=spoken(item_id)),
        ends(response_id, output=[spoken(item_id)], **fields),
    ]


def opens(item: Json, index: int = 0, response_id: str = "resp_1") -> Said:
    """An item of a response is announced, empty as yet."""
    empty: Json = {"arguments": ""} if item["type"] == "function_call" else {"content": []}
    return server(
        "response.output_item.added",
        response_id=response_id,
        output_index=index,
        item={**item, "status": "in_progress", **empty},
    )


def closes(item: Json, index: int = 0, response_id: str = "resp_1") -> Said:
    """An item of a response is done."""
    return server("response.output_item.done", response_id=response_id, output_index=index, item=item)


ASKED = client("response.create")
RUNNING = [ASKED, begins("resp_1")]
CLEAR = client("input_audio_buffer.clear", event_id="clear")
CLEARED = server("input_audio_buffer.cleared")
ADDED, DONE = joins(message("item_1"))


def error(culprit: str | None = None, code: Any = "invalid_value", **members: Any) -> Said:
    body = {"type": "invalid_request_error", "code": code, "message": "No.", "param": None}
    return server("error", error={**body, "event_id": culprit, **members})


def create(name: str, item: dict[str, Any], **members: Any) -> Said:
    return client("conversation.item.create", event_id=name, item=item, **members)


def update(**fields: Any) -> Said:
    return client("session.update", event_id="update", session={"type": "realtime", **fields})


def updated(**fields: Any) -> Said:
    return server("session.updated", session=session(**fields))


def retrieved(item: dict[str, Any]) -> list[Said]:
    return [
        client("conversation.item.retrieve", item_id=item["id"]),
        server("conversation.item.retrieved", item=item),
    ]


def truncated(end: int) -> list[Said]:
    place = {"item_id": "item_1", "content_index": 0, "audio_end_ms": end}
    return [client("conversation.item.truncate", **place), server("conversation.item.truncated", **place)]


def triggered(start: int, end: int) -> Said:
    return server(
        "input_audio_buffer.timeout_triggered", item_id="item_1", audio_start_ms=start, audio_end_ms=end
    )


def deltas(number: int, response_id: str = "resp_1") -> list[Said]:
    ids = {"response_id": response_id, "item_id": "item_a", "output_index": 0, "content_index": 0}
    return [server("response.output_text.delta", **ids, delta="on ") for _ in range(number)]


def listening(**detection: Any) -> Said:
    return created(audio={"input": {"turn_detection": {"type": "server_vad", **detection}}})


def transcription(kind: str, id_: str = "item_1", **fields: Any) -> Said:
    return server(
        f"conversation.item.input_audio_transcription.{kind}",
        **{"item_id": id_, "content_index": 0, **fields},
    )


def transcribed(id_: str = "item_1", text: str | None = "Hello.", **fields: Any) -> Said:
    usage = {"type": "duration", "seconds": 1}
    return transcription("completed", id_, **{"transcript": text, "usage": usage, **fields})


def hears(text: str, id_: str = "item_1", **fields: Any) -> Said:
    return transcription("delta", id_, delta=text, **fields)


UNHEARD = transcription(
    "failed", error={"type": "server_error", "code": None, "message": "No.", "param": None}
)
WRITES_DOWN = server(
    "session.created",
    session={
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": "sess_1",
        "audio": OFF,
    },
)


def started(milliseconds: int, id_: str = "item_1") -> Said:
    return server("input_audio_buffer.speech_started", item_id=id_, audio_start_ms=milliseconds)


def stopped(milliseconds: int, id_: str = "item_1") -> Said:
    return server("input_audio_buffer.speech_stopped", item_id=id_, audio_end_ms=milliseconds)


def cut_off(reason: str, response_id: str = "resp_1", **fields: Any) -> Said:
    """A response ends as cancelled, for a `reason`."""
    return ends(response_id, "cancelled", status_details={"type": "cancelled", "reason": reason}, **fields)


COMMIT = client("input_audio_buffer.commit", event_id="commit")
COMMITTED = server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
SPEECH = server("input_audio_buffer.speech_started", item_id="item_s", audio_start_ms=0)
CANCEL = client("response.cancel", event_id="cancel")
OUTPUT = {"id": "item_2", "type": "function_call_output", "call_id": "call_1", "output": "{}"}
IDLE = created(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
LIMITED = client("response.create", response={"max_output_tokens": 10})


def used(tokens: int | None, status: str = "completed", **fields: Any) -> Said:
    usage = None if tokens is None else {"total_tokens": tokens, "input_tokens": 0, "output_tokens": tokens}
    return ends("resp_1", status, usage=usage, **fields)


TYPED = message("item_1", "assistant")
BESIDE = "@beside"  # what the suite notes beside an event


def frame(who: Direction, **detail: Any) -> Said:
    """A frame that is not an event: of `size` if it is binary, else with its `raw` text."""
    return who, {"type": "@binary" if "size" in detail else "@text", **detail}


def made_up(said: Said, **label: str) -> Said:
    """A client event, or a frame, that the suite made wrong on purpose: how, stands in its `label`."""
    who, event = said
    beside = {"stimulus": label} if event["type"] in ("@text", "@binary") else {BESIDE: {"stimulus": label}}
    return who, {**event, **beside}


def in_fragments(said: Said) -> Said:
    who, event = said
    return who, {**event, BESIDE: {"fragments": 3}}


def hangs_up(code: int, reason: str = "", who: Direction = "server") -> Said:
    return who, {"type": "@close", "code": code, "reason": reason}


def silence(awaited: str, seconds: float = 15.0) -> Said:
    """The client waits for so long, and nothing comes at all."""
    waited = {"waited_s": seconds, "silent_s": seconds, "silent": True}
    return "harness", {"type": "@deadline", "awaited": awaited, **waited}


def waits(awaited: str) -> Said:
    """The client waits in vain, and something else has come meanwhile."""
    waited = {"waited_s": 15.0, "silent_s": 1.0, "silent": False}
    return "harness", {"type": "@deadline", "awaited": awaited, **waited}


def opened(**detail: Any) -> Said:
    return "harness", {"type": "@open", **detail}


FLOOD: Said = ("harness", {"type": "@limit"})


def turned_away(**detail: Any) -> Said:
    return "server", {"type": "@refusal", **detail}


def trace(
    *said: Said, whole: bool = True, measured: bool = True, timed: bool = True, **header: Any
) -> RecordedTrace:
    """What was said, in order, a tenth of a second apart if it is `timed`.

    A whole trace begins with the handshake.
    """
    shaken = bool(said) and said[0][1].get("type") in ("@open", "@refusal")
    entries = [Entry(1, 0.0, "harness", "open")] if whole and not shaken else []
    clock = 0.0
    for who, event in said:
        seq, clock = len(entries) + 1, clock + 0.1 + event.get("waited_s", 0.0)
        type_ = event.get("type")
        if isinstance(type_, str) and type_.startswith("@"):
            detail = {"since": seq - 1, **event} if type_ == "@deadline" else {**event}
            del detail["type"]
            entries.append(Entry(seq, clock, who, cast(Kind, type_[1:]), None, detail))
        else:
            shown = {"event_id": f"e{seq}", **event}
            entries.append(Entry(seq, clock, who, "text", shown, shown.pop(BESIDE, None)))
    if not timed:
        entries = [entry._replace(t=None) for entry in entries]
    return RecordedTrace("by hand", entries, {"measured": measured, **header})


def sent_last(dialect: str, spoken_before: RecordedTrace) -> ExchangeView:
    """Return the last client event of a trace as the judge takes it when it is sent."""
    found: list[ExchangeView] = []

    def note(case: ExchangeCase) -> None:
        found.append(case.exchange)

    book = Rulebook(own_contract(dialect), dialect, (), [Registered("noted", ("@sent",), note)])
    book.judge(spoken_before)
    return found[-1]


def outcome(requirement: str, spoken: RecordedTrace, dialect: DialectName = "openai") -> str:
    """Return in a word what the judge makes of a requirement in a trace."""
    return word(book(dialect).judge(spoken).get(requirement, Tally()))


def word(tally: Tally) -> str:
    """Return in a word what was counted.

    That is `violated`, `undecided`, `holds`, `seen: ` with the ways that were observed, or `nothing`.
    """
    assert not tally.errors, tally.errors[0]
    if tally.violations:
        return "violated"
    if tally.observed:
        return f"seen: {', '.join(sorted(tally.observed))}"
    if tally.subjects:
        return "holds"
    return "undecided" if tally.undecided else "nothing"
