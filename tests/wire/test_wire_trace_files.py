"""A trace is written as it happens, and read again as it was written; what others write is read as well."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wire.redaction import Redactor
from wire.trace import Entry, RecordedTrace, Recorder
from wire.trace_files import TraceError, TraceFile

SESSION_CREATED = {"type": "session.created", "event_id": "event_1", "session": {"id": "sess_1"}}


def _recorded(path: Path) -> Path:
    """Write a short trace, properly ended."""
    recorder = Recorder(path, Redactor(), scenario="greeting", dialect="openai", patience={"answer": 2.0})
    recorder.add("harness", "open", url="ws://host/", subprotocol="")
    recorder.add("server", "text", text=json.dumps(SESSION_CREATED))
    recorder.add("client", "text", text="{not json")
    recorder.add("client", "binary", size=3)
    recorder.add("client", "close", code=1000, reason="")
    recorder.close("closed")
    return path


def _lines(path: Path, *lines: str) -> Path:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


# --- our own form -----------------------------------------------------------------------------------------


def test_a_trace_has_a_header_a_line_an_entry_and_a_footer(tmp_path: Path) -> None:
    lines = [
        json.loads(line) for line in _recorded(tmp_path / "a" / "greeting.jsonl").read_text().splitlines()
    ]
    assert lines[0]["trace"] == 1
    assert lines[0]["name"] == "greeting"
    assert lines[0]["dialect"] == "openai"
    assert [line["seq"] for line in lines[1:-1]] == [1, 2, 3, 4, 5]
    assert lines[-1] == {"end": "closed", "entries": 5}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    trace = TraceFile(_recorded(tmp_path / "greeting.jsonl"))
    entries = list(trace)
    assert trace.complete
    assert trace.whole
    assert trace.name == "greeting"
    assert trace.header["scenario"] == "greeting"
    assert [(e.seq, e.dir, e.kind) for e in entries] == [
        (1, "harness", "open"),
        (2, "server", "text"),
        (3, "client", "text"),
        (4, "client", "binary"),
        (5, "client", "close"),
    ]
    assert entries[1].event == SESSION_CREATED
    assert entries[1].type == "session.created"
    assert entries[2].event is None
    assert entries[2].detail == {"raw": "{not json"}
    assert entries[3].detail == {"size": 3}


def test_a_trace_can_be_read_twice(tmp_path: Path) -> None:
    trace = TraceFile(_recorded(tmp_path / "greeting.jsonl"))
    assert list(trace) == list(trace)


@pytest.mark.parametrize("cut", [1, 10, 23])
def test_a_trace_cut_off_in_a_line_is_recognised_and_read_up_to_there(tmp_path: Path, cut: int) -> None:
    path = _recorded(tmp_path / "greeting.jsonl")
    text = path.read_text().removesuffix('{"end":"closed","entries":5}\n')
    path.write_text(text[:-cut])
    trace = TraceFile(path)
    entries = list(trace)
    assert not trace.complete
    assert len(entries) == (5 if cut == 1 else 4)


def test_a_trace_without_its_footer_is_cut_off(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t.jsonl", Redactor())
    recorder.add("server", "text", text=json.dumps(SESSION_CREATED))
    trace = TraceFile(tmp_path / "t.jsonl")  # nobody closed it, and each line is already on disk
    assert len(list(trace)) == 1
    assert not trace.complete


def test_nothing_is_written_after_the_footer(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    recorder = Recorder(path, Redactor())
    recorder.close("closed")
    recorder.close("failed")
    recorder.add("server", "text", text="{}")
    assert path.read_text().splitlines()[-1] == '{"end":"closed","entries":0}'


def test_long_audio_of_the_client_is_shortened_and_its_length_kept(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t.jsonl", Redactor())
    event = {"type": "input_audio_buffer.append", "audio": "A" * 400_000}
    _, heard = recorder.add("client", "text", text=json.dumps(event))
    recorder.add("server", "text", text=json.dumps(event))
    recorder.close("closed")
    sent, received = TraceFile(tmp_path / "t.jsonl")
    assert heard == event
    assert sent.event is not None
    assert len(sent.event["audio"]) % 4 == 0
    assert len(sent.event["audio"]) < 300_000
    assert sent.event["audio_characters"] == 400_000
    assert received.event == event


def test_text_that_is_no_event_is_kept_up_to_a_bound(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "t.jsonl", Redactor())
    recorder.add("server", "text", text="x" * 1_000_000)
    recorder.close("closed")
    [entry] = TraceFile(tmp_path / "t.jsonl")
    assert entry.detail is not None
    assert len(entry.detail["raw"]) == 65_536
    assert entry.detail["characters"] == 1_000_000


@pytest.mark.parametrize(
    ("first", "whole"),
    [
        (Entry(1, 0.0, "harness", "open"), True),
        (Entry(1, 0.0, "server", "refusal"), True),
        (Entry(1, 0.0, "server", "text", SESSION_CREATED), True),
        (Entry(1, 0.0, "server", "text", {"type": "response.done"}), False),
        (Entry(1, 0.0, "client", "text", {"type": "session.update"}), False),
    ],
)
def test_whether_a_capture_began_with_the_connection(first: Entry, whole: bool) -> None:
    assert RecordedTrace("t", [first]).whole is whole


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
_settings = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_SIDES = st.sampled_from(["client", "server"])
_EVENTS = st.dictionaries(st.text(max_size=9), _JSON, max_size=4)


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(frames=st.lists(st.tuples(_SIDES, _EVENTS), max_size=5))
def test_events_survive_the_round_trip(tmp_path: Path, frames: list[tuple[Any, dict[str, Any]]]) -> None:
    path = tmp_path / "round.jsonl"
    recorder = Recorder(path, Redactor())
    for direction, event in frames:
        recorder.add(direction, "text", text=json.dumps(event))
    recorder.close("closed")
    trace = TraceFile(path)
    assert [(e.dir, e.event) for e in trace] == frames
    assert trace.complete


@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(max_size=60))
def test_any_text_frame_is_kept_one_way_or_the_other(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.jsonl"
    recorder = Recorder(path, Redactor())
    recorder.add("server", "text", text=text)
    recorder.close("closed")
    [entry] = TraceFile(path)
    assert entry.event is not None or entry.detail == {"raw": text}


# --- the minimal form of others ---------------------------------------------------------------------------


def test_minimal_lines_of_others_are_a_trace(tmp_path: Path) -> None:
    path = _lines(
        tmp_path / "theirs.jsonl",
        json.dumps({"dir": "server", "t": 0, "event": SESSION_CREATED}),
        "",
        json.dumps({"dir": "client", "t": 1.25, "event": {"type": "response.create"}, "note": "ours"}),
        json.dumps({"dir": "server", "event": "no object"}),
    )
    trace = TraceFile(path)
    entries = list(trace)
    assert trace.complete
    assert trace.whole
    assert trace.header == {}
    assert [(e.dir, e.t, e.type) for e in entries] == [
        ("server", 0.0, "session.created"),
        ("client", 1.25, "response.create"),
        ("server", None, ""),
    ]
    assert entries[2].detail == {"raw": "no object"}


def test_event_of_others_may_be_the_text_of_its_frame(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"dir": "server", "event": json.dumps(SESSION_CREATED)}), encoding="utf-8")
    [entry] = TraceFile(path)
    assert entry.event == SESSION_CREATED


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1785217650.25", 1785217650.25),
        ("1785217650250", 1785217650.25),
        ("1785217650250000", 1785217650.25),
        ("1e400", None),
        ("1" + "0" * 400, None),
        ('"now"', None),
        ("true", None),
    ],
)
def test_times_of_others_are_seconds(written: str, seconds: float | None, tmp_path: Path) -> None:
    path = tmp_path / "times.jsonl"
    path.write_text('{"dir": "client", "event": {"type": "x"}, "t": ' + written + "}", encoding="utf-8")
    [entry] = TraceFile(path)
    assert entry.t == seconds


def test_sequence_numbers_of_others_are_line_numbers(tmp_path: Path) -> None:
    line = json.dumps({"dir": "server", "event": {"type": "response.done"}})
    trace = TraceFile(_lines(tmp_path / "theirs.jsonl", line, "", line))
    assert [e.seq for e in trace] == [1, 3]
    assert not trace.whole


# --- what cannot be read ----------------------------------------------------------------------------------

_OWN = '{"trace": 1, "name": "t"}'
_ENTRY = '{"seq": 1, "t": 0.0, "dir": "server", "kind": "text", "event": {"type": "x"}}'


@pytest.mark.parametrize(
    ("lines", "place", "problem"),
    [
        ([], 0, "is empty"),
        (["", ""], 0, "is empty"),
        (["hello"], 1, "is not JSON"),
        (["[]"], 1, "is not a trace"),
        (['{"dir": "server"}'], 1, "is not a trace"),
        (['{"dir": "elsewhere", "event": {}}'], 1, "is not a trace"),
        (['{"trace": 2}', _ENTRY], 1, "trace version 2 is not known"),
        (['{"trace": 1, "patience": {"answer": "long"}}'], 1, "its `patience` is not in seconds"),
        ([_OWN, _ENTRY, "{", _ENTRY], 3, "is not JSON"),
        ([_OWN, "[]"], 2, "is not an entry"),
        ([_OWN, '{"seq": "1", "dir": "server", "kind": "text"}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "dir": "server", "kind": "gesture"}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "dir": "nobody", "kind": "text"}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "t": "now", "dir": "server", "kind": "text"}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "dir": "server", "kind": "text", "event": []}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "dir": "server", "kind": "close", "detail": 5}'], 2, "is not an entry"),
        (['{"dir": "server", "event": {}}', '{"dir": "server"}'], 2, "is not an entry"),
        ([_OWN, '{"seq": 1, "detail": {"code": "x"}}'], 2, "is not an entry"),
        ([_OWN, '{"a":' * 5000 + "1" + "}" * 5000, _ENTRY], 2, "nests too deeply"),
    ],
)
def test_a_broken_file_is_named_with_line_and_remedy(
    tmp_path: Path, lines: list[str], place: int, problem: str
) -> None:
    path = _lines(tmp_path / "broken.jsonl", *lines)
    with pytest.raises(TraceError) as caught:
        list(TraceFile(path))
    assert caught.value.line == place
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_files_that_cannot_be_opened_say_why(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"cannot be read .*check the path"):
        TraceFile(tmp_path / "absent.jsonl")
    with pytest.raises(TraceError, match=r"cannot be read .*check the path"):
        TraceFile(tmp_path)


def test_binary_rubbish_is_not_json(tmp_path: Path) -> None:
    path = tmp_path / "rubbish.jsonl"
    path.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(TraceError, match="is not JSON"):
        list(TraceFile(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(TraceError, match="is a pipe, and read more than once; save it to a file"):
        TraceFile(tmp_path / "pipe.jsonl")


def test_a_line_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.trace_files.LONGEST", 100)
    entry = json.dumps({"dir": "server", "event": {"type": "x"}})
    trace = TraceFile(_lines(tmp_path / "a.jsonl", entry, json.dumps({"dir": "server", "event": "x" * 100})))
    with pytest.raises(TraceError, match="line 2: is larger than 0 MB"):
        list(trace)
