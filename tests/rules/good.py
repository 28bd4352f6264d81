"""Good traces: what the obedient server says in the suite's scenarios, and in some more conversations.

The scenarios are played once per session, over a socket. The conversations below are played without
one; they hold what no scenario provokes today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache

from protocol.dialect import DialectName
from reference.alterations import Alteration
from reference.altered_behaviour import differing
from reference.behaviour import Behaviour
from reference.model import AnswerMessage, Prompt, ScriptedModel
from reference.providers import PROFILES
from reference.response_stream import ResponseStream
from reference.variants import VARIANTS
from suites.talk import WEATHER
from tests.rules import good_audio  # noqa: F401 - adds itself to the list
from tests.rules.good_others import TranscribingOnly
from tests.rules.good_scenarios import of_scenarios
from tests.rules.scripted_stage import Stage
from tests.rules.scripts import LONG, OFF, PLAYED, TIME, ask_for_much, conversation
from wire.trace import RecordedTrace


@cache
def good(dialect: DialectName) -> Mapping[str, RecordedTrace]:
    """Return all good traces of a dialect by their names: ``conversation``, or ``module.scenario``.

    They are in the words of the root, and without what a provider makes of its events.
    """
    return {**of_scenarios(dialect), **_conversations(dialect)}


def _conversations(dialect: DialectName) -> dict[str, RecordedTrace]:
    family = set(PROFILES[dialect].family)
    return {name: play(dialect, name) for name, (_, dialects) in PLAYED.items() if family & set(dialects)}


def play(dialect: DialectName, name: str, behaviour: Behaviour | None = None) -> RecordedTrace:
    """Play one of the conversations below and return its trace."""
    script, _ = PLAYED[name]
    stage = Stage(dialect, behaviour or _BEHAVIOURS.get(name))
    script(stage)
    return stage.trace(name)


# --- items and answers ------------------------------------------------------------------------------------


@conversation()
def burst(stage: Stage) -> None:
    """An item and a clear are sent without reading in between."""
    stage.update(audio=OFF)
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    stage.burst({"type": "conversation.item.create", "item": item}, {"type": "input_audio_buffer.clear"})
    stage.fence()


@conversation()
def broken_frames(stage: Stage) -> None:
    """A turn; frames that are no events, or events that nobody knows; then life goes on."""
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item("Are you there?")
    stage.respond()
    stage.finish()
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
    stage.update(audio=OFF)
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    stage.fragments("conversation.item.create", event_id="evt_in_fragments", item=item)


@conversation("openai")
def update_while_it_runs(stage: Stage) -> None:
    """The configuration is changed while a response runs; its next response uses it."""
    ask_for_much(stage, 2, output_modalities=["text"])
    stage.update(max_output_tokens=150)
    stage.finish()
    stage.fence()


@conversation()
def six_items(stage: Stage) -> None:
    """Items at the end, at the head and in the middle; one is deleted in between."""
    stage.update(audio=OFF)
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
    stage.update(audio=OFF, output_modalities=["text"], tools=[WEATHER, TIME])
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
    stage.update(audio=OFF, output_modalities=["text"], tools=[WEATHER, TIME])
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
    stage.update(audio=OFF, output_modalities=["text"], tools=[WEATHER, TIME])
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
    stage.update(audio=OFF, output_modalities=["text"], instructions="Answer briefly.")
    for text in ("Good morning.", "Good evening."):
        stage.item(text)
        stage.respond()
    stage.fence()


@conversation()
def text_beside_out_of_band(stage: Stage) -> None:
    """A response of the conversation and one out of band are told at the same time."""
    stage.update(audio=OFF, output_modalities=["text"])
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
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def two_spoken_messages(stage: Stage) -> None:
    """One spoken response holds two messages."""
    stage.update(audio=OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def failed_response(stage: Stage) -> None:
    """The model breaks down: the response ends as failed, and the next one is told."""
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item("Break down, please.")
    stage.respond()
    stage.item("Good morning.")
    stage.respond()
    stage.fence()


@conversation()
def spoken_then_cut(stage: Stage) -> None:
    """A spoken answer is truncated to nothing, and the item is looked at."""
    stage.update(audio=OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    done = stage.respond()
    assert done
    item_id = next(
        e.event["item_id"] for e in stage.entries if e.type == "response.output_audio.done" and e.event
    )
    stage.say("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0)
    stage.say("conversation.item.retrieve", item_id=item_id)
    stage.fence()


@conversation()
def cancelled(stage: Stage) -> None:
    """A running response is cancelled, and another one asked for."""
    ask_for_much(stage, 2, output_modalities=["text"])
    stage.say("response.cancel")
    stage.finish()
    stage.item("Then say yes.")
    stage.respond()
    stage.fence()


@conversation()
def cancelled_by_id(stage: Stage) -> None:
    """The response to cancel is named."""
    ask_for_much(stage, 2, output_modalities=["text"])
    created = next(e.event for e in stage.entries if e.type == "response.created")
    assert created is not None
    stage.say("response.cancel", response_id=created["response"]["id"])
    stage.finish()
    stage.fence()


@conversation()
def cancelled_while_it_speaks(stage: Stage) -> None:
    """A spoken response is cancelled."""
    ask_for_much(stage, 2, output_modalities=["audio"])
    stage.say("response.cancel")
    stage.finish()
    stage.fence()


@conversation()
def cancelled_at_once(stage: Stage) -> None:
    """A response is asked for and cancelled in one burst."""
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item(LONG)
    stage.burst({"type": "response.create"}, {"type": "response.cancel"})
    stage.finish()
    stage.fence()


@conversation()
def create_right_behind_cancel(stage: Stage) -> None:
    """The next response is asked for while the cancelled one is not yet done."""
    ask_for_much(stage, 2, output_modalities=["text"])
    stage.burst({"type": "response.cancel"}, {"type": "response.create"})
    stage.finish()
    stage.fence()


@conversation()
def nothing_to_cancel(stage: Stage) -> None:
    """Nothing runs, nothing ran yet, and one that is done is named."""
    stage.update(audio=OFF, output_modalities=["text"])
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
    stage.update(audio=OFF)
    stage.item("Hello.", id="item_with_an_id_that_is_longer_than_most")
    stage.fence()


@conversation()
def metadata_alone(stage: Stage) -> None:
    """The last response of a session is asked for with metadata."""
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item("Say yes.")
    stage.respond(metadata={"purpose": "last"})
    stage.fence()


@conversation("openai")
def same_voice(stage: Stage) -> None:
    """The voice that was used is named again."""
    stage.update(audio=OFF, output_modalities=["audio"])
    stage.item("Good morning.")
    stage.respond()
    stage.update(audio={"output": {"voice": "alloy"}})
    stage.fence()


class _TwoMessages(ScriptedModel):
    def answer(self, prompt: Prompt) -> tuple[AnswerMessage, ...]:  # noqa: ARG002 - the same to everybody
        return AnswerMessage("Let me think about that."), AnswerMessage("Here is what I think.")


class _BreakingDown(ResponseStream):
    def steps(self) -> Iterator[None]:
        if "Break down" not in self.settings.prompt.items[-1].heard:
            yield from super().steps()
            return
        yield
        self.fail()


_BEHAVIOURS = {
    "transcription_session": Behaviour(alteration=lambda _dialect: Alteration([TranscribingOnly])),
    "mcp_call": differing([VARIANTS["mcp-calls"]]),
    "backchannel_audio": differing([VARIANTS["backchannel-audio"]]),
    "provider_data_shown": differing([VARIANTS["provider-data-shown"]]),
    "two_messages": Behaviour(model=_TwoMessages),
    "two_spoken_messages": Behaviour(model=_TwoMessages),
    "failed_response": Behaviour(stream=_BreakingDown),
}
