"""The judge of a keyed channel: one pass over a capture, all rules of the pack together.

As in `rules.engine`, a message is judged by what was known *before* it, and taken in afterwards: no rule can
change what another one sees. What is owed stays pending until it comes; at the end it is missing only where
somebody waited for it, or where the server ended the connection (`packs.keyed.obligations`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from packs.keyed.messages import CLOSE, KeyedMessage, ReadMessage
from packs.keyed.obligations import Obligations
from packs.keyed.rules import KeyedCase, KeyedRules, note_held
from rules.observer import Observer
from rules.records import Record, ViolationRecorder, ViolationTold
from rules.verdicts import Finding, Tally
from rules.yields import Uncounted, Yields, let_explained_go
from schemas.contract import Contract
from schemas.explain import dotted
from wire.trace import Entry, Trace


class ChannelReading(Protocol):
    """What is known of a connection so far."""

    def keys(self, message: KeyedMessage) -> tuple[str, ...]:
        """Return what `message` is about, as obligations name it: a context, a turn."""

    def take_in(self, message: KeyedMessage) -> None:
        """Take in a message that was judged."""


class KeyedRulebook:
    """All rules of a pack, for captures of its channel.

    `reading` makes what is known where a connection begins, `read` tells messages apart.
    `frames` is the requirement that each frame of the server is a JSON object in text, `payloads` that it has
    the form that `contract` says.
    """

    def __init__(
        self,
        rules: KeyedRules,
        reading: Callable[[], ChannelReading],
        yields: Yields,
        *,
        contract: Contract,
        read: ReadMessage,
        frames: str,
        payloads: str,
        uncounted: Uncounted | None = None,
    ) -> None:
        self.rules, self.reading, self.yields = rules, reading, yields
        self.contract, self.read = contract, read
        self.frames, self.payloads = frames, payloads
        self.uncounted = uncounted or Uncounted()

    def judge(self, trace: Trace, observer: Observer | None = None) -> dict[str, Tally]:
        """Return what was counted in `trace`, by requirement; `observer` looks on.

        What opens anew is another connection. Raises what reading the trace raises.
        """
        counted: dict[str, Tally] = {}
        connection = self.begin(trace.name, trace.header, observer)
        for entry in trace:
            if entry.kind == "open" and connection.begun:
                _add(counted, connection.finish())
                connection = self.begin(trace.name, trace.header, observer)
            connection.take(entry)
        _add(counted, connection.finish())
        return counted

    def begin(
        self, name: str, _header: Mapping[str, Any], observer: Observer | None = None
    ) -> KeyedConnection:
        """Return a connection, of a trace of that `name`, to be judged while it goes on."""
        return KeyedConnection(self, name, observer)


def _add(counted: dict[str, Tally], more: dict[str, Tally]) -> None:
    for id_, tally in more.items():
        counted.setdefault(id_, Tally()).add(tally)


class KeyedConnection:
    """One connection while it is judged: call `take` for each entry, and `finish` once."""

    def __init__(self, book: KeyedRulebook, trace: str, observer: Observer | None = None) -> None:
        self._book, self._trace, self._observer = book, trace, observer
        self._reading = book.reading()
        self._recorder, self._obligations = ViolationRecorder(book.yields.concerned), Obligations()
        self.begun = False

    def take(self, entry: Entry) -> None:
        """Judge the next entry, and take it in."""
        self.begun = True
        if self._observer is not None:
            self._observer.on_entry(entry)
        self._obligations.passed(entry.seq, entry.t)
        message = self._book.read(entry)
        if message is None or message.name == CLOSE:
            self._happened(entry)
        if message is None:
            return
        if message.side == "server" and message.name != CLOSE:
            for key in self._reading.keys(message):
                self._obligations.heard(key, entry.t)
            self._check(message)
        case = KeyedCase(message, self._reading, self._recorder, self._obligations, self._trace)
        for rule in self._book.rules.of(message):
            rule.function(case.of(rule.requirement))
        self._reading.take_in(message)

    def tell(self, found: ViolationTold) -> None:
        """Have `found` told of each violation once it is found."""
        self._recorder.found = found

    def _check(self, message: KeyedMessage) -> None:
        """Hold a frame of the server against the contract."""
        note_held(self._recorder, self._book.frames, self._trace, message.seq)
        contract = self._book.contract
        schema = contract.schema("server", contract.name_of(message.event, "server"))
        valid = schema is None or schema.is_valid(message.event)
        found = [] if schema is None or valid else schema.violations(message.event)
        wrong = next((each for each in found if each.kind == "schema"), None)
        if wrong is None:
            note_held(self._recorder, self._book.payloads, self._trace, message.seq)
            return
        place = dotted(wrong.path)
        told = f"{message.name} has another form than the document says, at {place or 'its top'}"
        self._violated(
            self._book.payloads,
            wrong.keyword,
            message.seq,
            (wrong.expected, wrong.actual, told),
            path=place,
            type_=message.name,
        )

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, once nothing more comes."""
        for unpaid in self._obligations.unpaid():
            owed = unpaid.obligation
            if unpaid.undecided:
                self._recorder.tally(owed.requirement).undecided[unpaid.undecided] += 1
            else:
                self._violated(
                    owed.requirement,
                    owed.kind,
                    unpaid.seq or owed.seq,
                    (owed.expected, unpaid.came, owed.message),
                    because=(owed.seq,),
                    subject=owed.subject,
                )
        return let_explained_go(self._recorder, self._book.yields, self._book.uncounted)

    def _happened(self, entry: Entry) -> None:
        """Take in what is no message."""
        detail = entry.detail or {}
        if entry.kind == "deadline":
            self._obligations.deadline(entry.seq, float(detail.get("waited_s") or 0))
        elif entry.kind == "close" and entry.dir == "server":
            code = f" ({detail['code']})" if detail.get("code") else ""
            self._obligations.ended(entry.seq, f"the server closed the connection{code}")
        elif entry.dir == "server" and entry.kind in ("text", "binary"):
            came = "a binary frame" if entry.kind == "binary" else "text that is no JSON object"
            told = "a JSON object in a text frame", came, f"{came} came"
            self._violated(self._book.frames, "other", entry.seq, told)

    def _violated(
        self,
        requirement: str,
        kind: str,
        seq: int,
        told: tuple[str, str, str],
        *,
        because: tuple[int, ...] = (),
        subject: str = "",
        path: str = "",
        type_: str = "",
    ) -> None:
        finding = Finding(self._trace, (seq,), type_, path, *told, because, f"{requirement}#{kind}")
        about = (subject,) if subject else ()
        self._recorder.violated(requirement, Record((finding,), seq, because[0] if because else 0, about))
