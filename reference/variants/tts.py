"""Variants of speech synthesis: what the facts allow, and this service does not do by itself."""

from __future__ import annotations

from functools import partial

from protocol.json_values import MISSING, Json
from reference.alterations import Memory
from reference.channels.status import GrpcCode, status
from reference.differences import Difference, service_differs
from reference.edits import after, at_path, both, drop, has, lacks, put, unset

_tts = partial(service_differs, "tts")
_WORDS = "body.timestampInfo.wordAlignment.words"


def _upper(event: Json, _memory: Memory) -> list[str]:
    return [word.upper().rstrip(".,!?") or word for word in at_path(event, _WORDS)]


def _of_ended_context(_event: Json, memory: Memory) -> bool:
    """Tell whether what is refused is one more end of a context."""
    return bool(memory.asked) and memory.asked[-1]["type"] in ("closeContext", "cancelContext")


VARIANTS: tuple[Difference, ...] = (
    _tts("no-usage", "TS-03 TO-13", "Chunks have no `usage`.", unset("audioChunk", "body.usage")),
    _tts(
        "status-beside-key",
        "TS-05",
        "A status with code 0 stands beside each key.",
        put("*", "status", status(GrpcCode.OK), lacks("status")),
    ),
    _tts(
        "status-in-chunk",
        "TS-05",
        "Each chunk has a status with code 0 inside.",
        put("audioChunk", "body.status", status(GrpcCode.OK)),
    ),
    _tts(
        "async-behind-audio",
        "TC-13",
        "`ASYNC` times come behind all the audio of their flush.",
        policy={"trailing_alignments": True},
    ),
    _tts(
        "async-echoed-as-sync",
        "TS-02",
        "Who asks for `ASYNC` is shown `SYNC`.",
        put(
            "contextCreated",
            "body.timestampTransportStrategy",
            "SYNC",
            has("body.timestampTransportStrategy", "ASYNC"),
        ),
    ),
    _tts(
        "sparse-echo",
        "TS-01",
        "`contextCreated` leaves out what is not specified.",
        unset(
            "contextCreated", "body.timestampType", has("body.timestampType", "TIMESTAMP_TYPE_UNSPECIFIED")
        ),
        unset("contextCreated", "body.applyTextNormalization"),
        unset("contextCreated", "body.autoModeStrategy"),
    ),
    _tts(
        "automatic-flush-untold",
        "TS-15 TO-06",
        "Flushes that nobody has asked for end without `flushCompleted`.",
        policy={"tells_automatic_flushes": False},
    ),
    _tts(
        "close-tells-flush",
        "TC-05 TO-06",
        "`flushCompleted` comes ahead of `contextClosed`.",
        policy={"completes_on_close": True},
    ),
    _tts(
        "cancel-keeps-context",
        "TO-15 TC-06",
        "A context that is cancelled stays open.",
        policy={"closes_on_cancel": False},
    ),
    _tts(
        "refusal-closes-context",
        "TS-16",
        "A context of which a text is refused is closed.",
        policy={"closes_on_refusal": True},
    ),
    _tts(
        "close-again-untold",
        "TC-20 TO-10",
        "Closing or cancelling a context that has closed is ignored.",
        drop("status", both(has("status.code", GrpcCode.NOT_FOUND), _of_ended_context)),
    ),
    _tts(
        "done-frames",
        "TS-11",
        "Behind `contextClosed` comes a frame with `done: true`.",
        after("contextClosed", lambda _event, _memory: {"type": "frame", "body": {"done": True}}),
    ),
    _tts(
        "unknown-fields",
        "CN-11",
        "Messages have fields that no document knows.",
        put("*", "body.traceId", "trace-1"),
        put("status", "status.traceId", "trace-1"),
    ),
    _tts(
        "small-chunks",
        "TS-03",
        "Chunks are of a word each, or less.",
        policy={"chunk_characters": 4},
    ),
    _tts(
        "large-chunks",
        "TS-03 CN-16",
        "Chunks are of about 120 characters.",
        policy={"chunk_characters": 120},
    ),
    _tts(
        "wav-header-once",
        "TC-09",
        "Of the chunks of `WAV`, only the first of a flush has a RIFF header.",
        policy={"header_once": frozenset({"WAV"})},
    ),
    _tts(
        "words-normalised",
        "TO-12",
        "Aligned words are spelled as they are spoken, and not as they were sent.",
        put("audioChunk", _WORDS, _upper, has(_WORDS)),
    ),
    _tts(
        "limit-by-another-code",
        "TO-09",
        "One context too many is refused with code 9.",
        put("status", "status.code", 9, has("status.code", GrpcCode.RESOURCE_EXHAUSTED)),
    ),
    _tts(
        "status-without-details",
        "TS-09 TS-10",
        "A status has no `details`.",
        put(
            "status",
            "status",
            lambda event, _memory: {key: event["status"][key] for key in ("code", "message")},
        ),
    ),
    _tts("speaks-fast", "TS-03", "A character lasts 40 ms.", policy={"character_ms": 40.0}),
    _tts("speaks-slowly", "TS-03", "A character lasts 90 ms.", policy={"character_ms": 90.0}),
    _tts(
        "no-alignment-of-nothing",
        "TS-04",
        "A chunk in which no word begins has no times.",
        put("audioChunk", "body.timestampInfo", MISSING, has(_WORDS, [])),
    ),
)
