"""What a rule is given, and how it reports: the case.

There are two kinds of cases beside the plain one. An *event case* is an event of the server with everything
known before it; an *exchange case* is a client event that was just sent, or that some entry has settled. A
rule says for each subject it examines whether the requirement holds. It sees everything (`rules.views`) and
writes to nothing but its requirement's own tally and its requirement's own memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar, cast

from protocol.dialect import Dialect
from protocol.event_types import Event
from rules.link_view import LinkView
from rules.reading_view import ReadingView
from rules.records import Record, ViolationRecorder, chain
from rules.verdicts import Finding, Tally
from rules.views import (
    ExchangeView,
    ItemView,
    PartView,
    ResponseView,
    StreamView,
    SubjectView,
    TranscriptionView,
)
from schemas.explain import shown_value
from wire.trace import Entry

_Memory = TypeVar("_Memory")


class NotConcernedError(LookupError):
    """A rule asked for a subject that the event at hand is not about: it has nothing to say of it."""


class WrongPlace(NamedTuple):
    """One place of an event that is wrong: what to say, the path, and what was expected and came there."""

    message: str
    path: str
    expected: Any
    actual: Any


class Case:
    """One moment for the rules to judge.

    `entry` is where it is in the trace, `header` what the trace says of itself, `reading` what is known of
    the connection, `dialect` the dialect that is judged by.
    """

    __slots__ = ("_recorder", "_requirement", "dialect", "entry", "header", "reading", "trace")

    def __init__(
        self, trace: str, header: Event, reading: ReadingView, dialect: Dialect, recorder: ViolationRecorder
    ) -> None:
        self.trace = trace
        self.header = header
        self.reading = reading
        self.dialect = dialect
        self.entry: Entry = Entry(0, None, "harness", "open")
        self._recorder = recorder
        self._requirement = ""

    def about(self, requirement: str) -> None:
        """Let reports go to `requirement` from now on."""
        self._requirement = requirement

    @property
    def tally(self) -> Tally:
        """What was counted so far for the requirement at hand."""
        return self._recorder.tally(self._requirement)

    def tally_of(self, requirement: str) -> Tally:
        """What was counted so far for `requirement`."""
        return self._recorder.tally(requirement)

    def memory(self, kind: type[_Memory]) -> _Memory:
        """Return what the requirement at hand remembers of this connection, made by `kind()` at first."""
        return cast(_Memory, self._recorder.memory(self._requirement, kind))

    @property
    def detail(self) -> Event:
        """What the entry says besides an event: of a close, a refusal, a deadline."""
        return self.entry.detail or {}

    # --- reporting ------------------------------------------------------------------------------------------

    def holds(self) -> None:
        """Report one subject for which the requirement holds."""
        # By far the most frequent report: the tally is there, but for the first time.
        tally = self._recorder.tallies.get(self._requirement) or self.tally
        tally.subjects += 1
        if tally.first is None:
            tally.first = self.trace, self.entry.seq

    def check(
        self,
        ok: bool,
        kind: str,
        message: str,
        *,
        expected: Any = "",
        actual: Any = "",
        path: str = "",
        because: Iterable[int] = (),
        of: SubjectView | None = None,
    ) -> bool:
        """Report one subject: the requirement holds if `ok`, else it is violated as described."""
        if ok:
            self.holds()
        else:
            self.violated(kind, message, expected=expected, actual=actual, path=path, because=because, of=of)
        return ok

    def violated(
        self,
        kind: str,
        message: str,
        *,
        expected: Any = "",
        actual: Any = "",
        path: str = "",
        because: Iterable[int] = (),
        at: Entry | None = None,
        of: SubjectView | None = None,
        asked: int = 0,
    ) -> None:
        """Report one subject for which the requirement does not hold.

        `kind` names the way in which it is violated: it is stable, part of the finding's id, and without
        the words of `message`. `at` is the offending entry, if not this one; `of` the subject, if it is not
        the innermost that this case is about; `asked` the client event, where that is known otherwise.
        """
        entry = at or self.entry
        finding = Finding(
            trace=self.trace,
            seqs=(entry.seq,),
            type=entry.type or entry.kind,
            path=path,
            expected=expected if isinstance(expected, str) else shown_value(expected),
            actual=actual if isinstance(actual, str) else shown_value(actual),
            message=message,
            because=tuple(s for s in because if s),
            kind=f"{self._requirement}#{kind}",
        )
        self.record((finding,), of, asked)

    def check_each(self, kind: str, wrong: Iterable[WrongPlace], because: Iterable[int] = ()) -> None:
        """Report one subject: the requirement holds if nothing is `wrong`, else each place violates it."""
        reasons = tuple(s for s in because if s)
        findings = tuple(
            Finding(
                trace=self.trace,
                seqs=(self.entry.seq,),
                type=self.entry.type or self.entry.kind,
                path=each.path,
                expected=each.expected if isinstance(each.expected, str) else shown_value(each.expected),
                actual=each.actual if isinstance(each.actual, str) else shown_value(each.actual),
                message=each.message,
                because=reasons,
                kind=f"{self._requirement}#{kind}",
            )
            for each in wrong
        )
        if findings:
            self.record(findings)
        else:
            self.holds()

    def recurring(
        self,
        what: str,
        kind: str,
        message: str,
        *,
        expected: str = "",
        actual: str = "",
        because: Iterable[int] = (),
    ) -> None:
        """Report `what` violates the requirement if it happens in another connection, too."""
        finding = Finding(
            trace=self.trace,
            seqs=(self.entry.seq,),
            type=self.entry.type or self.entry.kind,
            path="",
            expected=expected,
            actual=actual,
            message=message,
            because=tuple(s for s in because if s),
            kind=f"{self._requirement}#{kind}",
        )
        self.tally.recur(what, self._recorder.dated(finding))

    def record(self, findings: tuple[Finding, ...], of: SubjectView | None = None, asked: int = 0) -> None:
        """Report one subject that is violated in one way or, of one event, in several."""
        seq = findings[0].seqs[0]
        subjects = chain(of) if of is not None else self._subjects()
        exchange = asked or self._exchange_seq()
        self._recorder.violated(self._requirement, Record(findings, seq, exchange, subjects))

    def undecided(self, reason: str) -> None:
        """Report a case that cannot be decided, for `reason`."""
        self.tally.undecided[reason] += 1

    def observed(self, way: str) -> None:
        """Report which of several legal ways the server took."""
        self.tally.observed[way] += 1

    # --- what findings are about ----------------------------------------------------------------------------

    def _exchange_seq(self) -> int:
        return 0

    def _subjects(self) -> tuple[str, ...]:
        return ()


class EventCase(Case):
    """An event of the server. `link` holds the subjects it is about.

    The properties below return one of them, or end the rule where the event is not about such a subject.
    """

    __slots__ = ("event", "link")

    event: Event
    link: LinkView

    @property
    def response(self) -> ResponseView:
        """The response the event is about."""
        return _concerned(self.link.response)

    @property
    def item(self) -> ItemView:
        """The item the event is about."""
        return _concerned(self.link.item)

    @property
    def part(self) -> PartView:
        """The content part the event is about."""
        return _concerned(self.link.part)

    @property
    def stream(self) -> StreamView:
        """The stream the event belongs to."""
        return _concerned(self.link.stream)

    @property
    def transcription(self) -> TranscriptionView:
        """The transcription the event belongs to."""
        return _concerned(self.link.transcription)

    @property
    def answered(self) -> ExchangeView:
        """The client event that the event answers or refuses."""
        return _concerned(self.link.exchange)

    def _exchange_seq(self) -> int:
        exchange = self.link.exchange
        return exchange.seq if exchange is not None else 0

    def _subjects(self) -> tuple[str, ...]:
        link = self.link
        found = link.stream or link.part or link.item or link.response
        return chain(found) if found is not None else ()


class ExchangeCase(Case):
    """A client event: just sent, or settled by `entry`, which is its answer, an error, or a deadline."""

    __slots__ = ("exchange",)

    exchange: ExchangeView

    @property
    def error(self) -> Event:
        """The `error` that refused it, empty where none did."""
        found = (self.exchange.answer or {}).get("error")
        return found if isinstance(found, dict) else {}

    def _exchange_seq(self) -> int:
        return self.exchange.seq

    def _subjects(self) -> tuple[str, ...]:
        item = self.reading.items.get(self.exchange.item_id)
        return chain(item) if item is not None else ()


_Subject = TypeVar("_Subject")


def _concerned(subject: _Subject | None) -> _Subject:
    if subject is None:
        raise NotConcernedError
    return subject
