"""Where the time of a run went: the longest path, and what of it was the server's silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_conformance.application.run_timing import timing_of
from suites.outcome import Outcome
from suites.scenario import catalogue
from wire.waits import Waited

_ONE, _TWO, _THREE = catalogue()[:3]
_BEGAN = 100.0


def _played(scenario: object, began: float, took: float, name: str) -> Outcome:
    return Outcome(scenario, "passed", took, (Path(f"{name}.jsonl"),), began=_BEGAN + began)  # type: ignore[arg-type]


def _waited(trace: str, start: float, took: float, *, full: bool = True, awaited: str = "it") -> Waited:
    return Waited(awaited, trace, _BEGAN + start, took, full)


def test_the_longest_path_goes_back_from_the_last_end() -> None:
    outcomes = [
        _played(_ONE, 0.0, 3.0, "one"),
        _played(_TWO, 0.0, 1.0, "two"),
        _played(_THREE, 3.01, 6.0, "three"),
    ]
    waits = [_waited("three", 4.0, 2.0), _waited("three", 5.0, 2.0, full=False), _waited("two", 0.0, 1.0)]
    timing = timing_of(outcomes, waits, _BEGAN)
    assert timing is not None
    assert [leg.scenario for leg in timing.path] == [_ONE.id, _THREE.id]
    assert timing.duration_s == pytest.approx(9.01)
    assert timing.silence_s == pytest.approx(3.0), "waits side by side count once, and those elsewhere not"
    assert [(w.awaited, w.waits, w.full, w.seconds) for w in timing.waits] == [("it", 3, 2, 5.0)]


def test_what_a_scenario_waits_for_before_it_begins_counts_too() -> None:
    timing = timing_of([_played(_ONE, 5.0, 1.0, "one")], [_waited("probe.retrieve", 0.0, 5.0)], _BEGAN)
    assert timing is not None
    assert timing.share == pytest.approx(5 / 6)
    assert timing.sentence.startswith("83 % of the time (5 of 6 s) was the server's silence: 1 wait in vain")


def test_a_run_that_waited_for_nothing_has_nothing_to_say() -> None:
    timing = timing_of([_played(_ONE, 0.0, 1.0, "one")], [], _BEGAN)
    assert timing is not None
    assert timing.sentence == ""
    assert timing_of([], [], _BEGAN) is None
