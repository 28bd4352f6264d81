"""What a run costs at most is close to what it costs, holds for any server, and is the same each time."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from reference.absence import ABSENCE
from reference.conditions import Conditions
from reference.differences import Difference
from reference.faults import FAULTS
from suites.depth import QUICK, STANDARD, Depth
from suites.scenario import catalogue
from tests.realtime_conformance.budget.counting import Account, spend
from wire.budget import BUDGET_KINDS, Budget, Cost, thrown_away
from wire.meter import Meter

DIALECTS: tuple[DialectName, ...] = ("inworld", "openai")
DEPTHS = (QUICK, STANDARD)

HOSTILE = (
    "absent:session.created",
    "unanswered:response.create",
    "unanswered:session.update",
    "unanswered:conversation.item.create",
    "dies:response.create:1011",
    "dies:input_audio_buffer.clear:1006",
    "dies:conversation.item.create:error",
    "closes-at:text-response:response.created",
    "closes-at:refusal:error",
    "silent-at:session-update:session.updated",
    "silent-at:text-response:response.output_text.delta",
    "silent-at:refusal:error",
    "twice:response.created",
    "twice:response.done",
    "without:responses",
    "bare-create-refused",
    "response-settings-refused",
    "turn-answered-unasked",
    "invalid-event-ignored",
    "item-create-refused",
)
"""Servers that make a run spend: silent, refusing, closing, carrying out what is wrong, answering twice."""

_PATIENCE_S = 0.4


@functools.cache
def _spent(dialect: DialectName, depth: Depth) -> tuple[Account, ConformanceRun]:
    """Return what all scenarios cost on the reference server."""
    with tempfile.TemporaryDirectory() as folder:
        return _spend(dialect, depth, Path(folder))


def _spend(dialect: DialectName, depth: Depth, folder: Path) -> tuple[Account, ConformanceRun]:
    # It answers everything. That this machine has a lot to do must not look like silence, nor like the end
    # of a response that would still be told elsewhere.
    account, _, run = spend(
        catalogue(), Budget(), folder, dialect=dialect, depth=depth, patience_s=60.0, pace_s=0.02
    )
    return account, run


@pytest.mark.parametrize("depth", DEPTHS, ids=lambda depth: depth.name)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_at_most_is_close_to_what_is_asked_for(dialect: DialectName, depth: Depth) -> None:
    account, run = _spent(dialect, depth)
    assert account.asked <= run.plan.cost.responses <= 1.3 * account.asked
    assert account.sessions <= run.plan.cost.sessions
    assert account.audio_s + account.sent_audio_s <= run.plan.cost.audio_s


@pytest.mark.parametrize(
    ("depth", "responses", "sessions"), [(QUICK, 40, 60), (STANDARD, 80, 120)], ids=["quick", "standard"]
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_more_is_spent_than_the_verdict_needs(
    dialect: DialectName, depth: Depth, responses: int, sessions: int
) -> None:
    account, _ = _spent(dialect, depth)
    assert account.responses <= responses
    assert account.sessions <= sessions


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_same_seed_spends_the_same(tmp_path: Path, dialect: DialectName) -> None:
    first, _ = _spent(dialect, QUICK)
    second, _ = _spend(dialect, QUICK, tmp_path)
    for one, other in (
        (first.sessions, second.sessions),
        (first.responses, second.responses),
        (first.asked, second.asked),
        (first.audio_s + first.sent_audio_s, second.audio_s + second.sent_audio_s),
    ):
        assert abs(one - other) <= 0.05 * one


def _hostile(name: str) -> Difference:
    return ABSENCE[name] if name in ABSENCE else FAULTS[name]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_server_is_asked_for_more_than_at_most(tmp_path: Path, name: str) -> None:
    difference = _hostile(name)
    dialect = difference.dialects[0]
    account, _, run = spend(
        catalogue(),
        Budget(),
        tmp_path,
        dialect=dialect,
        differences=[difference],
        patience_s=_PATIENCE_S,
    )
    assert account.asked <= run.plan.cost.responses
    assert account.sessions <= run.plan.cost.sessions


def test_a_server_that_stands_still_is_not_asked_for_more_either(tmp_path: Path) -> None:
    conditions = Conditions(delay=0.05, standstill=2 * _PATIENCE_S, standstill_after=1000)
    account, _, run = spend(catalogue(), Budget(), tmp_path, conditions=conditions, patience_s=_PATIENCE_S)
    assert account.asked <= run.plan.cost.responses
    assert account.sessions <= run.plan.cost.sessions


# --- what is played again ---------------------------------------------------------------------------------


def test_a_little_is_set_aside_for_what_has_to_be_played_again() -> None:
    assert thrown_away(Cost(3, 19, 5.0), Cost()) == Cost(0, 0, 0.5)
    assert thrown_away(Cost(69, 54, 100.0), Cost()) == Cost(17, 2, 10.0)
    assert thrown_away(Cost(69, 54, 100.0), Cost(1, 3, 4.0)) == Cost(17, 3, 10.0), "one can be played again"


def test_what_is_played_again_is_taken_from_it() -> None:
    meter = Meter(again=Cost(2, 3, 1.0))
    assert meter.throw_away(Cost(1, 2, 0.5))
    assert not meter.throw_away(Cost(1, 2, 0.0)), "one response is left"
    assert meter.throw_away(Cost(1, 1, 0.5))
    assert not meter.throw_away(Cost(1, 0, 0.0))


def test_waits_are_full_where_what_was_spent_could_not_be_spent_again() -> None:
    share = Meter(again=Cost(1, 1, 1.0)).share()
    share.take("sessions")
    assert share.may_hurry
    share.take("responses")
    assert share.may_hurry
    share.give_back("responses")
    share.refused += 1
    share.take("responses")
    assert not share.may_hurry, "a response that was refused was asked for all the same"


def test_without_a_promise_nothing_is_kept() -> None:
    share = Meter().share()
    for kind in BUDGET_KINDS:
        share.take(kind, 1000)
    assert share.may_hurry
    assert share.meter.throw_away(share.asked)
