"""Defects in places where they are easily overlooked: each is a finding, of one requirement."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference.edits import MISSING, with_value
from tests.rules.live import WEATHER, Json, Live, numbered, wrong
from wire.trace import Entry

PLACE = "envelope/ids-keep-their-meaning"
DEFECTS: tuple[tuple[str, int, str, object, str], ...] = (
    # event, which of them, field, new value, requirement
    ("response.output_text.delta", 2, "output_index", 1, PLACE),
    ("response.output_text.delta", 2, "response_id", "resp_unknown", PLACE),
    ("response.output_text.delta", 2, "item_id", "", "payload/response.output_text.delta"),
    ("response.output_text.done", 1, "output_index", 1, PLACE),
    ("response.function_call_arguments.delta", 2, "call_id", "call_other", PLACE),
    ("response.function_call_arguments.delta", 2, "output_index", 0, PLACE),
    ("response.function_call_arguments.done", 1, "call_id", "call_other", PLACE),
    ("response.function_call_arguments.done", 1, "output_index", 0, PLACE),
    ("response.output_item.added", 1, "response_id", "", "payload/response.output_item.added"),
    ("conversation.item.added", 4, "item.call_id", "call_other", PLACE),
    ("response.content_part.added", 1, "part.type", MISSING, "response/part/type"),
    ("response.content_part.done", 1, "part.type", None, "response/part/type"),
    ("response.done", 1, "response.usage.total_tokens", "3", "payload/response.done"),
    ("session.updated", 1, "session.model", "", "session/updated/model-fixed"),
    ("session.updated", 1, "session.model", None, "session/updated/model-fixed"),
    ("input_audio_buffer.speech_started", 1, "item_id", "", "payload/input_audio_buffer.speech_started"),
    (
        "conversation.item.input_audio_transcription.completed",
        1,
        "content_index",
        -1,
        "transcription/completed-fields",
    ),
    (
        "conversation.item.input_audio_transcription.completed",
        1,
        "content_index",
        "0",
        "transcription/completed-fields",
    ),
)


def _conversation() -> Live:
    """A spoken turn, transcribed, that is answered by a text and a call."""
    live = Live()
    live.update(tools=[WEATHER])
    live.listen(transcription={"model": "gpt-4o-transcribe", "language": None, "prompt": None})
    live.user()
    item_id = live.turn()
    response = live.created()
    text = live.open(response)
    live.say(response, text, "Let me", " look", ".")
    call: Json = {
        "id": "item_call",
        "type": "function_call",
        "status": "in_progress",
        "name": "get_weather",
        "call_id": "call_1",
        "arguments": "",
    }
    live.open(response, call, 1)
    place = {"response_id": response["id"], "item_id": "item_call", "output_index": 1, "call_id": "call_1"}
    for delta in ('{"city"', ": ", '"Paris"}'):
        live.server("response.function_call_arguments.delta", **place, delta=delta)
    arguments = '{"city": "Paris"}'
    live.server("response.function_call_arguments.done", **place, name="get_weather", arguments=arguments)
    live.close(response, text, "Let me look.")
    live.ended(response, {**call, "status": "completed", "arguments": arguments}, 1)
    live.done(response)
    live.server(
        "conversation.item.input_audio_transcription.completed",
        item_id=item_id,
        content_index=0,
        transcript="Hello.",
        usage={"type": "duration", "seconds": 1},
    )
    return live


def _with(live: Live, type_: str, nth: int, path: str, value: object) -> Iterator[Entry]:
    count = 0
    for entry in live.entries:
        count += entry.type == type_
        if entry.type == type_ and count == nth and entry.event is not None:
            assert with_value(entry.event, path, value) != entry.event
            yield entry._replace(event=with_value(entry.event, path, value))
        else:
            yield entry


def test_conversation_violates_nothing() -> None:
    assert wrong(_conversation().trace()) == {}


@pytest.mark.parametrize(
    ("type_", "nth", "path", "value", "requirement"), DEFECTS, ids=[f"{d[0]} {d[2]}" for d in DEFECTS]
)
def test_defect_is_found(type_: str, nth: int, path: str, value: object, requirement: str) -> None:
    found = wrong(numbered([*_with(_conversation(), type_, nth, path, value)]))
    assert requirement in found
    assert set(found) - {requirement} <= _FOLLOWING.get((type_, path), set())


_FOLLOWING = {
    # Words that belong nowhere are missing where they belong.
    ("response.output_text.delta", "item_id"): {"response/text/deltas-add-up"},
    ("response.output_item.added", "response_id"): {"response/item/indices"},
}


def test_turn_without_commit_is_found() -> None:
    entries = [e for e in _conversation().entries if e.type != "input_audio_buffer.committed"]
    assert set(wrong(numbered(entries))) == {"audio/commit/committed-first"}


def test_turn_that_nobody_told_of_is_found() -> None:
    entries = [e for e in _conversation().entries if ".speech_" not in e.type]
    assert set(wrong(numbered(entries, trace=1))) == {"turn/stopped-after-started"}
    assert wrong(numbered(entries)) == {}  # it may be the client's commit, which others do not record
    assert wrong(numbered(entries[3:], trace=1)) == {}  # the speech may have been before


@pytest.mark.parametrize("kind", ["committed", "cleared", "deleted", "retrieved"])
def test_second_answer_is_found(kind: str) -> None:
    live = _conversation()
    item = live.user()
    live.client("conversation.item.retrieve", item_id=item["id"])
    live.server("conversation.item.retrieved", item=item)
    live.client("conversation.item.delete", item_id=item["id"])
    live.server("conversation.item.deleted", item_id=item["id"])
    live.client("input_audio_buffer.clear")
    live.server("input_audio_buffer.cleared")
    entries: list[Entry] = []
    for entry in live.entries:
        entries.append(entry)
        if entry.type.endswith(f".{kind}"):
            entries.append(entry._replace(event={**(entry.event or {}), "event_id": "event_again"}))
    assert wrong(live.trace()) == {}
    assert set(wrong(numbered(entries))) == {"envelope/answered-once"}


def test_cancellation_that_is_ignored_is_found_once_that_is_certain() -> None:
    live = Live()
    live.update()
    live.user()
    live.ask()
    response = live.created()
    item = live.open(response)
    live.client("response.cancel")
    live.say(response, item, *["a"] * 40)
    live.close(response, item, "a" * 40)
    live.done(response)
    assert wrong(live.trace()) == {}
    live.user()
    assert set(wrong(live.trace())) == {"cancel/active-ends-cancelled"}


def test_client_event_that_is_passed_over_for_long_is_ignored() -> None:
    live = Live()
    live.client("session.update", session={"type": "realtime", "instructions": "Be brief."})
    for _ in range(40):
        live.user()
    assert set(wrong(live.trace())) == {"session/update/acknowledged"}
    assert wrong(numbered([e._replace(t=None) for e in live.entries])) == {}  # nobody knows how long it was
    assert wrong(numbered(live.entries[:60])) == {}


def test_response_whose_place_another_took_is_not_done() -> None:
    live = Live()
    live.update()
    live.user()
    live.answer()
    live.entries.pop()
    live.user()
    live.answer()
    assert set(wrong(live.trace())) == {"response/lifecycle/done-exactly-once"}


def test_transcription_of_nothing_is_found() -> None:
    type_ = "conversation.item.input_audio_transcription.completed"
    entries = [*_with(_conversation(), type_, 1, "item_id", "item_unknown")]
    assert set(wrong(numbered(entries))) == {PLACE}
    assert wrong(numbered(entries[1:])) == {}  # it may have been announced before


@pytest.mark.parametrize("type_", ["response.created", "response.done", "conversation.item.added"])
def test_objects_without_an_id_are_found(type_: str) -> None:
    path = "item.id" if "item" in type_ else "response.id"
    assert f"payload/{type_}" in wrong(numbered([*_with(_conversation(), type_, 1, path, "")]))
