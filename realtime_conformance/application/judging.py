"""Judges traces: opens each, counts what holds and what is violated in it, and adds that up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from packs.pack import Judge, Pack
from packs.realtime.pack import REALTIME_PACK
from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from protocol.errors import DocumentError
from realtime_conformance.application.message_statistics import MessageStatistics
from realtime_conformance.application.recordings import Recording
from realtime_conformance.application.trace_statistics import TraceStatistics
from reports.statistics import Statistics
from rules.case import ExchangeCase
from rules.engine import Rulebook
from rules.profiles import judged_by
from rules.rulebook import own_contract, rulebook
from rules.verdicts import Finding, Level, Tally
from rules.yields import Uncounted
from schemas.contract import Contract, contract_of
from schemas.loader import load
from suites.attempts import CROWDED, HURRIED
from wire.trace import Entry, Trace
from wire.trace_files import TraceError, TraceFile

UNJUDGED = ("probe", CROWDED, HURRIED)
"""What a trace's header has as its `attempt` where it is not about what a server does right: probes, and
sessions for which there was no room while others were open, and that were asked for again, and scenarios that
were played again because a wait had been too short."""


@dataclass(slots=True)
class Judgement:
    """What was counted: over all traces, and in each that which may explain why a scenario stalled.

    `unreadable` are the traces that could not be read, `cut_off` the names of those without their ends.
    Where it was `interrupted`, only so many `files` are judged, the first ones.
    """

    total: dict[str, Tally] = field(default_factory=dict)
    by_trace: dict[str, dict[str, Tally]] = field(default_factory=dict)
    unreadable: list[TraceError] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    statistics: Statistics = field(default_factory=Statistics)
    crowded: int = 0  # traces of sessions that were asked for again, left out
    files: int = 0
    interrupted: bool = False

    def redact(self, clean: Callable[[str], str]) -> None:
        """Pass what is told of findings through `clean`: what came in pieces may stand there whole."""

        def cleaned(findings: Sequence[Finding]) -> list[Finding]:
            return [
                replace(
                    f,
                    type=clean(f.type),
                    path=clean(f.path),
                    expected=clean(f.expected),
                    actual=clean(f.actual),
                    message=clean(f.message),
                )
                for f in findings
            ]

        for tally in self.total.values():
            tally.findings = cleaned(tally.findings)
            tally.recurring = {what: cleaned(each) for what, each in tally.recurring.items()}
            tally.unlisted = {print_: clean(message) for print_, message in tally.unlisted.items()}
            tally.undecided = Counter({clean(reason): n for reason, n in tally.undecided.items()})
            tally.observed = Counter({clean(name): n for name, n in tally.observed.items()})
            tally.errors = [clean(error) for error in tally.errors]
        self.statistics.ends = {(how, clean(said)): n for (how, said), n in self.statistics.ends.items()}

    def add(self, name: str, tallies: dict[str, Tally]) -> None:
        """Take in what was counted in one trace."""
        self.by_trace[name] = {id_: t for id_, t in tallies.items() if t.violations or t.undecided}
        for id_, tally in tallies.items():
            self.total.setdefault(id_, Tally()).add(tally)


def contract_for(
    dialect: DialectName, asyncapi: str | Path | None = None, channel: str | None = None
) -> Contract:
    """Return the contract to judge by: our own document's, or that of `asyncapi`.

    Raises `DocumentError`.
    """
    if asyncapi is None:
        return own_contract(dialect)
    if dialect_of(dialect).words:
        problem = f"cannot be used with {dialect}, which has words of its own"
        remedy = "lay it over the document of the parent: `overlay` in dialect.yaml"
        raise DocumentError(str(asyncapi), "", problem, remedy)
    return contract_of(load(asyncapi), channel)


def judge_traces(
    traces: Iterable[Trace | Path],
    dialect: DialectName,
    contract: Contract | None,
    uncounted: Uncounted | None = None,
    pack: Pack = REALTIME_PACK,
) -> Judgement:
    """Judge `traces` by `pack`; one that cannot be read is noted and costs the others nothing.

    No violation yields to a finding that is `uncounted`. Without a `contract` our own document counts.
    """
    book = pack.judge(dialect, uncounted, contract)
    statistics = counting(pack, book)
    judgement = Judgement()
    for each in traces:
        source = opening(each, each.stem) if isinstance(each, Path) else (lambda trace=each: [trace])
        for name, tallies in judged(book, source, judgement, statistics):
            judgement.add(name, tallies)
    judgement.statistics = statistics.taken()
    return judgement


def oracle(
    dialect: DialectName,
    contract: Contract,
    offers: Callable[[], Mapping[str, bool]],
    uncounted: Uncounted | None = None,
) -> Callable[[Path], dict[str, int]]:
    """Return what judges one trace file while a run lasts.

    It returns the violated requirements, MUSTs first, each with the entry of the first violation. `offers` is
    asked each time: probing changes it. No violation yields to a finding that is `uncounted`.
    """
    book = rulebook(dialect, contract, uncounted=uncounted)
    levels = judged_by(book.uncounted.as_of)
    ranked = sorted(levels.judged(dialect), key=lambda e: (list(Level).index(e.level[dialect]), e.id))
    binding = [e for e in ranked if e.level[dialect] is not Level.MAY]

    def violated(path: Path) -> dict[str, int]:
        tallies, there = book.judge(TraceFile(path)), offers()
        return {
            e.id: max(tallies[e.id].findings[0].seqs, default=0)
            for e in binding
            if e.id in tallies
            and tallies[e.id].violations
            and all(there.get(name, True) for name in e.features)
        }

    return violated


class Counting(Protocol):
    """An observer that counts what is in traces."""

    def begin(self) -> None:
        """Get ready for the next trace."""

    def on_entry(self, entry: Entry) -> None:
        """Look at an entry of the trace, before it is judged."""

    def on_exchange(self, case: ExchangeCase) -> None:
        """Look at a client event whose outcome was just decided."""

    def taken(self) -> Statistics:
        """Return what was counted since the last time."""


def counting(pack: Pack, book: Judge) -> Counting:
    """Return what counts beside the judge `book` of `pack`."""
    if pack.stopwatch is not None:
        return MessageStatistics(pack.read, pack.stopwatch())
    assert isinstance(book, Rulebook)  # of exchanges and turns, which it shows to whoever looks on
    return TraceStatistics(book)


def judged(
    book: Judge,
    source: Callable[[], Sequence[Trace]],
    judgement: Judgement,
    statistics: Counting,
) -> Iterator[tuple[str, dict[str, Tally]]]:
    """Yield the name of each trace that `source` opens, and what was counted in it.

    Traces with one of `UNJUDGED` are passed over, those of crowded sessions counted. What could not be read,
    or not to its end, is noted in `judgement`.
    """
    try:
        for trace in source():
            attempt = trace.header.get("attempt")
            judgement.crowded += attempt == CROWDED
            if attempt not in UNJUDGED:
                statistics.begin()
                tallies = book.judge(trace, statistics)
                if isinstance(trace, TraceFile) and not trace.complete:
                    judgement.cut_off.append(trace.name)
                yield trace.name, tallies
    except TraceError as error:
        judgement.unreadable.append(error)


def opening(path: Path, name: str) -> Callable[[], Sequence[Trace]]:
    """Return what opens the traces in the file at `path`, which are JSONL or a transcript."""
    return Recording(path, name, str(path), path).open
