"""Conversations of the keyed channels, written short: a line is who, the message, and sometimes a context."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

from packs.pack import Pack
from wire.trace import Direction, Entry, EntryKind, RecordedTrace

STEP_S = 0.1

Line = tuple[str, dict[str, Any] | float | int | str]


def conversation(*lines: Line | None, name: str = "talk") -> RecordedTrace:
    """Return what `lines` say: `>` and `<` are frames, `…` a wait in vain, `x` a close by the server, `o`
    another connection, `b` a frame that is no JSON object, `!` one that the suite made up (see `made`)."""
    entries: list[Entry] = []
    clock = 0.0

    def add(side: Direction, kind: EntryKind, event: dict[str, Any] | None, detail: Any = None) -> None:
        entries.append(Entry(len(entries) + 1, clock, side, kind, event, detail))

    add("harness", "open", None, {})
    for line in filter(None, lines):
        sign, said = line
        clock += STEP_S
        if sign == "…":
            clock += float(said)  # type: ignore[arg-type]
            add("harness", "deadline", None, {"waited_s": said, "awaited": "an answer"})
        elif sign == "x":
            add("server", "close", None, {"code": said})
        elif sign == "o":
            add("harness", "open", None, {})
        elif sign == "b":
            add("server", "text", None, {"raw": said})
        elif sign == "!":
            assert isinstance(said, dict)
            add("client", "text", said["event"], {"stimulus": said["stimulus"]})
        else:
            assert isinstance(said, dict)
            add("client" if sign == ">" else "server", "text", said)
    return RecordedTrace(name, entries)


def violated(pack: Pack, trace: RecordedTrace) -> dict[str, set[str]]:
    """Return the kinds of findings by requirement, in the dialect of the pack."""
    found = pack.judge(pack.dialects[0]).judge(trace)
    return {
        id_: {f.kind.partition("#")[2] for f in tally.findings}
        for id_, tally in found.items()
        if tally.violations
    }


def held(pack: Pack, trace: RecordedTrace) -> set[str]:
    """Return the requirements that were examined, and hold."""
    found = pack.judge(pack.dialects[0]).judge(trace)
    return {id_ for id_, tally in found.items() if tally.subjects and not tally.violations}


def made(
    line: Line, path: str, operator: str = "type", value: str = "number", *, expects: str = "refusal"
) -> Line:
    """The client's message in `line`, made up by the suite: with a fault at `path`, or what it `expects`."""
    label = {"path": path, "operator": operator, "value": value, "expects": expects}
    return "!", {"event": line[1], "stimulus": label}


def of_made_up(pack: Pack) -> set[str]:
    """Return the requirements about messages that the suite makes up."""
    return {e.id for e in pack.registry() if e.id.endswith("/settings/taken") or "/misuse/" in e.id}


# --- speech synthesis ---------------------------------------------------------------------------------------


def create(context: str = "a", **settings: Any) -> Line:
    """The client opens a context."""
    return ">", {
        "create": {"voiceId": "Dennis", "modelId": "inworld-tts-2", **settings},
        "contextId": context,
    }


def text(said: str = "Hello there.", context: str = "a", *, flush: bool = False) -> Line:
    """The client sends text."""
    body = {"text": said, "flush_context": {}} if flush else {"text": said}
    return ">", {"send_text": body, "contextId": context}


def to(key: str, context: str = "a") -> Line:
    """The client sends a message without fields: `flush_context`, `close_context`, `cancel_context`."""
    return ">", {key: {}, "contextId": context}


def result(key: str, context: str | None = "a", body: Any = None, **beside: Any) -> Line:
    """The server sends a result."""
    about = {} if context is None else {"contextId": context}
    return "<", {"result": {**about, key: {} if body is None else body, **beside}}


def status(code: Any, context: str | None = "a", said: str = "no") -> Line:
    """The server says that something went wrong with a context, or with none."""
    about = {} if context is None else {"contextId": context}
    return "<", {"result": {**about, "status": {"code": code, "message": said, "details": []}}}


def pcm(samples: int = 240) -> bytes:
    """Return so many samples."""
    return struct.pack(f"<{samples}h", *(n % 99 for n in range(samples)))


def wav(samples: int = 240) -> bytes:
    """Return so many samples behind a RIFF header."""
    data = pcm(samples)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + bytes(28) + data


def riff(data: bytes, rate: int, *, tag: int = 1, bits: int = 16) -> bytes:
    """Return `data` behind a RIFF header that says so: `tag` 1 is for linear samples."""
    head = struct.pack("<4sI4s4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16)
    form = struct.pack("<HHIIHH4sI", tag, 1, rate, rate * bits // 8, bits // 8, bits, b"data", len(data))
    return head + form + data


def chunk(context: str | None = "a", data: bytes | str = b"", **body: Any) -> Line:
    """The server speaks."""
    content = data if isinstance(data, str) else base64.b64encode(data or pcm()).decode()
    return result("audioChunk", context, {"audioContent": content, **body})


def words(*times: tuple[float, float], starts: int | None = None) -> dict[str, Any]:
    """Return the alignment of words that start and end so; with so many `starts` only, if given."""
    return {
        "timestampInfo": {
            "wordAlignment": {
                "words": [f"word{n}" for n, _ in enumerate(times)],
                "wordStartTimeSeconds": [start for start, _ in times][:starts],
                "wordEndTimeSeconds": [end for _, end in times],
            }
        }
    }


# --- speech recognition -------------------------------------------------------------------------------------


def config(**settings: Any) -> Line:
    """The client says what it is going to send."""
    usual = {"modelId": "inworld/inworld-stt-1", "audioEncoding": "LINEAR16", "sampleRateHertz": 16_000}
    return ">", {"transcribeConfig": {**usual, **settings}}


def audio(ms: int = 100) -> Line:
    """The client sends so much audio, of 16 kHz."""
    return ">", {"audioChunk": {"content": base64.b64encode(bytes(ms * 32)).decode()}}


def speech(of: int, ms: int = 500) -> Line:
    """The client sends so much audio that is no silence, the same for the same number."""
    samples = (1000 + 7 * (of * n % 499) for n in range(ms * 16))
    return ">", {"audioChunk": {"content": base64.b64encode(struct.pack(f"<{ms * 16}h", *samples)).decode()}}


def sent(key: str) -> Line:
    """The client sends `endTurn` or `closeStream`."""
    return ">", {key: {}}


def heard(transcript: str, *, final: Any = False, **more: Any) -> Line:
    """The server transcribes."""
    body = {"transcript": transcript, "isFinal": final, "wordTimestamps": [], "voiceProfile": None, **more}
    return "<", {"result": {"transcription": body}}


def told(key: str, **body: Any) -> Line:
    """The server says something else."""
    return "<", {"result": {key: body}}


def written(path: Path, trace: RecordedTrace) -> Path:
    """Write `trace` as others write theirs: one JSON object a line."""
    lines: list[dict[str, Any]] = []
    for entry in trace:
        if entry.event is not None:
            lines.append({"dir": entry.dir, "t": entry.t, "event": entry.event})
        elif entry.kind in ("open", "close"):
            lines.append({"kind": entry.kind, "t": entry.t, "detail": entry.detail})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
