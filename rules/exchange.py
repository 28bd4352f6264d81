"""One client event with what is owed for it, and what answered it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.event_types import Event
from rules.subjects import dict_of, text_of
from wire.trace import Entry

_DOUBTFUL = frozenset(("schema", "stimulus", "disputed", "foreign"))

ExchangeOutcome = Literal["open", "accepted", "refused", "silent", "lost"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a server owes for a client event, judged by what was known when it was sent.

    `kind`: `accept`, `refuse`, or `either` where the protocol leaves it open. `reason` names the case
    (`unknown-item`, `schema`, …). `free` lists `error.param` prefixes with which a server may refuse what
    it must otherwise accept, for values only it can know (names of voices and models).
    """

    kind: Literal["accept", "refuse", "either"]
    reason: str = ""
    free: tuple[str, ...] = ()
    detail: str = ""


@dataclass(slots=True, eq=False)
class Exchange:
    """One client event with its answer."""

    type: str
    event: Event
    seq: int
    expectation: Expectation = Expectation("either")
    sent_at: float | None = None
    target: str = ""  # response.cancel: the response meant, where known
    outcome: ExchangeOutcome = "open"
    answer_seq: int = 0
    answer: Event | None = None
    guessed: bool = False  # the error named no client event
    stimulus: dict[str, Any] = field(default_factory=dict)  # the suite's label of what is wrong with it
    fragments: int = 0  # in how many WebSocket fragments it was sent
    while_active: bool = False  # a response of the default conversation ran when it was sent
    after_cancelled: int = 0  # response.create: the response.done before it, where it said cancelled
    burst: Exchange | None = None  # response.create: the item created just before it
    before_created: bool = False  # it was sent before the server had said anything
    perhaps: Entry | None = None  # session.update: what may be its answer, and shows nothing of it
    supposed: bool = False  # that was taken for its answer in the end, as nothing better came
    instead: Entry | None = None  # what came first of all that may be meant as its answer, and is not
    buffered_ms: float = 0.0  # input_audio_buffer.commit: how much audio it commits
    contested: bool = False  # response.create: a turn was answered while it waited, or it was
    raced: bool = False  # response.create: what answered it may be the response to a turn
    lost_because: str = "the capture ended"

    @property
    def event_id(self) -> str:
        """The client's `event_id`, or the empty string."""
        return text_of(self.event, "event_id")

    @property
    def item_id(self) -> str:
        """The item the client event is about."""
        return text_of(self.event, "item_id") or text_of(dict_of(self.event, "item"), "id")

    @property
    def waits_for(self) -> Literal["answer", "response"]:
        """Which patience its answer needs: with no response to be cancelled, a server can say so at once."""
        idle = self.type == "response.cancel" and self.expectation.reason == "no-active-response"
        return "response" if self.type.startswith("response.") and not idle else "answer"

    @property
    def doubtful(self) -> bool:
        """Whether it breaks a contract, or may: what a server that takes it makes of it is its own affair."""
        return self.expectation.reason in _DOUBTFUL

    def settle(self, outcome: ExchangeOutcome, entry: Entry | None = None) -> None:
        """Note how it ended."""
        self.outcome = outcome
        if entry is not None:
            self.answer_seq, self.answer = entry.seq, entry.event
