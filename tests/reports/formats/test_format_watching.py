"""While a run lasts: a bar where somebody looks, now and then a line in a log, frames where wanted."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import Embedded
from realtime_conformance.application.plan import Plan
from reports.frame_lines import frame_line
from reports.watching import Watched, Watching
from suites.outcome import Outcome
from suites.running import Run
from suites.scenario import catalogue
from tests.addresses import NOWHERE
from tests.realtime_conformance.gate.recorded import record
from tests.reports.formats.sample import FAILED, HOSTILE
from wire.budget import Budget
from wire.endpoint import Endpoint
from wire.meter import Meter

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LONG_S = 30.0


@dataclass
class _Scenario:
    id: str = "response_create.text"


class _Screen(io.StringIO):
    """Tells when a line was written that holds some words."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self._words = words
        self.came = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._words and self._words in self.getvalue():
            self.came.set()
        return written


def _console(stream: io.StringIO, *, terminal: bool = False, **environment: str) -> Console:
    return Console(
        file=stream,
        force_terminal=terminal,
        force_interactive=terminal,
        width=100,
        highlight=False,
        markup=False,
        emoji=False,
        _environ=environment,
    )


def _failing(asked: list[object]) -> Callable[[object], list[str]]:
    def failing(outcome: object) -> list[str]:
        asked.append(outcome)
        return [FAILED, f"payload/{len(asked)}"]

    return failing


def _watched(console: Console) -> tuple[int, Watching]:
    asked: list[object] = []
    watched = Watched(3, _failing(asked), lambda: "2 sessions of sessions=30")
    with Watching(console, watched) as watching:
        for _ in range(2):
            watching.began(_Scenario())
            watching.ended(_Scenario())
        watching._progress.refresh()
    return len(asked), watching


def test_progress_shows_scenarios_findings_and_spending() -> None:
    stream = io.StringIO()
    asked, watching = _watched(_console(stream, terminal=True, TERM="xterm"))
    shown = _SEQUENCE.sub("", stream.getvalue())
    assert "2/3" in shown
    assert "3 violated" in shown
    assert "2 sessions of sessions=30" in shown
    assert (asked, len(watching.violated)) == (2, 3)


@pytest.mark.parametrize("environment", [{}, {"TERM": "dumb"}])
def test_a_short_run_that_nobody_looks_at_says_and_computes_nothing(environment: dict[str, str]) -> None:
    stream = io.StringIO()
    asked, _ = _watched(_console(stream, terminal=bool(environment), **environment))
    assert stream.getvalue().strip() == ""
    assert asked == 0


def test_a_scenario_cannot_steer_the_progress_either() -> None:
    stream = io.StringIO()
    with Watching(_console(stream, terminal=True, TERM="xterm"), Watched(1)) as watching:
        watching.began(_Scenario(HOSTILE))
        watching._progress.refresh()
    assert "\x07" not in stream.getvalue()
    assert "\x9b" not in stream.getvalue()


def test_off_a_terminal_there_is_a_line_now_and_then() -> None:
    stream = _Screen(
        "2 violated, 5 responses, waiting 12 s for response.done\n"
    )  # the first may precede the scenario
    asked: list[object] = []
    watched = Watched(3, _failing(asked), lambda: "5 responses", lambda: "waiting 12 s for response.done")
    with Watching(_console(stream), watched, every=0.001) as watching:
        watching.ended(_Scenario())
        assert stream.came.wait(_LONG_S)
    last = stream.getvalue().splitlines()[-1].strip()
    assert re.fullmatch(
        r"\d+:\d\d 1 of 3 scenarios, 2 violated, 5 responses, waiting 12 s for response.done", last
    )
    assert len(asked) == 1


def test_a_quiet_run_has_no_heartbeat_and_shows_no_frames() -> None:
    console = Console(file=io.StringIO(), quiet=True)
    with Watching(console, Watched(1), 2, every=0.001) as watching:
        assert not watching._heart.is_alive()
        assert watching.frames is None


_DELTA = {
    "type": "response.output_audio.delta",
    "event_id": "event_1",
    "item_id": "item_a",
    "content_index": 0,
    "delta": "A" * 100,
}
_DONE = {"type": "response.done", "event_id": "event_2", "response": {"id": "resp_1"}, "item": {"id": 7}}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ({"event": _DELTA}, "1.500 < response.output_audio.delta event_1 item_a 207 B talk"),
        ({"event": _DONE}, "1.500 < response.done event_2 resp_1 88 B talk"),
        ({"event": {"type": HOSTILE[:3]}, "dir": "client"}, None),
        ({"kind": "close", "detail": {"code": 1000}}, "1.500 < close talk"),
        ({"event": {"type": "x", "text": "\ud800"}}, "1.500 < x 25 B talk"),
    ],
)
def test_a_frame_is_a_line(line: dict[str, object], shown: str | None) -> None:
    said = frame_line(1.5, "talk", {"seq": 1, "t": 0.1, "dir": "server", "kind": "text", **line})
    assert "\n" not in said
    if shown is not None:
        assert said == shown


def test_a_payload_is_shortened_where_it_is_long() -> None:
    line = {"seq": 1, "t": 0.1, "dir": "server", "kind": "text", "event": _DELTA}
    said = frame_line(1.5, "talk", line, payload=True)
    assert f'"delta":"{"A" * 80}… (100 characters)"' in said
    closed = {"seq": 2, "t": 0.1, "dir": "server", "kind": "close", "detail": {"code": 1011}}
    assert frame_line(2, "talk", closed, payload=True) == '2.000 < close talk {"code":1011}'
    long = {**line, "event": {"type": "x", "a": ["word"] * 500}}
    assert len(frame_line(1.5, "talk", long, payload=True)) < 500


@pytest.mark.parametrize(("verbosity", "shown"), [(0, None), (1, False), (2, True)])
def test_how_much_is_shown_of_frames(verbosity: int, shown: bool | None) -> None:
    stream = io.StringIO()
    line = {"seq": 1, "t": 0.1, "dir": "server", "kind": "text", "event": _DONE}
    with Watching(_console(stream), Watched(1), verbosity) as watching:
        assert (watching.frames is None) is (shown is None)
        if watching.frames is not None:
            watching.frames(Path("talk.jsonl"), line)
    assert ("response.done" in stream.getvalue()) is (shown is not None)
    assert ('{"id":"resp_1"}' in stream.getvalue()) is bool(shown)


def test_a_run_tells_what_it_has_found_and_spent_and_what_it_waits_for(tmp_path: Path) -> None:
    conformance = ConformanceRun(Plan([], tmp_path, Embedded("openai"), budget=Budget(sessions=30)))
    assert (conformance.spending(), conformance.awaited()) == ("", "")
    endpoint = Endpoint(NOWHERE, "openai")
    meter = Meter(conformance.plan.budget, sessions=3, audio_s=1.25)
    conformance.runs.append(Run(endpoint, tmp_path, meter=meter))
    assert conformance.spending() == "3/30 sessions · 0 responses · 1.2 s · 0 tokens"
    assert conformance.awaited() == ""
    now = time.monotonic()
    meter.awaited += [(now - 1, "response.done"), (now - 7, "session.updated")]
    assert re.fullmatch(r"waiting \d+ s for session.updated", conformance.awaited())
    traces = (record(tmp_path / "bad.jsonl", "response-done-twice"), tmp_path / "gone.jsonl")
    outcome = Outcome(catalogue()[0], "passed", traces=traces)
    assert conformance.violated(outcome) == {"response/lifecycle/done-exactly-once"}
    assert conformance.violated(replace(outcome, traces=(record(tmp_path / "good.jsonl"),))) == set()
