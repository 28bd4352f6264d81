"""What the judge knows of a conversation beside what it reports: each shown by a trace that needs it."""

from __future__ import annotations

import base64
from typing import Any

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
DONE: Json = {"type": "response.done", "response": {"id": "resp_1", "status": "completed", "output": []}}


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
