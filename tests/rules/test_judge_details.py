"""What the judge knows of a conversation beside what it reports: each shown by a trace that needs it."""

from __future__ import annotations

import base64
from typing import Any

from rules.reading import Reading
from rules.subjects import Response
from rules.verdicts import Tally
from tests.rules.judging import book
from wire.trace import Entry, RecordedTrace

Json = dict[str, Any]

CREATED: Json = {
    "type": "session.created",
    "session": {
        "type": "realtime",
        "id": "sess_1",
        "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
    },
}
AUDIO = base64.b64encode(bytes(24_000)).decode()  # half a second of PCM16
RESPONSE: Json = {
    "object": "realtime.response",
    "id": "resp_1",
    "status": "in_progress",
    "status_details": None,
    "output": [],
    "conversation_id": "conv_1",
    "output_modalities": ["text"],
    "max_output_tokens": "inf",
    "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}},
    "usage": None,
    "metadata": None,
}
USAGE = {"total_tokens": 3, "input_tokens": 2, "output_tokens": 1}
BEGUN: Json = {"type": "response.created", "response": RESPONSE}
DONE: Json = {"type": "response.done", "response": {**RESPONSE, "status": "completed", "usage": USAGE}}


def judged(*said: tuple[str, Json], whole: bool = True) -> dict[str, Tally]:
    """Judge what was said, as `client` or `server`, without anybody waiting at the end."""
    entries = [Entry(1, 0.0, "harness", "open")] if whole else []
    for who, event in said:
        seq = len(entries) + 1
        entries.append(Entry(seq, seq / 10, who, "text", {"event_id": f"e{seq}", **event}))  # type: ignore[arg-type]
    return book("openai").judge(RecordedTrace("details", entries, {"measured": True}))


def item(id_: str) -> Json:
    content = [{"type": "input_text", "text": "Hello."}]
    return {"id": id_, "type": "message", "role": "user", "status": "completed", "content": content}


def error(culprit: str, code: str) -> tuple[str, Json]:
    body = {
        "type": "invalid_request_error",
        "code": code,
        "message": "No.",
        "param": None,
        "event_id": culprit,
    }
    return "server", {"type": "error", "error": body}


def wrong(tallies: dict[str, Tally], *areas: str) -> set[str]:
    return {id_ for id_, tally in tallies.items() if tally.violations and id_.startswith(areas)}


def test_a_turn_that_the_server_commits_empties_the_buffer() -> None:
    off = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "input_audio_buffer.append", "audio": AUDIO}),
        ("server", {"type": "input_audio_buffer.committed", "item_id": "item_1", "previous_item_id": None}),
        ("client", {"type": "session.update", "session": off}),
        ("server", {"type": "session.updated", "session": {"id": "sess_1", **off}}),
        ("client", {"type": "input_audio_buffer.commit", "event_id": "mine"}),
        error("mine", "input_audio_buffer_commit_empty"),
    )
    assert not wrong(tallies, "audio/commit/acknowledged")
    assert tallies["audio/commit/empty-refused"].subjects == 1


def test_an_item_is_overdue_when_a_later_response_is_done() -> None:
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "conversation.item.create", "item": item("item_1")}),
        ("server", {"type": "conversation.item.added", "previous_item_id": None, "item": item("item_1")}),
        ("client", {"type": "response.create"}),
        (
            "server",
            {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}},
        ),
        ("server", DONE),
    )
    assert wrong(tallies, "items/added-then-done") == {"items/added-then-done"}


def test_in_the_middle_of_a_conversation_nobody_knows_which_items_exist() -> None:
    refusal = (
        ("client", {"type": "conversation.item.delete", "event_id": "mine", "item_id": "item_before"}),
        ("server", {"type": "conversation.item.deleted", "item_id": "item_before"}),
    )
    begun = judged(("server", CREATED), *refusal)
    assert wrong(begun, "items/delete/") == {"items/delete/unknown-refused"}
    assert not wrong(judged(*refusal, whole=False), "items/delete/")


def test_what_only_one_of_two_documents_has_is_owed_nothing() -> None:
    from rules.rulebook import own_contract, rulebook

    unknown = ("client", {"type": "conversation.item.retrieve", "event_id": "mine", "item_id": "item_1"})
    entries = [
        Entry(1, 0.0, "harness", "open"),
        Entry(2, 0.1, "server", "text", {"event_id": "e2", **CREATED}),
        Entry(3, 0.2, "client", "text", unknown[1]),
        Entry(4, 0.3, "server", "text", {"event_id": "e4", **error("mine", "unknown")[1]}),
    ]
    foreign = own_contract("inworld")
    missing = foreign.client.pop("conversation.item.retrieve")
    try:
        tallies = rulebook("openai", foreign).judge(RecordedTrace("details", entries))
    finally:
        foreign.client["conversation.item.retrieve"] = missing
    assert "errors/unknown-type-refused" not in tallies or not tallies["errors/unknown-type-refused"].subjects


def ended(*entries: Entry, **header: Any) -> dict[str, Tally]:
    """Judge a trace of entries behind the opening of the connection."""
    opening = Entry(1, 0.0, "harness", "open")
    return book("openai").judge(RecordedTrace("details", [opening, *entries], {"measured": True, **header}))


def silence(seq: int, *, silent: bool) -> Entry:
    waited = {"awaited": "session.created", "since": 1, "waited_s": 15.0, "silent_s": 15.0, "silent": silent}
    return Entry(seq, 15.0, "harness", "deadline", None, waited)


def closed(seq: int, code: int) -> Entry:
    return Entry(seq, 16.0, "server", "close", None, {"code": code, "reason": ""})


FIRST = "session/created/first"


def test_a_server_that_says_nothing_is_told_so_once() -> None:
    assert ended(silence(2, silent=True), silence(3, silent=True), closed(4, 1000))[FIRST].violations == 1
    assert wrong(ended(silence(2, silent=True)), FIRST) == {FIRST}
    assert not wrong(ended(silence(2, silent=False)), FIRST)


def test_a_close_before_the_beginning_is_wrong_unless_it_says_why() -> None:
    assert wrong(ended(closed(2, 1000)), FIRST) == {FIRST}
    assert wrong(ended(closed(2, 1003)), FIRST) == {FIRST}
    turned_down = ended(closed(2, 4001))
    assert not wrong(turned_down, FIRST)
    assert turned_down[FIRST].undecided
    assert FIRST not in ended(closed(2, 1006)) or not ended(closed(2, 1006))[FIRST].undecided
    assert not wrong(ended(closed(2, 1000), attempt="wrong-credential"), FIRST)
    by_the_client = Entry(2, 1.0, "client", "close", None, {"code": 1000, "reason": ""})
    assert not wrong(ended(by_the_client), FIRST)


def test_a_close_in_place_of_an_error_is_the_misuses_business() -> None:
    hello = Entry(2, 0.1, "server", "text", {"event_id": "e2", **CREATED})
    misuse = Entry(3, 0.2, "client", "text", {"type": "conversation.item.bend", "event_id": "mine"})
    over_misuse = ended(hello, misuse, closed(4, 1011))
    assert wrong(over_misuse, "errors/") == {"errors/session-survives"}
    over_nothing = ended(hello, closed(3, 1011))
    assert wrong(over_nothing, "errors/") == {"errors/announced-before-close"}


def test_what_rate_limits_say_is_where_they_came() -> None:
    limits = ("server", {"type": "rate_limits.updated", "rate_limits": []})
    begun = ("server", BEGUN)
    asked = ("client", {"type": "response.create"})
    without = judged(("server", CREATED), asked, begun, ("server", DONE))
    during = judged(("server", CREATED), asked, begun, limits, ("server", DONE))
    behind = judged(("server", CREATED), asked, begun, ("server", DONE), limits)
    assert without["rate-limits/may-be-absent"].observed
    assert "rate-limits/may-be-absent" not in during or not during["rate-limits/may-be-absent"].observed
    assert list(during["rate-limits/anywhere"].observed) == ["during a response"]
    assert list(behind["rate-limits/anywhere"].observed) == ["outside a response"]


def test_only_appends_are_appends() -> None:
    append = ("client", {"type": "input_audio_buffer.append", "audio": AUDIO})
    clear = ("client", {"type": "input_audio_buffer.clear"})
    assert judged(("server", CREATED), append)["audio/append/no-answer"].subjects == 1
    assert not judged(("server", CREATED), clear).get("audio/append/no-answer", Tally()).subjects


def test_a_running_response_can_be_cancelled() -> None:
    said = {"id": "item_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "response.create"}),
        ("server", BEGUN),
        (
            "server",
            {"type": "response.output_item.added", "response_id": "resp_1", "output_index": 0, "item": said},
        ),
        ("client", {"type": "response.cancel", "event_id": "mine"}),
        error("mine", "no_such_thing"),
        ("server", DONE),
    )
    assert wrong(tallies, "cancel/") == {"cancel/active-ends-cancelled"}


def test_what_becomes_of_a_create_right_behind_a_cancel_is_written_down() -> None:
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "response.create"}),
        ("server", BEGUN),
        ("client", {"type": "response.cancel"}),
        ("client", {"type": "response.create", "event_id": "mine"}),
        ("server", {**DONE, "response": {**DONE["response"], "status": "cancelled"}}),
        error("mine", "conversation_already_has_active_response"),
    )
    assert "response/create/slot-frees-at-done" in tallies


def test_a_function_call_has_no_audio_to_truncate() -> None:
    call = {
        "id": "item_1",
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "get_weather",
        "arguments": "{}",
    }
    cut = {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 0}
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "conversation.item.create", "item": call}),
        ("server", {"type": "conversation.item.added", "previous_item_id": None, "item": call}),
        ("server", {"type": "conversation.item.done", "previous_item_id": None, "item": call}),
        ("client", {**cut, "event_id": "mine"}),
        error("mine", "invalid_value"),
    )
    assert tallies["items/truncate/not-audio-refused"].subjects == 1


def test_an_item_stays_what_it_was_announced_as() -> None:
    said = {"id": "item_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    call = {
        "id": "item_1",
        "type": "function_call",
        "status": "completed",
        "call_id": "call_1",
        "name": "get_weather",
        "arguments": "{}",
    }
    place = {"response_id": "resp_1", "output_index": 0}
    tallies = judged(
        ("server", CREATED),
        ("client", {"type": "response.create"}),
        ("server", BEGUN),
        ("server", {"type": "response.output_item.added", **place, "item": said}),
        ("server", {"type": "response.output_item.done", **place, "item": call}),
    )
    assert wrong(tallies, "envelope/")


def test_responses_without_an_end_do_not_make_each_event_dearer() -> None:
    reading = Reading(book("openai").joints, whole=True, measured=True, attested=True)
    for number in range(1000):
        response = Response(f"resp_{number}", reading.joints["response"].start)
        response.created = {
            "conversation_id": None
        }  # beside the conversation: none of them is the active one
        reading.begun(response)
    assert len(reading.running) < 200
    assert "resp_999" in reading.running


def test_an_item_without_a_type_that_is_taken_and_shown_is_one_finding() -> None:
    wrong_item = {k: v for k, v in item("item_1").items() if k != "type"}
    asked = ("client", {"type": "conversation.item.create", "event_id": "mine", "item": wrong_item})
    added = {"type": "conversation.item.added", "previous_item_id": None, "item": wrong_item}
    payload = "payload/conversation.item.added"
    tallies = judged(("server", CREATED), asked, ("server", added))
    assert wrong(tallies, payload, "errors/") == {"errors/invalid-event-refused"}
    roleless = {**added, "item": {k: v for k, v in item("item_1").items() if k != "role"}}
    assert payload in wrong(judged(("server", CREATED), asked, ("server", roleless)), "payload/")
    alone = ("client", {"type": "conversation.item.create", "event_id": "mine", "item": item("item_1")})
    assert payload in wrong(judged(("server", CREATED), alone, ("server", added)), "payload/")
