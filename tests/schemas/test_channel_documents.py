"""Our AsyncAPI documents of speech synthesis and recognition: both spellings, and what the facts say."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from protocol.channel_catalogue import CHANNELS_FOLDER, known_channels
from protocol.yaml_core import parse_yaml
from schemas.contract import Contract, contract_of
from schemas.loader import load
from schemas.message_types import resolve
from schemas.spellings import by_spelling
from schemas.weaknesses import weaknesses

FACTS = Path(__file__).resolve().parents[3] / "shared" / "reference" / "tts-stt-facts.md"
CHANNELS = ("tts", "stt")
MESSAGES: dict[str, dict[str, set[str]]] = {
    "tts": {
        "client": {
            "create",
            "send_text",
            "flush_context",
            "close_context",
            "cancel_context",
            "update_config",
        },
        "server": {
            *("contextCreated", "contextUpdated", "audioChunk", "flushCompleted", "contextClosed"),
            *("status", "error"),
        },
    },
    "stt": {
        "client": {"transcribeConfig", "audioChunk", "endTurn", "closeStream"},
        "server": {"transcription", "speechStarted", "speechStopped", "usage", "status", "error"},
    },
}
CONFIDENCE = {
    *("firm", "firm-by-client", "observed", "near-official", "single", "inherited", "disputed", "unknown"),
}
_CODE = re.compile(r"\b(?:CN|TC|TS|TO|SC|ST|SO)-\d\d\b")


@functools.cache
def contract(name: str) -> Contract:
    return contract_of(load(known_channels()[name].document))


@functools.cache
def texts() -> dict[str, Any]:
    """Return what is in each file of the documents, by its path."""
    files = (path for path in sorted(CHANNELS_FOLDER.rglob("*.yaml")) if path.name != "channel.yaml")
    return {
        p.relative_to(CHANNELS_FOLDER).as_posix(): parse_yaml(p.read_text(encoding="utf-8")) for p in files
    }


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield place and schema of each field that the files describe."""

    def below(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(value, dict):
            return
        for name, each in value.get("properties", {}).items():
            if isinstance(each, dict) and "anyOf" not in path:
                yield f"{path}/properties/{name}", each
        for key, each in value.items():
            if key not in ("examples", "enum", "const"):
                parts = enumerate(each) if isinstance(each, list) else [("", each)]
                for index, part in parts:
                    yield from below(part, f"{path}/{key}" + (f"/{index}" if index != "" else ""))

    for file, text in texts().items():
        yield from below(text, f"{file}#")


# --- the documents as documents ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHANNELS)
def test_they_have_the_messages_of_the_facts(name: str) -> None:
    made = contract(name)
    assert made.channel.address == known_channels()[name].address
    assert set(made.client) == MESSAGES[name]["client"]
    assert set(made.server) == MESSAGES[name]["server"]


@pytest.mark.parametrize("name", CHANNELS)
def test_they_have_no_weakness(name: str) -> None:
    assert weaknesses(contract(name).document) == []


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("side", ["client", "server"])
def test_they_say_how_messages_are_told_apart(name: str, side: Literal["client", "server"]) -> None:
    told_apart = contract(name).told_apart[side]
    assert told_apart.ground == "document"
    assert told_apart.rule == known_channels()[name].told_apart[side]
    assert not any(each.bare for each in told_apart.envelopes.values())


@pytest.mark.parametrize("name", CHANNELS)
def test_each_message_says_how_sure_it_is(name: str) -> None:
    for operation in contract(name).channel.operations:
        for message in operation.messages:
            assert message.extensions.get("x-confidence") in CONFIDENCE, message.name
            assert message.title, message.name


def test_every_field_is_described_and_names_a_fact() -> None:
    bare = [
        place
        for place, schema in fields()
        if "$ref" not in schema and not _CODE.search(str(schema.get("description", "")))
    ]
    assert bare == []


def test_no_description_was_cut_off_by_a_comma() -> None:
    """In YAML's flow style, what follows a comma is another key, and its value null."""
    assert [place for file, text in texts().items() for place in _nothing(text, file)] == []


def _nothing(value: Any, place: str) -> Iterator[str]:
    if value is None:
        yield place
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in parts:
        yield from _nothing(each, f"{place}/{key}")


@pytest.mark.skipif(not FACTS.exists(), reason="the facts are not there")
def test_each_code_is_that_of_a_fact() -> None:
    known = set(_CODE.findall(FACTS.read_text(encoding="utf-8")))
    named = {
        code
        for path in CHANNELS_FOLDER.rglob("*.yaml")
        for code in _CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert named <= known
    assert len(named) > 60


# --- spellings (CN-09, CN-10, CN-12) ----------------------------------------------------------------------


def _objects(schema: Any, made: Contract, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Yield each object that `schema` may hold."""
    if isinstance(schema, dict) and "$ref" in schema:
        if schema["$ref"] in seen:
            return
        seen.add(schema["$ref"])
    whole = resolve(schema, made.bundle)
    if not isinstance(whole, dict):
        return
    if "properties" in whole:
        yield whole
    parts = [*whole.get("properties", {}).values(), whole.get("items", True)]
    for each in [*parts, *(part for group in ("allOf", "anyOf") for part in whole.get(group, ()))]:
        yield from _objects(each, made, seen)


@pytest.mark.parametrize("name", CHANNELS)
def test_each_key_of_a_client_has_both_spellings_of_one_schema(name: str) -> None:
    made = contract(name)
    counted = 0
    for event in made.client.values():
        for each in _objects(event.schema, made, set()):
            for names in by_spelling(each["properties"]).values():
                of_two_words = any("_" in n or n.lower() != n for n in names)
                assert len(names) == (2 if of_two_words else 1), names
                if of_two_words:
                    first, second = names
                    assert each["properties"][first] == each["properties"][second]
                    assert {"_" in first, "_" in second} == {True, False}
                    counted += 1
    assert counted > 10


@pytest.mark.parametrize("name", CHANNELS)
def test_keys_of_the_server_are_in_camel_case(name: str) -> None:
    made = contract(name)
    keys = {k for e in made.server.values() for o in _objects(e.schema, made, set()) for k in o["properties"]}
    assert len(keys) > 10
    assert [key for key in keys if "_" in key] == []


# --- frames -----------------------------------------------------------------------------------------------

_CREATED = {"result": {"contextId": "a", "contextCreated": {"voiceId": "Dennis"}, "status": {"code": 0}}}
_SPOKEN = {
    "audioContent": "UklGRg==",
    "timestampInfo": {
        "wordAlignment": {"words": ["Hi"], "wordStartTimeSeconds": [0], "wordEndTimeSeconds": [0.4]}
    },
    "usage": {"processedCharactersCount": 2, "modelId": "inworld-tts-2"},
}
_TEXT = {"transcript": "hello", "isFinal": True, "wordTimestamps": [], "voiceProfile": None}

VALID: list[tuple[str, Literal["client", "server"], str, Any]] = [
    (
        "tts",
        "client",
        "create",
        {"contextId": "a", "create": {"voiceId": "Dennis", "modelId": "inworld-tts-2"}},
    ),
    ("tts", "client", "create", {"context_id": "a", "create": {"voice_id": "Dennis", "model_id": "m"}}),
    ("tts", "client", "create", {"create": {"voiceId": "Dennis", "model_id": "m", "bitrate": 64000}}),
    ("tts", "client", "send_text", {"contextId": "a", "send_text": {"text": "Hi", "flush_context": {}}}),
    ("tts", "client", "send_text", {"send_text": {"text": ""}}),
    ("tts", "client", "send_text", {"context_id": "a", "sendText": {"text": "Hi", "flushContext": {}}}),
    ("tts", "client", "close_context", {"contextId": "a", "close_context": {}}),
    ("tts", "client", "cancel_context", {"contextId": "a", "cancel_context": {}}),
    ("tts", "client", "update_config", {"update_config": {"audioConfig": {"speakingRate": 1.2}}}),
    ("tts", "server", "contextCreated", _CREATED),
    ("tts", "server", "audioChunk", {"result": {"contextId": "a", "audioChunk": _SPOKEN, "new": None}}),
    ("tts", "server", "flushCompleted", {"result": {"contextId": "a", "flushCompleted": {}}}),
    ("tts", "server", "contextClosed", {"result": {"contextId": "a", "contextClosed": {}, "status": {}}}),
    (
        "tts",
        "server",
        "status",
        {"result": {"contextId": "a", "status": {"code": 5, "message": "not found"}}},
    ),
    ("tts", "server", "error", {"error": {"code": 3, "message": "no", "details": []}}),
    ("stt", "client", "transcribeConfig", {"transcribeConfig": {"modelId": "inworld/inworld-stt-1"}}),
    (
        "stt",
        "client",
        "transcribeConfig",
        {"transcribe_config": {"model_id": "m", "audio_encoding": "LINEAR16"}},
    ),
    ("stt", "client", "audioChunk", {"audioChunk": {"content": "AAAA"}}),
    ("stt", "client", "endTurn", {"endTurn": {}}),
    ("stt", "client", "closeStream", {"close_stream": {}}),
    ("stt", "server", "transcription", {"result": {"transcription": _TEXT}}),
    ("stt", "server", "transcription", {"result": {"transcription": {"transcript": ""}}}),
    ("stt", "server", "speechStarted", {"result": {"speechStarted": {}}}),
    ("stt", "server", "usage", {"result": {"usage": {"transcribedAudioMs": 3000, "modelId": "m"}}}),
]


@pytest.mark.parametrize(("name", "side", "message", "frame"), VALID, ids=lambda v: str(v)[:40])
def test_frames_of_the_facts_are_told_apart_and_valid(
    name: str, side: Literal["client", "server"], message: str, frame: Any
) -> None:
    made = contract(name)
    assert made.name_of(frame, side) == message
    schema = made.schema(side, message)
    assert schema is not None
    assert schema.violations(frame) == []
    assert schema.is_valid(frame)


_MODEL = {"voiceId": "v", "modelId": "m"}


def _coded(**config: Any) -> Any:
    return {"create": {**_MODEL, "audioConfig": config}}


WRONG: dict[str, list[tuple[Literal["client", "server"], Any, str, str]]] = {
    "tts": [
        ("client", {"create": {"modelId": "m"}}, "create.voiceId", "required"),
        ("client", {"create": {"voice_id": "v"}}, "create.modelId", "required"),
        ("client", {"create": {**_MODEL, "deliveryMode": "FAST"}}, "create.deliveryMode", "enum"),
        ("client", {"create": {**_MODEL, "temperature": 0}}, "create.temperature", "exclusiveMinimum"),
        ("client", {"create": {**_MODEL, "maxBufferDelayMs": 1.5}}, "create.maxBufferDelayMs", "type"),
        (
            "client",
            {"create": {**_MODEL, "buffer_char_threshold": 1001}},
            "create.buffer_char_threshold",
            "maximum",
        ),
        ("client", _coded(speaking_rate=2), "create.audioConfig.speaking_rate", "maximum"),
        ("client", _coded(audioEncoding="FLAC"), "create.audioConfig.audioEncoding", "enum"),
        ("client", _coded(audioEncoding="ALAW", sampleRateHertz=16000), "create.audioConfig", "anyOf"),
        ("client", _coded(audio_encoding="MP3", sample_rate_hertz=8000), "create.audioConfig", "anyOf"),
        ("client", {"send_text": {"text": "a" * 1001}}, "send_text.text", "maxLength"),
        ("client", {"sendText": {}}, "sendText.text", "required"),
        ("client", {"context_id": 5, "close_context": {}}, "context_id", "type"),
        ("server", {"result": {"contextClosed": {}}}, "result.contextId", "required"),
        (
            "server",
            {"result": {"contextId": "a", "audioChunk": {"audioContent": "?"}}},
            "result.audioChunk.audioContent",
            "format",
        ),
        ("server", {"result": {"status": {"message": "no"}}}, "result.status.code", "required"),
        ("server", {"result": {"status": {"code": "5"}}}, "result.status.code", "type"),
        ("server", {"error": {"message": "no"}}, "error.code", "required"),
    ],
    "stt": [
        ("client", {"transcribeConfig": {}}, "transcribeConfig.modelId", "required"),
        (
            "client",
            {"transcribe_config": {"model_id": "m", "audio_encoding": "MP3"}},
            "transcribe_config.audio_encoding",
            "enum",
        ),
        (
            "client",
            {"transcribeConfig": {"modelId": "m", "inworldSttV1Config": {"maxTurnSilence": 19}}},
            "transcribeConfig.inworldSttV1Config.maxTurnSilence",
            "minimum",
        ),
        (
            "client",
            {"transcribeConfig": {"modelId": "m", "groqConfig": {}, "soniox_config": {}}},
            "transcribeConfig",
            "anyOf",
        ),
        ("client", {"audioChunk": {}}, "audioChunk.content", "required"),
        ("server", {"result": {"transcription": {}}}, "result.transcription.transcript", "required"),
        (
            "server",
            {"result": {"usage": {"transcribedAudioMs": -1}}},
            "result.usage.transcribedAudioMs",
            "minimum",
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "side", "frame", "place", "keyword"),
    [(name, *each) for name, listed in WRONG.items() for each in listed],
    ids=lambda value: str(value)[:40],
)
def test_what_the_facts_exclude_is_told_with_its_place(
    name: str, side: Literal["client", "server"], frame: Any, place: str, keyword: str
) -> None:
    made = contract(name)
    schema = made.schema(side, made.name_of(frame, side))
    assert schema is not None
    assert not schema.is_valid(frame)
    assert (place, keyword) in {(v.place, v.keyword) for v in schema.violations(frame)}


def test_null_for_what_is_not_set_is_a_finding_of_its_own_kind() -> None:
    frame: Any = {"result": {"contextId": "a", "flushCompleted": {}, "status": None}}
    [found] = contract("tts").server["flushCompleted"].violations(frame)
    assert (found.place, found.kind) == ("result.status", "null-for-optional")
