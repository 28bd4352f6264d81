"""Reports to look at: judged from conversations written here, one server obedient, one broken and hostile."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.judging import contract_for, judge_traces, opening
from realtime_conformance.application.trace_statistics import with_evidence
from reports.model import Report, ScenarioResult, Target
from suites.conversations.table import Coverage

HOSTILE = "</script><img src=x onerror=alert(1)><!-- \u202eevil\u2028 ' \" & {{ 7*7 }}"
"""What a server may send to take over the page that shows it."""

URL = "wss://example.test/v1/realtime?model=x"

Event = dict[str, Any]

SESSION: Event = {
    "type": "realtime",
    "object": "realtime.session",
    "id": "sess_1",
    "model": "gpt-realtime",
    "output_modalities": ["audio"],
    "instructions": "",
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "truncation": "auto",
    "prompt": None,
    "expires_at": 1,
    "include": None,
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": None,
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy", "speed": 1.0},
    },
}


def _server(type_: str, **fields: Any) -> tuple[str, Event]:
    return "server", {"type": type_, **fields}


def _client(type_: str, **fields: Any) -> tuple[str, Event]:
    return "client", {"type": type_, **fields}


def conversation(*, hostile: bool = False) -> list[tuple[str, Event]]:
    """Return a short conversation with one response of text; broken in several ways where `hostile`."""
    response: Event = {
        "object": "realtime.response",
        "id": "resp_1",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "output_modalities": ["text"],
        "max_output_tokens": "inf",
        "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}},
        "metadata": None,
        "usage": None,
    }
    item: Event = {
        "id": "item_1",
        "object": "realtime.item",
        "type": "message",
        "status": "in_progress",
        "role": "assistant",
        "content": [],
    }
    done = {**item, "status": "completed", "content": [{"type": "output_text", "text": "Two."}]}
    place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    usage = {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2}
    updated = {**copy.deepcopy(SESSION), "output_modalities": ["text"]}
    ended = {**response, "status": "completed", "output": [done], "usage": usage}
    of_response = {"response_id": "resp_1", "output_index": 0}
    empty, full = {"type": "text", "text": ""}, {"type": "text", "text": "Two."}
    asked = {"type": "realtime", "output_modalities": ["text"]}
    entries = [
        _server("session.created", session=SESSION),
        _client("session.update", event_id="ours_1", session=asked),
        _server("session.updated", session=updated),
        _client("response.create", event_id="ours_2"),
        _server("response.created", response=response),
        _server("response.output_item.added", **of_response, item=item),
        _server("conversation.item.added", previous_item_id=None, item=item),
        _server("response.content_part.added", **place, part=empty),
        _server("response.output_text.delta", **place, delta="Tw"),
        _server("response.output_text.delta", **place, delta="o."),
        _server("response.output_text.done", **place, text="Two."),
        _server("response.content_part.done", **place, part=full),
        _server("response.output_item.done", **of_response, item=done),
        _server("conversation.item.done", previous_item_id=None, item=done),
        _server("response.done", response=ended),
    ]
    made = [
        (side, {"event_id": f"event_{n}", **event} if side == "server" else event)
        for n, (side, event) in enumerate(copy.deepcopy(entries))
    ]
    return _spoilt(made) if hostile else made


def _spoilt(entries: list[tuple[str, Event]]) -> list[tuple[str, Event]]:
    by_type = {event["type"]: event for _, event in entries}
    by_type["session.updated"]["session"]["audio"]["output"]["voice"] = HOSTILE
    by_type["session.updated"]["session"]["id"] = HOSTILE
    by_type["response.created"]["response"]["status"] = HOSTILE
    by_type["response.output_text.done"]["text"] = HOSTILE
    del by_type["response.done"]["response"]["output"][0]["content"]
    error = {"type": HOSTILE, "message": HOSTILE, "code": None, "param": None, "event_id": "ours_3"}
    place = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
    return [
        *entries,
        ("server", {"type": HOSTILE, "event_id": "event_x", HOSTILE: HOSTILE}),
        _client("conversation.item.retrieve", event_id="ours_3", item_id="item_unknown"),
        _server("error", event_id="event_y", error=error),
        _server("response.output_text.delta", event_id="event_1", **place, delta=HOSTILE),
    ]


def written(path: Path, entries: Sequence[tuple[str, Event]]) -> Path:
    """Write a trace of `entries`, 50 ms apart, to `path`."""
    lines: list[Mapping[str, Any]] = [
        {
            "trace": 1,
            "name": path.stem,
            "started": "2026-01-01T00:00:00+00:00",
            "dialect": "openai",
            "target": "wss://example.test",
            "patience": {"answer": 1.0, "response": 1.0},
        },
        {"seq": 1, "t": 0.0, "dir": "harness", "kind": "open", "detail": {"subprotocol": ""}},
    ]
    for number, (side, event) in enumerate(entries, 2):
        lines.append(
            {"seq": number, "t": round(number * 0.05, 3), "dir": side, "kind": "text", "event": event}
        )
    lines.append({"end": "closed", "entries": len(lines) - 1})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    return path


def report_on(out: Path, *, hostile: bool = False, traces: int = 2) -> Report:
    """Return the report on `traces` conversations, written to `out`/traces."""
    files = {
        f"bootstrap.turn_{n}": written(
            out / "traces" / f"bootstrap.turn_{n}.jsonl", conversation(hostile=hostile)
        )
        for n in range(traces)
    }
    contract = contract_for("openai")
    scenarios = [
        ScenarioResult(
            name,
            "One `response.create` and its answer.",
            "passed",
            0.8,
            (name,),
            "",
            ("session/created/first", "response/create/acknowledged"),
        )
        for name in files
    ]
    if hostile:
        scenarios[-1] = replace(
            scenarios[-1], outcome="stalled", message=f"waited for {HOSTILE}", explained_by=""
        )
    report = compose(
        judge_traces(files.values(), "openai", contract),
        target=Target(URL, "openai", {"audio-output": True, "mcp": False}),
        contract=contract,
        circumstances=Circumstances(
            started="2026-01-01T12:00:00+00:00",
            duration_s=1.6,
            scenarios=scenarios,
            spent={"sessions": 2, "responses": 2, "audio_s": 0.5, "tokens": 6},
            probed={"audio-output": True},
            notes=[f"a note: {HOSTILE}"] if hostile else [],
        ),
        also={"inworld": judge_traces(files.values(), "inworld", contract_for("inworld"))},
    )
    visited = Coverage()
    visited.visit("buffer", "empty", "append", done=True)
    visited.visit("buffer", "empty", "commit", done=True)
    report = replace(report, coverage=visited.as_dict())
    sources = {n: opening(p, n) for n, p in files.items()}
    return with_conversations(with_evidence(report, sources, files, out), sources, out)
