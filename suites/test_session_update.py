"""session.update: partial, atomic, echoed in full."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import WEATHER, Talk, user


@scenario(
    "session/update/acknowledged",
    "session/update/acknowledged-once",
    "session/update/echoes-values",
    "session/update/keeps-the-rest",
    "session/updated/full-configuration",
    "session/updated/same-id",
    "session/updated/not-the-clients-event-id",
    "payload/session.updated",
    "session/updated/model-fixed",
    "session/updated/one-modality",
)
async def one_field(talk: Talk) -> None:
    """Only the instructions are set; everything else stays."""
    await talk.opened()
    await talk.update(instructions="Answer in one word.")
    await talk.fence()


@scenario("session/update/echoes-values", "session/update/keeps-the-rest", shares="together")
async def several_fields_one_after_another(talk: Talk) -> None:
    """Updates of different fields do not disturb each other."""
    await talk.opened()
    await talk.update(instructions="Be brief.")
    await talk.update(output_modalities=["text"])
    await talk.update(max_output_tokens=100)
    await talk.update(tool_choice="none")


@scenario("session/update/acknowledged", "session/update/keeps-the-rest", shares="together")
async def nothing_at_all(talk: Talk) -> None:
    """An update that sets nothing shows the configuration as it is."""
    await talk.opened()
    await talk.update(instructions="Be brief.")
    await talk.update()


@scenario("session/update/acknowledged", "envelope/answers-in-order", shares="together")
async def two_in_a_burst(talk: Talk) -> None:
    """Two updates are sent without waiting for the first to be acknowledged."""
    await talk.opened()
    await talk.session.send("session.update", session=talk.patch(instructions="Be brief."))
    await talk.update(output_modalities=["text"])
    await talk.fence()


@scenario("session/update/null-turn-detection", "session/update/echoes-values", shares="together")
async def turn_detection_off(talk: Talk) -> None:
    """Turn detection is switched off by null."""
    await talk.opened()
    await talk.update(audio={"input": {"turn_detection": None}})


@scenario(
    "session/update/keeps-nested-fields",
    "session/update/echoes-values",
    features=("server-vad",),
    shares="together",
)
async def part_of_turn_detection(talk: Talk) -> None:
    """One field of turn detection is set; its siblings keep their values or get defaults."""
    await talk.opened()
    await talk.update(
        audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.6, "create_response": True}}}
    )
    await talk.update(audio={"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 700}}})


@scenario("session/update/echoes-values", "session/update/keeps-nested-fields", shares="together")
async def speed_beside_other_audio_settings(talk: Talk) -> None:
    """The speed of speech is set; the rest of the audio settings stays."""
    await talk.opened()
    await talk.update(audio={"output": {"speed": 1.25}})


@scenario(
    "session/update/null-clears",
    "session/update/echoes-values",
    features=("transcription",),
    shares="together",
)
async def transcription_on_and_off(talk: Talk) -> None:
    """Transcription is switched on, and off by null."""
    await talk.opened()
    model = talk.dialect.models["transcription"]
    await talk.update(audio={"input": {"transcription": {"model": model}}})
    await talk.update(audio={"input": {"transcription": None}})


@scenario("session/update/null-clears", "session/update/echoes-values", shares="together")
async def noise_reduction_on_and_off(talk: Talk) -> None:
    """Noise reduction is switched on, and off by null."""
    await talk.opened()
    await talk.update(audio={"input": {"noise_reduction": {"type": "near_field"}}})
    await talk.update(audio={"input": {"noise_reduction": None}})


@scenario(
    "session/update/null-clears",
    "session/update/echoes-values",
    features=("function-calls",),
    shares="together",
)
async def tools_set_and_cleared(talk: Talk) -> None:
    """A tool is set, and cleared by an empty list."""
    await talk.opened()
    await talk.update(tools=[WEATHER], tool_choice="auto")
    await talk.update(tools=[])


@scenario("session/update/type-required", "session/update/type-optional", shares="together")
async def without_session_type(talk: Talk) -> None:
    """The update leaves session.type out."""
    await talk.opened()
    await talk.ask("session.update", session={"instructions": "Be brief."})
    await talk.fence()


@scenario(
    "errors/invalid-event-refused", "errors/session-survives", "errors/event-id-echoed", shares="together"
)
async def without_session(talk: Talk) -> None:
    """The session is missing."""
    await talk.opened()
    await talk.refused("session.update")
    await talk.fence()


@scenario(
    "errors/invalid-event-refused",
    "session/update/refusal-changes-nothing",
    "errors/event-id-echoed",
    shares="together",
)
async def value_outside_enum(talk: Talk) -> None:
    """A modality that does not exist, beside a good field: where it is refused, nothing is applied."""
    await talk.opened()
    await talk.update(instructions="Before.")
    await talk.update(instructions="Refused.", output_modalities=["smell"])
    await talk.update()


@scenario(
    "errors/invalid-event-refused",
    "session/update/refusal-changes-nothing",
    "errors/shape",
    "errors/type-names-culprit",
    "payload/error",
    "errors/one-answer",
    "errors/session-survives",
    shares="together",
)
async def wrong_type_of_field(talk: Talk) -> None:
    """The instructions are a number."""
    await talk.opened()
    await talk.update(instructions=42)
    await talk.update()


@scenario("session/update/refusal-changes-nothing", where="refuses_unknown_fields", shares="together")
async def unknown_parameter(talk: Talk) -> None:
    """A field of the beta's session, which GA does not know."""
    await talk.opened()
    await talk.update(instructions="Refused.", voice="alloy")
    await talk.update()


@scenario(
    "session/update/unknown-model-refused-whole",
    "session/update/refusal-changes-nothing",
    where="refuses_unknown_models",
    features=("transcription",),
    shares="together",
)
async def unknown_recognition_model(talk: Talk) -> None:
    """A speech recognition model that does not exist, beside a good field."""
    await talk.opened()
    await talk.update(instructions="Before.")
    model = talk.names.get("unknown_model", "")
    await talk.update(instructions="Refused.", audio={"input": {"transcription": {"model": model}}})
    await talk.update()


@scenario("session/update/unknown-keys-ignored", where="not refuses_unknown_fields", shares="together")
async def unknown_keys(talk: Talk) -> None:
    """Keys nobody knows, at the top and below."""
    await talk.opened()
    await talk.update(instructions="Be brief.", conformance_probe={"a": 1})


@scenario(
    "session/update/both-modalities",
    "session/update/echoes-values",
    "session/updated/one-modality",
    "errors/invalid-event-refused",
    shares="together",
)
async def both_modalities(talk: Talk) -> None:
    """Text and audio together, which only some servers allow; then nothing, to see what became of it."""
    await talk.opened()
    await talk.update(output_modalities=["text", "audio"])
    await talk.update()


@scenario(
    "session/update/format-alias",
    "session/updated/format-echo",
    where="takes_short_formats",
    features=("audio-input",),
    shares="together",
)
async def format_by_short_name(talk: Talk) -> None:
    """Audio formats by the short names that phone samples use."""
    await talk.opened()
    await talk.update(audio={"input": {"format": "g711_ulaw"}, "output": {"format": "g711_ulaw"}})


@scenario("session/update/echoes-values", where="has_extensions", shares="together")
async def temperature(talk: Talk) -> None:
    """A field that GA has not."""
    await talk.opened()
    await talk.update(temperature=0.7)


@scenario(
    "session/update/used-by-next-response",
    "session/update/acknowledged",
    "envelope/ids-keep-their-meaning",
    responses=1,
    shares="answered",
)
async def next_response_uses_it(talk: Talk) -> None:
    """Items and updates come in turn; the response that follows has their modality and token limit."""
    await talk.by_text()
    await talk.say("My name is Ada.")
    await talk.update(instructions="Answer in one word, please.", max_output_tokens=200)
    await talk.create(user("Say yes."))
    await talk.respond()


@scenario(
    "session/update/voice-locked-after-audio",
    "session/update/voice-changeable",
    "session/update/acknowledged",
    "response/modality/audio-without-text-stream",
    "response/modality/audio-with-transcript",
    features=("audio-output",),
    responses=1,
    audio_s=5.0,
    shares="answered",
)
async def voice_after_audio(talk: Talk) -> None:
    """A session of text has spoken, since one response was to be audio; its voice is named, then changed."""
    voices = talk.dialect.voices
    await talk.by_text()
    await talk.update(audio={"output": {"voice": voices[0]}})
    await talk.say("Say yes.")
    await talk.respond(output_modalities=["audio"])
    for voice in voices:  # the one that it has, then another
        await talk.update(audio={"output": {"voice": voice}})
    await talk.fence()


@scenario("session/update/model-changeable", where="changes_model", shares="together")
async def another_model(talk: Talk) -> None:
    """The model is changed in mid-session."""
    await talk.opened()
    await talk.update(model=talk.names.get("second_model", "google-ai-studio/gemini-2.5-flash"))


@scenario("session/update/web-search-tool", where="has_extensions", shares="together")
async def web_search_tool(talk: Talk) -> None:
    """The built-in search tool."""
    await talk.opened()
    tool = {"type": "web_search", "providerData": {"engine": "google", "max_results": 3, "max_steps": 1}}
    await talk.update(tools=[tool])
    await talk.fence()


@scenario(
    "mcp/listing-told",
    "mcp/list-tools",
    "payload/mcp_list_tools.in_progress",
    "payload/mcp_list_tools.failed",
    where="offers_mcp",
    features=("mcp",),
    responses=1,
)
async def tools_of_an_mcp_server_that_is_not_there(talk: Talk) -> None:
    """An MCP server at an address that nobody can have is to list its tools; a turn follows all the same."""
    await talk.opened()
    server = {"type": "mcp", "server_label": "nobody", "server_url": "https://mcp.invalid/sse"}
    before = talk.session.sent_seq
    await talk.by_text(tools=[server])
    await talk.hears(("mcp_list_tools.completed", "mcp_list_tools.failed"), after=before)
    await talk.say("Which books are there? Use a tool if there is one.")
    await talk.respond()
    await talk.fence()
