"""Client events and what answered them.

The protocol has no request ids on success: an answer belongs to the client event that it fits, by type, by
the ids that both name and by what both say; only where that leaves several, to the oldest
(`rules.answered_exchange`). An `error` names its cause in `error.event_id`; one
that does not is given to the oldest open client event, so that the missing echo is one finding and the
answer is not missed as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from protocol.event_types import ANSWERS, Event
from rules.answered_exchange import Due, about_item, for_cancel, for_item, for_response, for_update
from rules.exchange import Exchange, ExchangeOutcome
from rules.session_ends import is_terminal
from rules.subjects import Response, dict_of, text_of
from wire.trace import Entry

_BY_ANSWER = {answer: request for request, answer in ANSWERS.items()}

_BLAMED_BY_CODE = {
    "response_cancel_not_active": "response.cancel",
    "conversation_already_has_active_response": "response.create",
    "input_audio_buffer_commit_empty": "input_audio_buffer.commit",
    "item_delete_invalid_item_id": "conversation.item.delete",
    "item_retrieve_invalid_item_id": "conversation.item.retrieve",
    "item_truncate_invalid_item_id": "conversation.item.truncate",
    "cannot_update_voice": "session.update",
    "invalid_tool_call_id": "conversation.item.create",
}
_BLAMED_BY_PARAM = {
    "session": "session.update",
    "item": "conversation.item.create",
    "response": "response.create",
}
"""The client event that an error is about by its code, or by the first step of its `param` (openai 1.1)."""

_BESIDE = frozenset(("response.create", "response.cancel"))  # these run beside the order of answers (EV-06)
_HEEDED_S = 2.0  # a server that reads while it speaks has seen a cancellation, and answered it
_OF_ITSELF = frozenset(
    f"input_audio_buffer.{name}"
    for name in ("speech_started", "speech_stopped", "timeout_triggered", "dtmf_event_received")
)
"""Events about the input buffer that no client event asks for."""
_REMEMBERED = 200
_REFUSALS = 20
_WAITING = 500  # client events that may wait for an answer at a time


class Exchanges:
    """The client events of one connection that are open, and the last ones that are not."""

    def __init__(self) -> None:
        self.open: list[Exchange] = []
        self.settled: deque[Exchange] = deque(maxlen=_REMEMBERED)
        self.refused: deque[Exchange] = deque(maxlen=_REFUSALS)
        self.ids: set[str] = set()
        self.answered_up_to = 0  # the latest client event that was answered with success, by seq

    def sent(self, exchange: Exchange) -> None:
        """Take note of a client event; one that is owed nothing is settled at once."""
        if exchange.event_id:
            self.ids.add(exchange.event_id)
        owed = exchange.expectation
        unanswered = owed.kind == "accept" or owed.reason == "cut-off"
        if exchange.type == "input_audio_buffer.append" and unanswered:
            exchange.settle("accepted")
            self.settled.append(exchange)
        else:
            self.open.append(exchange)

    def too_many(self) -> list[Exchange]:
        """Let go of the oldest open client events, where so many wait that each event would cost too much."""
        return [self.close(self.open[0], "lost") for _ in range(len(self.open) - _WAITING)]

    def _likely(self, candidates: Iterable[Exchange]) -> list[Exchange]:
        """Return `candidates` with those last that were passed over: something sent later was answered.

        A server that ignores what it does not understand would else have every later answer taken for the
        answer to that.
        """
        return sorted(candidates, key=lambda e: e.seq < self.answered_up_to)

    def ignored(self, exchange: Exchange, ended: float | None, patience: float) -> bool:
        """Tell whether a capture that `ended` then shows, without a deadline, that no answer was to come.

        Something sent later was answered, and long enough ago. What concerns responses runs beside the rest,
        so that nothing follows for it from other answers.
        """
        if exchange.type not in ANSWERS or exchange.type in _BESIDE or exchange.seq >= self.answered_up_to:
            return False
        began = exchange.sent_at
        return began is not None and ended is not None and ended - began >= patience

    def close(self, exchange: Exchange, outcome: ExchangeOutcome, entry: Entry | None = None) -> Exchange:
        """Settle `exchange`.

        A refusal passes nothing over: what is wrong may be refused ahead of earlier client events (FB-11).
        """
        exchange.settle(outcome, entry)
        if outcome == "accepted" and entry is not None and exchange.type not in _BESIDE:
            self.answered_up_to = max(self.answered_up_to, exchange.seq)
        if outcome == "refused":
            self.refused.append(exchange)
        if exchange in self.open:
            self.open.remove(exchange)
            self.settled.append(exchange)
        return exchange

    def unanswered(self, exchange: Exchange) -> Exchange:
        """Settle `exchange`, for which nothing more will come: what may be its answer was it, if anything."""
        if exchange.contested:
            exchange.lost_because = "a response to a turn came in between, and nothing after it"
            return self.close(exchange, "lost")
        if exchange.perhaps is None:
            return self.close(exchange, "silent")
        exchange.supposed = True
        return self.close(exchange, "accepted", exchange.perhaps)

    def answered_by(
        self, entry: Entry, *, generated: bool, due: Due | None, session: Event, unasked: bool
    ) -> Exchange | None:
        """Return the client event that `entry` answers with success, settled; None if unsolicited.

        `generated` tells that an announced item comes from a response or from audio, not from a client event;
        `due` that a response is which nobody has to ask for; `session` is what was shown before;
        `unasked` tells that it may be shown again without an update (inworld 5.6).
        """
        request, event = _BY_ANSWER.get(entry.type), entry.event
        open_ = self._likely(e for e in self.open if e.type == request)
        if not open_:
            return None
        chosen: Exchange | None
        match request:
            case "session.update":
                chosen = for_update(open_, session, dict_of(event, "session"), unasked=unasked)
                if chosen is None:
                    open_[0].perhaps = entry
            case "conversation.item.create":
                chosen = None if generated else for_item(open_, dict_of(event, "item"))
            case "conversation.item.retrieve":
                chosen = about_item(open_, text_of(dict_of(event, "item"), "id"))
            case "conversation.item.delete" | "conversation.item.truncate":
                chosen = about_item(open_, text_of(event, "item_id"))
            case "response.cancel":
                chosen = for_cancel(open_, dict_of(event, "response"))
            case "response.create":
                chosen = for_response(open_, dict_of(event, "response"), due=due)
                if chosen is not None:
                    chosen.raced = due is not None
            case _:
                chosen = open_[0]
        return self.close(chosen, "accepted", entry) if chosen is not None else None

    def came_unasked(self, entry: Entry) -> None:
        """Remember `entry`, which answers no client event, for the oldest that it may be meant to answer."""
        meant = next((e for e in self.open if e.instead is None and _may_be_meant_for(entry, e)), None)
        if meant is not None:
            meant.instead = entry

    def is_about(self, item_id: str) -> bool:
        """Tell whether a client event that is open names an item by its id."""
        return any(each.item_id == item_id for each in self.open)

    def refused_by(self, entry: Entry, *, ends: bool = False) -> Exchange | None:
        """Return the client event that `error` event `entry` is about; None where it is about none.

        One that `ends` the session, and names no client event, is about none. An open one is settled; one
        that was accepted before is returned as it is.
        """
        error = dict_of(entry.event, "error")
        named = text_of(error, "event_id")
        if named in self.ids:
            for exchange in self.open:
                if exchange.event_id == named:
                    return self.close(exchange, "refused", entry)
            return next((e for e in reversed(self.settled) if e.event_id == named), None)
        return None if ends or is_terminal(error) else self._guessed(entry, error)

    def _guessed(self, entry: Entry, error: dict[str, Any]) -> Exchange | None:
        """Return the client event that an `error` which names none is most likely about, settled."""
        suspects = self.open
        blamed = _blamed(error)
        if blamed:
            suspects = [e for e in self.open if e.type == blamed]
            if not suspects and blamed == "response.cancel":
                return next((e for e in reversed(self.settled) if e.type == blamed), None)
        owed = self._likely(e for e in suspects if e.expectation.kind == "refuse")
        if not owed and text_of(error, "type") == "server_error":
            return None  # the server's own affair
        chosen = (owed or self._likely(suspects))[:1]
        if not chosen:
            return None
        chosen[0].guessed = True
        return self.close(chosen[0], "refused", entry)


def _blamed(error: dict[str, Any]) -> str:
    """Return the type of the client event that the code or the param of `error` speaks of, if they do."""
    by_param = _BLAMED_BY_PARAM.get(text_of(error, "param").partition(".")[0], "")
    return _BLAMED_BY_CODE.get(text_of(error, "code"), by_param)


def _may_be_meant_for(entry: Entry, exchange: Exchange) -> bool:
    """Tell whether `entry` may be a wrong answer: an error, or an event about what `exchange` is about."""
    if entry.type == "error":
        return True
    about = exchange.type.rpartition(".")[0]
    if entry.type.rpartition(".")[0] != about or entry.type in _OF_ITSELF:
        return False
    item = dict_of(entry.event, "item")
    named = text_of(entry.event, "item_id") or text_of(item, "id")
    if named and exchange.item_id:
        return named == exchange.item_id
    return item.get("role") == dict_of(exchange.event, "item").get("role")


def outlived(responses: Iterable[Response], cancel: Exchange) -> bool:
    """Tell whether the response for which a cancellation came too early ran on to its end."""
    return any(
        response.request is not None
        and response.request.seq < cancel.seq < response.created_seq
        and response.done_t is not None
        and cancel.sent_at is not None
        and response.done_t - cancel.sent_at > _HEEDED_S
        for response in responses
    )
