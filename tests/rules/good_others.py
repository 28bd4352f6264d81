"""Good conversations with tools of MCP servers, and with what only one dialect has."""

from __future__ import annotations

from generators.audio import question, silent_pcm
from reference.alterations import Sent, SessionStep
from tests.rules.good_audio import append
from tests.rules.scripted_stage import Stage
from tests.rules.scripts import MODELS, OFF, Json, ask_for_much, conversation


@conversation("openai")
def transcription_session(stage: Stage) -> None:
    """A session that only transcribes."""
    listening = {"transcription": {"model": MODELS[stage.dialect]}, "turn_detection": None}
    stage.update(type="transcription", audio={"input": listening})
    append(stage, question())
    stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()


class TranscribingOnly(SessionStep):
    """Shows the session as one that only transcribes (facts 3.2)."""

    def incoming(self, event: Json) -> Json:
        session = event.get("session")
        return {**event, "session": {**session, "type": "realtime"}} if session else event

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] in ("session.created", "session.updated"):
            shown = event["session"]
            event["session"] = {
                "type": "transcription",
                "object": "realtime.transcription_session",
                "id": shown["id"],
                "expires_at": shown["expires_at"],
                "include": shown["include"],
                "audio": {"input": shown["audio"]["input"]},
            }
        return [event]


@conversation("openai")
def mcp_listing(stage: Stage) -> None:
    """The tools of an MCP server are listed, in vain."""
    tool = {"type": "mcp", "server_label": "library", "server_url": "https://library.example/mcp"}
    stage.update(audio=OFF, tools=[tool])
    stage.item("Hello.")
    stage.fence()


@conversation("openai")
def mcp_call(stage: Stage) -> None:
    """A response calls the tool of an MCP server."""
    tool = {"type": "mcp", "server_label": "library", "server_url": "https://library.example/mcp"}
    stage.update(audio=OFF, output_modalities=["text"], tools=[tool])
    stage.item("Hello.")
    stage.respond()
    stage.wait(20.0)  # long enough for what is missing to be missing
    stage.fence()


@conversation("openai")
def both_modalities_refused(stage: Stage) -> None:
    """Text and audio together are refused."""
    stage.update(audio=OFF)
    stage.update(output_modalities=["text", "audio"])
    stage.update()
    stage.fence()


@conversation("inworld")
def three_texts(stage: Stage) -> None:
    """Three written answers, all asked for without settings."""
    stage.update(audio=OFF, output_modalities=["text"])
    for text in ("One.", "Two.", "Three."):
        stage.item(text)
        stage.respond()
    stage.fence()


@conversation("inworld")
def unknown_response_key(stage: Stage) -> None:
    """A response is asked for with a key that nobody knows."""
    stage.update(audio=OFF, output_modalities=["text"])
    stage.item("Say yes.")
    stage.respond(conformance_probe=True)
    stage.fence()


@conversation("inworld")
def item_and_response_at_once(stage: Stage) -> None:
    """An item and the request for its answer are sent in one burst."""
    stage.update(audio=OFF, output_modalities=["text"])
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
    append(stage, question())
    append(stage, silent_pcm(1500))
    stage.finish()
    stage.fence()


@conversation("inworld")
def backchannel_beside_cancel(stage: Stage) -> None:
    """A response is cancelled with the back-channel enabled."""
    ask_for_much(stage, 2, output_modalities=["text"], providerData={"backchannel": {"enabled": True}})
    stage.say("response.cancel")
    stage.finish()
    stage.fence()


@conversation("inworld")
def truncated_near_its_end(stage: Stage) -> None:
    """A spoken answer is truncated where most of it has been heard."""
    stage.update(audio=OFF, output_modalities=["audio"])
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
    append(stage, question())
    append(stage, silent_pcm(1500))
    stage.finish()
    stage.fence()


@conversation("inworld")
def memory_enabled(stage: Stage) -> None:
    """Memory is switched on; two turns follow."""
    state = {"version": 1, "facts": [], "summary": "", "context_text": "", "total_turns": 0}
    stage.update(
        audio=OFF, output_modalities=["text"], providerData={"memory": {"enabled": True, "state": state}}
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
        audio=OFF,
        output_modalities=["audio"],
        providerData={"tts": {"timestamp_type": "WORD"}, "stt": {"voice_profile": True}},
    )
    stage.item("Good morning.")
    stage.respond()
    stage.fence()
