"""Faults of contexts: how they begin, flush, interleave and end (facts 3)."""

from __future__ import annotations

from functools import partial
from itertools import islice

from protocol.json_values import Json
from reference.alterations import Close, Memory, Sent, SessionStep, again
from reference.differences import Difference, service_differs
from reference.edits import after, drop, put, repeat, unset
from reference.faults.tts_steps import (
    BurstLost,
    CreatedLate,
    LastChunkLate,
    OneAtATime,
    asked_otherwise,
    ignoring,
    open_contexts,
    without,
)

_tts = partial(service_differs, "tts")


def _late_chunk(event: Json, memory: Memory) -> list[Sent]:
    """Return the last chunk of a context again."""
    chunks = (
        each
        for each in reversed(memory.told)
        if each["type"] == "audioChunk" and each["contextId"] == event["contextId"]
    )
    return [again(each) for each in islice(chunks, 1)]


def _of_another(event: Json, memory: Memory) -> str:
    """Return the id of another context that is open; its own where there is none."""
    own: str = event["contextId"]
    return next((each for each in open_contexts(memory) if each != own), own)


class _ClosedAgain(SessionStep):
    """The connection ends where a client closes a context twice."""

    def reaction(self, event: Json) -> list[Sent]:
        if event["type"] != "closeContext":
            return []
        same = [e for e in self.memory.asked if e["type"] == "closeContext" and e == event]
        return [Close(1011, "closed twice")] if len(same) > 1 else []


def _patient(event: Json) -> Json:
    """Return a `create` that does not say when the service is to flush by itself."""
    body = {**event["body"], "bufferCharThreshold": 1000, "autoMode": False, "maxBufferDelayMs": 0}
    return {**event, "body": body}


FAULTS: tuple[Difference, ...] = (
    _tts("created-missing", "TO-01", "`contextCreated` is left out.", drop("contextCreated")),
    _tts("created-late", "TO-01", "`contextCreated` comes behind the first chunk.", CreatedLate),
    _tts("created-twice", "TO-01", "`contextCreated` comes twice.", repeat("contextCreated")),
    _tts(
        "another-voice-echoed",
        "TS-01",
        "`contextCreated` names another voice than the one that was asked for.",
        put("contextCreated", "body.voiceId", "Somebody"),
    ),
    _tts(
        "burst-text-lost",
        "TO-02 TC-22",
        "Text that is sent before the client can have seen `contextCreated` is not spoken.",
        BurstLost,
    ),
    _tts(
        "chunk-after-closed",
        "TO-03 TO-05",
        "A chunk of a context comes behind its `contextClosed`.",
        after("contextClosed", _late_chunk),
    ),
    _tts(
        "flush-after-closed",
        "TO-05 TO-06",
        "A `flushCompleted` of a context comes behind its `contextClosed`.",
        after("contextClosed", lambda event, _memory: {**event, "type": "flushCompleted"}),
    ),
    _tts(
        "closed-early",
        "TO-04",
        "`contextClosed` comes ahead of the last chunk of its context.",
        partial(LastChunkLate, behind="contextClosed"),
    ),
    _tts("closed-missing", "TO-04 TS-13", "`contextClosed` is left out.", drop("contextClosed")),
    _tts("closed-twice", "TO-04", "`contextClosed` comes twice.", repeat("contextClosed")),
    _tts(
        "closed-without-id",
        "TS-13",
        "`contextClosed` has no `contextId`.",
        unset("contextClosed", "contextId"),
    ),
    _tts(
        "closed-no-object",
        "TS-13",
        "`contextClosed` is `true`, and no object.",
        put("contextClosed", "body", True),
    ),
    _tts(
        "close-forgets-text",
        "TO-04 TC-05",
        "`close_context` closes without speaking what is buffered.",
        policy={"speaks_on_close": False},
    ),
    _tts("close-ignored", "TO-04", "`close_context` is ignored.", ignoring("closeContext")),
    _tts("close-again-ends", "TC-20", "A second `close_context` ends the connection.", _ClosedAgain),
    _tts(
        "ends-with-context",
        "TO-08",
        "The connection ends as soon as one context has closed.",
        after("contextClosed", lambda _event, _memory: [Close(1000)]),
    ),
    _tts(
        "wrong-context-id",
        "TO-08",
        "Chunks name a context that does not exist.",
        put("audioChunk", "contextId", "another-context"),
    ),
    _tts("context-id-missing", "TO-08", "Chunks have no `contextId`.", unset("audioChunk", "contextId")),
    _tts(
        "audio-of-another",
        "TO-08",
        "While two contexts are open, the audio of one comes under the id of the other.",
        put("audioChunk", "contextId", _of_another),
    ),
    _tts(
        "contexts-wait",
        "TO-08",
        "Nothing of a context comes before the one created ahead of it has closed.",
        OneAtATime,
    ),
    _tts(
        "flush-completed-missing",
        "TO-06 TS-14",
        "`flushCompleted` is left out.",
        drop("flushCompleted"),
    ),
    _tts(
        "flush-completed-early",
        "TO-06",
        "`flushCompleted` comes ahead of the last chunk of its flush.",
        partial(LastChunkLate, behind="flushCompleted"),
    ),
    _tts("flush-completed-twice", "TO-06", "`flushCompleted` comes twice.", repeat("flushCompleted")),
    _tts("flush-ignored", "TC-04 TO-06", "`flush_context` is ignored.", ignoring("flushContext")),
    _tts(
        "flush-in-text-ignored",
        "TC-03 TO-06",
        "`flush_context` inside `send_text` is ignored.",
        without("sendText", "body.flushContext"),
    ),
    _tts(
        "never-flushes-by-itself",
        "TC-16",
        "Neither threshold nor delay nor `autoMode` makes the service flush.",
        asked_otherwise("create", _patient),
    ),
    _tts("cancel-ignored", "TC-06 TO-15", "`cancel_context` is ignored.", ignoring("cancelContext")),
)
