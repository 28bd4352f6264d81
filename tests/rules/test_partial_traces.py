"""A trace that begins or ends in the middle, or holds less than was sent, is judged for what it can show."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from protocol.dialect import DialectName
from tests.rules.good import good
from tests.rules.judged_traces import traces, violated
from tests.rules.scripts import DIALECTS
from wire.trace import Entry, RecordedTrace

_EXAMPLES = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def _sent_before(trace: RecordedTrace, start: int) -> bool:
    """Tell whether a cut loses a client event that came ahead of session.created: nobody could see that."""
    entries = list(trace)
    first = next((n for n, e in enumerate(entries) if e.type == "session.created"), 0)
    return start <= first and any(e.dir == "client" for e in entries[:start])


def _cut(trace: RecordedTrace, start: int, end: int) -> RecordedTrace:
    header = {**trace.header, "whole": False} if start else dict(trace.header)
    return RecordedTrace(trace.name, list(trace)[start:end], header)


def _wrong(dialect: DialectName, trace: RecordedTrace) -> dict[str, str]:
    return {id_: tally.findings[0].message for id_, tally in violated(dialect, trace)}


@st.composite
def _good(draw: st.DrawFn) -> tuple[DialectName, str]:
    dialect = draw(st.sampled_from(DIALECTS))
    return dialect, draw(st.sampled_from(sorted(good(dialect))))


@_EXAMPLES
@given(_good(), st.data())
def test_prefix_violates_nothing(chosen: tuple[DialectName, str], data: st.DataObject) -> None:
    dialect, name = chosen
    trace = good(dialect)[name]
    end = data.draw(st.integers(0, len(list(trace))))
    assert _wrong(dialect, _cut(trace, 0, end)) == {}


@_EXAMPLES
@given(_good(), st.data())
def test_suffix_violates_nothing(chosen: tuple[DialectName, str], data: st.DataObject) -> None:
    dialect, name = chosen
    trace = good(dialect)[name]
    start = data.draw(st.integers(1, max(1, len(list(trace)) - 1)))
    assume(not _sent_before(trace, start))
    assert _wrong(dialect, _cut(trace, start, len(list(trace)))) == {}


@_EXAMPLES
@given(_good(), st.data())
def test_window_violates_nothing(chosen: tuple[DialectName, str], data: st.DataObject) -> None:
    dialect, name = chosen
    trace = good(dialect)[name]
    start = data.draw(st.integers(1, max(1, len(list(trace)) - 1)))
    end = data.draw(st.integers(start, len(list(trace))))
    assume(not _sent_before(trace, start))
    assert _wrong(dialect, _cut(trace, start, end)) == {}


def _shortened(entry: Entry) -> Entry:
    event = entry.event
    if event is not None and event.get("type") == "response.output_audio.delta":
        return entry._replace(event={**event, "delta": event["delta"][:16]})
    if (
        event is not None
        and event.get("type") == "input_audio_buffer.append"
        and isinstance(event.get("audio"), str)
    ):
        return entry._replace(event={**event, "audio": event["audio"][:16]})
    return entry


@pytest.mark.parametrize("dialect", DIALECTS)
def test_shortened_audio_violates_nothing(dialect: DialectName) -> None:
    """A header without `trace` is that of a capture by somebody else, whose audio may be cut."""
    for trace in traces(dialect):
        foreign = {key: value for key, value in trace.header.items() if key != "trace"}
        short = RecordedTrace(trace.name, [_shortened(e) for e in trace], foreign)
        assert _wrong(dialect, short) == {}, trace.name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_minimal_traces_violate_nothing(dialect: DialectName) -> None:
    """Only directions and events: no times, no handshake, no deadlines."""
    for trace in traces(dialect):
        entries = [e._replace(t=None, detail=None) for e in trace if e.event is not None]
        minimal = RecordedTrace(trace.name, entries, {})
        assert _wrong(dialect, minimal) == {}, trace.name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_client_frames_that_are_not_json_violate_nothing(dialect: DialectName) -> None:
    trace = good(dialect)["broken_frames"]
    assert any(e.dir == "client" and e.event is None and e.kind == "text" for e in trace)
    assert _wrong(dialect, trace) == {}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_server_frame_that_is_not_json_is_one_finding(dialect: DialectName) -> None:
    trace = next(t for t in traces(dialect) if t.name == "two_texts")
    entries = list(trace)
    broken = Entry(0, entries[4].t, "server", "text", None, {"raw": "<html>"})
    found = _wrong(dialect, _numbered(trace, [*entries[:5], broken, *entries[5:]]))
    assert list(found) == ["envelope/one-json-object"]


def _numbered(trace: RecordedTrace, entries: list[Entry]) -> RecordedTrace:
    return RecordedTrace(
        trace.name, [e._replace(seq=n) for n, e in enumerate(entries, 1)], dict(trace.header)
    )


def _runs(entries: list[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield the events of a trace in runs: of responses that interleave, and of everything else."""
    run: list[Entry] = []
    for entry in entries:
        told = entry.dir == "server" and "response_id" in (entry.event or {})
        if told:
            run.append(entry)
            continue
        if run:
            yield "responses", run
            run = []
        yield "other", [entry]
    if run:
        yield "responses", run


def _reordered(run: list[Entry], chance: random.Random) -> list[Entry]:
    """Return events of several responses in another order, those of each response in their own."""
    queues: dict[str, list[Entry]] = {}
    for entry in run:
        queues.setdefault((entry.event or {})["response_id"], []).append(entry)
    order: list[Entry] = []
    while queues:
        name = chance.choice(sorted(queues))
        order.append(queues[name].pop(0))
        if not queues[name]:
            del queues[name]
    return order


@_EXAMPLES
@given(st.sampled_from(DIALECTS), st.randoms(use_true_random=False))
def test_order_of_interleaved_responses_does_not_matter(dialect: DialectName, chance: random.Random) -> None:
    trace = good(dialect)["text_beside_out_of_band"]
    entries = [
        entry
        for kind, run in _runs(list(trace))
        for entry in (_reordered(run, chance) if kind == "responses" else run)
    ]
    assert _wrong(dialect, _numbered(trace, entries)) == {}
