"""What others recorded shows by itself how much of a conversation it holds, and is judged for that."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.rules.judged_traces import book, violated
from wire.trace import Entry, RecordedTrace
from wire.trace_files import TraceFile
from wire.transcript import read_transcript

LOUD = base64.b64encode(bytes((0, 64)) * 4_800).decode()  # 200 ms at 24 kHz
CUT = LOUD[:1000]


def _foreign(text: str, audio: str = LOUD) -> RecordedTrace:
    """Return what a transcript says as somebody else would have recorded it: events and times, no more."""
    (own,) = read_transcript(text, "said")
    entries = [
        Entry(e.seq, e.t, e.dir, "text", _with_audio(e.event, audio)) for e in own if e.event is not None
    ]
    return RecordedTrace("recorded", entries, {})


def _with_audio(event: dict[str, Any], audio: str) -> dict[str, Any]:
    name = {"input_audio_buffer.append": "audio", "response.output_audio.delta": "delta"}.get(
        event["type"], ""
    )
    return {**event, name: audio} if name else event


def _found(trace: RecordedTrace) -> set[str]:
    return {id_ for id_, _ in violated("openai", trace)}


EMPTY_COMMIT = (
    "> append ~200ms\n> commit #one < committed < item.added+done\n> commit #two < committed item_9"
)


def test_a_commit_of_nothing_is_judged_where_the_audio_is_whole() -> None:
    assert "audio/commit/empty-refused" in _found(_foreign(EMPTY_COMMIT))


def test_a_commit_of_nothing_is_not_judged_where_the_audio_was_cut() -> None:
    assert "audio/commit/empty-refused" not in _found(_foreign(EMPTY_COMMIT, CUT))


def test_a_commit_is_not_judged_where_audio_is_marked_as_cut() -> None:
    assert "audio/commit/empty-refused" not in _found(_foreign(EMPTY_COMMIT, LOUD[:640] + "..."))


SPOKEN = (
    "< session.created {output_modalities: [audio]} > response.create < response.created"
    " < output_item.added item_a < item.added < content_part.added audio < output_audio.delta"
    " < transcript.delta < output_audio.done < transcript.done < content_part.done < item.done"
    " < output_item.done < response.done"
)


def _bytes(number: int) -> str:
    return base64.b64encode(bytes(number)).decode()


@pytest.mark.parametrize(
    ("audio", "judged"),
    [(_bytes(4801), True), (_bytes(4901), True), (_bytes(4801)[:-4], False), (_bytes(1000), False)],
)
def test_half_a_sample_is_judged_where_the_audio_was_not_cut(audio: str, *, judged: bool) -> None:
    assert ("response/audio/whole-samples" in _found(_foreign(SPOKEN, audio))) is judged


def test_audio_without_deltas_is_judged_where_that_of_the_client_is_recorded() -> None:
    silent = SPOKEN.replace(" < output_audio.delta", "")
    assert "response/audio/streamed" not in _found(_foreign(silent))
    heard = silent.replace(
        "> response.create", "> append ~200ms > commit < committed < item.added+done > response.create"
    )
    assert "response/audio/streamed" in _found(_foreign(heard))


@pytest.mark.parametrize(("audio", "unasked"), [(LOUD, True), (CUT, False)])
def test_a_response_to_a_commit_is_unasked_where_the_client_is_heard(audio: str, *, unasked: bool) -> None:
    """Who records all audio records requests."""
    said = "3x > append ~200ms\n> commit #one < committed < item.added+done\n< response.created"
    assert ("audio/commit/no-response" in _found(_foreign(said, audio))) is unasked


def test_a_response_is_not_unasked_where_only_settings_are_recorded() -> None:
    said = "> update #u {audio.input.turn_detection: null} < session.updated\n< response.created"
    assert not {"response/create/asked-for", "turn/none-when-off"} & _found(_foreign(said))


def test_what_never_comes_is_missing_where_the_recording_goes_on() -> None:
    assert "audio/clear/acknowledged" in _found(_foreign("> clear #one\n@ 9 s > retrieve item_9 < error"))


def test_what_comes_late_is_not_missing() -> None:
    assert not _found(_foreign("> clear #one\n@ 9 s < cleared"))


def test_what_has_not_come_yet_is_not_missing() -> None:
    assert not _found(_foreign("> clear #one\n@ 3 s > retrieve item_9 < error"))


def _written(path: Path, lines: Iterable[dict[str, Any]]) -> TraceFile:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return TraceFile(path)


def test_a_line_says_that_the_connection_opened(tmp_path: Path) -> None:
    other: dict[str, Any] = {
        "dir": "server",
        "event": {"type": "rate_limits.updated", "event_id": "e", "rate_limits": []},
    }
    begun = book("openai").judge(_written(tmp_path / "begun.jsonl", [{"kind": "open", "t": 0.0}, other]))
    unknown = book("openai").judge(_written(tmp_path / "unknown.jsonl", [other]))
    assert begun["session/created/first"].violations
    assert "session/created/first" not in unknown or not unknown["session/created/first"].violations


def test_a_line_says_how_the_connection_closed(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"kind": "open"},
        {"kind": "close", "dir": "server", "detail": {"code": 1011}},
    ]
    entries = list(_written(tmp_path / "closed.jsonl", lines))
    assert [(e.kind, e.dir, e.detail) for e in entries] == [
        ("open", "harness", None),
        ("close", "server", {"code": 1011}),
    ]
