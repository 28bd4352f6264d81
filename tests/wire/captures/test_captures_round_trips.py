"""What is written in any form is read as it was said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.captures.form_writers import FORMS, STEP, Spoken, read_capture, websockets_log
from wire.redaction import Redactor
from wire.trace import Recorder

_settings = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _events(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    side = draw(st.sampled_from(["client", "server"]))
    fields = draw(st.dictionaries(_TEXT, _JSON, max_size=3))
    return side, {**fields, "type": f"{side}.{draw(st.sampled_from(['said', 'done', 'x.y']))}"}


_SPOKEN = st.lists(_events(), min_size=1, max_size=6)


@pytest.mark.parametrize("form", FORMS)
@_settings
@given(spoken=_SPOKEN)
def test_events_survive_the_round_trip(tmp_path: Path, form: str, spoken: Spoken) -> None:
    path = tmp_path / "capture"
    path.write_text(FORMS[form].write(spoken), encoding="utf-8", newline="\n")
    read = read_capture(path)
    assert read.spoken == spoken
    assert read.complete == [True]
    [entries] = read.entries
    assert len({entry.seq for entry in entries}) == len(entries)
    times = [entry.t for entry in entries if entry.kind == "text"]
    if FORMS[form].timed:
        assert [round(t - (times[0] or 0.0), 3) for t in times if t is not None] == [
            n * STEP for n in range(len(spoken))
        ]
        assert read.notes == []
    else:
        assert set(times) == {None}
        assert "has no times: what is about time is not observed" in read.notes


@_settings
@given(spoken=_SPOKEN)
def test_our_own_lines_survive_in_an_array(tmp_path: Path, spoken: Spoken) -> None:
    recorder = Recorder(tmp_path / "own.jsonl", Redactor(), scenario="greeting")
    for side, event in spoken:
        recorder.add(side, "text", text=json.dumps(event))
    recorder.close("closed")
    lines = [json.loads(line) for line in (tmp_path / "own.jsonl").read_text("utf-8").split("\n") if line]
    (tmp_path / "own.json").write_text(json.dumps(lines), encoding="utf-8")
    read = read_capture(tmp_path / "own.json")
    assert read.spoken == spoken
    assert read.headers[0]["scenario"] == "greeting"
    assert read.complete == [True]


@pytest.mark.parametrize("form", ["minimal", "send-receive", "direction-data", "bare", "minimal-array"])
@_settings
@given(keyed=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), _events()), min_size=1, max_size=8))
def test_sessions_are_told_apart_by_a_field(
    tmp_path: Path, form: str, keyed: list[tuple[str, tuple[Any, dict[str, Any]]]]
) -> None:
    text = FORMS[form].write([spoken for _, spoken in keyed])
    array = form.endswith("array")
    lines = json.loads(text) if array else [json.loads(line) for line in text.splitlines()]
    marked = [{**line, "call": {"id": key}} for line, (key, _) in zip(lines, keyed, strict=True)]
    path = tmp_path / "calls"
    path.write_text(json.dumps(marked) if array else "".join(json.dumps(each) + "\n" for each in marked))
    read = read_capture(path, "call.id")
    keys = list(dict.fromkeys(key for key, _ in keyed))
    assert read.names == (["calls"] if len(keys) == 1 else [f"calls-{key}" for key in keys])
    for key, entries in zip(keys, read.entries, strict=True):
        assert [e.dir for e in entries] == [side for k, (side, _) in keyed if k == key]
        assert [(e.event or {})["type"] for e in entries] == [ev["type"] for k, (_, ev) in keyed if k == key]


@_settings
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_any_text_frame_in_a_log_is_kept(tmp_path: Path, text: str) -> None:
    log = websockets_log([("client", {"type": "client.said"})])
    log += f"DEBUG:websockets.client:< TEXT {text!r} [{len(text.encode())} bytes]\n"
    path = tmp_path / "any.log"
    path.write_text(log, encoding="utf-8", newline="\n")
    last = read_capture(path).entries[0][-1]
    assert (last.dir, last.kind) == ("server", "text")
    assert last.detail == {"raw": text} or last.event == json.loads(text)
