"""A budget is kept to the letter, by the server's own account."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from protocol.errors import DocumentError
from realtime_conformance.application.targets import Options, TargetError, choose
from realtime_conformance.cli import run_command_line
from rules.verdicts import Verdict
from suites.depth import QUICK
from suites.scenario import catalogue
from suites.scheduling import selected
from tests.addresses import NOWHERE
from tests.realtime_conformance.budget.counting import spend
from wire.budget import Budget, BudgetError, Cost, parse_budget
from wire.failures import OverBudget
from wire.meter import Meter
from wire.tab import Tab

BY_HAND = [s for s in catalogue() if not s.module.startswith("test_generated")]
DIALECTS: tuple[DialectName, ...] = ("inworld", "openai")


# --- against a server that counts -------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "budget",
    [
        Budget(sessions=0),
        Budget(sessions=1),
        Budget(sessions=23),
        Budget(responses=0),
        Budget(responses=1),
        Budget(responses=11),
        Budget(audio_s=0.0),
        Budget(audio_s=7.5),
        Budget(sessions=40, responses=9, audio_s=20.0),
    ],
    ids=str,
)
def test_the_server_never_counts_more_than_the_budget(
    tmp_path: Path, dialect: DialectName, budget: Budget
) -> None:
    account, outcomes, _ = spend(BY_HAND, budget, tmp_path, dialect=dialect)
    assert account.sessions <= budget.limit("sessions")
    assert account.responses <= budget.limit("responses")
    assert account.audio_s <= budget.limit("audio_s") + 1e-6
    stopped = [o for o in outcomes if o.over_budget]
    assert stopped
    assert {o.status for o in stopped} == {"inconclusive"}
    assert all("the budget of" in o.message for o in stopped)
    assert not [o for o in outcomes if o.status in ("harness-error", "stalled")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_budget_of_what_the_plan_says_pays_for_everything(tmp_path: Path, dialect: DialectName) -> None:
    account, _, run = spend(BY_HAND, Budget(), tmp_path / "first", dialect=dialect)
    assert run.plan.cost.sessions >= account.sessions
    assert run.plan.cost.responses >= account.responses
    assert run.plan.cost.audio_s >= account.audio_s + account.sent_audio_s
    budget = Budget(run.plan.cost.sessions, run.plan.cost.responses, run.plan.cost.audio_s)
    _, outcomes, _ = spend(BY_HAND, budget, tmp_path / "second", dialect=dialect)
    assert not [o.scenario.id for o in outcomes if o.over_budget]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_scenario_costs_more_than_it_declares(tmp_path: Path, dialect: DialectName) -> None:
    _, outcomes, _ = spend(catalogue(), Budget(), tmp_path, dialect=dialect)
    for outcome in outcomes:
        declared = outcome.scenario.cost(QUICK)
        assert outcome.used.sessions <= declared.sessions, outcome.scenario.id
        assert outcome.used.responses <= declared.responses, outcome.scenario.id
        assert outcome.used.audio_s <= declared.audio_s + 1e-6, outcome.scenario.id


def test_the_meter_agrees_with_the_server(tmp_path: Path) -> None:
    account, _, run = spend(BY_HAND, Budget(), tmp_path)
    assert run.run is not None
    meter = run.run.meter
    assert meter.sessions == account.sessions
    assert meter.responses == account.responses


def test_a_requirement_that_was_too_dear_is_inconclusive(tmp_path: Path) -> None:
    scenarios = selected(catalogue(), ["response_cancel"])
    _, _, run = spend(scenarios, Budget(responses=0), tmp_path, probing=False)
    report = run.report()
    result = next(r for r in report.requirements if r.id == "cancel/active-ends-cancelled")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert list(result.tally.undecided) == ["the budget of 0 responses does not allow it"]
    # What costs no response was judged all the same.
    idle = next(r for r in report.requirements if r.id == "cancel/idle-refused")
    assert idle.verdict is Verdict.PASS
    assert any("did not allow" in note for note in report.notes)


def test_tokens_end_a_run_when_they_are_spent(tmp_path: Path) -> None:
    scenarios = selected(catalogue(), ["response_create"])
    _, outcomes, run = spend(scenarios, Budget(tokens=60), tmp_path, probing=False)
    assert run.run is not None
    assert any(o.over_budget for o in outcomes)
    assert any(o.status == "passed" and o.used.responses for o in outcomes)


# --- one session ------------------------------------------------------------------------------------------


def _tab(budget: Budget, reserved: Cost | None = None) -> Tab:
    return Tab(Meter(budget).share(reserved))


def _created(turn_detection: object) -> dict[str, object]:
    return {"type": "session.created", "session": {"audio": {"input": {"turn_detection": turn_detection}}}}


_SECOND = {"type": "input_audio_buffer.append", "audio": "A" * 64_000}


def test_audio_may_make_the_server_answer_by_itself() -> None:
    tab = _tab(Budget(responses=1))
    tab.server_event(_created({"type": "server_vad"}))
    tab.client_event(_SECOND)
    with pytest.raises(OverBudget, match="1 responses"):
        tab.client_event({"type": "response.create", "event_id": "e1"})
    tab.server_event({"type": "response.created", "response": {"id": "r1"}})
    with pytest.raises(OverBudget):
        tab.client_event(_SECOND)


@pytest.mark.parametrize(
    "detection", [None, {"type": "server_vad", "create_response": False}], ids=["off", "silent"]
)
def test_audio_that_no_turn_is_answered_for_costs_no_response(detection: object) -> None:
    tab = _tab(Budget(responses=0))
    tab.server_event(_created(detection))
    tab.client_event(_SECOND)
    assert tab.meter.audio_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    "event",
    [
        _SECOND,
        {
            "type": "session.update",
            "session": {
                "audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}
            },
        },
    ],
    ids=["audio", "idle timeout"],
)
def test_what_the_server_may_do_by_itself_costs_tokens_too(event: dict[str, object]) -> None:
    tab = _tab(Budget(tokens=0))
    with pytest.raises(OverBudget, match="0 tokens"):
        tab.client_event(event)
    meter = Meter(Budget(tokens=100))
    meter.paid(40)
    Tab(meter.share()).client_event(event)
    with pytest.raises(OverBudget, match="100 tokens"):
        Tab(meter.share()).client_event(event)  # 40, and perhaps 40 for the other, and 40 for this


def test_audio_that_was_cleared_provokes_nothing_more() -> None:
    tab = _tab(Budget(responses=1))
    tab.client_event(_SECOND)
    tab.server_event({"type": "input_audio_buffer.cleared"})
    tab.client_event({"type": "response.create", "event_id": "e1"})


def test_a_turn_that_was_taken_still_owes_its_response_after_a_clear() -> None:
    tab = _tab(Budget(responses=1))
    tab.client_event(_SECOND)
    tab.server_event({"type": "input_audio_buffer.committed", "item_id": "i1"})
    tab.server_event({"type": "input_audio_buffer.cleared"})
    with pytest.raises(OverBudget):
        tab.client_event({"type": "response.create", "event_id": "e1"})


def test_what_was_refused_is_given_back() -> None:
    tab = _tab(Budget(responses=1))
    tab.client_event({"type": "response.create", "event_id": "e1"})
    tab.server_event({"type": "error", "error": {"event_id": "another"}})
    with pytest.raises(OverBudget):
        tab.client_event({"type": "response.create", "event_id": "e2"})
    tab.server_event({"type": "error", "error": {"event_id": "e1"}})
    tab.client_event({"type": "response.create", "event_id": "e3"})


def test_what_was_asked_for_and_never_came_counts() -> None:
    meter = Meter(Budget(responses=1))
    tab = Tab(meter.share())
    tab.client_event({"type": "response.create", "event_id": "e1"})
    tab.close()
    with pytest.raises(OverBudget):
        Tab(meter.share()).client_event({"type": "response.create", "event_id": "e1"})


def test_telephone_audio_is_counted_by_its_own_rate() -> None:
    tab = _tab(Budget(audio_s=2.0))
    formats = {"audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}}}
    tab.client_event({"type": "session.update", "session": formats})
    tab.server_event({"type": "session.updated", "session": formats})
    with pytest.raises(OverBudget, match="2 seconds of audio"):
        tab.client_event(_SECOND)  # six seconds of it


def test_audio_in_items_is_counted() -> None:
    tab = _tab(Budget(audio_s=0.5))
    part = {"type": "input_audio", "audio": _SECOND["audio"]}
    with pytest.raises(OverBudget):
        tab.client_event({"type": "conversation.item.create", "item": {"content": [part]}})


def test_a_server_that_speaks_beyond_the_budget_ends_the_session() -> None:
    tab = _tab(Budget(audio_s=0.5))
    tab.server_event({"type": "response.output_audio.delta", "delta": _SECOND["audio"]})
    assert "0.5 seconds of audio" in tab.over


def test_what_is_set_aside_is_not_there_for_others() -> None:
    meter = Meter(Budget(responses=3))
    first = meter.share(Cost(responses=2))
    second = meter.share()
    second.take("responses")
    with pytest.raises(OverBudget):
        second.take("responses")
    first.take("responses", 2)
    with pytest.raises(OverBudget):
        first.take("responses")


def test_who_needs_what_another_holds_waits_for_it() -> None:
    meter = Meter(Budget(sessions=2))
    order: list[str] = []

    async def first(begun: asyncio.Event, go: asyncio.Event) -> None:
        async with meter.reserved(Cost(sessions=2)) as share:
            begun.set()
            await go.wait()
            share.take("sessions")
            order.append("first")

    async def second(cost: int) -> str:
        try:
            async with meter.reserved(Cost(sessions=cost)):
                order.append("second")
        except OverBudget as error:
            return error.reason
        return ""

    async def play() -> tuple[str, str]:
        begun, go = asyncio.Event(), asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(first(begun, go))
            await begun.wait()
            fits, does_not = tasks.create_task(second(1)), tasks.create_task(second(2))
            await asyncio.sleep(0)
            go.set()
        return fits.result(), does_not.result()

    assert asyncio.run(play()) == ("", "the budget of 2 sessions does not allow it")
    assert order == ["first", "second"]


# --- how it is said ---------------------------------------------------------------------------------------


def test_a_budget_is_read() -> None:
    assert parse_budget("responses=40, audio_s=60.5,sessions=30") == Budget(30, 40, 60.5)
    assert str(parse_budget("tokens=5000,sessions=1")) == "sessions=1,tokens=5000"


BROKEN = [
    "",
    "responses",
    "responses=",
    "responses=x",
    "responses=-1",
    "responses=1.5",
    "audio_s=nan",
    "audio_s=inf",
    "sessions=1,sessions=2",
    "money=3",
    "responses=1,",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_budget_is_refused(text: str) -> None:
    with pytest.raises(BudgetError):
        parse_budget(text)


@pytest.mark.parametrize("text", BROKEN)
def test_the_command_line_says_so_in_a_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["run", "--budget", text, "--out", str(tmp_path)]) == 4
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert said.startswith("error: --budget:")


def _configured(folder: Path, budget: str) -> Options:
    path = folder / "conformance.yaml"
    path.write_text(
        f"targets:\n  mine:\n    endpoint: {NOWHERE}\n    budget: {budget}\n",
        encoding="utf-8",
    )
    return Options(target="mine", config=path)


def test_a_target_has_its_budget_in_the_configuration(tmp_path: Path) -> None:
    options = _configured(tmp_path, "{responses: 4, audio_s: 1.5}")
    assert choose(options, {}).budget == Budget(responses=4, audio_s=1.5)
    said = Options(target="mine", config=options.config, budget="responses=9,sessions=2")
    assert choose(said, {}).budget == Budget(sessions=2, responses=9, audio_s=1.5)


def test_a_broken_budget_in_the_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="/targets/mine/budget/responses"):
        choose(_configured(tmp_path, "{responses: many}"), {})
    with pytest.raises(TargetError, match="--budget"):
        choose(Options(endpoint=NOWHERE, budget="many"), {})


def test_the_cost_is_said_first_and_what_was_spent_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = "response_cancel.with_the_next_asked_for_at_once"
    code = run_command_line(["run", "-k", chosen, "--no-probe", "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[1].strip() == "costs at most: 2 sessions, 4 responses, 0 s of audio"
    assert lines[-1].strip().startswith("spent: 1 session, 2 responses, ")
