"""Which client event an answer, or an error, belongs to: one row a case."""

from __future__ import annotations

from typing import Any

import pytest

from rules.case import EventCase
from rules.engine import Rulebook
from rules.exchange import Exchange
from rules.exchanges import Exchanges
from rules.registration import ANYWHERE, Registered
from rules.rulebook import own_contract
from tests.rules.judged_traces import book
from tests.rules.said import (
    Said,
    audio,
    begins,
    client,
    created,
    ends,
    joins,
    message,
    put,
    response,
    server,
    trace,
)
from wire.trace import Entry, RecordedTrace


def error(culprit: str | None = None, **members: Any) -> Said:
    body = {"type": "invalid_request_error", "code": "invalid_value", "message": "No.", "param": None}
    return server("error", error={**body, "event_id": culprit, **members})


def create(name: str, item: dict[str, Any]) -> Said:
    return client("conversation.item.create", event_id=name, item=item)


def asked(name: str, **fields: Any) -> Said:
    return client("response.create", event_id=name, **({"response": fields} if fields else {}))


def delete(name: str, id_: str) -> Said:
    return client("conversation.item.delete", event_id=name, item_id=id_)


def retrieve(name: str, id_: str) -> Said:
    return client("conversation.item.retrieve", event_id=name, item_id=id_)


def cancel(name: str, **members: Any) -> Said:
    return client("response.cancel", event_id=name, **members)


def deleted(id_: str) -> Said:
    return server("conversation.item.deleted", item_id=id_)


def added(item: dict[str, Any]) -> Said:
    return joins(item)[0]


CLEAR = client("input_audio_buffer.clear", event_id="clear")
CLEARED = server("input_audio_buffer.cleared")
TWO = [*put(message("item_1")), *put(message("item_2"), "item_1")]

CASES: dict[str, tuple[list[Said], str]] = {
    "an answer is the oldest's": (
        [create("a", message()), create("b", message()), added(message("item_1"))],
        "a accepted",
    ),
    "an item is that of its id": (
        [create("a", message("item_1")), create("b", message("item_2")), added(message("item_2"))],
        "b accepted",
    ),
    "an item is of its kind": (
        [create("a", message(role="system")), create("b", message()), added(message("item_1"))],
        "b accepted",
    ),
    "an item of another role answers nothing": (
        [create("a", message(role="system")), added(message("item_1"))],
        "",
    ),
    "an item without a role is of its type": (
        [create("a", message()), added({"id": "item_1", "type": "message", "content": []})],
        "a accepted",
    ),
    "an item that is being written answers nothing": (
        [create("a", message(role="assistant")), added(message("item_1", "assistant", status="in_progress"))],
        "",
    ),
    "a deletion is that of its item": (
        [*TWO, delete("a", "item_1"), delete("b", "item_2"), deleted("item_2")],
        "b accepted",
    ),
    "a deletion of no item is the oldest's": (
        [*TWO, delete("a", "item_1"), delete("b", "item_2"), deleted("item_9")],
        "a accepted",
    ),
    "an item is retrieved by its id": (
        [
            *TWO,
            retrieve("a", "item_1"),
            retrieve("b", "item_2"),
            server("conversation.item.retrieved", item=message("item_2")),
        ],
        "b accepted",
    ),
    "a response is that of its metadata": (
        [
            asked("a", conversation="none", metadata={"n": "1"}),
            asked("b", conversation="none", metadata={"n": "2"}),
            begins("resp_1", metadata={"n": "2"}),
        ],
        "b accepted",
    ),
    "a response of other metadata is the oldest's": (
        [asked("a", metadata={"n": "1"}), begins("resp_1", metadata={"n": "3"})],
        "a accepted",
    ),
    "a response without metadata is the oldest's": (
        [
            asked("a", conversation="none"),
            asked("b", conversation="none", metadata={"n": "2"}),
            begins("resp_1"),
        ],
        "a accepted",
    ),
    "a response nobody asked for": ([begins("resp_1")], ""),
    "the end of what was cancelled": (
        [asked("a"), begins("resp_1"), cancel("b"), ends("resp_1", "cancelled")],
        "b accepted",
    ),
    "the end of another response": (
        [asked("a"), begins("resp_1"), cancel("b", response_id="resp_2"), ends("resp_1", "completed")],
        "",
    ),
    "a cancellation of who knows what": ([cancel("b"), ends("resp_1", "cancelled")], "b accepted"),
    "a completion of who knows what": ([cancel("b"), ends("resp_1", "completed")], ""),
    "an error by its name": ([create("a", message()), CLEAR, error("clear")], "clear refused"),
    "an error without a name is the oldest's": ([create("a", message()), CLEAR, error()], "a guessed"),
    "an error without a name is his who deserves it": ([CLEAR, delete("b", "item_9"), error()], "b guessed"),
    "an error of a name unknown": ([CLEAR, error("nobody")], "clear guessed"),
    "an error when nothing is open": ([error()], ""),
    "who was passed over comes last": (
        [
            create("a", message()),
            create("b", message("item_2")),
            added(message("item_2")),
            create("c", message()),
            added(message("item_3")),
        ],
        "c accepted",
    ),
    "who runs beside is not passed over": (
        [
            create("a", message()),
            asked("b"),
            begins("resp_1"),
            create("c", message()),
            added(message("item_3")),
        ],
        "a accepted",
    ),
    "audio has no answer": (
        [client("input_audio_buffer.append", event_id="a", audio=audio(10)), CLEAR, CLEARED],
        "clear accepted",
    ),
    "audio can be refused": (
        [client("input_audio_buffer.append", event_id="a", audio=audio(10)), error("a")],
        "a accepted",
    ),
    "what is no audio waits": (
        [client("input_audio_buffer.append", event_id="a", audio=7), error("a")],
        "a refused",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_whose_answer_it_is(case: str) -> None:
    said, whose = CASES[case]
    last = said[-1][1]["type"]
    found: list[str] = []

    def note(at: EventCase) -> None:
        exchange = at.link.exchange
        if at.entry.type == "response.done":  # the end of a response is not linked to who cancelled it
            exchange = next((e for e in at.reading.exchanges.settled if e.answer_seq == at.entry.seq), None)
        outcome = "" if exchange is None else "guessed" if exchange.guessed else exchange.outcome
        found.append(f"{exchange.event_id} {outcome}" if exchange is not None else "")

    book = Rulebook(
        own_contract("openai"), "openai", (), [Registered("noted", (last,), note, malformed=(ANYWHERE,))]
    )
    book.judge(trace(created(), *said))
    assert found[-1] == whose


def test_an_error_for_what_was_accepted_is_still_about_it() -> None:
    found = []

    def note(at: EventCase) -> None:
        found.append(at.link.exchange.outcome if at.link.exchange is not None else "")

    book = Rulebook(own_contract("openai"), "openai", (), [Registered("noted", ("error",), note)])
    book.judge(trace(created(), CLEAR, CLEARED, error("clear")))
    assert found == ["accepted"]


def test_of_a_flood_that_nobody_answers_the_oldest_is_given_up() -> None:
    flood = [create(f"c{n}", message()) for n in range(600)]
    said = trace(created(), *flood, added(message("item_1")))
    untimed = RecordedTrace(said.name, [e._replace(t=None) for e in said], said.header)
    tally = book("openai").judge(untimed)["items/create/acknowledged"]
    assert tally.subjects == 1
    assert tally.undecided["too many client events were waiting for an answer"] == 100
    assert not tally.violations


def test_the_response_of_a_request_is_known_by_it() -> None:
    said = [created(), asked("a"), begins("resp_1"), server("response.done", response=response("resp_1"))]
    found = []

    def note(at: EventCase) -> None:
        assert at.response.request is not None
        found.append(at.response.request.event_id)

    book = Rulebook(own_contract("openai"), "openai", (), [Registered("noted", ("response.done",), note)])
    book.judge(trace(*said))
    assert found == ["a"]


@pytest.mark.parametrize(
    ("type_", "seq", "began", "ended", "ignored"),
    [
        ("input_audio_buffer.clear", 3, 1.0, 6.0, True),
        ("input_audio_buffer.clear", 3, 1.0, 5.9, False),
        ("input_audio_buffer.clear", 3, None, 6.0, False),
        ("input_audio_buffer.clear", 3, 1.0, None, False),
        ("input_audio_buffer.clear", 4, 1.0, 6.0, False),
        ("input_audio_buffer.clear", 5, 1.0, 6.0, False),
        ("response.create", 3, 1.0, 6.0, False),
        ("response.cancel", 3, 1.0, 6.0, False),
        ("item.praise", 3, 1.0, 6.0, False),
    ],
)
def test_what_was_passed_over_long_enough_is_ignored(
    type_: str, seq: int, began: float | None, ended: float | None, *, ignored: bool
) -> None:
    exchanges = Exchanges()
    answered = Exchange("conversation.item.create", {}, 4)
    exchanges.sent(answered)
    exchanges.close(answered, "accepted", Entry(5, 1.2, "server", "text", {}))
    assert exchanges.ignored(Exchange(type_, {}, seq, sent_at=began), ended, 5.0) is ignored
