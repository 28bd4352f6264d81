"""The kinds of findings are written down, stable, and used; statements stand over their rules."""

from __future__ import annotations

import inspect

import pytest

from rules.kinds import kinds, since
from rules.registration import RULES
from rules.requirements import registry
from tests.rules.finding_kinds import reported
from tests.rules.judged_traces import book
from tests.rules.test_small_traces import ROWS

_STATEMENTS = {
    rule.requirement: rule.function
    for rule in reversed(RULES)
    if "<locals>" not in rule.function.__qualname__
}
"""The first rule function of each requirement that has one of its own."""


def test_every_kind_is_written_down() -> None:
    new = {id_: sorted(set(names) - set(kinds().get(id_, ()))) for id_, names in reported().items()}
    assert not {id_: names for id_, names in new.items() if names}, "run python -m tests.rules.finding_kinds"


def test_no_kind_is_written_down_that_no_rule_reports() -> None:
    gone = {id_: sorted(set(names) - set(reported().get(id_, ()))) for id_, names in kinds().items()}
    assert not {id_: names for id_, names in gone.items() if names}, "a kind that was released stays reported"


def test_kinds_belong_to_requirements() -> None:
    assert [id_ for id_ in kinds() if id_ not in registry() and id_ != "payload/*"] == []


def test_findings_in_small_traces_are_of_known_kinds_of_their_requirement() -> None:
    for name, row in ROWS.items():
        for id_, tally in book(row.dialect).judge(row.trace).items():
            found = [finding.kind for finding in tally.findings]
            assert [kind for kind in found if not since(kind) or kind.partition("#")[0] != id_] == [], name


@pytest.mark.parametrize("requirement", sorted(_STATEMENTS))
def test_a_rule_stands_under_its_statement(requirement: str) -> None:
    said = (inspect.getdoc(_STATEMENTS[requirement]) or "").split("\n\n")[0]
    stated = " ".join(registry().by_id[requirement].statement.split())
    assert " ".join(said.split()).rstrip(".") == stated.rstrip(".")
