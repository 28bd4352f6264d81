"""Good traces: what the obedient server says in the suite's scenarios, and in some more conversations.

The scenarios are played once per session, over a socket. The conversations below are played without
one; they hold what no scenario provokes today.
"""

from __future__ import annotations

import asyncio
import base64
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from generators.audio import question, silence
from realtime_conformance.conformance import Plan
from reference.alterations import Alteration, Sent, Step
from reference.behaviour import Behaviour
from reference.dialects import DialectName
from reference.differing import differing
from reference.model import Message, Prompt, ScriptedModel
from reference.response_stream import ResponseStream
from reference.variants import VARIANTS
from suites.scenario import catalogue
from suites.talk import WEATHER
from tests.rules.stage import Stage
from wire.trace import RecordedTrace
from wire.trace_files import TraceFile

Json = dict[str, Any]
DIALECTS: tuple[DialectName, ...] = ("openai", "inworld")

_TIME = {**WEATHER, "name": "get_time", "description": "Look up the time in a city."}
_MODELS = {"openai": "gpt-4o-mini-transcribe", "inworld": "inworld/inworld-stt-1"}
_GENERATED = ("conversations.", "generated_")
_OFF = {"input": {"turn_detection": None}}
_LONG = "Tell me a long story about a lighthouse."


@cache
def good(dialect: DialectName) -> Mapping[str, RecordedTrace]:
    """Return all good traces of a dialect by their names: ``conversation``, or ``module.scenario``."""
    return {**_scenarios(dialect), **_conversations(dialect)}


def _scenarios(dialect: DialectName) -> dict[str, RecordedTrace]:
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(scenarios=catalogue(), out=Path(folder), dialect=dialect)
        asyncio.run(plan.perform())
        files = [TraceFile(path) for path in sorted((Path(folder) / "traces").glob("*.jsonl"))]
        traces = {file.name: RecordedTrace(file.name, list(file), file.header) for file in files}
        return {name: trace for name, trace in traces.items() if not _depends_on_time(trace)}


def _depends_on_time(trace: RecordedTrace) -> bool:
    """Tell whether a trace is another one each time: it was drawn, or the clock decides what is cut off."""
    if trace.name.startswith(_GENERATED):
        return True
    cutting = ("response.cancel", "input_audio_buffer.speech_started")
    return any(entry.type in cutting for entry in trace) and any(e.type == "response.created" for e in trace)


def _conversations(dialect: DialectName) -> dict[str, RecordedTrace]:
    return {name: play(dialect, name) for name, (_, dialects) in _PLAYED.items() if dialect in dialects}


def play(dialect: DialectName, name: str, behaviour: Behaviour | None = None) -> RecordedTrace:
    """Play one of the conversations below and return its trace."""
    script, _ = _PLAYED[name]
    stage = Stage(dialect, behaviour or _BEHAVIOURS.get(name))
    script(stage)
    return stage.trace(name)


Script = Callable[[Stage], None]
_PLAYED: dict[str, tuple[Script, tuple[DialectName, ...]]] = {}


def conversation(*dialects: DialectName) -> Callable[[Script], Script]:
    """Make a conversation of a function, in both dialects or in those given."""

    def keep(script: Script) -> Script:
        _PLAYED[script.__name__] = script, dialects or DIALECTS
        return script

    return keep


# --- items and answers ------------------------------------------------------------------------------------


@conversation()
def burst(stage: Stage) -> None:
    """An item and a clear are sent without reading in between."""
    stage.update(audio=_OFF)
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    stage.burst({"type": "conversation.item.create", "item": item}, {"type": "input_audio_buffer.clear"})
    stage.fence()


@conversation()
def broken_frames(stage: Stage) -> None:
    """Frames that are no events, or events that nobody knows; then life goes on."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.frame("{ this is not JSON")
    stage.fence()
    stage.frame(json.dumps({"event_id": "evt_without_type"}))
    stage.fence()
    stage.say("conversation.item.praise", item_id="item_1")
    stage.fence()
    stage.item("Say yes.")
    stage.respond()
    stage.fence()


@conversation()
def fragments(stage: Stage) -> None:
    """A client event comes in several WebSocket fragments."""
    stage.update(audio=_OFF)
    stage.fence()
    stage.fragments("input_audio_buffer.clear", event_id="evt_in_fragments")


@conversation("openai")
def update_while_it_runs(stage: Stage) -> None:
    """The configuration is changed while a response runs; its next response uses it."""
    _ask_for_much(stage, 2, output_modalities=["text"])
    stage.update(max_output_tokens=150)
    stage.finish()
    stage.fence()


@conversation()
def six_items(stage: Stage) -> None:
    """Items at the end, at the head and in the middle; one is deleted in between."""
    stage.update(audio=_OFF)
    first = stage.item("One.", id="item_one")["item"]["id"]
    stage.item("Two.")
    stage.item("Three.")
    for text, place in (("Zero.", "root"), ("One and a half.", first)):
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        stage.say("conversation.item.create", item=item, previous_item_id=place)
    stage.say("conversation.item.delete", item_id=first)
    stage.item("Four.")
    stage.fence()


# --- responses --------------------------------------------------------------------------------------------


@conversation()
def two_calls(stage: Stage) -> None:
    """Two functions are called in one response; the outputs follow, and the answer."""
    stage.update(audio=_OFF, output_modalities=["text"], tools=[WEATHER, _TIME])
    stage.item("Use get_weather and get_time for Paris.")
    done = stage.respond()
    created = next(e.event for e in reversed(stage.entries) if e.type == "response.done")
    assert created is not None
    assert done
    for call in created["response"]["output"]:
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": "Rain, noon."}
        stage.say("conversation.item.create", item=item)
    stage.respond(tool_choice="none")
    stage.fence()


@conversation()
def output_while_it_runs(stage: Stage) -> None:
    """The output of a call is sent while the response that made it still makes another."""
    stage.update(audio=_OFF, output_modalities=["text"], tools=[WEATHER, _TIME])
    stage.item("Use get_weather and get_time for Paris.")
    stage.say("response.create")
    while stage.last["type"] != "response.output_item.done":
        stage.tick()
    call_id = stage.last["item"]["call_id"]
    item = {"type": "function_call_output", "call_id": call_id, "output": "Rain."}
    stage.say("conversation.item.create", item=item)
    stage.finish()
    stage.fence()


@conversation()
def cancelled_second_call(stage: Stage) -> None:
    """A response is cancelled when its first item is complete and its second is not."""
    stage.update(audio=_OFF, output_modalities=["text"], tools=[WEATHER, _TIME])
    stage.item("Use get_weather and get_time for Paris.")
    stage.say("response.create")
    while not (stage.last["type"].endswith("arguments.delta") and stage.last["output_index"] == 1):
        stage.tick()
    stage.say("response.cancel")
    stage.item("Never mind.")
    stage.fence()


@conversation()
def two_texts(stage: Stage) -> None:
    """Two written answers, one after the other, to the same kind of question."""
    stage.update(audio=_OFF, output_modalities=["text"], instructions="Answer briefly.")
    for text in ("Good morning.", "Good evening."):
        stage.item(text)
        stage.respond()
    stage.fence()


@conversation()
def text_beside_out_of_band(stage: Stage) -> None:
    """A response of the conversation and one out of band are told at the same time."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item("Good morning.")
    stage.say("response.create")
    stage.say("response.create", response={"conversation": "none", "metadata": {"topic": "side"}})
    stage.finish()
    stage.item("And now?")
    stage.respond()
    stage.fence()


@conversation()
def two_messages(stage: Stage) -> None:
    """One response holds two messages."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def two_spoken_messages(stage: Stage) -> None:
    """One spoken response holds two messages."""
    stage.update(audio=_OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def failed_response(stage: Stage) -> None:
    """The model breaks down: the response ends as failed, and the next one is told."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item("Break down, please.")
    stage.respond()
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def spoken_then_cut(stage: Stage) -> None:
    """A spoken answer is truncated to nothing, and the item is looked at."""
    stage.update(audio=_OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    done = stage.respond()
    assert done
    item_id = next(
        e.event["item_id"] for e in stage.entries if e.type == "response.output_audio.done" and e.event
    )
    stage.say("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0)
    stage.say("conversation.item.retrieve", item_id=item_id)
    stage.fence()


def _ask_for_much(stage: Stage, deltas: int, **session: Any) -> None:
    """Ask for an answer and let so many of its deltas come."""
    stage.update(audio=_OFF, **session)
    stage.item(_LONG)
    stage.say("response.create")
    _let_come(stage, deltas)


def _let_come(stage: Stage, deltas: int) -> None:
    while deltas:
        stage.tick()
        deltas -= stage.last["type"] in (
            "response.output_text.delta", "response.output_audio_transcript.delta"
        )  # fmt: skip


@conversation()
def cancelled(stage: Stage) -> None:
    """A running response is cancelled, and another one asked for."""
    _ask_for_much(stage, 2, output_modalities=["text"])
    stage.say("response.cancel")
    stage.finish()
    stage.item("Then say yes.")
    stage.respond()
    stage.fence()


@conversation()
def cancelled_by_id(stage: Stage) -> None:
    """The response to cancel is named."""
    _ask_for_much(stage, 2, output_modalities=["text"])
    created = next(e.event for e in stage.entries if e.type == "response.created")
    assert created is not None
    stage.say("response.cancel", response_id=created["response"]["id"])
    stage.finish()
    stage.fence()


@conversation()
def cancelled_while_it_speaks(stage: Stage) -> None:
    """A spoken response is cancelled."""
    _ask_for_much(stage, 2, output_modalities=["audio"])
    stage.say("response.cancel")
    stage.finish()
    stage.fence()


@conversation()
def cancelled_at_once(stage: Stage) -> None:
    """A response is asked for and cancelled in one burst."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item(_LONG)
    stage.burst({"type": "response.create"}, {"type": "response.cancel"})
    stage.finish()
    stage.fence()


@conversation()
def create_right_behind_cancel(stage: Stage) -> None:
    """The next response is asked for while the cancelled one is not yet done."""
    _ask_for_much(stage, 2, output_modalities=["text"])
    stage.burst({"type": "response.cancel"}, {"type": "response.create"})
    stage.finish()
    stage.fence()


@conversation()
def nothing_to_cancel(stage: Stage) -> None:
    """Nothing runs, nothing ran yet, and one that is done is named."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.say("response.cancel")
    stage.item("Say yes.")
    done = stage.respond()
    assert done
    ended = next(e.event for e in stage.entries if e.type == "response.done")
    assert ended is not None
    stage.say("response.cancel", response_id=ended["response"]["id"])
    stage.fence()


@conversation()
def long_item_id(stage: Stage) -> None:
    """The client gives its item an id that is longer than most."""
    stage.update(audio=_OFF)
    stage.item("Hello.", id="item_with_an_id_that_is_longer_than_most")
    stage.fence()


@conversation()
def metadata_alone(stage: Stage) -> None:
    """The last response of a session is asked for with metadata."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item("Say yes.")
    stage.respond(metadata={"purpose": "last"})
    stage.fence()


@conversation("openai")
def same_voice(stage: Stage) -> None:
    """The voice that was used is named again."""
    stage.update(audio=_OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    stage.respond()
    stage.update(audio={"output": {"voice": "alloy"}})
    stage.fence()


class _TwoMessages(ScriptedModel):
    def answer(self, prompt: Prompt) -> tuple[Message, ...]:  # noqa: ARG002 - the same to everybody
        return Message("Let me think about that."), Message("Here is what I think.")


class _BreakingDown(ResponseStream):
    def steps(self) -> Iterator[None]:
        if "Break down" not in self.settings.prompt.items[-1].heard:
            yield from super().steps()
            return
        yield
        self.fail()


_BEHAVIOURS = {
    "transcription_session": Behaviour(alteration=lambda _dialect: Alteration([_TranscribingOnly])),
    "mcp_call": differing([VARIANTS["mcp-calls"]]),
    "backchannel_audio": differing([VARIANTS["backchannel-audio"]]),
    "provider_data_shown": differing([VARIANTS["provider-data-shown"]]),
    "two_messages": Behaviour(model=_TwoMessages),
    "two_spoken_messages": Behaviour(model=_TwoMessages),
    "failed_response": Behaviour(stream=_BreakingDown),
}


# --- audio ------------------------------------------------------------------------------------------------


def _append(stage: Stage, audio: bytes) -> None:
    for start in range(0, len(audio), 4800):
        chunk = base64.b64encode(audio[start : start + 4800]).decode()
        stage.say("input_audio_buffer.append", audio=chunk)


@conversation()
def short_commit(stage: Stage) -> None:
    """A fifth of a second is committed by hand, in a session whose responses are text."""
    stage.update(audio=_OFF, output_modalities=["text"])
    _append(stage, question()[:9_600])
    stage.say("input_audio_buffer.commit")
    stage.fence()


@conversation()
def cleared_then_committed(stage: Stage) -> None:
    """Audio that was cleared is committed, in vain."""
    stage.update(audio=_OFF)
    _append(stage, question())
    stage.say("input_audio_buffer.clear")
    stage.say("input_audio_buffer.commit")
    stage.fence()


def _detection(**settings: Any) -> Any:
    return {"input": {"turn_detection": {"type": "server_vad", **settings}}}


@conversation()
def barge_in(stage: Stage) -> None:
    """Speech cuts off the response that is running, and is answered."""
    detection = _detection(create_response=True, interrupt_response=True)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(_LONG)
    stage.say("response.create")
    _let_come(stage, 2)
    _append(stage, question())
    _append(stage, silence(1500))
    stage.finish()
    stage.fence()


@conversation()
def no_barge_in(stage: Stage) -> None:
    """Speech while a response runs does not disturb it, and is not answered."""
    detection = _detection(create_response=False, interrupt_response=False)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(_LONG)
    stage.say("response.create")
    _let_come(stage, 2)
    _append(stage, question())
    _append(stage, silence(1500))
    stage.finish()
    stage.fence()


@conversation()
def speech_beside_out_of_band(stage: Stage) -> None:
    """Speech while an out-of-band response runs does not disturb it."""
    detection = _detection(create_response=False, interrupt_response=True)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(_LONG)
    stage.say("response.create", response={"conversation": "none"})
    _let_come(stage, 2)
    _append(stage, question())
    _append(stage, silence(1500))
    stage.finish()
    stage.fence()


@conversation()
def two_turns(stage: Stage) -> None:
    """Two spoken turns with transcription; each is answered by itself."""
    detection = {"type": "server_vad", "create_response": True, "interrupt_response": True}
    transcription = {"model": _MODELS[stage.dialect]}
    stage.update(
        audio={"input": {"turn_detection": detection, "transcription": transcription}},
        output_modalities=["text"],
    )
    for _ in range(2):
        _append(stage, question())
        _append(stage, silence(1500))
        stage.finish()
    stage.fence()


@conversation()
def two_commits(stage: Stage) -> None:
    """Audio is committed twice before the first of it is transcribed."""
    listening = {"turn_detection": None, "transcription": {"model": _MODELS[stage.dialect]}}
    stage.update(audio={"input": listening}, output_modalities=["text"])
    for _ in range(2):
        _append(stage, question())
        stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()


@conversation()
def idle_user(stage: Stage) -> None:
    """Nobody speaks for as long as the idle timeout allows; with transcription on."""
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    stage.update(
        audio={"input": {"turn_detection": detection, "transcription": {"model": _MODELS[stage.dialect]}}},
        output_modalities=["text"],
    )
    stage.item("Good morning.")
    stage.respond()
    stage.wait(6)
    stage.finish()
    stage.fence()


@conversation()
def logprobs_wanted(stage: Stage) -> None:
    """Transcription comes with log probabilities because they were asked for."""
    stage.update(
        audio={"input": {"turn_detection": None, "transcription": {"model": _MODELS[stage.dialect]}}},
        include=["item.input_audio_transcription.logprobs"],
    )
    _append(stage, question())
    stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()


# --- tools of MCP servers, and what only one dialect has --------------------------------------------------


@conversation("openai")
def transcription_session(stage: Stage) -> None:
    """A session that only transcribes."""
    listening = {"transcription": {"model": _MODELS[stage.dialect]}, "turn_detection": None}
    stage.update(type="transcription", audio={"input": listening})
    _append(stage, question())
    stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()


class _TranscribingOnly(Step):
    """Shows the session as one that only transcribes (facts 3.2)."""

    def incoming(self, event: Json) -> Json:
        session = event.get("session")
        return {**event, "session": {**session, "type": "realtime"}} if session else event

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] in ("session.created", "session.updated"):
            shown = event["session"]
            event["session"] = {
                "type": "transcription", "object": "realtime.transcription_session", "id": shown["id"],
                "expires_at": shown["expires_at"], "include": shown["include"],
                "audio": {"input": shown["audio"]["input"]},
            }  # fmt: skip
        return [event]


@conversation("openai")
def mcp_listing(stage: Stage) -> None:
    """The tools of an MCP server are listed, in vain."""
    tool = {"type": "mcp", "server_label": "library", "server_url": "https://library.example/mcp"}
    stage.update(audio=_OFF, tools=[tool])
    stage.item("Hello.")
    stage.fence()


@conversation("openai")
def mcp_call(stage: Stage) -> None:
    """A response calls the tool of an MCP server."""
    tool = {"type": "mcp", "server_label": "library", "server_url": "https://library.example/mcp"}
    stage.update(audio=_OFF, output_modalities=["text"], tools=[tool])
    stage.item("Hello.")
    stage.respond()
    stage.fence()


@conversation("openai")
def both_modalities_refused(stage: Stage) -> None:
    """Text and audio together are refused."""
    stage.update(audio=_OFF)
    stage.update(output_modalities=["text", "audio"])
    stage.update()
    stage.fence()


@conversation("inworld")
def three_texts(stage: Stage) -> None:
    """Three written answers, all asked for without settings."""
    stage.update(audio=_OFF, output_modalities=["text"])
    for text in ("One.", "Two.", "Three."):
        stage.item(text)
        stage.respond()
    stage.fence()


@conversation("inworld")
def unknown_response_key(stage: Stage) -> None:
    """A response is asked for with a key that nobody knows."""
    stage.update(audio=_OFF, output_modalities=["text"])
    stage.item("Say yes.")
    stage.respond(conformance_probe=True)
    stage.fence()


@conversation("inworld")
def item_and_response_at_once(stage: Stage) -> None:
    """An item and the request for its answer are sent in one burst."""
    stage.update(audio=_OFF, output_modalities=["text"])
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    stage.burst({"type": "conversation.item.create", "item": item}, {"type": "response.create"})
    stage.finish()
    stage.fence()


@conversation("inworld")
def provider_data_shown(stage: Stage) -> None:
    """The branches of `providerData` are set one after another, and shown."""
    stage.update(providerData={"stt": {"voice_profile": True}})
    stage.update(providerData={"tts": {"timestamp_type": "WORD"}})
    stage.update(providerData={"stt": {"voice_profile": False}})
    stage.fence()


@conversation("inworld")
def backchannel_audio(stage: Stage) -> None:
    """The user hears the back-channel while speaking."""
    stage.update(
        providerData={"backchannel": {"enabled": True}},
        audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}},
    )
    _append(stage, question())
    _append(stage, silence(1500))
    stage.finish()
    stage.fence()


@conversation("inworld")
def backchannel_beside_cancel(stage: Stage) -> None:
    """A response is cancelled with the back-channel enabled."""
    _ask_for_much(stage, 2, output_modalities=["text"], providerData={"backchannel": {"enabled": True}})
    stage.say("response.cancel")
    stage.finish()
    stage.fence()


@conversation("inworld")
def truncated_near_its_end(stage: Stage) -> None:
    """A spoken answer is truncated where most of it has been heard."""
    stage.update(audio=_OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    stage.respond()
    deltas = [e.event for e in stage.entries if e.type == "response.output_audio.delta" and e.event]
    length = sum(len(each["delta"]) for each in deltas) * 3 // 4 // 48
    item_id = deltas[0]["item_id"]
    stage.say("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=length * 3 // 4)
    stage.fence()


@conversation("inworld")
def backchannel_enabled(stage: Stage) -> None:
    """The back-channel is switched on while the user speaks."""
    stage.update(
        providerData={"backchannel": {"enabled": True}},
        audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}},
    )
    _append(stage, question())
    _append(stage, silence(1500))
    stage.finish()
    stage.fence()


@conversation("inworld")
def memory_enabled(stage: Stage) -> None:
    """Memory is switched on; two turns follow."""
    state = {"version": 1, "facts": [], "summary": "", "context_text": "", "total_turns": 0}
    stage.update(
        audio=_OFF, output_modalities=["text"], providerData={"memory": {"enabled": True, "state": state}}
    )
    for text in ("Good morning.", "Good evening."):
        stage.item(text)
        stage.respond()
    stage.update()
    stage.fence()


@conversation("inworld")
def timestamps_wanted(stage: Stage) -> None:
    """Audio is to come with the times of its words, and transcription with a voice profile."""
    stage.update(
        audio=_OFF,
        output_modalities=["audio"],
        providerData={"tts": {"timestamp_type": "WORD"}, "stt": {"voice_profile": True}},
    )
    stage.item("Good morning.")
    stage.respond()
    stage.fence()
