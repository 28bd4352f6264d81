"""An end of a connection that came once is looked at twice, and counts only where it comes again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.json_values import Json
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.absence import ABSENCE
from reference.alterations import Close, Sent, SessionStep
from reference.altered_behaviour import differing
from reference.differences import Difference
from reference.server import ReferenceServer, ServerOptions
from reports.model import Report
from rules.verdicts import Verdict
from suites.depth import QUICK
from suites.outcome import INTERRUPTED, Outcome
from suites.running import Run
from suites.scenario import Scenario, catalogue
from suites.second_look import MOST, End, end_of, lone, seen_again
from suites.stage import Stage
from wire.budget import Budget, Cost
from wire.endpoint import Endpoint
from wire.trace import Entry, RecordedTrace

ONE = next(s for s in catalogue() if s.id.startswith("response_create.out_of_band"))
SURVIVES = "connection/survives-valid-events"
STEP = ABSENCE["closes-at:out-of-band-response:response.output_text.delta"]


def _entry(seq: int, side: str, type_: str) -> Entry:
    return Entry(seq, 0.0, "server" if side == "<" else "client", "text", event={"type": type_})


def _trace(*said: str) -> RecordedTrace:
    return RecordedTrace("t", [_entry(n, *line.split()) for n, line in enumerate(said, 1)], {})


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (1011, ["< session.created", "> response.create"], End(1011, "session.created", "response.create")),
        (1006, ["< session.created"], End(1006, "session.created", "")),
        (1011, ["> session.update"], None),
        (1011, [], None),
        (1001, ["< session.created"], None),
        (1009, ["< session.created", "> response.create"], None),
    ],
)
def test_an_end_that_says_why_or_before_any_word_is_none(
    code: int, said: list[str], expected: End | None
) -> None:
    assert end_of(code, _trace(*said)) == expected


def test_what_is_sent_to_be_refused_may_end_a_connection() -> None:
    said = _trace("< session.created", "> session.update")
    mistake = said.entries[-1]._replace(detail={"stimulus": {"expects": "refusal"}})
    assert end_of(1011, said) is not None
    assert end_of(1011, RecordedTrace("t", [*said.entries[:-1], mistake], {})) is None


def _ended(*codes: int) -> Outcome:
    return Outcome(
        ONE, "stalled", ends=tuple(End(code, "response.created", "response.create") for code in codes)
    )


def test_what_ended_as_no_other_did_is_played_again() -> None:
    once, twice = _ended(4001), _ended(4002)
    assert lone([once, twice, _ended(4002), _ended()]) == [once]
    assert lone([_ended(4001, 4001)]) == []
    assert len(lone([_ended(code) for code in range(4000, 4010)])) == MOST


def test_nothing_of_the_first_play_is_lost() -> None:
    first = replace(_ended(4001), message="it ended", traces=(Path("a"),), used=Cost(1, 1))
    again = Outcome(ONE, "passed", traces=(Path("b"),), used=Cost(1, 2))
    found = seen_again(first, again)
    assert (found.status, found.message, found.ends) == ("stalled", "it ended", first.ends)
    assert (found.traces, found.used) == ((Path("a"), Path("b")), Cost(2, 3))


def _played(folder: Path, *faults: Difference, budget: Budget | None = None) -> tuple[ConformanceRun, Report]:
    async def play() -> ConformanceRun:
        async with ReferenceServer(ServerOptions(), differing(faults)) as server:
            choice = embedded(server, "openai")
            plan = Plan([ONE], folder, choice, depth=QUICK, probing=False, whole=False)
            conformance = ConformanceRun(replace(plan, budget=budget or Budget()))
            await conformance.perform()
            return conformance

    conformance = asyncio.run(play())
    return conformance, conformance.report()


def _verdict(report: Report) -> Verdict:
    return next(r.verdict for r in report.requirements if r.requirement.id == SURVIVES)


def test_a_step_that_ends_the_connection_each_time_is_found_with_one_scenario(tmp_path: Path) -> None:
    conformance, report = _played(tmp_path, STEP)
    assert _verdict(report) is Verdict.FAIL
    [outcome] = conformance.runs[0].outcomes
    assert [path.name for path in outcome.traces] == [
        f"{ONE.id}.jsonl",
        f"{ONE.id}.again.jsonl",
    ]


class _Once(SessionStep):
    """The first connection of all is closed at the first delta, and no other."""

    ended = False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "response.output_text.delta" and not _Once.ended:
            _Once.ended = True
            return [Close(4000)]
        return [event]


def test_an_accident_stays_one(tmp_path: Path) -> None:
    _Once.ended = False
    accident = replace(STEP, changes=(_Once,))
    conformance, report = _played(tmp_path, accident)
    assert _verdict(report) is not Verdict.FAIL
    assert len(conformance.runs[0].outcomes[0].traces) == 2


def test_a_second_look_that_cannot_be_paid_for_is_left_out(tmp_path: Path) -> None:
    conformance, report = _played(tmp_path, STEP, budget=Budget(sessions=1))
    assert _verdict(report) is not Verdict.FAIL
    assert len(conformance.runs[0].outcomes[0].traces) == 1


def test_a_second_look_that_is_interrupted_leaves_one_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(run: Run, scenario: Scenario, _: Stage) -> Outcome:
        run.outcomes.append(Outcome(scenario, "inconclusive", traces=(Path("b"),), message=INTERRUPTED))
        raise asyncio.CancelledError

    monkeypatch.setattr(Run, "_played", interrupted)
    first = replace(_ended(4001), traces=(Path("a"),))
    run = Run(Endpoint("ws://localhost/v1/realtime", "openai"), tmp_path, outcomes=[first])
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run._look_again(first))
    assert run.outcomes == [replace(first, traces=(Path("a"), Path("b")))]
