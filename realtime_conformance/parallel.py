"""Judges many trace files on all cores, with one merged judgement."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from realtime_conformance.gathering import Gathering
from realtime_conformance.judging import Judgement, contract_for, judged, named, opening
from reports.statistics import Statistics
from rules.engine import Rulebook
from rules.rulebook import rulebook
from rules.verdicts import Tally
from wire.endpoint import Dialect
from wire.trace_files import TraceError

_WORTH_IT = 8 * 2**20  # bytes; below, starting processes takes longer than judging

_BOOK: list[tuple[Rulebook, Gathering]] = []  # of this process

_Result = tuple[list[tuple[str, dict[str, Tally]]], list[tuple[str, int, str, str]], Statistics]


@dataclass(frozen=True, slots=True)
class Book:
    """By what to judge, in words that another process understands."""

    dialect: Dialect
    asyncapi: str | None = None
    channel: str | None = None

    def open(self) -> Rulebook:
        """Return the rulebook. Raises `DocumentError`."""
        return rulebook(self.dialect, contract_for(self.dialect, self.asyncapi, self.channel))


def judge_files(files: Sequence[Path], book: Book) -> Judgement:
    """Judge the trace `files`. How the work is divided does not show in the result."""
    work = named(files)
    cores = os.cpu_count() or 1
    judgement = Judgement()
    if cores < 2 or len(files) < 2 or _size(files) < _WORTH_IT:
        _prepare(book)
        for path, name in work:
            _take(judgement, _judge_one((path, name)))
        return judgement
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=min(cores, len(files)), mp_context=context, initializer=_prepare, initargs=(book,)
    ) as pool:
        for result in pool.map(_judge_one, work, chunksize=max(1, len(files) // (cores * 8))):
            _take(judgement, result)
    return judgement


def _take(judgement: Judgement, result: _Result) -> None:
    found, errors, statistics = result
    for name, tallies in found:
        judgement.add(name, tallies)
    judgement.unreadable += [TraceError(*error) for error in errors]
    judgement.statistics.add(statistics)


def _size(files: Sequence[Path]) -> int:
    total = 0
    for path in files:
        try:
            total += path.stat().st_size
        except OSError:
            continue  # the judge says so, with a remedy
    return total


def _prepare(book: Book) -> None:
    opened = book.open()
    _BOOK[:] = [(opened, Gathering(opened))]


def _judge_one(work: tuple[Path, str]) -> _Result:
    unreadable: list[TraceError] = []
    book, gathering = _BOOK[0]
    found = list(judged(book, opening(*work), unreadable, gathering))
    errors = [(e.file, e.line, e.problem, e.remedy) for e in unreadable]
    return found, errors, gathering.taken()
