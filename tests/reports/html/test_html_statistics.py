"""What is counted while traces are judged, and the views made of it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.judging import contract_for, judge_traces
from realtime_conformance.application.parallel_judging import Book, judge_files
from reports.event_matrix import EVENT_NEVER, EVENT_SUPPORTED, EVENT_WRONG, event_sides
from reports.html_views import operation_views, seconds_text, times
from reports.model import Target
from reports.statistics import Statistics, cells, mostly_failed, spread
from tests.reports.html.html_samples import conversation, report_on, written
from wire.trace import Entry, RecordedTrace

ROOT = Path(__file__).resolve().parents[3]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="no copies are made elsewhere")


@pytest.fixture
def counted(tmp_path: Path) -> Statistics:
    trace = written(tmp_path / "t.jsonl", conversation(hostile=True))
    return judge_traces([trace], "openai", contract_for("openai")).statistics


def test_events_are_counted_by_direction_and_type(counted: Statistics) -> None:
    assert counted.events["server", "response.output_text.delta"] == 3
    assert counted.events["client", "response.create"] == 1
    assert "response.done" in counted.documented["server"]
    assert len(counted.documented["client"]) == 11


def test_optional_fields_are_those_of_the_document_and_those_seen(counted: Statistics) -> None:
    key = ("client", "session.update")
    assert "session.output_modalities" in counted.optional[key]
    assert "session.output_modalities" in counted.fields[key]
    assert "session.audio.output.voice" in counted.optional[key]
    assert "session.audio.output.voice" not in counted.fields[key]
    for each, seen in counted.fields.items():
        assert seen <= set(counted.optional.get(each, ()))


def test_answers_are_counted_by_purpose(counted: Statistics) -> None:
    made = cells(counted)
    assert made["session.update"]["success"].right == 1
    refused = made["conversation.item.retrieve"]["misuse"]
    assert (refused.right, refused.decided, dict(refused.reasons)) == (1, 1, {"unknown-item": 1})
    assert made["response.cancel"]["success"].total == 0


def test_mutants_are_told_from_misuse() -> None:
    entries = [
        Entry(1, 0.0, "harness", "open", None, {}),
        Entry(2, 0.1, "client", "text", {"type": "response.create", "response": 5, "event_id": "a"}),
        Entry(
            3,
            0.4,
            "server",
            "text",
            {
                "type": "error",
                "event_id": "e",
                "error": {
                    "type": "invalid_request_error",
                    "message": "no",
                    "event_id": "a",
                    "code": None,
                    "param": None,
                },
            },
        ),
        Entry(4, 0.5, "client", "text", {"type": "no.such", "event_id": "b"}),
    ]
    found = judge_traces([RecordedTrace("t", entries)], "openai", contract_for("openai")).statistics
    made = cells(found)
    assert made["response.create"]["mutant"].right == 1
    lost = made["any other"]["mutant"]
    assert (lost.total, lost.decided) == (1, 0), "the capture ended before an answer"
    assert found.times["refusal response.create"] == [pytest.approx(0.3)]


def test_times_are_those_of_the_trace(counted: Statistics) -> None:
    assert counted.times["answer session.update"] == [pytest.approx(0.05)]
    assert counted.times["first delta"] == [pytest.approx(0.2)]
    assert counted.times["response"] == [pytest.approx(0.5)]


def _server(n: int, t: float, type_: str, **fields: object) -> Entry:
    return Entry(n, t, "server", "text", {"type": type_, "event_id": f"e{n}", **fields})


def _turn(n: int, t: float, id_: str, status: str = "completed") -> list[Entry]:
    """Return a response that is created at `t`, heard 0.2 s and ended 1 s later."""
    place = {"response_id": id_, "item_id": "i", "output_index": 0, "content_index": 0}
    return [
        _server(n, t, "response.created", response={"id": id_, "status": "in_progress"}),
        _server(n + 1, t + 0.1, "response.output_audio_transcript.delta", **place, delta="o"),
        _server(n + 2, t + 0.2, "response.output_audio.delta", **place, delta="AAAA"),
        _server(n + 3, t + 0.3, "response.output_audio.delta", **place, delta="AAAA"),
        _server(n + 4, t + 1.0, "response.done", response={"id": id_, "status": status}),
    ]


def test_turns_are_timed_from_what_the_user_did() -> None:
    entries = [
        Entry(1, 0.0, "harness", "open", None, {}),
        Entry(2, 1.0, "client", "text", {"type": "response.create", "event_id": "a"}),
        *_turn(3, 1.5, "r1"),
        # The user speaks, and the server answers by itself: twice, the second time cut short.
        _server(8, 4.0, "input_audio_buffer.speech_stopped", item_id="u1", audio_end_ms=9),
        _server(9, 4.1, "input_audio_buffer.committed", item_id="u1", previous_item_id=None),
        *_turn(10, 4.4, "r2"),
        _server(15, 7.0, "input_audio_buffer.speech_stopped", item_id="u2", audio_end_ms=9),
        *_turn(16, 7.1, "r3", status="cancelled"),
        *_turn(21, 9.0, "r4"),  # nobody asked
    ]
    found = judge_traces([RecordedTrace("t", entries)], "openai", contract_for("openai")).statistics
    assert found.times["first audio"] == [pytest.approx(0.7), pytest.approx(0.6), pytest.approx(0.3)]
    assert found.times["turn"] == [pytest.approx(1.5), pytest.approx(1.4)]


def test_a_response_of_text_is_a_turn_without_sound(counted: Statistics) -> None:
    assert counted.times["turn"] == [pytest.approx(0.55)]
    assert "first audio" not in counted.times


def test_traces_in_several_files_add_up_as_in_one(tmp_path: Path) -> None:
    files = [written(tmp_path / f"t{n}.jsonl", conversation(hostile=bool(n % 2))) for n in range(4)]
    one = judge_traces(files, "openai", contract_for("openai")).statistics
    many = judge_files(files, Book("openai")).statistics
    assert many.events == one.events
    assert many.exchanges == one.exchanges
    assert many.fields == one.fields
    assert many.traces == one.traces == 4
    assert {n: sorted(v) for n, v in many.times.items()} == {n: sorted(v) for n, v in one.times.items()}


_DIVIDED = """
import sys
from pathlib import Path
from realtime_conformance.application import parallel_judging
from realtime_conformance.application.judging import contract_for, judge_traces

if __name__ == "__main__":
    how, *names = sys.argv[1:]
    files = [Path(name) for name in names]
    parallel_judging._WORTH_IT = 0
    parallel_judging._can_fork = lambda: how == "fork"
    one = judge_traces(files, "openai", contract_for("openai"))
    many = parallel_judging.judge_files(files, parallel_judging.Book("openai"))
    assert many.by_trace == one.by_trace
    assert many.total == one.total
    assert many.statistics.events == one.statistics.events
    print("the same")
"""


@pytest.mark.parametrize("how", ["spawn", pytest.param("fork", marks=ON_LINUX)])
def test_how_the_work_is_divided_does_not_show(tmp_path: Path, how: str) -> None:
    """In a process of its own: where tests run, there may be threads, which forbid a copy."""
    files = [written(tmp_path / f"t{n}.jsonl", conversation(hostile=bool(n % 2))) for n in range(4)]
    script = tmp_path / "divided.py"
    script.write_text(_DIVIDED, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(script), how, *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.stdout.strip(), ran.stderr) == ("the same", "")


def test_counting_changes_no_verdict(tmp_path: Path) -> None:
    from rules.rulebook import rulebook
    from wire.trace_files import TraceFile

    trace = written(tmp_path / "t.jsonl", conversation(hostile=True))
    plain = rulebook("openai").judge(TraceFile(trace))
    assert judge_traces([trace], "openai", contract_for("openai")).total == plain


def test_types_of_the_document_are_listed_whether_seen_or_not(counted: Statistics) -> None:
    server, client = event_sides(counted, ())
    rows = {row.type: row for row in server.rows}
    assert rows["response.done"].count == 1
    assert rows["input_audio_buffer.committed"].count == 0
    assert [row for row in server.rows if not row.documented], "an invented type is listed, too"
    assert server.seen < server.documented
    counts = [bool(row.count) for row in server.rows]
    assert counts == sorted(counts, reverse=True)
    assert {row.type for row in client.rows} >= {"session.update", "response.cancel"}


def test_each_type_and_optional_field_is_supported_wrong_or_never_seen(tmp_path: Path) -> None:
    report = report_on(tmp_path, hostile=True)
    assert report.statistics is not None
    server, client = event_sides(report.statistics, report.requirements)
    states = {row.type: row.state for row in (*server.rows, *client.rows)}
    assert states["session.created"] == EVENT_SUPPORTED
    assert states["response.created"] == EVENT_WRONG
    assert states["input_audio_buffer.committed"] == EVENT_NEVER
    assert states["session.update"] == EVENT_SUPPORTED
    assert states["response.cancel"] == EVENT_NEVER
    done = next(r for r in report.requirements if r.id == "payload/response.done")
    wrong_fields = [replace(done.findings[0], path="response.output[0].status")]
    changed = replace(done, tally=replace(done.tally, findings=wrong_fields))
    rows = event_sides(report.statistics, [changed])[0].rows
    fields = {f.name: f.state for row in rows if row.type == "response.done" for f in row.fields}
    assert fields["response.output[].status"] == EVENT_WRONG
    assert fields["response.output[].id"] == EVENT_SUPPORTED
    assert fields["response.output[].call_id"] == EVENT_NEVER
    wrong = [row.type for row in server.rows if row.state == EVENT_WRONG]
    assert [row.type for row in server.rows][: len(wrong)] == wrong, "what is wrong comes first"
    assert f"{len(wrong)} wrong" in server.said


def test_times_of_refusals_are_kept_apart(tmp_path: Path) -> None:
    trace = written(tmp_path / "t.jsonl", conversation(hostile=True))
    found = judge_traces([trace], "openai", contract_for("openai")).statistics.times
    assert found["refusal conversation.item.retrieve"] == [pytest.approx(0.05)]
    assert "answer conversation.item.retrieve" not in found
    names = [row.name for row in times(Statistics(times=found))[0]]
    assert "conversation.item.retrieve → error" in names
    assert "session.update → answer" in names


def test_a_response_that_did_not_complete_is_timed_apart(tmp_path: Path) -> None:
    events = conversation()
    for _, event in events:
        if event["type"] == "response.done":
            event["response"]["status"] = "failed"
    trace = written(tmp_path / "t.jsonl", events)
    found = judge_traces([trace], "openai", contract_for("openai")).statistics.times
    assert "response" not in found
    assert len(found["response not completed"]) == 1


def test_every_client_event_has_a_row(counted: Statistics) -> None:
    rows = operation_views(counted, ())
    assert len(rows) == 11
    assert all(len(row.cells) == 4 for row in rows)


def test_a_client_event_has_the_requirements_that_were_violated_with_it(tmp_path: Path) -> None:
    report = report_on(tmp_path, hostile=True)
    assert report.statistics is not None
    rows = {row.type: row for row in operation_views(report.statistics, report.requirements, report.evidence)}
    assert "session/update/keeps-the-rest" in rows["session.update"].violated
    assert "session/update/keeps-the-rest" not in rows["response.cancel"].violated
    result = next(r for r in report.requirements if r.findings)
    finding = replace(result.findings[0], trace="generated_mutants.response_cancel-3")
    changed = replace(result, tally=replace(result.tally, findings=[finding]))
    rows = {row.type: row for row in operation_views(report.statistics, [changed], None)}
    assert rows["response.cancel"].violated == (result.id,)
    assert rows["session.update"].violated == ()


def test_silence_is_how_an_append_is_accepted() -> None:
    statistics = Statistics(
        documented={"client": ("input_audio_buffer.append", "session.update")},
        exchanges={
            ("input_audio_buffer.append", "open", "stimulus", "silent"): 2,
            ("session.update", "open", "stimulus", "silent"): 2,
        },
    )
    made = cells(statistics)
    append, update = (made[t]["open"] for t in statistics.documented["client"])
    assert (append.right, append.decided, dict(append.wrong)) == (2, 2, {})
    assert (update.right, update.decided, dict(update.wrong)) == (0, 2, {"silent": 2})


def test_the_chart_places_everything_on_its_axis() -> None:
    statistics = Statistics(times={"first delta": [0.0, 0.0004, 2.5], "answer x": [0.01] * 500})
    rows, ticks = times(statistics)
    places = [x for row in rows for x in (row.least, row.median, row.p95, *row.dots)]
    assert all(0 <= x <= 100 for x in places)
    assert [t.x for t in ticks] == sorted(t.x for t in ticks)
    assert ticks[0].x == 0
    assert ticks[-1].x == 100
    assert all(len(row.dots) <= 120 for row in rows)
    assert times(Statistics()) == ((), ())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0001, "0.1 ms"),
        (0.001, "1 ms"),
        (0.0044, "4.4 ms"),
        (0.25, "250 ms"),
        (1.0, "1 s"),
        (2.54, "2.5 s"),
    ],
)
def test_times_are_shown_in_a_unit_that_fits(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_a_spread_of_one_is_that_one() -> None:
    found = spread([0.5])
    assert (found.least, found.median, found.p95, found.most) == (0.5, 0.5, 0.5, 0.5)


def test_a_server_that_invents_names_costs_no_memory() -> None:
    invented = [
        Entry(n, 0.0, "server", "text", {"type": f"type.{n}", f"field_{n}": n}) for n in range(1, 5000)
    ]
    found = judge_traces([RecordedTrace("t", invented)], "openai", contract_for("openai")).statistics
    assert 1000 < len(found.events) <= 2000
    assert all(row.type for side in event_sides(found, ()) for row in side.rows)
    assert sum(not row.documented for side in event_sides(found, ()) for row in side.rows) <= 100


def _ended(status: str, error: dict[str, str] | None = None) -> list[Entry]:
    details = {"type": status, "error": error} if error else None
    response = {"object": "realtime.response", "id": "resp_1", "status": status, "status_details": details}
    return [Entry(1, 0.0, "server", "text", {"type": "response.done", "response": response})]


_MISSING = {"type": "server_error", "code": "no_match", "message": "No fixture matched."}


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (
            [("failed", _MISSING)] * 5 + [("completed", None)],
            "5 of 6 responses failed: no_match No fixture matched.",
        ),
        ([("failed", None)] * 3, "3 of 3 responses failed: no reason given"),
        (
            [("failed", _MISSING)] * 3 + [("failed", None)],
            "4 of 4 responses failed: no_match No fixture matched. (3 of them)",
        ),
        ([("failed", _MISSING)] * 3 + [("completed", None)] * 3, ""),
        ([("failed", _MISSING)] * 2, ""),
        ([("cancelled", None)] * 9, ""),
        ([], ""),
    ],
)
def test_a_server_most_of_whose_responses_fail_is_told_so(
    ends: list[tuple[str, dict[str, str] | None]], said: str
) -> None:
    traces = [RecordedTrace(f"t{n}", _ended(*end)) for n, end in enumerate(ends)]
    found = judge_traces(traces, "openai", contract_for("openai"))
    assert mostly_failed(found.statistics) == said
    contract = contract_for("openai")
    circumstances = Circumstances(started="", duration_s=0)
    report = compose(
        found, target=Target("x", "openai", {}, ""), contract=contract, circumstances=circumstances
    )
    assert report.notes == ((said,) if said else ())
