"""What live services may show of a session, and how they take updates and clients that connect anew."""

from __future__ import annotations

import pytest

from tests.rules.live import WEATHER, Json, Live, counted, numbered, wrong

# --- what a server may show of a session ----------------------------------------------------------------


def test_fields_beyond_the_contract_come_and_go() -> None:
    live = Live()
    live.entries[0] = live.entries[0]._replace(
        event={**(live.entries[0].event or {}), "session": {**live.session, "x_region": "eu", "x_load": 1}}
    )
    live.update(instructions="Be brief.", shown={"instructions": "Be brief.", "x_load": 2})
    assert wrong(live.trace()) == {}


def test_inworld_ignores_what_it_does_not_know() -> None:
    live = Live()
    detection = {"type": "semantic_vad", "eagerness": "high", "silenceDurationMs": 5}
    asked = {"input": {"turn_detection": detection, "gain": 2}, "output": {"voice": "Clive", "pitch": 1}}
    audio = live.session["audio"]
    shown = {
        "input": {**audio["input"], "turn_detection": {"type": "semantic_vad", "eagerness": "high"}},
        "output": {**audio["output"], "voice": "Clive"},
    }
    live.update(audio=asked, shown={"audio": shown})
    assert wrong(live.trace(), "inworld") == {}


def test_inworld_may_announce_a_call_in_the_conversation_only() -> None:
    live = Live()
    live.update(tools=[WEATHER])
    live.user()
    live.ask()
    response = live.created()
    call = {
        "id": "item_f",
        "type": "function_call",
        "status": "in_progress",
        "name": "get_weather",
        "call_id": "call_1",
        "arguments": "",
    }
    live.added(call)
    place = {"response_id": response["id"], "item_id": "item_f", "output_index": 0, "call_id": "call_1"}
    live.server("response.function_call_arguments.done", **place, name="get_weather", arguments="{}")
    assert "response/item/added-first" not in wrong(live.trace(), "inworld")
    assert "response/item/added-first" in wrong(live.trace(), "openai")


def test_transcript_without_indices_is_a_transcript() -> None:
    live = Live()
    live.update(output_modalities=["audio"])
    live.answer(spoken=True)
    entries = []
    for entry in live.entries:
        event = dict(entry.event or {})
        if "transcript" in entry.type:
            event = {k: v for k, v in event.items() if k not in ("output_index", "content_index")}
        entries.append(entry._replace(event=event))
    assert "response/modality/audio-with-transcript" not in wrong(numbered(entries), "inworld")


# --- several connections, and updates that a server may turn down ---------------------------------------


def test_capture_of_a_client_that_connects_anew() -> None:
    live = Live()
    live.update()
    live.user()
    live.answer()
    again = Live()
    again.entries[0] = again.entries[0]._replace(
        event={**(again.entries[0].event or {}), "session": {**again.session, "id": "sess_2"}}
    )
    again.session["id"] = "sess_2"
    again.update()
    again.user()
    again.answer()
    entries = [*live.entries, *again.entries]
    assert wrong(numbered(entries)) == {}
    assert wrong(numbered(entries[5:])) == {}
    assert counted(numbered(entries), "response/lifecycle/done-exactly-once").subjects == 2
    assert "session/created/once" in wrong(numbered(entries, trace=1))  # which holds one connection


@pytest.mark.parametrize("session", [{"audio": {"output": {"speed": 1.2}}}, {"type": "transcription"}])
def test_update_may_be_turned_down(session: Json) -> None:
    live = Live()
    live.update()
    live.user()
    live.ask()
    live.created()
    live.client("session.update", session={"type": "realtime", **session}, event_id="evt_1")
    live.error("invalid_value", event_id="evt_1")
    assert wrong(live.trace()) == {}
