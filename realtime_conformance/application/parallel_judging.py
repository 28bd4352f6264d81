"""Judges many trace files on all cores, with one merged judgement."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packs.catalogue import channels
from packs.pack import Judge
from packs.realtime.pack import REALTIME_PACK
from protocol.dialect import DialectName
from realtime_conformance.application.judging import (
    Counting,
    Judgement,
    contract_for,
    counting,
    judged,
)
from realtime_conformance.application.recordings import Recording, named
from reports.statistics import Statistics
from rules.verdicts import Tally
from rules.yields import Uncounted
from wire.trace_files import TraceError

_WORTH_IT = 8 * 2**20  # bytes; below, starting processes takes longer than judging

_BOOK: list[tuple[Judge, Counting]] = []  # of this process
_PREPARED: list[Any] = []  # what it was prepared from, where a worker of a cluster did so

_Found = list[tuple[str, dict[str, Tally]]]
_Result = tuple[_Found, list[tuple[str, int, str, str]], list[str], int, Statistics]


@dataclass(frozen=True, slots=True)
class Book:
    """By what to judge, in words that another process understands; see `rules.yields` for `uncounted`.

    `pack` is the name of a channel's pack, and `channel` the address of one in the document `asyncapi`.
    """

    dialect: DialectName
    asyncapi: str | None = None
    channel: str | None = None
    uncounted: Uncounted | None = None
    pack: str = REALTIME_PACK.name

    def open(self) -> tuple[Judge, Counting]:
        """Return the rules, and what counts beside them. Raises `DocumentError`."""
        pack = channels()[self.pack]
        named = self.asyncapi is not None
        theirs = contract_for(self.dialect, self.asyncapi, self.channel) if named else None
        book = pack.judge(self.dialect, self.uncounted, theirs)
        return book, counting(pack, book)


HandingOut = Callable[[Book, Sequence[Recording]], Iterator[_Result]]
"""Has recordings judged elsewhere: yields what comes of each, in their order."""


def judge_files(files: Sequence[Path | Recording], book: Book, spread: HandingOut | None = None) -> Judgement:
    """Judge the trace `files`, on all cores or wherever `spread` has it done.

    How the work is divided does not show in the result.

    Interrupted, it returns what it has with `interrupted` set. Raises KeyboardInterrupt where it has nothing.
    """
    judgement = Judgement()
    try:
        for each in spread(book, _recorded(files)) if spread is not None else _results(files, book):
            with _deaf():  # a file is taken in as a whole, or not at all
                _take(judgement, each)
    except KeyboardInterrupt:
        if not judgement.files:
            raise
        judgement.interrupted = True
    return judgement


def _recorded(files: Sequence[Path | Recording]) -> list[Recording]:
    names = iter(named([each for each in files if isinstance(each, Path)]))
    return [
        each if isinstance(each, Recording) else Recording(*next(names), str(each), each) for each in files
    ]


def _results(files: Sequence[Path | Recording], book: Book) -> Iterator[_Result]:
    """Yield what is found in each of `files`, in their order."""
    work = _recorded(files)
    cores = os.cpu_count() or 1
    if cores < 2 or len(files) < 2 or _size(work) < _WORTH_IT:
        _prepare(book)
        yield from map(_judge_one, work)
        return
    forked = _can_fork()
    if forked:
        _prepare(book)  # once for all: they share it
    context = multiprocessing.get_context("fork" if forked else "spawn")
    with concurrent.futures.ProcessPoolExecutor(
        max_workers=min(cores, len(files)),
        mp_context=context,
        initializer=_work,
        initargs=(None if forked else book,),
    ) as pool:
        try:
            with _deaf():  # the processes begin so, and no signal meets them, or this one, half begun
                futures = deque(pool.submit(_judge_one, each) for each in work)
            while futures:  # what was taken in is let go of
                yield futures.popleft().result()
        except BaseException:
            # Nobody waits for what they are at.
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _can_fork() -> bool:
    """Tell whether processes may begin as copies of this one, which saves them loading and preparing.

    Another thread could hold a lock at that moment, which nobody in the copy would ever give back. Elsewhere
    than on Linux, libraries of the system may have threads that nobody sees.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _take(judgement: Judgement, result: _Result) -> None:
    found, errors, cut_off, crowded, statistics = result
    for name, tallies in found:
        judgement.add(name, tallies)
    judgement.unreadable += [TraceError(*error) for error in errors]
    judgement.cut_off += cut_off
    judgement.crowded += crowded
    judgement.statistics.add(statistics)
    judgement.files += 1


def _size(work: Sequence[Recording]) -> int:
    total = 0
    for each in work:
        try:
            total += each.path.stat().st_size
        except OSError:
            continue  # the judge says so, with a remedy
    return total


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Put signals off to the end, in this thread; processes that are started meanwhile do not hear them."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(book: Book | None) -> None:
    """Make this a process that judges: it ends when, and only when, the one that started it wants it to.

    Without a `book`, it is a copy of a process that has prepared one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent sees to it
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.SIG_DFL)  # a copy has the handlers of its parent
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGHUP})
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    if book is not None:
        _prepare(book)


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _prepare(book: Book) -> None:
    _BOOK[:] = [book.open()]


def judge_each(book: Book, work: Sequence[Recording]) -> list[_Result]:
    """Return what is found in each of the files in `work`, in their order; `book` is prepared once."""
    if [book] != _PREPARED:
        _prepare(book)
        _PREPARED[:] = [book]
    return [_judge_one(each) for each in work]


def _judge_one(work: Recording) -> _Result:
    noted = Judgement()
    book, statistics = _BOOK[0]
    found = list(judged(book, work.open, noted, statistics))
    errors = [(e.file, e.line, e.problem, e.remedy) for e in noted.unreadable]
    return found, errors, noted.cut_off, noted.crowded, statistics.taken()
