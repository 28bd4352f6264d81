"""What is mixed, cut off, or something else is told in a sentence that names file, line and remedy."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.captures.form_writers import FORMS, Spoken, har, read_capture, read_or_told, side_by_prefix
from wire.captures.capture import Capture
from wire.captures.conversion import traces_of
from wire.captures.foreign_files import what_is
from wire.captures.forms import understood
from wire.captures.line_forms import read_bare_events
from wire.trace_files import TraceError

SPOKEN: Spoken = [("client", {"type": "client.said"}), ("server", {"type": "server.done", "text": "x" * 40})]
_settings = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


# --- mixed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ("minimal", "send-receive", "line 3: is not an entry"),
        ("send-receive", "minimal", "line 3: has no frame; each is"),
        ("direction-data", "bare", "line 3: has no frame; each is"),
        ("minimal", "wscat", "line 3: is not JSON"),
        ("bare", "wscat", "line 3: is not JSON"),
    ],
)
def test_another_form_further_on_is_named_with_its_line(
    tmp_path: Path, first: str, second: str, problem: str
) -> None:
    path = tmp_path / "mixed"
    path.write_text(FORMS[first].write(SPOKEN) + FORMS[second].write(SPOKEN))
    with pytest.raises(TraceError, match=f"mixed: {problem}"):
        read_capture(path)


def test_a_value_that_is_no_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text('{"type": "client.said"}\n5\n')
    with pytest.raises(TraceError, match="line 2: is not an event"):
        read_capture(path)


def test_lines_of_another_program_in_a_log_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    lines = FORMS["websockets"].write(SPOKEN).splitlines()
    path.write_text("\n".join(f"{line}\nINFO:app:> and so on\n\nTraceback" for line in lines))
    assert read_capture(path).spoken == SPOKEN


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[\n{"type": "client.said"}\n{"type": "client.said"}\n]', 3),
        ('[{"type": "client.said"},\n{"type": broken}, {"type": "client.said"}, {"type": "client.said"}]', 2),
        ('[{"type": "client.said"}]\n\n{}', 3),
        ('{\n"type": "client.said"\n}\n{"type": broken}\n{"type": "client.said", "more": "more"}', 4),
    ],
)
def test_broken_arrays_are_named_with_the_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(TraceError, match="is not JSON") as caught:
        read_capture(path)
    assert caught.value.line == line


# --- cut off ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [name for name in FORMS if not name.startswith("har")])
def test_what_is_cut_off_is_read_up_to_there(tmp_path: Path, form: str) -> None:
    path = tmp_path / "cut"
    text = FORMS[form].write(SPOKEN).rstrip().removesuffix("]").rstrip()
    path.write_text(text[:-12])
    read = read_capture(path)
    assert read.spoken == SPOKEN[:1]
    assert read.complete == [False]


def test_a_har_file_that_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.har"
    path.write_text(har(SPOKEN)[:-12])
    with pytest.raises(TraceError, match="is not JSON; export it again"):
        read_capture(path)


@pytest.mark.parametrize("form", FORMS)
@_settings
@given(share=st.floats(0, 1))
def test_a_cut_anywhere_is_an_error_in_words_or_fewer_entries(
    tmp_path: Path, form: str, share: float
) -> None:
    whole = FORMS[form].write(SPOKEN)
    path = tmp_path / "cut"
    path.write_text(whole[: int(len(whole) * share)])
    read = read_or_told(path)
    if isinstance(read, TraceError):
        assert (read.file, bool(read.remedy)) == ("cut", True)
    else:
        assert read.spoken == SPOKEN[: len(read.spoken)]


# --- something else ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "problem", "remedy"),
    [
        (
            b"\xd4\xc3\xb2\xa1\x02\x00",
            "is a capture of packets (pcap)",
            "-e websocket.payload.text > events.jsonl",
        ),
        (b"\x0a\x0d\x0d\x0a\x1c\x00", "is a capture of packets (pcapng)", "tshark -r CAPTURE"),
        (
            b"10756:9:websocket;8551:13:timestamp_end;18:17",
            "is a flow file of mitmproxy",
            "--set hardump=call.har",
        ),
        (b"2384:4:type;4:http;7:version;2:21#", "is a flow file of mitmproxy", "mitmdump -nr FILE"),
        (
            b"    1 0.000000000    ::1 \xe2\x86\x92 ::1    TCP 74 5 ",
            "is what tshark tells",
            "tshark -r CAPTURE",
        ),
        (b"Frame 1: 74 bytes on wire (592 bits)", "is what tshark tells", "tshark -r CAPTURE"),
        (b'[\n  {\n    "_index": "packets-2026-12-01",', "is what tshark tells", "tshark -r CAPTURE"),
        (b'{"index":{"_index":"packets-2026-12-01"}}\n', "is what tshark tells", "tshark -r CAPTURE"),
        (b'<?xml version="1.0"?>\n<pdml version="0">', "is what tshark tells", "tshark -r CAPTURE"),
        (b"\xfd7zXZ\x00", "is compressed by xz", "unxz FILE"),
        (b"x" * 257 + b"ustar\x00", "is a tar archive", "unpack it"),
        (b"SQLite format 3\x00", "is a database", "understood are"),
        (b"\x00\x01\x02\x03" * 4, "is not text", "understood are"),
        (b"\xff\xfe\x00\xd8" * 9, "is not text", "understood are"),
        (b"Once upon a time\n", "line 1: is not JSON, and not a line of any form", "understood are"),
        (b"[]", "is an empty list", "understood are"),
        (b"[1, 2]", "is a list, and not of objects", "understood are"),
        (b'{"replay": 1, "name": "x"}\n{"send": {}}\n', "is a script for `replay`", "folder traces/"),
        (b'{"a": 1, "b c": 2}', "is not a trace, but an object with the keys a, b c", "understood are"),
    ],
)
def test_what_is_no_capture_is_called_by_its_name(
    tmp_path: Path, start: bytes, problem: str, remedy: str
) -> None:
    path = tmp_path / "other"
    path.write_bytes(start)
    with pytest.raises(TraceError) as caught:
        read_capture(path)
    assert caught.value.problem.startswith(problem)
    assert remedy in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_what_is_found_is_told_without_values(tmp_path: Path) -> None:
    path = tmp_path / "settings"
    path.write_text(json.dumps({"key": "a-key-of-somebody", "sk\nodd": 1}))
    assert what_is(path, path.read_bytes()) == ("is not a trace, but an object with the keys key", "")
    path.write_text("API_KEY=a-key-of-somebody\n")
    assert "somebody" not in " ".join(what_is(path, path.read_bytes()))


def test_all_forms_are_named() -> None:
    for part in (
        "HAR",
        "JSONL",
        "webSocketFrame",
        "send",
        "direction",
        "bare",
        "websockets",
        "wscat",
        "transcripts",
    ):
        assert part in understood()


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty").write_bytes(content)
    with pytest.raises(TraceError, match="is empty"):
        read_capture(tmp_path / "empty")


def test_a_capture_without_frames(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("DEBUG:websockets.client:= connection is CLOSED\n")
    with pytest.raises(TraceError, match="is read as debug logs of `websockets`, and holds no frames"):
        read_capture(tmp_path / "a.log")


def test_a_mark_of_the_order_of_bytes_does_not_matter(tmp_path: Path) -> None:
    for form in ("minimal", "send-receive-array", "bare", "wscat", "websockets", "har-seconds"):
        (tmp_path / form).write_bytes(b"\xef\xbb\xbf" + FORMS[form].write(SPOKEN).encode())
        assert read_capture(tmp_path / form).spoken == SPOKEN


@_settings
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_anything_else_is_an_error_in_words(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "anything"
    path.write_bytes(data)
    read = read_or_told(path)
    assert read.remedy if isinstance(read, TraceError) else read.entries


_ODD: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("form", ["minimal", "send-receive", "direction-data", "devtools", "devtools-array"])
@_settings
@given(data=st.data())
def test_fields_may_have_any_value(tmp_path: Path, form: str, data: st.DataObject) -> None:
    text = FORMS[form].write(SPOKEN)
    lines = json.loads(text) if form.endswith("array") else [json.loads(line) for line in text.splitlines()]
    of = data.draw(st.sampled_from([lines[1], *(v for v in lines[1].values() if isinstance(v, dict))]))
    of[data.draw(st.sampled_from(sorted(of)))] = data.draw(_ODD)
    path = tmp_path / "odd"
    path.write_text(json.dumps(lines) if form.endswith("array") else "\n".join(map(json.dumps, lines)))
    read = read_or_told(path)
    assert read.remedy if isinstance(read, TraceError) else read.entries


def test_a_full_disk_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text(FORMS["bare"].write(SPOKEN))
    full = OSError(28, "No space left on device")

    def refuse(*_: Any, **__: Any) -> Any:
        raise full

    monkeypatch.setattr("wire.captures.conversion.tempfile.mkstemp", refuse)
    with pytest.raises(TraceError, match=r"written in another form \(No space left on device\); check"):
        read_capture(tmp_path / "a")


def test_a_long_value_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wire.captures.values.LONGEST", 1000)
    monkeypatch.setattr("wire.captures.values._CHUNK", 100)
    path = tmp_path / "a"
    path.write_text(json.dumps([{"type": "client.said"}, {"type": "x" * 2000}]))
    with pytest.raises(TraceError, match="one value is larger than"):
        read_capture(path)


def test_an_array_on_one_line_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("w") as file:
        file.write("[" + ",".join([json.dumps({"type": "client.said", "text": "x" * 1000})] * 20_000) + "]")
    tracemalloc.start()
    events = sum(1 for _ in read_bare_events(Capture(path, "a", side_by_prefix)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert events == 20_000
    assert most < path.stat().st_size / 4


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_values_may_lie_across_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("wire.captures.values._CHUNK", chunk)
    for form in ("minimal-array", "devtools-in-a-row"):
        (tmp_path / form).write_text(FORMS[form].write(SPOKEN))
        assert read_capture(tmp_path / form).spoken == SPOKEN


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "absent", "absent", side_by_prefix)
    with pytest.raises(
        TraceError, match=r"absent: cannot be read \(No such file or directory\); check the path"
    ):
        traces_of(capture, "absent", lambda: tmp_path, plain=True)
