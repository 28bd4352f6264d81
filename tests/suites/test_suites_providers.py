"""Dialects of other providers, tried live: who speaks one conforms to it, and its faults are found."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

import pytest

from protocol.catalogue import own_dialects
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.server import ReferenceServer, ServerOptions
from rules.requirements import registry
from rules.verdicts import Verdict
from suites.depth import QUICK, STANDARD
from suites.scenario import Scenario, catalogue
from tests.rules.matrix import ALL_FAULTS, OTHERS, bound, tried
from tests.rules.scripts import DIALECTS
from tests.suites.variants import variants_of, wrong

VARIANTS = [(dialect, name) for dialect in OTHERS for name in variants_of(dialect)]
_VIOLATED = (Verdict.FAIL, Verdict.WARN)
_SEED = 20261130


def _provoking(dialect: DialectName, id_: str) -> list[Scenario]:
    return [each for each in catalogue() if each.part_of(dialect) and id_ in each.provokes]


FOUND = [(d, entry.id) for d in OTHERS for entry in bound(d) if _provoking(d, entry.id)]
SAMPLE = [
    case for d in OTHERS for case in random.Random(_SEED).sample([each for each in FOUND if each[0] == d], 4)
]
_UNSEEN = {
    "response/audio/streamed": "a server whose probe hears no audio is taken for one that does not offer it"
}
"""Requirements that no killer violates in a run against a provider's profile, and why."""


def test_each_dialect_of_ours_is_tried_here_or_with_the_main_ones() -> None:
    assert {each.name for each in own_dialects()} == {*OTHERS, *DIALECTS}


@pytest.mark.parametrize("dialect", OTHERS)
def test_the_server_that_speaks_a_dialect_conforms_to_it(dialect: DialectName) -> None:
    assert wrong((), dialect, STANDARD) == []


@pytest.mark.parametrize(("dialect", "name"), VARIANTS)
def test_nothing_is_held_against_what_a_provider_was_seen_to_do(dialect: DialectName, name: str) -> None:
    assert wrong((name,), dialect, QUICK) == []


def _violates(dialect: DialectName, id_: str, name: str, scenarios: list[Scenario]) -> bool:
    """Tell whether a run of some scenarios finds that a fault violates a requirement."""

    async def play() -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            async with ReferenceServer(ServerOptions(), differing([ALL_FAULTS[name]])) as server:
                target = embedded(server, dialect)
                run = ConformanceRun(Plan(scenarios, Path(folder), target, depth=STANDARD))
                await run.perform()
                return {r.requirement.id for r in run.report().requirements if r.verdict in _VIOLATED}

    return id_ in asyncio.run(play())


def _found(dialect: DialectName, id_: str) -> bool:
    # Nearly all are found where they are provoked, by the first fault; some need what another scenario does.
    names = tried(dialect, registry().by_id[id_])
    return any(_violates(dialect, id_, name, _provoking(dialect, id_)) for name in names) or any(
        _violates(dialect, id_, name, [*catalogue()]) for name in names
    )


@pytest.mark.parametrize(("dialect", "id_"), SAMPLE)
def test_some_faults_are_found(dialect: DialectName, id_: str) -> None:
    assert _found(dialect, id_) or id_ in _UNSEEN


@pytest.mark.long
@pytest.mark.parametrize(("dialect", "id_"), FOUND)
def test_each_fault_is_found(dialect: DialectName, id_: str) -> None:
    assert _found(dialect, id_) is (id_ not in _UNSEEN)
