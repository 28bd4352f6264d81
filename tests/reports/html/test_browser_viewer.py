"""The page with the conversations in a real browser: seen whole, searched, jumped in, and listened to."""

from __future__ import annotations

import base64
import math
import struct
from array import array
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application import conversations as gathering
from realtime_conformance.application.judging import opening
from reference.speech import AudioFormat, encode_audio
from reports.model import Report
from reports.writing import write
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import SESSION, conversation, report_on, written
from wire.trace_files import TraceFile

LONG = "long"
TONES = {  # by conversation: the format, and the tones of its items in Hz with their seconds
    "pcm": (AudioFormat("audio/pcm", 24_000), ((440, 0.5), (880, 0.25))),
    "ulaw": (AudioFormat("audio/pcmu", 8000), ((300, 0.5),)),
    "alaw": (AudioFormat("audio/pcma", 8000), ((500, 0.4), (250, 0.3))),
}
_WIDTHS = (390, 1280, 1920)
_NEEDLE = "needle-in-a-payload"


def tone(form: AudioFormat, hertz: int, seconds: float) -> bytes:
    """Return a tone of half the greatest loudness as it goes over the wire."""
    count = round(seconds * form.rate)
    swing = 2 * math.pi * hertz / form.rate
    return encode_audio(array("h", (round(16_000 * math.sin(swing * n)) for n in range(count))), form)


def spoken_conversation(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a conversation in which the server speaks the tones of `name`, in several deltas each."""
    form, tones = TONES[name]
    session = {**SESSION, "audio": {"output": {"format": {"type": form.type, "rate": form.rate}}}}
    events: list[dict[str, Any]] = [{"type": "session.created", "session": session}]
    for number, (hertz, seconds) in enumerate(tones):
        place = {"response_id": "resp_1", "item_id": f"item_{number}", "output_index": 0, "content_index": 0}
        data = tone(form, hertz, seconds)
        third = len(data) // 3 // 2 * 2
        for part in (data[:third], data[third : 2 * third], data[2 * third :]):
            delta = base64.b64encode(part).decode()
            events.append({"type": "response.output_audio.delta", **place, "delta": delta})
            words = {**place, "delta": f"{hertz} "}
            events.append({"type": "response.output_audio_transcript.delta", **words})
        said = {**place, "transcript": f"A tone of {hertz} hertz."}
        events.append({"type": "response.output_audio_transcript.done", **said})
    return [("server", {"event_id": f"event_{n}", **event}) for n, event in enumerate(events)]


def long_conversation() -> list[tuple[str, dict[str, Any]]]:
    """Return a conversation of some hundred events, with one payload like no other."""
    events = conversation(hostile=True)
    for number in range(400):
        text = _NEEDLE if number == 287 else f"text {number}"
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        create = {"type": "conversation.item.create", "event_id": f"more_{number}", "item": item}
        events.append(("client", create))
    return events


def with_spoken(folder: Path) -> Report:
    """Return a report on the usual conversations, a long one, and those in which somebody speaks."""
    report = report_on(folder, hostile=True)
    made = {name: spoken_conversation(name) for name in TONES} | {LONG: long_conversation()}
    paths = {name: written(folder / "traces" / f"{name}.jsonl", events) for name, events in made.items()}
    paths |= {name: folder / "traces" / f"{name}.jsonl" for name in report.traces}
    assert report.evidence is not None
    files = {name: f"traces/{path.name}" for name, path in paths.items()}
    report = replace(report, traces=(*report.traces, *made), evidence=replace(report.evidence, files=files))
    first = next(r for r in report.requirements if r.findings)
    first.tally.findings.append(replace(first.findings[0], trace=LONG))
    return gathering.with_conversations(report, {n: opening(p, n) for n, p in paths.items()}, folder)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder: Path = tmp_path_factory.mktemp("viewer")
    write(with_spoken(folder / "report"), folder / "report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "AUDIO_BUDGET", 20_000)  # not even one item of the first
        report = with_spoken(folder / "beside")
    assert report.conversations is not None
    shown = [each for each in report.conversations.shown if each.name == "pcm"]
    write(replace(report, conversations=replace(report.conversations, shown=shown)), folder / "beside")
    page = str(folder / "report" / "traces.html")
    return browse(
        looks=[
            {
                "page": page,
                "states": ["trace=pcm", "trace=long"],
                "widths": _WIDTHS,
                "schemes": ["light", "dark"],
            }
        ],
        plays={
            "viewing": {
                "page": page,
                "report": str(folder / "report" / "report.html"),
                "beside": str(folder / "beside" / "traces.html"),
                "long": LONG,
                "spoken": list(TONES),
                "words": [_NEEDLE, "more_123", "session.updated", "NEEDLE create", "nobody said this"],
            }
        },
    )


@pytest.fixture(scope="module")
def viewed(seen: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = seen["plays"]["viewing"]
    return found


def test_nothing_asks_the_network_or_breaks_the_policy(seen: Mapping[str, Any]) -> None:
    assert seen["troubles"] == []


def test_it_fits_every_width_and_axe_finds_nothing(seen: Mapping[str, Any]) -> None:
    wide = [each for each in seen["looks"] if each.get("overflow", {}).get("page", 0) > 0]
    assert wide == []
    looked = [each for each in seen["looks"] if "violations" in each]
    assert len(looked) == 4
    assert [each["violations"] for each in looked if each["violations"]] == []


def test_only_what_is_seen_is_drawn_of_the_whole_conversation(viewed: Mapping[str, Any]) -> None:
    entries = len(long_conversation()) + 1  # and the opening
    assert int(viewed["rows"]["all"]) == entries
    assert max(viewed["rows"]["drawn"], viewed["end"]["drawn"], viewed["scrolled"]) < 80
    assert viewed["end"]["seen"]
    assert "more_399" in viewed["end"]["payload"]
    assert viewed["end"]["hash"] == f"#trace={LONG}&seq={entries}"
    assert "session.created #2" in viewed["second"]["payload"]


def test_a_finding_can_be_jumped_to(viewed: Mapping[str, Any]) -> None:
    assert viewed["jumps"][0].startswith("#")
    assert any("fail: " in each or "warn: " in each for each in viewed["jumps"])
    for name, place in zip(viewed["jumps"], viewed["jumped"], strict=True):
        seq = name.split()[0]
        assert place["hash"].endswith(f"&seq={seq.removeprefix('#')}")
        assert place["seen"]
    assert viewed["after"]["hash"] == viewed["jumped"][0]["hash"]


def test_types_ids_and_payloads_of_all_are_searched(viewed: Mapping[str, Any]) -> None:
    searched = viewed["searched"]
    assert searched[_NEEDLE]["said"] == "1 event in 1 conversation"
    assert _NEEDLE in searched[_NEEDLE]["opened"]["payload"]
    assert searched["NEEDLE create"]["hits"] == searched[_NEEDLE]["hits"]
    assert "more_123" in searched["more_123"]["opened"]["payload"]
    assert searched["session.updated"]["said"] == "3 events in 3 conversations"
    assert searched["session.updated"]["opened"]["seen"]
    assert searched["nobody said this"]["said"] == "0 events in 0 conversations"


def test_a_conversation_can_be_downloaded_and_judged(viewed: Mapping[str, Any], tmp_path: Path) -> None:
    assert viewed["file"]["download"]
    assert viewed["file"]["href"] == f"traces/{LONG}.jsonl"
    path = tmp_path / viewed["downloaded"]["name"]
    path.write_text(viewed["downloaded"]["text"], encoding="utf-8")
    assert path.name == f"{LONG}.jsonl"
    entries = list(TraceFile(path))
    assert [e.event for e in entries if e.dir == "client"] == [
        event for side, event in long_conversation() if side == "client"
    ]


def test_links_to_traces_open_them_at_the_event(viewed: Mapping[str, Any]) -> None:
    finding, scenario = viewed["links"]
    assert f"#{finding['link'].rpartition('seq=')[2]} " in finding["payload"]
    assert finding["seen"]
    assert scenario["link"] == f"traces.html#trace={scenario['name']}"


@pytest.mark.parametrize("name", TONES)
def test_every_item_is_heard_at_its_rate(viewed: Mapping[str, Any], name: str) -> None:
    form, tones = TONES[name]
    heard = viewed["heard"][name]
    assert len(heard) == len(tones)
    for each, (hertz, seconds) in zip(heard, tones, strict=True):
        assert each["rate"] == form.rate
        assert each["seconds"] == pytest.approx(seconds, abs=0.01)
        assert each["hertz"] == pytest.approx(hertz, rel=0.03)
        assert each["loudest"] == pytest.approx(16_000 / 32_768, rel=0.05)
        assert each["heard"] == pytest.approx(seconds, abs=0.1)
        assert each["bars"] > 50
        assert each["words"] == f"A tone of {hertz} hertz."


def test_what_is_too_much_to_embed_is_heard_from_a_file_beside_it(viewed: Mapping[str, Any]) -> None:
    assert viewed["beside"][0]["src"].startswith("audio/pcm-")
    assert viewed["beside"][1]["src"].startswith("blob:"), "there was room for the second"
    assert [each["seconds"] for each in viewed["beside"]] == pytest.approx([0.5, 0.25], abs=0.01)
    assert all(each["heard"] > 0.2 for each in viewed["beside"])


def test_a_file_of_audio_is_what_was_sent(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "AUDIO_BUDGET", 0)
        report = with_spoken(tmp_path)
    assert report.conversations is not None
    for name, (form, tones) in TONES.items():
        each = next(c for c in report.conversations.shown if c.name == name)
        for sound, (hertz, seconds) in zip(each.sounds, tones, strict=True):
            data = (tmp_path / sound.file).read_bytes()
            assert struct.unpack_from("<I", data, 24)[0] == form.rate
            assert tone(form, hertz, seconds) in data
