"""A document that nobody here wrote loads as it is, weaknesses and all."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from protocol.errors import DocumentError
from schemas.contract import Contract, contract_of
from schemas.loader import load
from schemas.weaknesses import weaknesses

FILE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "inworld-ai-asyncapi.yml"

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason="the third party's AsyncAPI document does not lie beside this checkout"
)


@functools.cache
def realtime() -> Contract:
    return contract_of(load(FILE))


WITHOUT_ENVELOPE = (
    *("SttTranscribeConfig", "SttAudioChunk", "SttEndTurn", "SttCloseStream"),
    *("SttTranscription", "SttSpeechStarted", "SttSpeechStopped", "SttUsage"),
)
"""Messages of which only the content is described."""


def test_its_three_channels() -> None:
    counted = {c.address: (len(c.messages("client")), len(c.messages("server"))) for c in load(FILE).channels}
    assert counted == {
        "/tts/v1/voice:streamBidirectional": (4, 4),
        "/stt/v1/transcribe:streamBidirectional": (4, 4),
        "/api/v1/realtime/session": (11, 3),
    }


def test_the_realtime_channel_is_chosen_by_itself_and_any_by_name() -> None:
    document = load(FILE)
    assert contract_of(document).channel.address == "/api/v1/realtime/session"
    assert len(contract_of(document, "/tts/v1/voice:streamBidirectional").client) == 4
    with pytest.raises(DocumentError, match="name one of: /tts"):
        contract_of(document, "/v1/realtime")


def test_its_generic_server_event_takes_what_no_other_claims() -> None:
    contract = realtime()
    assert set(contract.server) == {"session.created", "session.updated"}
    assert len(contract.client) == 11
    generic = contract.schema("server", "response.done")
    assert generic is contract.catch_all["server"]
    assert generic is not None
    assert generic.is_valid({"type": "response.done", "anything": 1})
    assert not generic.is_valid({"type": 5})
    assert contract.schema("server", "session.created") is not generic


def test_a_type_that_it_leaves_open_is_taken_from_the_messages_name() -> None:
    clear = realtime().client["input_audio_buffer.clear"]
    assert clear.is_valid({"type": "input_audio_buffer.clear"})
    assert not clear.is_valid({"type": "input_audio_buffer.commit"})
    assert not clear.is_valid({})


def test_its_own_events_are_valid_by_it() -> None:
    create = realtime().client["response.create"]
    assert create.is_valid({"type": "response.create", "response": {"conversation": "auto"}})


def test_its_weaknesses_have_their_places() -> None:
    found = {(w.pointer, w.problem.split(" ")[0]) for w in weaknesses(load(FILE))}
    schemas = "/components/schemas"
    normalization = f"{schemas}/TtsCreateContext/properties/create/properties/applyTextNormalization/enum"
    assert found == {
        ("/components/messages/RealtimeGenericServerEvent", "`realtime.server_event`"),
        ("/components/messages/RealtimeInputAudioBufferClear", "the"),
        ("/components/messages/RealtimeInputAudioBufferCommit", "the"),
        ("/components/messages/RealtimeOutputAudioBufferClear", "the"),
        (
            f"{schemas}/RealtimeResponseCreate/allOf/1/properties/response/properties/conversation/oneOf",
            "two",
        ),
        (f"{normalization}/0", "ON"),
        (f"{normalization}/1", "OFF"),
        *((f"/components/messages/{name}", "the") for name in WITHOUT_ENVELOPE),
    }
    assert {w.file for w in weaknesses(load(FILE))} == {str(FILE.resolve())}


def test_messages_without_a_type_are_told_apart_by_key() -> None:
    document = load(FILE)
    spoken = contract_of(document, "/tts/v1/voice:streamBidirectional")
    assert spoken.name_of({"contextId": "a", "send_text": {"text": "Hi"}}, "client") == "tts.send_text"
    assert spoken.client["tts.send_text"].is_valid({"contextId": "a", "send_text": {"text": "Hi"}})
    assert (
        spoken.name_of({"result": {"contextId": "a", "contextClosed": {}}}, "server") == "tts.contextClosed"
    )
    heard = contract_of(document, "/stt/v1/transcribe:streamBidirectional")
    assert heard.client["stt.audioChunk"].is_valid({"audioChunk": {"content": "AAAA"}})
    assert not heard.client["stt.audioChunk"].is_valid({"content": "AAAA"})
    told = {"result": {"transcription": {"transcript": "hello", "isFinal": True}}}
    assert heard.name_of(told, "server") == "stt.transcription"
    assert heard.server["stt.transcription"].is_valid(told)
