"""The judge: one pass over a trace, all rules together.

For each server event: its payload against the contract, its envelope, then the rules about order of every
subject it concerns, then the rule functions for its type, and only then is it taken in. Each client event
becomes an exchange that some later entry settles. A deadline in the trace says that the suite waited: what
is still owed then was not going to come.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from rules.beta import DialectSigns, name_dialect
from rules.case import RULES, Case, Registered
from rules.connections import connections
from rules.envelope import Envelope
from rules.exchanges import ANSWERS, Exchange
from rules.expectations import expectation, refuse, target_of
from rules.linking import Link, link, said_before
from rules.order import Bound, Effect, Joint
from rules.payloads import Payloads
from rules.reading import KINDS, Reading
from rules.stimulus import DISPUTED, FOREIGN, notes_of, stimulated
from rules.subjects import STREAM_TYPES, Item, Part, Subject, dict_of, text_of
from rules.telling import told
from rules.updating import take_delta, update
from rules.verdicts import Tally
from schemas.contract import Contract
from wire.trace import Entry, Trace

DEFAULT_PATIENCE = {"answer": 5.0, "response": 15.0}
"""Seconds of silence after which something owed counts as missing, where the trace does not say."""

_ROUNDING = 0.05


class Rulebook:
    """Everything that is prepared once: compiled contract, joint automata, rule functions by event type."""

    def __init__(
        self,
        contract: Contract,
        dialect: str,
        bound: Iterable[Bound],
        rules: Iterable[Registered] = RULES,
        second: Contract | None = None,
    ) -> None:
        """`second` is another contract for the same events: nothing is owed where the two disagree."""
        self.contract = contract
        self.second = second
        self.dialect = dialect
        by_kind: dict[str, list[Bound]] = defaultdict(list)
        for each in bound:
            by_kind[each.kind].append(each)
        self.joints = {kind: Joint(by_kind[kind]) for kind in KINDS}
        self.functions: dict[str, list[Registered]] = defaultdict(list)
        rules = tuple(rules)
        self.judged = frozenset(registered.requirement for registered in rules)
        for registered in rules:
            for type_ in registered.on:
                self.functions[type_].append(registered)

    def judge(self, trace: Trace) -> dict[str, Tally]:
        """Return what was counted in `trace`, by requirement.

        Raises what reading the trace raises (`wire.trace_files.TraceError`).
        """
        counted: dict[str, Tally] = {}
        for part in connections(trace):
            for id_, tally in _Judgement(self, part).run().items():
                counted.setdefault(id_, Tally()).add(tally)
        return counted


class _Judgement:
    def __init__(self, book: Rulebook, trace: Trace) -> None:
        self.book = book
        self.trace = trace
        self.tallies: dict[str, Tally] = {}
        self.reading = Reading(
            book.joints,
            whole=trace.whole,
            measured=bool(trace.header.get("measured", "trace" in trace.header)),
            attested=trace.header.get("measured") is True,
        )
        self.case = Case(trace.name, trace.header, self.reading, book.dialect, self.tallies)
        self.case.judged = book.judged
        self.envelope = Envelope(self.case)
        self.payloads = Payloads(self.case, book.contract, book.second, book.functions, self.envelope)
        self.signs = DialectSigns()
        self.blind = not self.reading.whole  # something may have been sent that this trace does not hold
        self.ended = ""
        self.heard = False
        waits = trace.header.get("patience")
        self.patience = {**DEFAULT_PATIENCE, **(waits if isinstance(waits, dict) else {})}

    def run(self) -> dict[str, Tally]:
        server = self._server
        for entry in self.trace:
            if entry.kind == "text":
                if entry.dir == "server":
                    server(entry)
                else:
                    self._client(entry)
            else:
                self._happened(entry)
        self._finish()
        self.payloads.finish()
        return name_dialect(self.signs, self.trace.name, self.tallies)

    # --- the server's events ----------------------------------------------------------------------------

    def _server(self, entry: Entry) -> None:
        case = self.case
        case.entry = entry
        event = entry.event
        if event is None or not isinstance(type_ := event.get("type"), str) or not type_:
            self.blind = True
            self.envelope.not_an_event(entry)
            return
        case.event = event
        if not self.reading.client_acted:
            self.reading.opening.append(type_)
        well_formed = self.payloads.check(type_, event)
        self.envelope.check(type_, event)
        if not (well_formed and type_ in STREAM_TYPES and self._in_stream(event, type_)):
            self._at_length(entry, type_, well_formed=well_formed)
        self.reading.last_seq, self.reading.last_type = entry.seq, type_

    def _at_length(self, entry: Entry, type_: str, *, well_formed: bool) -> None:
        if not self.heard:
            self.heard = True
            self._moment("@first")
        self.signs.hear(type_, self.case.event, entry.seq)
        found = self.case.link = link(self.reading, entry)
        if type_ in _ANSWER_TYPES:
            self._settle(entry, found)
        for subject in found.subjects:
            self._step(subject, type_, entry.seq)
        for subject in found.below:
            self._step(subject, found.ending, entry.seq)
        if said_before(found, type_):
            return  # that it comes a second time is one finding, and nothing in it is taken in
        self._apply(type_, found, well_formed=well_formed)
        update(self.reading, entry, found)
        if type_ in _IN_ORDER:
            self.reading.last_answer_seq = entry.seq
        if type_ == "response.done" and found.response is not None:
            self._items_overdue(found.response.created_seq)

    def _apply(self, type_: str, found: Link, *, well_formed: bool) -> None:
        """Show an event to the rules for its type."""
        registered = self.book.functions.get(type_, ())
        self._call(registered if well_formed else [each for each in registered if each.malformed])
        if found.fresh:
            self._moment("@stream")
        elif found.strayed or found.moved:
            self._moment("@strayed")

    def _items_overdue(self, seq: int) -> None:
        for item in self.reading.overdue_items(seq):
            self._step(item, "@settled", self.case.entry.seq)
            del self.reading.undone[item.id]

    def _overdue(self, subject: Subject, silent_s: float = math.inf) -> None:
        """Report what `subject` still owes as missing, as far as so long a silence shows it."""
        joint = self.book.joints[subject.kind]
        for bound in joint.owing(subject.state):
            if silent_s + _ROUNDING >= self.patience[bound.automaton.patience]:
                self._effect(subject, bound, Effect.MISSING)
                subject.state = joint.told(subject.state, bound)

    def _in_stream(self, event: dict[str, Any], type_: str) -> bool:
        """Take the short way for a delta that changes nothing: most events of a conversation are such."""
        family, is_delta = STREAM_TYPES[type_]
        try:
            stream = self.reading.streams.get((event["item_id"], event.get("content_index"), family))
        except (KeyError, TypeError):  # where a document leaves these fields open, anything may come
            return False
        if stream is None or not is_delta or type_ in self.book.functions:
            return False
        if stream.response_id != event.get("response_id"):
            return False
        if stream.output_index != event.get("output_index") or stream.call_id != event.get("call_id"):
            return False
        for subject in stream.chain:
            state = subject.state
            if state.moves.get(type_) is not state:
                return False
        take_delta(self.reading, event, stream)
        return True

    def _step(self, subject: Subject, type_: str, seq: int) -> None:
        state = subject.state
        after = state.moves.get(type_)
        if after is state:
            return
        if after is None:
            joint = self.book.joints[subject.kind]
            after, effects = joint.step(state, type_)
            for bound, effect in effects:
                self._effect(subject, bound, effect)
        if after is not state:
            subject.seen.setdefault(type_, seq)
        subject.state = after

    def _effect(self, subject: Subject, bound: Bound, effect: Effect) -> None:
        case = self.case.about(bound.requirement)
        if effect is Effect.EXAMINED:
            case.holds()
        elif effect is Effect.UNANNOUNCED and self.blind:
            case.undecided("the capture does not hold everything that was sent before")
        elif effect is Effect.UNANNOUNCED and self._below_unannounced(subject):
            pass  # one defect is one finding: that of what is missing above it
        elif effect is Effect.MISSING and self._said_already(bound):
            pass
        elif effect in _ABOUT_ENDS and self._of_mcp(subject) and not bound.requirement.startswith("mcp/"):
            case.undecided("when the call of an MCP tool ends is not documented")
        elif effect is Effect.MISSING and self._may_have_come(bound):
            case.undecided("an event that should have come was malformed")
        else:
            because = [s for t, s in subject.seen.items() if t in bound.automaton.roles]
            message, expected, actual = told(bound.automaton, effect, subject, case.entry.type)
            case.violated(message, expected=expected, actual=actual, because=because, kind="order")

    def _below_unannounced(self, subject: Subject) -> bool:
        """Tell whether what `subject` belongs to was not announced either, or can have no parts."""
        found = self.case.link
        response, item = found.response, found.item
        if subject is item:
            return response is not None and response.created is None
        if isinstance(subject, Part):
            about = subject.item
            unannounced = about.added is None and not about.done_seq and found.ending == ""
            return unannounced or text_of(about.added, "type") == "function_call"
        return False

    def _said_already(self, bound: Bound) -> bool:
        """Tell whether what is missing of a response that was cut off is missing everywhere."""
        general = self.tallies.get("items/added-then-done")
        cut_off = bound.requirement == "cancel/closes-what-is-open"
        return cut_off and bound.automaton.awaited() == [_ITEM_DONE] and bool(general and general.violations)

    def _of_mcp(self, subject: Subject) -> bool:
        """Tell whether it is about an item that has to do with an MCP server, which answers when it likes."""
        item = subject if isinstance(subject, Item) else self.case.link.item
        said = dict_of(self.case.event, "item")
        shown = (item.latest or (said if said.get("id") == item.id else {})) if item is not None else {}
        return text_of(shown, "type").startswith("mcp_")

    def _may_have_come(self, bound: Bound) -> bool:
        return self.blind or any(t in self.reading.unkeyed for t in bound.automaton.awaited())

    def _settle(self, entry: Entry, found: Link) -> None:
        if entry.type == "error":
            found.exchange = exchange = self.reading.exchanges.refused_by(entry)
        else:
            item = found.item
            generated = item is not None and item.origin in ("response", "audio")
            exchange = self.reading.exchanges.answered_by(
                entry, generated=generated, automatic=bool(self.reading.watched.get("turn"))
            )
            if entry.type != "response.done":
                found.exchange = exchange
            if exchange is not None and exchange.type == "response.cancel" and found.response is not None:
                found.response.cancelled_by = exchange
        if exchange is not None and exchange.answer_seq == entry.seq:
            self._settled(exchange)
            if exchange.outcome == "refused":
                self.reading.refused(exchange)
            elif exchange.type not in ("response.create", "response.cancel"):
                self._items_overdue(exchange.seq)

    def _settled(self, exchange: Exchange) -> None:
        self.case.exchange = exchange
        self._moment(f"@{exchange.type}")
        self._moment("@exchange")
        self.case.exchange = None

    def _moment(self, name: str) -> None:
        self._call(self.book.functions.get(name, ()))

    def _call(self, registered: Iterable[Registered]) -> None:
        case = self.case
        for each in registered:
            try:
                each.function(case.about(each.requirement))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other verdicts
                place = f"{self.trace.name} #{case.entry.seq}"
                case.about(each.requirement).tally.errors.append(f"{place}: {type(error).__name__}: {error}")

    # --- the client's events ----------------------------------------------------------------------------

    def _client(self, entry: Entry) -> None:
        self.case.entry = entry
        event = entry.event
        reading = self.reading
        if not reading.client_acted:
            reading.client_acted = True
            self._moment("@first-act")
        if event is None:
            self._not_an_event(entry)
            return
        type_ = entry.type
        problem = self.payloads.problem(type_, event)
        owed = expectation(event, reading, problem=problem, known=type_ in self.book.contract.client)
        if self.payloads.foreign(type_):
            owed = FOREIGN
        elif self.payloads.disputed(type_, event, problem):
            owed = DISPUTED
        exchange = Exchange(type_, event, entry.seq, stimulated(owed, entry), notes=notes_of(entry))
        if type_ == "response.cancel":
            exchange.target = target_of(event, reading)
        reading.sent(exchange, entry.t)
        self.case.exchange = exchange
        self._moment("@sent")
        self.case.exchange = None
        for oldest in reading.exchanges.too_many():
            oldest.notes["reason"] = "too many client events were waiting for an answer"
            self._settled(oldest)

    def _not_an_event(self, entry: Entry) -> None:
        owed = stimulated(refuse("no-type"), entry)
        self.reading.exchanges.open.append(Exchange("", {}, entry.seq, owed, notes=notes_of(entry)))

    # --- everything else --------------------------------------------------------------------------------

    def _happened(self, entry: Entry) -> None:
        self.case.entry = entry
        self.case.event = {}
        match entry.kind:
            case "binary" if entry.dir == "server":
                self.envelope.not_an_event(entry)
            case "binary":
                self._not_an_event(entry)
            case "deadline":
                self._deadline(entry)
            case "close":
                self.ended = "the connection ended first"
                self._moment("@close")
            case "open" | "refusal":
                self._moment(f"@{entry.kind}")
            case "limit":
                self.ended = "the suite stopped listening to a flood"

    def _deadline(self, entry: Entry) -> None:
        detail = entry.detail or {}
        silent_s = float(detail.get("silent_s", 0.0))
        since = int(detail.get("since", 0))
        self._moment("@deadline")
        exchanges = self.reading.exchanges
        last_answered = max((e.seq for e in exchanges.settled if e.answer_seq), default=0)
        for exchange in list(exchanges.open):
            beside = exchange.type.startswith("response.")  # it runs beside the order of answers
            patience = self.patience["response" if beside else "answer"]
            passed_over = not beside and exchange.seq < last_answered
            if exchange.seq <= since and (passed_over or silent_s + _ROUNDING >= patience):
                exchanges.close(exchange, "silent")
                self.reading.update_lost |= exchange.type == "session.update"
                self._settled(exchange)
        for subject in self._subjects():
            if isinstance(subject, Item) and subject.response is not None and subject.response.active:
                continue  # what is missing is the rest of its response
            self._overdue(subject, silent_s)

    def _finish(self) -> None:
        reason = self.ended or "the capture ended while it was awaited"
        for response in self.reading.running.values():
            if response.overlapped:  # another has taken its place since, so it was over
                self._overdue(response)
        for subject in self._subjects():
            for bound in self.book.joints[subject.kind].owing(subject.state):
                self.case.about(bound.requirement).undecided(reason)
        for exchange in list(self.reading.exchanges.open):
            known = ANSWERS.get(exchange.type) not in self.reading.unkeyed
            ignored = known and self.reading.exchanges.ignored(
                exchange, self.case.entry.t, self.patience["answer"]
            )
            self.reading.exchanges.close(exchange, "silent" if ignored else "lost")
            exchange.notes["reason"] = reason
            self._settled(exchange)
        self._moment("@end")

    def _subjects(self) -> list[Subject]:
        reading = self.reading
        found: list[Subject] = [reading.connection, *reading.responses.values()]
        for item in reading.items.values():
            found.append(item)
            found += item.below()
        return [*found, *reading.transcriptions.values()]


_ABOUT_ENDS = (Effect.MISSING, Effect.LATE, Effect.EARLY)
_ITEM_DONE = "conversation.item.done"
_ANSWER_TYPES = frozenset((*ANSWERS.values(), "error"))
_IN_ORDER = frozenset(t for t in (*ANSWERS.values(), _ITEM_DONE) if t != "response.done")
