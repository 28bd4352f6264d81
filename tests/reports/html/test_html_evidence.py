"""Excerpts: what is shown around a finding, and what is folded or summarised."""

from __future__ import annotations

from typing import Any

import pytest

from reports import evidence as module
from reports.evidence import Evidence, EvidenceRow, excerpt, plain_data
from reports.shortening import short
from rules.verdicts import Finding
from wire.trace import Entry


def _entry(seq: int, type_: str, **fields: Any) -> Entry:
    return Entry(seq, seq / 10, "server", "text", {"type": type_, **fields})


def _finding(seqs: tuple[int, ...], because: tuple[int, ...] = ()) -> Finding:
    return Finding("t", seqs, "x", "a.b", "one", "two", "it is two", because)


def _rows(entries: list[Entry], finding: Finding) -> tuple[EvidenceRow, ...]:
    evidence = Evidence()
    excerpt(evidence, entries, [finding])
    return evidence.of(finding)


def test_what_is_far_away_is_folded() -> None:
    entries = [_entry(n, f"event.{n}") for n in range(1, 41)]
    rows = _rows(entries, _finding((20,), (3,)))
    shown = [r.first for r in rows if r.count == 1]
    assert shown == [1, 2, 3, 4, *range(16, 25)]
    folds = [(r.first, r.last, r.count) for r in rows if r.count > 1]
    assert folds == [(5, 15, 11), (25, 40, 16)]


def test_every_entry_is_shown_or_counted() -> None:
    entries = [_entry(n, "response.output_text.delta" if n % 7 else f"event.{n}") for n in range(1, 60)]
    rows = _rows(entries, _finding((30,), (2, 50)))
    assert sum(r.count for r in rows) == len(entries)
    assert [r.first for r in rows] == sorted(r.first for r in rows)


def test_a_run_of_deltas_is_one_step_and_an_offending_delta_stays() -> None:
    entries = [_entry(n, "response.output_audio.delta", delta="AAAA") for n in range(1, 31)]
    rows = _rows(entries, _finding((15,)))
    assert rows == (
        EvidenceRow(1, 14, 14, ("response.output_audio.delta",)),
        EvidenceRow(15, 15, 1, ("response.output_audio.delta",)),
        EvidenceRow(16, 30, 15, ("response.output_audio.delta",)),
    )


def test_an_entry_that_is_not_there_costs_nothing() -> None:
    assert [r.count for r in _rows([_entry(1, "a"), _entry(2, "b")], _finding((99,)))] == [2]


def test_long_audio_is_summarised_and_text_cut() -> None:
    delta = short(
        {"type": "response.output_audio.delta", "delta": "A" * 64_000}, "response.output_audio.delta"
    )
    assert delta["delta"].endswith("(64,000 characters of audio, about 1.00 s of PCM16)")
    assert len(short({"text": "x" * 5000})["text"]) < 200
    assert short({"text": "x" * 200})["text"] == "x" * 200


def test_what_json_or_a_browser_cannot_hold_becomes_text() -> None:
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    made = short({"big": 2**70, "nan": float("nan"), "deep": deep, "on": True, "\u202e": "\ud800"})
    assert made["big"].endswith("(integer)")
    assert made["nan"] == "nan"
    assert made["on"] is True
    assert made["⟨U+202E⟩"] == "⟨U+D800⟩"
    assert short(list(range(100)))[-1] == "… 60 more"
    assert short({str(n): n for n in range(100)})["…"] == "60 more members"


def test_beyond_the_budget_payloads_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUDGET", 300)
    evidence = Evidence()
    excerpt(evidence, [_entry(n, f"event.{n}", text="x" * 200) for n in range(1, 9)], [_finding((4,))])
    payloads = [e.payload for e in evidence.entries["t"].values()]
    assert payloads[0] is not None
    assert payloads[-1] is None
    assert len(payloads) == 8


def test_entries_are_shared_between_findings_of_a_trace() -> None:
    evidence = Evidence()
    findings = [_finding((4,)), _finding((5,))]
    excerpt(evidence, [_entry(n, f"event.{n}") for n in range(1, 9)], findings)
    data = plain_data(evidence, {"a/b": [findings[0]], "openai:c/d": [findings[1]]})
    assert set(data["places"]) == {"a/b~0", "openai:c/d~0"}
    assert list(data["traces"]) == ["t"]
    assert data["places"]["a/b~0"]["path"] == "a.b"
    assert data["types"][data["traces"]["t"]["entries"][4][3]] == "event.4"
