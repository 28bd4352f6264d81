"""Whole runs against legal variants of the reference server, alone and together."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.server import ReferenceServer, ServerOptions
from reference.variants import VARIANTS, providers
from rules.verdicts import Verdict
from suites.depth import Depth
from suites.scenario import catalogue

EXCLUSIVE: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "items-with-object items-without-object",
        "without-rate-limits rate-limits-first rate-limits-empty rate-limits-twice",
        "letter-by-letter never-streams all-in-one-delta text-without-deltas",
        "other-codes without-codes",
        "transcription-late transcription-early transcription-fails",
        "growing-transcription rolling-transcription transcription-fails",
        "output-item-done-first audio-done-last transcript-first",
    )
)
"""Variants that alter one and the same thing: no server has two of these."""

_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
ALL = {**VARIANTS, **providers.VARIANTS}
_BAD = (Verdict.FAIL, Verdict.WARN, Verdict.HARNESS_ERROR)


def variants_of(dialect: DialectName) -> list[str]:
    """Return the names of a dialect's variants."""
    return sorted(name for name, each in ALL.items() if dialect in each.dialects)


def combinations(dialect: DialectName, seed: int = 0) -> list[tuple[str, ...]]:
    """Return sets of variants such that each two that one server may have are together in some set."""
    drawn, names = random.Random(seed), variants_of(dialect)
    left = {
        pair
        for pair in itertools.combinations(names, 2)
        if not any(group.issuperset(pair) for group in EXCLUSIVE)
    }
    found = []
    while left:
        chosen = list(drawn.choice(sorted(left)))
        for name in sorted(names, key=lambda each: (-_won(each, chosen, left), drawn.random())):
            if _fits(name, chosen):
                chosen.append(name)
        left -= set(itertools.combinations(sorted(chosen), 2))
        found.append(tuple(sorted(chosen)))
    return found


def _won(name: str, chosen: Sequence[str], left: set[tuple[str, str]]) -> int:
    return sum(tuple(sorted((name, other))) in left for other in chosen)


def _fits(name: str, chosen: Sequence[str]) -> bool:
    return name not in chosen and not any(name in group and group.intersection(chosen) for group in EXCLUSIVE)


def wrong(names: Sequence[str], dialect: DialectName, depth: Depth) -> list[str]:
    """Play everything against a server with these variants; return what is held against it, sorted."""
    return asyncio.run(_wrong(names, dialect, depth))


async def _wrong(names: Sequence[str], dialect: DialectName, depth: Depth) -> list[str]:
    options, behaviour = ServerOptions(credentials=_CREDENTIAL), differing([ALL[name] for name in names])
    with tempfile.TemporaryDirectory() as folder:
        async with ReferenceServer(options, behaviour) as server:
            run = ConformanceRun(Plan(catalogue(), Path(folder), embedded(server, dialect), depth=depth))
            await run.perform()
            report = run.report()
    said = [f"{r.verdict.value} {r.requirement.id}" for r in report.requirements if r.verdict in _BAD]
    return sorted([*said, *([f"exit {int(report.exit)}"] if report.exit else [])])
