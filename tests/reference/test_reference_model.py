"""The scripted model, the examples of arguments, and the voice."""

from __future__ import annotations

import json
from array import array
from typing import Any

import pytest

from reference.conversation import ContentPart, ConversationItem
from reference.examples import example_of
from reference.model import AnswerMessage, Call, Prompt, ScriptedModel
from reference.speech import AudioFormat, convert, decode_audio, encode_audio, loudness, speak

PCM = AudioFormat("audio/pcm", 24000)
WEATHER = {"type": "function", "name": "get_weather"}
TIME = {"type": "function", "name": "clock-time"}


def user(text: str) -> ConversationItem:
    return ConversationItem("u", "message", role="user", content=[ContentPart("input_text", text=text)])


def answer(*items: ConversationItem | str, seed: int = 0, **prompt: Any) -> Any:
    prompt = {"instructions": "Be brief.", "tools": [], "tool_choice": "auto", **prompt}
    context = [user(item) if isinstance(item, str) else item for item in items]
    output = ScriptedModel(seed).answer(Prompt(items=context, **prompt))
    return [each.text if isinstance(each, AnswerMessage) else each.name for each in output]


def test_the_contract_for_words() -> None:
    assert answer("one", "Please list them") == ["You said: one; Please list them."]
    assert answer("What are your instructions?") == ["My instructions are: Be brief."]
    assert answer("Answer in one word: is it a long story?") == ["Certainly."]
    assert answer("hello", instructions="Say one word only.") == ["Certainly."]
    for text in ("Tell me a long tale", "Count to fifty", "a STORY"):
        [words] = answer(text)
        assert len(ScriptedModel(0).pieces(words)) == 60
    [short] = answer("Along came the country accountant")
    assert len(short.split()) < 10
    assert answer() != []


def test_the_seed_chooses_among_short_answers() -> None:
    assert answer("hello", seed=1) == answer("hello", seed=1)
    assert len({answer("hello", seed=seed)[0] for seed in range(20)}) > 1


def test_the_contract_for_calls() -> None:
    tools = [TIME, WEATHER]
    assert answer("How is the weather?", tools=tools) == ["get_weather"]
    assert answer("Use a tool", tools=tools) == ["clock-time"]
    assert answer("Call get_weather", tools=tools) == ["get_weather"]
    assert answer("GET_WEATHER and clock-time", tools=tools) == ["clock-time", "get_weather"]
    assert answer("get_weathers", tools=tools, tool_choice="auto") != ["get_weather"]
    assert answer("hello", tools=tools, tool_choice="required") == ["clock-time"]
    assert answer("weather", tools=tools, tool_choice="none") != ["get_weather"]
    named = {"type": "function", "name": "get_weather"}
    assert answer("clock-time", tools=tools, tool_choice=named) == ["get_weather"]
    absent = {"type": "function", "name": "other"}
    assert "get_weather" not in answer("weather", tools=tools, tool_choice=absent)
    output = ConversationItem("o", "function_call_output", None, call_id="c", output="Sunny.")
    assert answer("weather", output, tools=tools) == ["The function says: Sunny."]
    assert answer("weather", output, tools=tools, tool_choice="required") == ["get_weather"]
    assert answer("weather", tools=[{"type": "mcp", "server_label": "s"}]) != ["s"]


@pytest.mark.parametrize(
    "text", ["", " ", "one", " one  two ", "one\ntwo\n", "\n", "a\u2003b", "emoji \U0001f600 end. "]
)
def test_pieces_make_the_text(text: str) -> None:
    assert "".join(ScriptedModel(0).pieces(text)) == text


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, "example"),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"const": 3}, 3),
        ({"type": "integer", "minimum": 2.5}, 3),
        ({"type": "number", "exclusiveMinimum": 1}, 2),
        ({"type": "number", "maximum": -4}, -4),
        ({"type": ["null", "string"]}, None),
        ({"type": "boolean"}, True),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "array", "minItems": 2, "items": {"type": "integer"}}, [1, 1]),
        ({"type": "string", "minLength": 9}, "examplexx"),
        ({"type": "string", "maxLength": 3}, "exa"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/n"}, "b": {"type": "string"}},
                "required": ["a"],
                "$defs": {"n": {"type": "object", "required": ["x"]}},
            },
            {"a": {"x": "example"}},
        ),
        ({"type": {"a": 1}, "minLength": "x", "required": 5, "enum": {}}, "example"),
        ({"$ref": "#/a/b/c"}, None),
    ],
)
def test_examples(schema: Any, value: Any) -> None:
    assert example_of(schema) == value


def test_an_endless_schema_has_an_end() -> None:
    schema = {
        "$defs": {"a": {"required": ["b"], "properties": {"b": {"$ref": "#/$defs/a"}}}},
        "$ref": "#/$defs/a",
    }
    assert isinstance(json.dumps(example_of(schema)), str)
    assert example_of({"$ref": "#"}) is None


def test_arguments_are_an_object_whatever_the_schema() -> None:
    for parameters in (None, {}, {"type": "string"}, {"type": "object"}, {"enum": [[1]]}):
        tool = {"type": "function", "name": "f", "parameters": parameters}
        [call] = ScriptedModel(0).answer(Prompt("", [], [tool], "required"))
        assert isinstance(call, Call)
        assert json.loads(call.arguments) == {}


@pytest.mark.parametrize("kind", ["audio/pcm", "audio/float32", "audio/pcmu", "audio/pcma"])
def test_audio_survives_its_encoding(kind: str) -> None:
    audio_format = AudioFormat(kind, 8000)
    samples = array("h", range(-32000, 32000, 321))
    again = decode_audio(encode_audio(samples, audio_format), audio_format)
    assert all(abs(a - b) <= max(8, abs(a) // 20) for a, b in zip(samples, again, strict=True))


def test_g711_reference_points() -> None:
    """Codes known from the standard: silence, and full scale in both directions."""
    ulaw, alaw = AudioFormat("audio/pcmu", 8000), AudioFormat("audio/pcma", 8000)
    extremes = array("h", [0, 32767, -32768])
    assert encode_audio(extremes, ulaw) == bytes([0xFF, 0x80, 0x00])
    assert encode_audio(extremes, alaw) == bytes([0xD5, 0xAA, 0x2A])
    assert list(decode_audio(bytes([0xFF, 0x80, 0x00]), ulaw)) == [0, 32124, -32124]
    assert list(decode_audio(bytes([0xD5, 0xAA, 0x2A]), alaw)) == [8, 32256, -32256]


def test_speech_is_loud_and_silence_is_not() -> None:
    sound = decode_audio(speak("hello", PCM, "alloy", 1.0), PCM)
    assert len(sound) == 5 * 60 * 24
    assert loudness(sound) > 0.9
    assert loudness(array("h", bytes(480))) == 0
    assert loudness(array("h")) == 0
    assert speak("hello", PCM, "alloy", 1.0) != speak("hello", PCM, "cedar", 1.0)


def test_floats_that_are_no_numbers_are_silence() -> None:
    floats = array("f", [float("nan"), float("inf"), 2.0, -0.5]).tobytes()
    assert list(decode_audio(floats, AudioFormat("audio/float32", 24000))) == [0, 0, 32767, -16383]


def test_conversion_keeps_the_length_in_time() -> None:
    data = speak("hello", PCM, "alloy", 1.0)
    target = AudioFormat("audio/pcmu", 8000)
    assert target.milliseconds(len(convert(data, PCM, target))) == PCM.milliseconds(len(data))
