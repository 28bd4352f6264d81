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
from reference.faults import FAULTS as OF_MAIN
from reference.faults import providers
from reference.profiles import DIALECTS
from reference.providers import PROFILES
from reference.server import ReferenceServer, ServerOptions
from rules.requirements import Requirement, registry
from rules.verdicts import Level, Verdict
from suites.depth import QUICK, STANDARD
from suites.scenario import catalogue
from tests.suites.variants import variants_of, wrong

FAULTS = {**OF_MAIN, **providers.FAULTS}
OTHERS = sorted(set(PROFILES) - set(DIALECTS))
VARIANTS = [(dialect, name) for dialect in OTHERS for name in variants_of(dialect)]
_ASIDE = {"handshake/opens"}
"""Where nobody is let in, nothing is judged."""

_VIOLATED = (Verdict.FAIL, Verdict.WARN)


def _killed(dialect: DialectName) -> list[tuple[DialectName, str, str]]:
    """Return each MUST of a dialect that a fault violates, with that fault, and what is its own."""
    family = set(PROFILES[dialect].family)

    def fault(entry: Requirement) -> str:
        return next((name for name in entry.killers if family & set(FAULTS[name].dialects)), "")

    own = {dialect: Level.SHOULD}
    musts = [
        e
        for e in registry().judged(dialect)
        if (e.level[dialect] is Level.MUST or e.level == own) and e.id not in _ASIDE
    ]
    return [(dialect, each.id, fault(each)) for each in musts if fault(each)]


KILLED = [case for dialect in OTHERS for case in _killed(dialect)]
SAMPLE = [case for dialect in OTHERS for case in random.Random(20261130).sample(_killed(dialect), 3)]


def test_each_dialect_of_ours_is_tried_here_or_with_the_main_ones() -> None:
    assert {each.name for each in own_dialects()} == {*OTHERS, *DIALECTS}


@pytest.mark.parametrize("dialect", OTHERS)
def test_the_server_that_speaks_a_dialect_conforms_to_it(dialect: DialectName) -> None:
    assert wrong((), dialect, STANDARD) == []


@pytest.mark.parametrize(("dialect", "name"), VARIANTS)
def test_nothing_is_held_against_what_a_provider_was_seen_to_do(dialect: DialectName, name: str) -> None:
    assert wrong((name,), dialect, QUICK) == []


def _violated(dialect: DialectName, name: str) -> set[str]:
    async def play() -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            async with ReferenceServer(ServerOptions(), differing([FAULTS[name]])) as server:
                target = embedded(server, dialect)
                run = ConformanceRun(Plan(catalogue(), Path(folder), target, depth=QUICK))
                await run.perform()
                return {r.requirement.id for r in run.report().requirements if r.verdict in _VIOLATED}

    return asyncio.run(play())


@pytest.mark.parametrize(("dialect", "id_", "name"), SAMPLE)
def test_some_faults_are_found(dialect: DialectName, id_: str, name: str) -> None:
    assert id_ in _violated(dialect, name)


@pytest.mark.long
@pytest.mark.parametrize(("dialect", "id_", "name"), KILLED)
def test_each_fault_is_found(dialect: DialectName, id_: str, name: str) -> None:
    assert id_ in _violated(dialect, name)
