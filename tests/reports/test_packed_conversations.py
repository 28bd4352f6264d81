"""Conversations are packed whole, in bounded memory, or not at all."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application import conversations as gathering
from realtime_conformance.application.judging import opening
from realtime_conformance.application.report_folder import remove_report
from reports.conversations import Packer
from reports.viewer_links import address
from tests.reports.html.html_samples import conversation, report_on, written
from wire.trace import Entry


def _unpacked(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(text)))
    return found


def _entries(number: int) -> Iterator[Entry]:
    for seq in range(1, number + 1):
        yield Entry(
            seq, seq / 10, "server", "text", {"type": f"type_{seq % 3}", "delta": f"text {seq * 7919}"}
        )


def test_every_entry_is_packed() -> None:
    packer = Packer(100_000)
    for entry in _entries(500):
        packer.add(entry)
    found = _unpacked(packer.packed())
    assert packer.entries == len(found["entries"]) == 500
    seq, t, side, kind, type_, payload = found["entries"][41]
    assert (seq, t, side, kind) == (42, 4.2, "s", "text")
    assert found["types"][type_] == payload["type"] == "type_0"
    assert payload["delta"] == f"text {42 * 7919}"


def test_audio_is_left_out_and_other_text_is_not() -> None:
    packer = Packer(100_000)
    text = "word " * 1000
    packer.add(
        Entry(1, None, "server", "text", {"type": "response.output_audio.delta", "delta": "AAAA" * 5000})
    )
    packer.add(Entry(2, None, "server", "text", {"type": "response.output_text.delta", "delta": text}))
    audio, words = (entry[5]["delta"] for entry in _unpacked(packer.packed())["entries"])
    assert len(audio) < 200
    assert words == text


def test_a_deadline_is_a_mark() -> None:
    packer = Packer(100_000)
    packer.add(Entry(7, 1.0, "harness", "deadline", None, {"awaited": "response.done", "waited_s": 5.0}))
    assert [(d.seq, d.text) for d in packer.deadlines] == [(7, "waited 5.0 s for response.done")]


def test_where_there_is_no_room_nothing_is_packed_and_little_is_kept() -> None:
    packer = Packer(2000)
    for entry in _entries(20_000):
        packer.add(entry)
    assert packer.full
    assert packer.packed() == ""
    assert sum(map(len, packer._parts)) <= 2000


@pytest.mark.parametrize(
    ("limit", "room"), [("CONVERSATIONS_BUDGET", 0), ("CONVERSATIONS_BUDGET", 3000), ("MOST_BYTES", 3000)]
)
def test_what_there_is_no_room_for_is_linked_as_a_file(tmp_path: Path, limit: str, room: int) -> None:
    report = report_on(tmp_path, hostile=True)
    long = written(tmp_path / "traces" / "long.jsonl", conversation() * 400)
    assert report.evidence is not None
    report.evidence.files["long"] = "traces/long.jsonl"
    report = replace(report, traces=("long",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, limit, room)
        made = gathering.with_conversations(report, {"long": opening(long, "long")}, tmp_path)
    assert address(made, "long", 4) == "traces/long.jsonl"
    made = gathering.with_conversations(report, {"long": opening(long, "long")}, tmp_path)
    assert address(made, "long", 4) == "traces.html#trace=long&seq=4"


def test_those_with_findings_come_first_and_the_rest_is_counted(tmp_path: Path) -> None:
    report = report_on(tmp_path, hostile=True)
    quiet = written(tmp_path / "traces" / "a_quiet_one.jsonl", conversation()[:1])
    report = replace(report, traces=("a_quiet_one", *report.traces))
    sources = {name: opening(tmp_path / "traces" / f"{name}.jsonl", name) for name in report.traces}
    sources["a_quiet_one"] = opening(quiet, "a_quiet_one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "MOST_CONVERSATIONS", 2)
        found = gathering.with_conversations(report, sources, tmp_path).conversations
    assert found is not None
    assert [each.name for each in found.shown] == ["bootstrap.turn_0", "bootstrap.turn_1"]
    assert found.left_out == 1


def test_the_audio_of_an_earlier_report_goes_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "audio"
    folder.mkdir()
    (folder / "spoken-9-1.wav").write_bytes(b"RIFF....WAVE")
    remove_report(tmp_path)
    assert not folder.exists()
    folder.mkdir()
    for name, content in (("mine.wav", b"not ours"), ("notes.txt", b"RIFF")):
        (folder / name).write_bytes(content)
    (folder / "spoken-9-1.wav").write_bytes(b"RIFF....WAVE")
    remove_report(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == ["mine.wav", "notes.txt"]
