"""What was not observed is told apart: a MAY, what need not come, what was not played, what nobody tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.html_page import page_of
from reports.model import Report, ScenarioResult
from reports.requirement_results import RequirementResult, requirement_results
from reports.unobserved import Unseen, unseen, why_unseen
from rules.requirements import registry
from rules.verdicts import Level, Tally
from tests.reports.formats.sample import report

ID = "items/delete/acknowledged"
MAY = next(e.id for e in registry().judged("openai") if e.level["openai"] is Level.MAY)


def _made(*outcomes: str, tallies: dict[str, Tally] | None = None) -> Report:
    names = [f"scenario_{n}" for n in range(len(outcomes))]
    scenarios = tuple(
        ScenarioResult(name, "", outcome, 0.1, (), "waited in vain" * (outcome != "passed"), (ID,))
        for name, outcome in zip(names, outcomes, strict=True)
    )
    results = requirement_results(registry(), "openai", tallies or {}, {}, {ID: names})
    return replace(report(counted={}), requirements=results, scenarios=scenarios)


def _result(made: Report, id_: str = ID) -> RequirementResult:
    return next(r for r in made.requirements if r.id == id_)


@pytest.mark.parametrize(
    ("outcomes", "kind", "said"),
    [
        (("passed", "stalled"), Unseen.NEED_NOT_COME, "1 scenario that may provoke it went to the end"),
        (
            ("inconclusive", "stalled"),
            Unseen.NOT_PLAYED,
            "scenario_0 was inconclusive: waited in vain, and 1 ",
        ),
        ((), Unseen.NOT_TRIED, "Nothing of what was played"),
    ],
)
def test_why_it_was_not_observed(outcomes: tuple[str, ...], kind: Unseen, said: str) -> None:
    made = _made(*outcomes)
    why = why_unseen(made, _result(made))
    assert why is not None
    assert why.kind is kind
    assert said in why.sentence


def test_nobody_owes_a_may() -> None:
    made = _made("passed")
    why = why_unseen(made, _result(made, MAY))
    assert why is not None
    assert why.kind is Unseen.MAY


def test_what_was_observed_has_no_reason() -> None:
    made = _made("passed", tallies={ID: Tally(subjects=1)})
    assert why_unseen(made, _result(made)) is None


def test_the_first_screen_counts_them_by_reason() -> None:
    made = _made("stalled")
    number = unseen(made)
    assert number[Unseen.NOT_PLAYED] == 1
    said = page_of(made).unseen
    assert said.startswith(f"{sum(number.values())} not observed: ")
    assert "1 that could not be played" in said
    assert f"{number[Unseen.MAY]} of level MAY" in said
