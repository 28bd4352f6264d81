"""Captures of live traffic that hold less than was said: they are judged for what they can show."""

from __future__ import annotations

import pytest

from rules.subjects import dict_of
from tests.rules.live import SPOKEN, Json, Live, numbered, wrong

# --- calls over WebRTC and SIP, listened to from aside --------------------------------------------------


def _call(live: Live, *, with_audio: bool = False) -> None:
    live.turn()
    response = live.created(output_modalities=["audio"])
    item = live.open(response)
    place = live.place(response, item)
    live.server("response.content_part.added", **place, part={"type": "audio", "transcript": ""})
    live.server("output_audio_buffer.started", response_id=response["id"])
    live.server("response.output_audio_transcript.delta", **place, delta="Hi.")
    if with_audio:
        live.server("response.output_audio.delta", **place, delta=SPOKEN)
    live.close(response, item, "Hi.", spoken=True)
    live.done(response)
    live.server("conversation.item.truncated", item_id=item["id"], content_index=0, audio_end_ms=10)


@pytest.mark.parametrize("start", [0, 1])
def test_call_is_listened_to_from_aside(start: int) -> None:
    live = Live()
    live.client("conversation.item.truncate", item_id="item_x", content_index=0, audio_end_ms=1)
    live.error("item_truncate_invalid_item_id")
    _call(live)
    assert wrong(numbered(live.entries[start:])) == {}


def test_output_buffer_beside_audio_is_on_a_websocket() -> None:
    live = Live()
    live.client("conversation.item.truncate", item_id="item_x", content_index=0, audio_end_ms=1)
    live.error("item_truncate_invalid_item_id")
    _call(live, with_audio=True)
    assert set(wrong(live.trace())) == {"output-buffer/not-on-websocket", "cancel/no-truncation-by-server"}


# --- recordings that hold less than was said ------------------------------------------------------------


def _busy() -> Live:
    """A conversation with a bit of everything that a client asks for."""
    live = Live()
    live.update(instructions="Be brief.")
    user = live.user()
    item = live.answer(spoken=False, metadata=None)
    live.client("conversation.item.delete", item_id=item["id"])
    live.server("conversation.item.deleted", item_id=item["id"])
    live.last = user["id"]
    live.listen(None)
    live.client("input_audio_buffer.append", audio=SPOKEN)
    live.client("input_audio_buffer.commit")
    live.commit(live.new("item"))
    live.ask(metadata={"topic": "mine"}, conversation="none", output_modalities=["audio"])
    apart = live.created(conversation_id=None, metadata={"topic": "mine"}, output_modalities=["audio"])
    spoken = live.open(apart)
    live.say(apart, spoken, "One", spoken=True)
    live.close(apart, spoken, "One", spoken=True)
    live.done(apart)
    live.client("response.cancel", event_id="evt_9")
    live.error("response_cancel_not_active", event_id="evt_9")
    return live


CLIENT_EVENTS = sorted({e.type for e in _busy().entries if e.dir == "client"})


@pytest.mark.parametrize("left_out", [CLIENT_EVENTS, *([each] for each in CLIENT_EVENTS)], ids=str)
def test_client_events_may_be_missing(left_out: list[str]) -> None:
    entries = [e for e in _busy().entries if e.dir == "server" or e.type not in left_out]
    found = wrong(numbered(entries))
    found.pop("items/previous/appended", None)  # the item deleted is still the last one known
    assert found == {}


@pytest.mark.parametrize(
    "remark", ["<audio>", "...", "[audio omitted]", "AAAA...", "AAAAA", "", "4800 bytes of audio", "AAAA…"]
)
@pytest.mark.parametrize("header", [{}, {"trace": 1}, {"measured": True}])
def test_audio_may_be_cut_or_replaced(remark: str, header: Json) -> None:
    live = _busy()
    if header.get("measured") and " " in remark and remark[-1].isalpha():
        return  # in a recording of ours, such audio was sent to see what becomes of it
    for place, entry in enumerate(live.entries):
        event = dict(entry.event or {})
        if entry.type == "response.output_audio.delta":
            event["delta"] = remark
        elif entry.type == "input_audio_buffer.append":
            event["audio"] = remark
        live.entries[place] = entry._replace(event=event)
    if not header:
        live.user({"type": "input_image", "image_url": "<image>"}, {"type": "input_audio", "audio": remark})
    assert wrong(live.trace(**header)) == {}


def test_audio_in_full_is_judged() -> None:
    entries = [
        e._replace(event={**(e.event or {}), "delta": "*" * 1000}) if e.type.endswith("audio.delta") else e
        for e in _busy().entries
    ]
    assert set(wrong(numbered(entries, trace=1))) == {"payload/response.output_audio.delta"}


# --- the beta, by what little a capture shows -----------------------------------------------------------


@pytest.mark.parametrize("shown", ["session.updated", "conversation.item.created", "response.done"])
def test_beta_is_named_from_one_event(shown: str) -> None:
    live = Live()
    live.entries.clear()
    match shown:
        case "session.updated":
            flat = {"id": "sess_1", "modalities": ["text"], "voice": "alloy", "input_audio_format": "pcm16"}
            live.server(shown, session=flat)
        case "conversation.item.created":
            live.server(shown, previous_item_id=None, item=_ITEM)
        case _:
            response = {
                "id": "resp_1",
                "object": "realtime.response",
                "status": "completed",
                "output": [_ITEM],
            }
            live.server(shown, response={**response, "modalities": ["text"], "voice": "alloy"})
    assert set(wrong(live.trace())) == {"dialect/ga"}


_ITEM = {
    "id": "item_1",
    "object": "realtime.item",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "text", "text": "Hi."}],
}


def test_item_created_alone_does_not_make_a_session_of_ga_beta() -> None:
    live = Live()
    live.client("conversation.item.create", item={k: v for k, v in _ITEM.items() if k != "id"})
    live.server("conversation.item.created", previous_item_id=None, item=_ITEM)
    assert "dialect/ga" not in wrong(live.trace())


def test_what_is_left_out_of_the_captures_was_said() -> None:
    asked = [e for e in _busy().entries if e.type == "response.create"]
    assert dict_of(dict_of(asked[-1].event, "response"), "metadata") == {"topic": "mine"}
