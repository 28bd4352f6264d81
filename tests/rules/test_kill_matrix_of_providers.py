"""Other providers' dialects: good traces, legal variants, and the faults that violate each requirement.

The traces are of the reference server's profile of the dialect, spelled as the dialect spells them. A fault
comes before what the profile makes of its events, so that a provider's habits hide what they really hide.
"""

from __future__ import annotations

import pytest

from protocol.dialect import DialectName
from reference.providers import PROFILES
from reference.variants import VARIANTS
from reference.variants import providers as variants_of_providers
from rules.requirements import Requirement
from tests.rules.judged_traces import kills, traces, violated
from tests.rules.matrix import ALL_FAULTS, OTHERS, bound, killer, tried

LEGAL = {**VARIANTS, **variants_of_providers.VARIANTS}
BOUND = [pytest.param(d, entry, id=f"{d}-{entry.id}") for d in OTHERS for entry in bound(d)]
VARIED = [
    (dialect, name)
    for dialect in OTHERS
    for name, each in LEGAL.items()
    if {*PROFILES[dialect].family} & {*each.dialects}
]
ALONE = [
    (dialect, name)
    for dialect in OTHERS
    for name, each in sorted(ALL_FAULTS.items())
    if not each.wide and {*PROFILES[dialect].family} & {*each.dialects}
]

_OTHER_LEVEL = "what it would yield to is a recommendation here, and what is binding yields to none"
TOGETHER = {
    "audio-done-for-call": _OTHER_LEVEL,
    "create-after-cancel-refused": _OTHER_LEVEL,
    "delta-of-the-other-response": _OTHER_LEVEL,
    "item-without-content-at-done": "no conversation.item.done follows here that has the content after all",
    "update-unanswered": "an update that names a kind of session may be refused, but has to be answered",
}
"""Faults that violate more than one requirement in a provider's dialect, and why."""


@pytest.mark.parametrize("dialect", OTHERS)
def test_good_traces_violate_nothing(dialect: DialectName) -> None:
    for trace in traces(dialect):
        found = {id_: tally.findings[0] for id_, tally in violated(dialect, trace)}
        assert not found, f"{trace.name} is held to be good"


@pytest.mark.parametrize(("dialect", "entry"), BOUND)
def test_each_requirement_has_a_killer(dialect: DialectName, entry: Requirement) -> None:
    said = f"none of {tried(dialect, entry)} violates it; give it another one, or waive it with a reason"
    assert killer(dialect, entry.id), said


@pytest.mark.parametrize(("dialect", "name"), VARIED)
def test_nothing_is_held_against_what_is_legal(dialect: DialectName, name: str) -> None:
    assert kills(dialect, LEGAL[name]) == {}


@pytest.mark.long
@pytest.mark.parametrize(("dialect", "name"), ALONE)
def test_a_fault_violates_no_more_than_one_requirement(dialect: DialectName, name: str) -> None:
    found = kills(dialect, ALL_FAULTS[name])
    assert len(found) < 2 or name in TOGETHER, found
