"""Captures of live traffic that hold less than was said: they are judged for what they can show."""

from __future__ import annotations

import pytest

from rules.subjects import dict_of
from tests.rules.live import SPOKEN, Json, captured, numbered, wrong
from wire.trace import Entry

LISTENING = "< session.created {audio.input.turn_detection.type: server_vad}"

# --- calls over WebRTC and SIP, listened to from aside --------------------------------------------------


def _call(audio: str = "") -> list[Entry]:
    return captured(f"""{LISTENING}
        > truncate item_x 1 < error null item_truncate_invalid_item_id
        > append {SPOKEN[:44]} < speech_started 1460 item_1 < speech_stopped 4256 < committed
        < item.added+done {{content: [{{type: input_audio, transcript: null}}]}}
        < response.created {{output_modalities: [audio]}} < output_item.added item_a < item.added
        < content_part.added audio < output_audio_buffer.started < transcript.delta Hi. {audio}
        < output_audio.done < transcript.done < content_part.done < item.done < output_item.done
        < response.done < truncated item_a 10""")


@pytest.mark.parametrize("start", [0, 1])
def test_call_is_listened_to_from_aside(start: int) -> None:
    assert wrong(numbered(_call()[start:])) == {}


def test_output_buffer_beside_audio_is_on_a_websocket() -> None:
    found = wrong(numbered(_call(f"< output_audio.delta {SPOKEN}")))
    assert set(found) == {"output-buffer/not-on-websocket", "cancel/no-truncation-by-server"}


# --- recordings that hold less than was said ------------------------------------------------------------

# A conversation with a bit of everything that a client asks for.
BUSY = f"""{LISTENING}
> update {{instructions: Be brief.}} < session.updated
> item.create < item.added+done
> response.create {{metadata: null}} < response.created < output_item.added item_a < item.added
< content_part.added < output_text.delta Hi < output_text.delta " there." < output_text.done
< content_part.done < item.done < output_item.done < response.done > delete < deleted
> update {{audio.input: {{turn_detection: null, transcription: null}}}} < session.updated
> append {SPOKEN} > commit < committed item_b
< item.added+done {{content: [{{type: input_audio, transcript: null}}]}}
> response.create {{metadata.topic: mine, conversation: none, output_modalities: [audio]}} < response.created
< output_item.added item_c < content_part.added audio < transcript.delta One < output_audio.delta {SPOKEN}
< output_audio.done < transcript.done < content_part.done < output_item.done < response.done
> cancel #evt_9 < error evt_9 response_cancel_not_active
"""
CLIENT_EVENTS = sorted({e.type for e in captured(BUSY) if e.dir == "client"})


@pytest.mark.parametrize("left_out", [CLIENT_EVENTS, *([each] for each in CLIENT_EVENTS)], ids=str)
def test_client_events_may_be_missing(left_out: list[str]) -> None:
    entries = [e for e in captured(BUSY) if e.dir == "server" or e.type not in left_out]
    found = wrong(numbered(entries))
    found.pop("items/previous/appended", None)  # the item deleted is still the last one known
    assert found == {}


@pytest.mark.parametrize(
    "remark", ["<audio>", "...", "[audio omitted]", "AAAA...", "AAAAA", "", "4800 bytes of audio", "AAAA…"]
)
@pytest.mark.parametrize("header", [{}, {"trace": 1}, {"measured": True}])
def test_audio_may_be_cut_or_replaced(remark: str, header: Json) -> None:
    if header.get("measured") and " " in remark and remark[-1].isalpha():
        return  # in a recording of ours, such audio was sent to see what becomes of it
    said = BUSY.replace(SPOKEN, f'"{remark}"')
    if not header:
        asked = f'[{{type: input_image, image_url: <image>}}, {{type: input_audio, audio: "{remark}"}}]'
        said += f"> item.create {{content: {asked}}} < item.added _ user {{content: [{{type: input_image,"
        said += " image_url: <image>}, {type: input_audio}]} < item.done"
    assert wrong(numbered(captured(said), **header)) == {}


def test_audio_in_full_is_judged() -> None:
    found = wrong(numbered(captured(BUSY.replace(f"audio.delta {SPOKEN}", "audio.delta ~1000x*")), trace=1))
    assert set(found) == {"payload/response.output_audio.delta"}


# --- the beta, by what little a capture shows -----------------------------------------------------------

ITEM = "{object: realtime.item, role: assistant, content: [{type: text, text: Hi.}]}"
BETA = {
    "session.updated": "!exactly {id: sess_1, modalities: [text], voice: alloy, input_audio_format: pcm16}",
    "conversation.item.created": ITEM,
}


@pytest.mark.parametrize("shown", BETA)
def test_beta_is_named_from_one_event(shown: str) -> None:
    body = shown.rpartition(".")[0].rpartition(".")[2]
    assert set(wrong(numbered(captured(f"< {shown} {{{body}: {BETA[shown]}}}")))) == {"dialect/ga"}


def test_item_created_alone_does_not_make_a_session_of_ga_beta() -> None:
    said = f"{LISTENING} > item.create {{status: completed, {ITEM[1:]} < item.created"
    assert "dialect/ga" not in wrong(numbered(captured(said)))


def test_what_is_left_out_of_the_captures_was_said() -> None:
    asked = [e for e in captured(BUSY) if e.type == "response.create"]
    assert dict_of(dict_of(asked[-1].event, "response"), "metadata") == {"topic": "mine"}
