"""The process that judges conversations while they go on: it follows their traces, and tells what it finds.

It is a process of its own so that judging takes nothing from the traffic: neither time of its event loop, nor
its life where a rule fails. What it has not judged yet waits in the files, so nothing is held in memory, and
nothing is lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from packs.catalogue import channels
from packs.pack import Judge
from proxy.client.judge import OF_CLIENTS, ClientLooking, ClientRulebook, client_registry
from proxy.followed import FollowedTrace
from rules.observer import Live
from rules.verdicts import Finding, Level, Tally
from rules.yields import Uncounted

_BEHIND_TRAFFIC = 10  # how much the judge gives way where there are too few processors for all


@dataclass(frozen=True, slots=True)
class Begun:
    """A session has begun: its trace is at `path`, it is judged by `dialect` and the pack of `channel`."""

    name: str
    path: Path
    dialect: str
    channel: str


@dataclass(frozen=True, slots=True)
class Note:
    """What has happened since the last note: sessions that have begun, that wrote entries, that are over."""

    begun: tuple[Begun, ...] = ()
    wrote: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundLive:
    """A finding about one `side`, `server` or `client`, at entry `seq` of a session."""

    session: str
    side: str
    verdict: str
    requirement: str
    seq: int
    message: str


@dataclass(frozen=True, slots=True)
class JudgedLive:
    """A session is judged up to its entry `seq`, and, where it is `over`, to its end.

    `again` counts findings like those that were told, `explained` those that another explained in the end.
    `failed` says why it is not judged any further, empty where it is.
    """

    session: str
    seq: int
    over: bool = False
    again: int = 0
    explained: int = 0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class NoteTaken:
    """All that the last note told of is judged."""


FromJudge = FoundLive | JudgedLive | NoteTaken


@dataclass(frozen=True, slots=True)
class LiveBook:
    """By what the sessions of a dialect and a channel are judged: server and client, with all levels."""

    server: Judge
    client: ClientRulebook
    levels: dict[str, Level]


@dataclass(slots=True)
class SessionJudgement:
    """One session while it is judged."""

    begun: Begun
    book: LiveBook
    live: Live | None = None
    client: ClientLooking | None = None
    trace: FollowedTrace = field(init=False)
    seq: int = 0
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    coming: list[FoundLive] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trace = FollowedTrace(self.begun.path)

    def judge_on(self) -> None:
        """Judge what was written since the last time. Raises what reading and judging raise."""
        for entry in self.trace.coming():
            if self.live is None:
                self.client = self.book.client.looking(self.begun.name)
                self.client.conduct.recorder.found = self.found
                self.live = self.book.server.begin(self.begun.name, self.trace.header, self.client)
                self.live.tell(self.found)
            self.live.take(entry)
            self.seq = entry.seq

    def found(self, requirement: str, finding: Finding) -> None:
        """Take note of a finding; what is like an earlier one of the session is only counted."""
        level = self.book.levels.get(requirement, Level.MAY)
        if level is Level.MAY:
            return
        self.told[requirement, finding.fingerprint] += 1
        if self.told[requirement, finding.fingerprint] == 1:
            verdict = "fail" if level is Level.MUST else "warn"
            seq = finding.seqs[0] if finding.seqs else 0
            side = "client" if requirement.startswith(OF_CLIENTS) else "server"
            self.coming.append(FoundLive(self.begun.name, side, verdict, requirement, seq, finding.message))

    def finish(self) -> JudgedLive:
        """Judge the end."""
        counted = dict(self.live.finish()) if self.live is not None else {}
        if self.client is not None:
            counted.update(self.client.finish())
        for id_, tally in counted.items():
            self._untold(id_, tally)
        explained = sum(
            sum(t.explained.values())
            for id_, t in counted.items()
            if any(told == id_ for told, _ in self.told)
        )
        again = sum(times - 1 for times in self.told.values())
        self.trace.close()
        return JudgedLive(self.begun.name, self.seq, over=True, again=again, explained=explained)

    def _untold(self, requirement: str, tally: Tally) -> None:
        for finding in tally.findings if tally.violations else ():
            if (requirement, finding.fingerprint) not in self.told:
                self.found(requirement, finding)


class JudgingLoop:
    """Judges what notes tell of, note by note."""

    def __init__(self, as_of: str) -> None:
        self._as_of = as_of
        self._books: dict[tuple[str, str], LiveBook] = {}
        self._sessions: dict[str, SessionJudgement] = {}

    def prepare(self, dialect: str, channel: str) -> None:
        """Prepare the rules by which sessions are likely to be judged."""
        self._book_of(dialect, channel)

    def take(self, note: Note) -> Iterator[FromJudge]:
        """Judge what `note` tells of; yield what is found, at last that all of it is judged."""
        for begun in note.begun:
            book = self._book_of(begun.dialect, begun.channel)
            self._sessions[begun.name] = SessionJudgement(begun, book)
        for name in dict.fromkeys((*note.wrote, *note.over)):
            session = self._sessions.get(name)
            if session is not None:
                yield from self._judged(session, over=name in note.over)
        yield NoteTaken()

    def _judged(self, session: SessionJudgement, *, over: bool) -> Iterator[FromJudge]:
        try:
            session.judge_on()
            judged = session.finish() if over else JudgedLive(session.begun.name, session.seq)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this session only, and is told
            judged = JudgedLive(
                session.begun.name, session.seq, over, failed=f"{type(error).__name__}: {error}"
            )
        yield from session.coming
        session.coming.clear()
        yield judged
        if over or judged.failed:
            del self._sessions[session.begun.name]

    def _book_of(self, dialect: str, channel: str) -> LiveBook:
        if (dialect, channel) not in self._books:
            pack = channels()[channel]
            required = (*pack.judged_by(self._as_of).judged(dialect), *client_registry().judged(dialect))
            self._books[dialect, channel] = LiveBook(
                pack.judge(dialect, Uncounted(as_of=self._as_of)),
                ClientRulebook(dialect, channel),
                {entry.id: entry.level[dialect] for entry in required},
            )
        return self._books[dialect, channel]


def judge_by_notes(notes: Connection, as_of: str, dialect: str, channel: str) -> None:
    """Judge what comes as notes, most likely of this dialect and channel; the whole of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both: the other one sees to the end
    if hasattr(os, "nice"):
        os.nice(_BEHIND_TRAFFIC)
    loop = JudgingLoop(as_of)
    loop.prepare(dialect, channel)
    with contextlib.suppress(EOFError, OSError):  # the other one is gone: nobody wants to know
        while True:
            for told in loop.take(notes.recv()):
                notes.send(told)
