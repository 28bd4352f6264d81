"""Defects in places where they are easily overlooked: each is a finding, of one requirement."""

from __future__ import annotations

import pytest

from protocol.json_values import MISSING
from reference.edits import with_value
from tests.rules.live import Live, captured, numbered, wrong
from wire.trace import Entry
from wire.transcript_values import scalar

PLACE = "envelope/ids-keep-their-meaning"
TRANSCRIBED = "conversation.item.input_audio_transcription.completed"

# Event, which of them, field, new value, requirement.
DEFECTS = f"""
response.output_text.delta 2 output_index 1 {PLACE}
response.output_text.delta 2 response_id resp_unknown {PLACE}
response.output_text.delta 2 item_id "" payload/response.output_text.delta response/text/deltas-add-up
response.output_text.done 1 output_index 1 {PLACE}
response.function_call_arguments.delta 2 call_id call_other {PLACE}
response.function_call_arguments.delta 2 output_index 0 {PLACE}
response.function_call_arguments.done 1 call_id call_other {PLACE}
response.function_call_arguments.done 1 output_index 0 {PLACE}
response.output_item.added 1 response_id "" payload/response.output_item.added response/item/indices
conversation.item.added 4 item.call_id call_other {PLACE}
response.content_part.added 1 part.type absent response/part/type
response.content_part.done 1 part.type null response/part/type
response.done 1 response.usage.total_tokens "3" payload/response.done
session.updated 1 session.model "" session/updated/model-fixed
session.updated 1 session.model null session/updated/model-fixed
input_audio_buffer.speech_started 1 item_id "" payload/input_audio_buffer.speech_started
{TRANSCRIBED} 1 content_index -1 transcription/completed-fields
{TRANSCRIBED} 1 content_index "0" transcription/completed-fields
""".strip().splitlines()

# A spoken turn, transcribed, that is answered by a text and a call.
CONVERSATION = r"""
< session.created {audio.input.turn_detection.type: server_vad}
> update {tools: [{type: function, name: get_weather, description: Look it up., parameters: {}}]}
< session.updated
> update {audio.input.transcription: {model: gpt-4o-transcribe, language: null, prompt: null}}
< session.updated > item.create < item.added+done
> append < speech_started 1460 item_2 < speech_stopped 4256 < committed
< item.added+done {content: [{type: input_audio, transcript: null}]}
< response.created < output_item.added item_text < item.added < content_part.added
< output_text.delta "Let me" < output_text.delta " look" < output_text.delta "."
< output_item.added item_call function_call {output_index: 1} < item.added
< arguments.delta "{\"city\"" {output_index: 1} < arguments.delta ": " {output_index: 1}
< arguments.delta "\"Paris\"}" {output_index: 1} < arguments.done {output_index: 1}
< output_text.done _ item_text < content_part.done < item.done < output_item.done
< item.done item_call < output_item.done item_call {output_index: 1} < response.done
< transcription.completed Hello. item_2
"""


def _entries(more: str = "") -> list[Entry]:
    return captured(CONVERSATION + more)


def _with(type_: str, nth: int, path: str, value: object) -> list[Entry]:
    entries = _entries()
    place = [number for number, entry in enumerate(entries) if entry.type == type_][nth - 1]
    changed = with_value(entries[place].event or {}, path, value)
    assert changed != entries[place].event
    entries[place] = entries[place]._replace(event=changed)
    return entries


def test_conversation_violates_nothing() -> None:
    assert wrong(numbered(_entries())) == {}


@pytest.mark.parametrize("defect", DEFECTS, ids=[" ".join(each.split()[:3:2]) for each in DEFECTS])
def test_defect_is_found(defect: str) -> None:
    type_, nth, path, value, requirement, *following = defect.split()
    meant = MISSING if value == "absent" else value.strip('"') if '"' in value else scalar(value)
    found = wrong(numbered(_with(type_, int(nth), path, meant)))
    assert requirement in found
    # Words that belong nowhere are missing where they belong.
    assert set(found) - {requirement} <= set(following)


def test_turn_without_commit_is_found() -> None:
    entries = [e for e in _entries() if e.type != "input_audio_buffer.committed"]
    assert set(wrong(numbered(entries))) == {"audio/commit/committed-first"}


def test_turn_that_nobody_told_of_is_found() -> None:
    entries = [e for e in _entries() if ".speech_" not in e.type]
    assert set(wrong(numbered(entries, trace=1))) == {"turn/stopped-after-started"}
    assert wrong(numbered(entries)) == {}  # it may be the client's commit, which others do not record
    assert wrong(numbered(entries[3:], trace=1)) == {}  # the speech may have been before


@pytest.mark.parametrize("kind", ["committed", "cleared", "deleted", "retrieved"])
def test_second_answer_is_found(kind: str) -> None:
    asked = "> item.create < item.added+done > retrieve < retrieved > delete < deleted > clear < cleared"
    entries = _entries(asked)
    place = max(n for n, entry in enumerate(entries) if entry.type.endswith(f".{kind}"))
    again = entries[place]._replace(event={**(entries[place].event or {}), "event_id": "event_again"})
    assert wrong(numbered(entries)) == {}
    assert set(wrong(numbered([*entries[: place + 1], again, *entries[place + 1 :]]))) == {
        "envelope/answered-once"
    }


def test_cancellation_that_is_ignored_is_found_once_that_is_certain() -> None:
    said = (
        "< session.created > item.create < item.added+done > response.create < response.created"
        " < output_item.added < item.added > cancel < content_part.added 40x < output_text.delta a"
        " < output_text.done < content_part.done < item.done < output_item.done < response.done"
    )
    assert wrong(numbered(captured(said))) == {}
    later = captured(f"{said} > item.create < item.added+done")
    assert set(wrong(numbered(later))) == {"cancel/active-ends-cancelled"}


def test_client_event_that_is_passed_over_for_long_is_ignored() -> None:
    live = Live()
    live.client("session.update", session={"type": "realtime", "instructions": "Be brief."})
    for _ in range(40):
        live.user()
    assert set(wrong(live.trace())) == {"session/update/acknowledged"}
    assert wrong(numbered([e._replace(t=None) for e in live.entries])) == {}  # nobody knows how long it was
    assert wrong(numbered(live.entries[:60])) == {}


def test_response_whose_place_another_took_is_not_done() -> None:
    answer = """> item.create < item.added+done > response.create < response.created < output_item.added
        < item.added < content_part.added < output_text.delta < output_text.done < content_part.done
        < item.done < output_item.done"""
    entries = captured(f"< session.created {answer} {answer} < response.done")
    assert set(wrong(numbered(entries))) == {"response/lifecycle/done-exactly-once"}


def test_transcription_of_nothing_is_found() -> None:
    entries = _with(TRANSCRIBED, 1, "item_id", "item_unknown")
    assert set(wrong(numbered(entries))) == {PLACE}
    assert wrong(numbered(entries[1:])) == {}  # it may have been announced before


@pytest.mark.parametrize("type_", ["response.created", "response.done", "conversation.item.added"])
def test_objects_without_an_id_are_found(type_: str) -> None:
    path = "item.id" if "item" in type_ else "response.id"
    assert f"payload/{type_}" in wrong(numbered(_with(type_, 1, path, "")))
