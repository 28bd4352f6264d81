"""One pass over one connection: read, link, judge, update (`rules.engine` says how)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import ANSWERS
from rules.answered_exchange import Due
from rules.beta_dialect import DialectSigns, name_dialect
from rules.case import Case, EventCase, ExchangeCase, NotConcernedError
from rules.envelope import Envelope
from rules.event_subjects import Link, link, said_before
from rules.exchange import Exchange
from rules.exchanges import Exchanges, outlived
from rules.expectations import expectation, refuse, target_of
from rules.moments import Moment
from rules.observer import Observer
from rules.order_steps import ROUNDING_S, OrderSteps, of_running
from rules.payloads import Payloads
from rules.prepared_rules import PreparedRules
from rules.reading import Reading
from rules.reading_requests import take_refused, take_sent, take_settled, take_turned_down
from rules.reading_updates import take_delta, take_in
from rules.records import ViolationRecorder
from rules.session_ends import AnnouncedEnd, is_of_age, is_terminal, with_ends
from rules.stimulus import DISPUTED, FOREIGN, fragments_of, stimulated, stimulus
from rules.subjects import STREAM_TYPES, dict_of
from rules.verdicts import Tally
from rules.yields import let_explained_go
from wire.trace import Entry, Trace

DEFAULT_PATIENCE = {"answer": 5.0, "response": 15.0}
"""Seconds of silence after which something owed counts as missing, where the trace does not say."""


class ConnectionJudgement:
    """One connection, while a rulebook judges it."""

    def __init__(self, book: PreparedRules, trace: Trace, observer: Observer | None = None) -> None:
        self.book, self.trace, self.observer = book, trace, observer
        self.recorder = ViolationRecorder(book.concerned, book.newer)
        self.reading = Reading(
            book.joints,
            whole=trace.whole,
            measured=bool(trace.header.get("measured", "trace" in trace.header)),
            attested=trace.header.get("measured") is True,
            silent="measured" not in trace.header and "trace" not in trace.header,
        )
        known = trace.name, trace.header, self.reading, book.dialect, self.recorder
        self.moment, self.event, self.exchange = Case(*known), EventCase(*known), ExchangeCase(*known)
        self.event.event, self.event.link = {}, _ABOUT_NOTHING
        self.order = OrderSteps(book.joints, self.reading, self.moment, self.event)
        self.envelope = Envelope(self.event, book.contract.server)
        self.payloads = Payloads(
            self.event,
            self.reading,
            self.envelope,
            book.contract,
            second=book.second,
            places=book.places,
        )
        self.signs = DialectSigns()
        self.ended = ""
        self.ends = AnnouncedEnd.NONE  # what the error at hand announces
        self.heard = False
        waits = trace.header.get("patience")
        self.patience = {**DEFAULT_PATIENCE, **(waits if isinstance(waits, dict) else {})}
        self.reading.patience, self.reading.pause = self.patience, min(self.patience.values())
        self.reading.notes_deadlines = isinstance(waits, dict) and self.reading.attested

    def run(self) -> dict[str, Tally]:
        """Judge the whole of the trace; return what was counted, by requirement."""
        for entry, ends in with_ends(self.trace):
            self.take(entry, ends)
        return self.finish()

    def take(self, entry: Entry, ends: AnnouncedEnd) -> None:
        """Judge the next entry, of which it is known what end of the session it announces."""
        self.order.last, self.ends = entry, ends
        if entry.kind == "text":
            self.reading.came(entry)
            if entry.dir == "server":
                self._server(entry)
            else:
                self._client(entry)
        else:
            self._happened(entry)

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes."""
        self._finish()
        self.payloads.finish()
        self.envelope.finish()
        if self.book.yields is not None:
            let_explained_go(self.recorder, self.book.yields, self.book.uncounted)
        renamed = bool(self.book.dialect.words.events)
        return name_dialect(self.signs, self.trace.name, self.recorder.tallies, renamed=renamed)

    # --- the server's events ----------------------------------------------------------------------------

    def _server(self, entry: Entry) -> None:
        case = self.event
        case.entry, case.link = entry, _ABOUT_NOTHING
        event = entry.event
        if event is None or not isinstance(type_ := event.get("type"), str) or not type_:
            self.order.blind = True
            self.envelope.not_an_event(entry)
            return
        case.event = event
        if not self.reading.client_acted:
            self.reading.opening.append(type_)
        well_formed = self.payloads.check(type_, event)
        self.envelope.check(type_, event, entry.seq)
        if not (well_formed and type_ in STREAM_TYPES and self._in_stream(event, type_)):
            self._at_length(entry, type_, well_formed=well_formed)
        self.reading.last_seq, self.reading.last_type = entry.seq, type_

    def _at_length(self, entry: Entry, type_: str, *, well_formed: bool) -> None:
        case = self.event
        if not self.heard:
            self.heard = True
            self._call(case, Moment.FIRST)
        self.signs.hear(type_, case.event, entry.seq)
        found = link(self.reading, entry)
        case.link = found
        if type_ in _ANSWER_TYPES:
            self._settle(entry, found)
        for subject in found.subjects:
            self.order.step(subject, type_, entry.seq)
        for subject in found.below:
            self.order.step(subject, found.ending, entry.seq)
        if said_before(found, type_):
            return  # that it comes a second time is one finding, and nothing in it is taken in
        self._call(case, type_ if well_formed else f"malformed {type_}")
        if found.fresh:
            self._call(case, Moment.STREAM)
        elif found.strayed or found.moved:
            self._call(case, Moment.STRAYED)
        take_in(self.reading, entry, found)
        if type_ in _IN_ORDER:
            self.reading.last_answer_seq = entry.seq
        if type_ == "response.done" and found.response is not None:
            self.order.items_overdue(found.response.created_seq)

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

    def _settle(self, entry: Entry, found: Link) -> None:
        if entry.type == "error":
            ends = self.ends is not AnnouncedEnd.NONE
            found.exchange = exchange = self.reading.exchanges.refused_by(entry, ends=ends)
            if exchange is not None and exchange.raced and exchange.answer_seq != entry.seq:
                take_turned_down(self.reading, exchange)
            if exchange is None and (ends or is_terminal(dict_of(entry.event, "error"))):
                self.reading.end_seq = entry.seq
            self.reading.turned_down |= self.reading.whole and self.ends is AnnouncedEnd.TURNED_DOWN
        else:
            item = found.item
            exchanges = self.reading.exchanges
            generated = item is not None and (
                item.origin in ("response", "audio")
                # Announced before, it answers nobody but who gave it its id.
                or ("conversation.item.added" in item.seen and not exchanges.is_about(item.id))
            )
            turn = self.reading.owes_response
            may_show = self.event.dialect.switches.shows_session_unasked and self.reading.shown_unasked
            exchange = exchanges.answered_by(
                entry,
                generated=generated,
                due=Due(self.reading.times.get(turn)) if turn else None,
                session=self.reading.session,
                unasked=self.reading.remembers or may_show,
            )
            if entry.type != "response.done":
                found.exchange = exchange
            if exchange is not None and exchange.type == "response.cancel" and found.response is not None:
                found.response.cancelled_by = exchange
        if exchange is not None and exchange.answer_seq == entry.seq:
            self._settled(exchange)
            if exchange.outcome == "refused":
                take_refused(self.reading, exchange)
            elif exchange.type not in ("response.create", "response.cancel"):
                self.order.items_overdue(exchange.seq)

    def _settled(self, exchange: Exchange) -> None:
        case = self.exchange
        case.entry, case.exchange = self.order.last, exchange
        self._call(case, f"@{exchange.type}")
        self._call(case, Moment.SETTLED_EXCHANGE)
        if self.observer is not None:
            self.observer.on_exchange(case)
        take_settled(self.reading, exchange)

    def _call(self, case: Case, name: str) -> None:
        for each in self.book.functions.get(name, ()):
            case.about(each.requirement)
            try:
                each.function(case)
            except NotConcernedError:
                pass
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other verdicts
                place = f"{self.trace.name} #{case.entry.seq}"
                case.tally.errors.append(f"{place}: {type(error).__name__}: {error}")

    # --- the client's events ----------------------------------------------------------------------------

    def _client(self, entry: Entry) -> None:
        self.event.entry = entry
        event = entry.event
        reading = self.reading
        self._acted(entry)
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
        exchange = Exchange(
            type_,
            event,
            entry.seq,
            stimulated(owed, entry),
            stimulus=stimulus(entry),
            fragments=fragments_of(entry),
        )
        if type_ == "response.cancel":
            exchange.target = target_of(event, reading)
        take_sent(reading, exchange, entry.t)
        case = self.exchange
        case.entry, case.exchange = entry, exchange
        self._call(case, Moment.SENT)
        if self.observer is not None and exchange.outcome != "open":
            self.observer.on_exchange(case)
        for oldest in reading.exchanges.too_many():
            oldest.lost_because = "too many client events were waiting for an answer"
            self._settled(oldest)

    def _acted(self, entry: Entry) -> None:
        if not self.reading.client_acted:
            self.reading.client_acted = True
            self.moment.entry = entry
            self._call(self.moment, Moment.FIRST_ACT)

    def _not_an_event(self, entry: Entry) -> None:
        form = "a binary frame" if entry.kind == "binary" else "a text frame that holds no JSON object"
        owed = stimulated(refuse("no-type", form), entry)
        label, fragments = stimulus(entry), fragments_of(entry)
        self.reading.exchanges.open.append(
            Exchange("", {}, entry.seq, owed, stimulus=label, fragments=fragments)
        )

    # --- everything else --------------------------------------------------------------------------------

    def _happened(self, entry: Entry) -> None:
        self.moment.entry = self.event.entry = entry
        match entry.kind:
            case "binary" if entry.dir == "server":
                self.envelope.not_an_event(entry)
            case "binary":
                self._not_an_event(entry)
            case "deadline":
                self._deadline(entry)
            case "close":
                self.ended = "the connection ended before it came"
                if is_of_age(entry):
                    self.reading.end_seq = entry.seq
                self._call(self.moment, Moment.CLOSE)
                self.reading.closed_by_server |= entry.dir == "server"
            case "open":
                self.reading.opened_at = entry.t
                self._call(self.moment, Moment.OPEN)
            case "refusal":
                self._call(self.moment, Moment.REFUSAL)
            case "limit":
                self.ended = "the server sent so much that the suite stopped listening"

    def _deadline(self, entry: Entry) -> None:
        detail = entry.detail or {}
        if detail.get("listened_on_s"):
            return  # the suite listened on: late is not never, and of never another deadline tells
        if detail.get("unfinished_bytes"):
            self.reading.unfinished = True
            self._call(self.moment, Moment.UNFINISHED)
            return
        silent_s = float(detail.get("silent_s", 0.0))
        since = int(detail.get("since", 0))
        # A short wait is worth a full one, but only for what was asked last: full ones have shown it before.
        worth_s = float(detail.get("worth_s", 0.0)) if detail.get("silent") else 0.0
        short = "worth_s" in detail
        if not short:
            self._call(self.moment, Moment.DEADLINE)
        if detail.get("silent") and not short:
            self.reading.owes_response = 0  # what a turn owed was reported as missing
        exchanges = self.reading.exchanges
        owed = [] if self.reading.turned_down else list(exchanges.open)  # without a session, nothing is
        for exchange in owed:
            beside = exchange.type.startswith("response.")  # it runs beside the order of answers
            patience = self.patience[exchange.waits_for]
            passed_over = not beside and exchange.seq < exchanges.answered_up_to
            waited = max(silent_s, worth_s) if exchange.seq == since else silent_s
            if exchange.seq <= since and (passed_over or waited + ROUNDING_S >= patience):
                exchanges.unanswered(exchange)
                self.reading.update_lost |= exchange.type == "session.update"
                self._settled(exchange)
        for subject in [] if short else self.order.subjects():
            if not of_running(subject):  # of which the rest of its response is missing
                self.order.overdue(subject, silent_s)

    def _finish(self) -> None:
        reason = self.ended or "the capture ended before it came"
        for response in self.reading.running.values():
            if response.overlapped_seq:  # another has taken its place since, so it was over
                self.order.overdue(response)
        for item in self.reading.overdue.values():
            self.order.never_done(item)
        self.moment.entry = self.order.last
        for subject in self.order.subjects():
            waited = self.reading.waited_since(subject.moved_at)
            if waited and not of_running(subject):
                self.order.overdue(subject, waited)
            for bound in self.book.joints[subject.kind].owing(subject.state):
                self.moment.about(bound.requirement)
                self.moment.undecided(reason)
        for exchange in list(self.reading.exchanges.open):
            known = ANSWERS.get(exchange.type) not in self.reading.unkeyed
            exchanges = self.reading.exchanges
            passed_over = exchange.perhaps is not None and exchange.seq < exchanges.answered_up_to
            if passed_over or (known and self._ignored(exchanges, exchange)):
                exchanges.unanswered(exchange)
            else:
                exchanges.close(exchange, "lost")
            exchange.lost_because = reason
            self._settled(exchange)
        self._call(self.moment, Moment.END)

    def _ignored(self, exchanges: Exchanges, exchange: Exchange) -> bool:
        if self.reading.turned_down:
            return False
        if self.reading.waited_since(exchange.sent_at) >= self.patience[exchange.waits_for]:
            return True
        if exchange.type == "response.cancel" and outlived(self.reading.responses.values(), exchange):
            return True
        return exchanges.ignored(exchange, self.order.last.t, self.patience["answer"])


_ABOUT_NOTHING = Link()
_ANSWER_TYPES = frozenset((*ANSWERS.values(), "error"))
_IN_ORDER = frozenset((*ANSWERS.values(), "conversation.item.done")) - {"response.done"}
