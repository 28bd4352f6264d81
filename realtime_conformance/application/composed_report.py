"""From what was counted to a report: draws the verdicts, and says under which circumstances."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import realtime_conformance
from packs.pack import Core, Pack
from packs.realtime.pack import REALTIME_PACK
from realtime_conformance.application.judging import Judgement
from reports.aged import Aged, aged_by
from reports.model import Crowding, Layer, Report, ScenarioResult, Suite, Target
from reports.requirement_results import RequirementResult, requirement_results
from reports.stalls import explain_stalls
from reports.statistics import Statistics, mostly_failed
from rules.requirements import Registry, registry
from rules.verdicts import Tally
from schemas.contract import Contract
from suites.scenario import is_generated


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a report says of how its traces came about; the fields of `Report` say what each means.

    What is newer than the version that it is `as_of` is told apart, and does not count. `partial` says that
    only part of what the server does was to be seen: the verdict rests on what was asked. `notes` come after
    those on what was found.
    """

    started: str
    duration_s: float
    scenarios: Sequence[ScenarioResult] = ()
    spent: Mapping[str, float | int] = field(default_factory=dict)
    seed: int = 0
    opened: bool = True
    interrupted: bool = False
    trouble: str = ""
    cut_off: str = ""
    strict: bool = False
    probed: Mapping[str, bool] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    as_of: str = ""
    crowding: Crowding | None = None
    partial: bool = False
    unplayed: str = ""

    def report(self, suite: Suite, target: Target, requirements: tuple[RequirementResult, ...]) -> Report:
        """Return a report on `requirements` that says all this, and nothing else yet."""
        return Report(
            suite=suite,
            target=target,
            started=self.started,
            duration_s=self.duration_s,
            seed=self.seed,
            requirements=requirements,
            spent=self.spent,
            opened=self.opened,
            interrupted=self.interrupted,
            trouble=self.trouble,
            cut_off=self.cut_off,
            strict=self.strict,
            probed=self.probed,
            absent=self.absent,
            partial=self.partial,
            unplayed=self.unplayed,
            crowding=self.crowding,
        )


def compose(
    judgement: Judgement,
    *,
    target: Target,
    contract: Contract,
    circumstances: Circumstances,
    also: Mapping[str, Judgement] | None = None,
    pack: Pack = REALTIME_PACK,
) -> Report:
    """Return the report on what was judged by the rules of `pack`.

    `also` holds judgements by other dialects. Where no session was opened, or the server said nothing but
    errors, nothing counts as violated: what is wrong may be the server, or our credential, quota or address.
    """
    statistics, also = judgement.statistics, also or {}
    entries = pack.judged_by(circumstances.as_of)
    levels = {e.id: e.level[target.dialect] for e in entries.judged(target.dialect)}
    scenarios = explain_stalls(circumstances.scenarios, judgement.by_trace, levels)
    heard = _types(statistics, "server")
    if not (let_in := circumstances.opened and heard != {"error"}):
        _blame_nobody((judgement, *also.values()))
    _leave_undecided(judgement, scenarios)
    verdicts = _Verdicts(target, circumstances.absent, scenarios)
    own = verdicts.own(entries, judgement.total)
    aged = _aged(circumstances.as_of, own, verdicts, pack.registry(), judgement)
    first = aged.sentence if aged is not None else "", mostly_failed(statistics)
    suite = Suite(realtime_conformance.__version__, entries.digest, contract.document.digest)
    return replace(
        circumstances.report(suite, target, own),
        aged=aged,
        scenarios=scenarios,
        traces=tuple(judgement.by_trace),
        established=bool(heard - {"error"}),
        core=_core(pack, target, statistics, partial=circumstances.partial),
        notes=tuple(filter(None, (*first, *circumstances.notes))),
        statistics=statistics,
        # Where nobody was let in, a refusal of the handshake would be all that a layer speaks of.
        layers=tuple(verdicts.layer(d, each.total) for d, each in also.items() if let_in),
    )


def _core(pack: Pack, target: Target, statistics: Statistics, *, partial: bool) -> Core:
    """Return what a verdict rests on; of a `partial` view, by what was asked."""
    return pack.core_of(target.dialect, target.features, _types(statistics, "client") if partial else None)


class _Verdicts:
    """Draws verdicts from tallies, with what the scenarios and the target say about them."""

    def __init__(
        self, target: Target, absent: Mapping[str, str], scenarios: Sequence[ScenarioResult]
    ) -> None:
        self._target, self._absent = target, absent
        self._stops = Counter(s.explained_by for s in scenarios if s.explained_by)
        self._provoked_by: dict[str, list[str]] = defaultdict(list)
        for scenario in scenarios:
            for id_ in scenario.provokes:
                self._provoked_by[id_].append(scenario.id)

    def own(self, by: Registry, tallies: Mapping[str, Tally]) -> tuple[RequirementResult, ...]:
        """Return the results in the dialect of the target, which the scenarios were played for."""
        return requirement_results(
            by,
            self._target.dialect,
            tallies,
            self._target.features,
            self._provoked_by,
            absent=self._absent,
            stops=self._stops,
            generated=is_generated,
        )

    def layer(self, dialect: str, tallies: Mapping[str, Tally]) -> Layer:
        """Return what another dialect makes of the same traces, by today's requirements."""
        features = self._target.features
        return Layer(
            dialect,
            requirement_results(
                registry(), dialect, tallies, features, {}, absent=self._absent, generated=is_generated
            ),
        )


def _types(statistics: Statistics, side: str) -> set[str]:
    """Return the types of the events that one side sent."""
    return {type_ for by, type_ in statistics.events if by == side}


def _blame_nobody(judgements: Iterable[Judgement]) -> None:
    """Turn all violations into what could not be decided."""
    for each in judgements:
        each.total = {id_: _blameless(tally) for id_, tally in each.total.items()}


def _blameless(tally: Tally) -> Tally:
    """Return `tally` with its violations as what could not be decided."""
    tally = tally.settled()
    if not tally.violations:
        return tally
    reasons = Counter(f.message for f in tally.findings)
    reasons += Counter({f"explained by {id_}": number for id_, number in tally.explained.items()})
    return Tally(undecided=tally.undecided + reasons, observed=tally.observed, errors=tally.errors)


def _leave_undecided(judgement: Judgement, scenarios: Iterable[ScenarioResult]) -> None:
    """Add to `judgement` that what a scenario provokes is undecided where it came to nothing."""
    for scenario in scenarios:
        if scenario.outcome == "inconclusive":
            for id_ in scenario.provokes:
                judgement.total.setdefault(id_, Tally()).undecided[scenario.message] += 1


def _aged(
    as_of: str,
    own: tuple[RequirementResult, ...],
    verdicts: _Verdicts,
    today: Registry,
    judgement: Judgement,
) -> Aged | None:
    """Return what is newer than the version `as_of`, and would have given another result."""
    if not as_of:
        return None
    whole = {id_: tally.with_newer() for id_, tally in judgement.total.items()}
    return aged_by(as_of, own, verdicts.own(today, whole))
