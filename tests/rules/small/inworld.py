"""Small traces: what only Inworld's dialect has."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.rules.said import (
    ASKED,
    CANCEL,
    RUNNING,
    Json,
    Said,
    begins,
    client,
    create,
    created,
    ends,
    error,
    joins,
    message,
    server,
    silence,
    speaking,
    speaks,
    transcribed,
    update,
    updated,
)
from tests.rules.small.rows import Row, Rows

row = partial(Row, dialect="inworld")


def refused(param: str | None = None, code: str = "invalid_value") -> Said:
    return error("update", code, param=param)


def provided(**branches: Any) -> Said:
    """An update of Inworld's own data."""
    return update(providerData=branches)


def murmur(end: str = "delta", **fields: Any) -> Said:
    return server(f"response.backchannel.audio.{end}", **{"backchannel_id": "bc_1",
        **({"delta": "AAAA"} if end == "delta" else {}), **fields})  # fmt: skip


def remembering(version: int) -> Json:
    return {"memory": {"enabled": True, "state": {"version": version}}}


MURMURS = provided(backchannel={"enabled": True})
SPOKEN = [*RUNNING, *speaks("resp_1", "item_a", 20)]
UNTYPED = client("session.update", event_id="update", session={"instructions": "Be."})
SECOND = {"second_model": "openai/other"}
UNKNOWN = {"unknown_model": "nobody/knows"}
ASKS_UNKNOWN = update(audio={"input": {"transcription": {"model": "nobody/knows"}}})
AT_MODEL = "session.audio.input.transcription.model"
ENDED = ends("resp_1", "incomplete", status_details={"type": "incomplete", "reason": "max_output_tokens"})
HELLO = create("hello", message())
SEARCH = {"type": "web_search"}
STREAM = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
TIMED = [server("response.output_audio.delta", **STREAM, delta="AAAA", timestamp_info={}),
         server("response.output_audio.done", **STREAM)]  # fmt: skip
PROFILED: Said = ("server", {**transcribed("item_1")[1], "providerData": {"voiceProfile": {}}})

ROWS: Rows = {
    # what is accepted like any other
    "an update without its type": row("session/update/type-optional", [created(), UNTYPED,
        updated(instructions="Be.")], "holds"),
    "an update without its type, which is demanded": row("session/update/type-optional", [created(),
        UNTYPED, refused("session.type")], "violated"),
    "an update without its type, refused for another thing": row("session/update/type-optional",
        [created(), UNTYPED, refused("session.instructions")], "nothing",
        also=("session/update/acknowledged",)),
    "an update with its type": row("session/update/type-optional", [created(), update(), updated()],
        "nothing"),
    "an update of nothing": row("session/update/type-optional", [created(), client("session.update",
        session={}), updated()], "nothing"),
    "another voice after audio": row("session/update/voice-changeable", [
        created(audio=speaking(voice="Dennis")), *SPOKEN, update(audio={"output": {"voice": "Clive"}}),
        updated(audio=speaking(voice="Clive"))], "holds", also=("response/modality/text-only",)),
    "another voice refused after audio": row("session/update/voice-changeable", [
        created(audio=speaking(voice="Dennis")), *SPOKEN, update(audio={"output": {"voice": "Clive"}}),
        refused("session.audio.output.voice")], "violated", also=("response/modality/text-only",)),
    "another voice refused before audio": row("session/update/voice-changeable", [
        created(audio=speaking(voice="Dennis")), update(audio={"output": {"voice": "Clive"}}),
        refused("session.audio.output.voice")], "nothing"),
    "another model": row("session/update/model-changeable", [created(), update(model="openai/other"),
        updated(model="openai/other")], "holds", header=SECOND),
    "another model refused": row("session/update/model-changeable", [created(),
        update(model="openai/other"), refused("session.model")], "violated", header=SECOND),
    "a model that perhaps there is not": row("session/update/model-changeable", [created(),
        update(model="openai/other"), refused("session.model")], "nothing"),
    "the same model": row("session/update/model-changeable", [created(), update(model="gpt-realtime"),
        updated()], "nothing", header=SECOND),
    "a key that nobody knows": row("session/update/unknown-keys-ignored", [created(), update(shoes="red"),
        updated()], "holds"),
    "a key that nobody knows, refused": row("session/update/unknown-keys-ignored", [created(),
        update(shoes="red"), refused("session.shoes")], "violated",
        told={"says": "a valid session.update was refused: No.", "expected": "session.updated",
        "actual": "error invalid_value"}),
    "keys that are known": row("session/update/unknown-keys-ignored", [created(),
        update(temperature=0.8), updated(temperature=0.8)], "nothing"),
    "both modalities": row("session/update/both-modalities", [created(),
        update(output_modalities=["text", "audio"]), updated(output_modalities=["text", "audio"])], "holds"),
    "both modalities refused": row("session/update/both-modalities", [created(),
        update(output_modalities=["text", "audio"]), refused("session.output_modalities")], "violated"),
    "one modality of two": row("session/update/both-modalities", [created(),
        update(output_modalities=["audio"]), updated(output_modalities=["audio"])], "nothing"),
    "a format by its short name": row("session/update/format-alias", [created(),
        update(audio={"input": {"format": "g711_ulaw"}}),
        updated(audio={"input": {"turn_detection": None, "format": {"type": "audio/pcmu"}}})], "holds"),
    "a format by its short name, refused": row("session/update/format-alias", [created(),
        update(audio={"output": {"format": "g711_ulaw"}}), refused("session.audio.output.format")],
        "violated"),
    "a format as an object": row("session/update/format-alias", [created(),
        update(audio={"input": {"format": {"type": "audio/pcmu"}}}),
        updated(audio={"input": {"turn_detection": None, "format": {"type": "audio/pcmu"}}})], "nothing"),
    "an update before the session": row("session/update/before-session-created", [update(), created(),
        updated()], "holds"),
    "an update before the session, refused": row("session/update/before-session-created", [update(),
        created(), refused()], "violated"),
    "an update after the session, refused": row("session/update/before-session-created", [created(),
        update(), refused()], "nothing", also=("session/update/acknowledged",)),
    "a wrong update before the session": row("session/update/before-session-created", [update(tools=1),
        created(), refused()], "nothing"),
    "a response asked for with no word more": row("response/create/bare", [created(), ASKED,
        begins("resp_1")], "holds"),
    "a response asked for with some": row("response/create/bare", [created(), client("response.create",
        response={"instructions": "Be."}), begins("resp_1")], "nothing"),
    "a key of a response that nobody knows": row("response/create/unknown-keys-ignored", [created(),
        client("response.create", response={"modalities": ["text"]}), begins("resp_1")], "holds"),
    "keys of a response that are known": row("response/create/unknown-keys-ignored", [created(),
        client("response.create", response={"instructions": "Be."}), begins("resp_1")], "nothing"),
    # recognition models
    "an unknown model refused": row("session/update/unknown-model-refused-whole", [created(), ASKS_UNKNOWN,
        refused(AT_MODEL)], "holds", header=UNKNOWN),
    "an unknown model refused elsewhere": row("session/update/unknown-model-refused-whole", [created(),
        ASKS_UNKNOWN, refused("session.audio")], "violated", header=UNKNOWN, told={"path": "error.param",
        "says": "an unknown speech recognition model was not refused by its name",
        "expected": f"error invalid_value at {AT_MODEL}", "actual": "error invalid_value at session.audio",
        "because": ["session.update"]}),
    "an unknown model refused without a place": row("session/update/unknown-model-refused-whole",
        [created(), ASKS_UNKNOWN, refused()], "violated", header=UNKNOWN,
        told={"actual": "error invalid_value at no param"}),
    "an unknown model refused by another code": row("session/update/unknown-model-refused-whole",
        [created(), ASKS_UNKNOWN, refused(AT_MODEL, "unknown_model")], "violated", header=UNKNOWN),
    "an unknown model accepted": row("session/update/unknown-model-refused-whole", [created(), ASKS_UNKNOWN,
        updated(audio={"input": {"turn_detection": None, "transcription": {"model": "nobody/knows"}}})],
        "violated", header=UNKNOWN, told={"actual": "accepted"}),
    "an unknown model, and the capture ends": row("session/update/unknown-model-refused-whole", [created(),
        ASKS_UNKNOWN], "undecided", header=UNKNOWN),
    "a model that may be known": row("session/update/unknown-model-refused-whole", [created(),
        ASKS_UNKNOWN, refused(AT_MODEL)], "nothing"),
    "no model where one would be unknown": row("session/update/unknown-model-refused-whole", [created(),
        update(), updated()], "nothing", header=UNKNOWN),
    # an item and its response in one burst
    "an item in one burst with its response": row("items/create/burst-with-response", [created(), HELLO,
        ASKED, *joins(message("item_1")), begins("resp_1"), ENDED], "holds"),
    "an item in one burst, and late": row("items/create/burst-with-response", [created(), HELLO, ASKED,
        begins("resp_1"), ENDED, *joins(message("item_1"))], "violated",
        told={"expected": "conversation.item.added", "actual": "not added yet",
        "says": "an item sent in one burst with response.create was not added before the response was"
        " done", "because": ["conversation.item.create", "response.create"]}),
    "an item in no burst": row("items/create/burst-with-response", [created(), HELLO,
        *joins(message("item_1")), ASKED, begins("resp_1"), ENDED], "nothing"),
    "a response in no burst, which nobody asked for": row("items/create/burst-with-response", [created(),
        begins("resp_1"), ENDED], "nothing"),
    # its own data
    "a branch set": row("provider-data/accepted", [created(), provided(stt={"prompt": "Names."}),
        updated()], "holds"),
    "a branch refused": row("provider-data/accepted", [created(), provided(stt={"prompt": "Names."}),
        refused("session.providerData")], "violated"),
    "a root field set": row("provider-data/accepted", [created(), provided(user_id="me"), updated()],
        "nothing"),
    "the key in another spelling": row("provider-data/exact-key", [created(),
        update(provider_data={"stt": {}}), updated()], "holds"),
    "the key in another spelling, refused": row("provider-data/exact-key", [created(),
        update(provider_data={"stt": {}}), refused("session.provider_data")], "violated"),
    "the key as it is": row("provider-data/exact-key", [created(), provided(stt={}), updated()], "nothing"),
    "another branch kept": row("provider-data/merged", [created(providerData={"stt": {"prompt": "One."}}),
        provided(tts={"language": "en"}), updated(providerData={"stt": {"prompt": "One."},
        "tts": {"language": "en"}})], "holds"),
    "another branch changed": row("provider-data/merged", [
        created(providerData={"stt": {"prompt": "One."}}), provided(tts={"language": "en"}),
        updated(providerData={"stt": {"prompt": "Two."}, "tts": {"language": "en"}})], "violated",
        told={"says": "providerData.stt.prompt changed by an update of another branch",
        "path": "session.providerData.stt.prompt", "expected": "One.", "actual": "Two.",
        "because": ["session.created", "session.update"]}),
    "another branch lost": row("provider-data/merged", [created(providerData={"stt": {"prompt": "One."}}),
        provided(tts={"language": "en"}), updated(providerData={"tts": {"language": "en"}})], "violated"),
    "data shown no more": row("provider-data/merged", [created(providerData={"stt": {"prompt": "One."}}),
        provided(tts={"language": "en"}), updated()], "nothing"),
    "data shown for the first time": row("provider-data/merged", [created(),
        provided(tts={"language": "en"}), updated(providerData={"stt": {"prompt": "One."}})], "nothing"),
    "the branch itself changed": row("provider-data/merged", [
        created(providerData={"stt": {"prompt": "One."}}), provided(stt={"prompt": "Two."}),
        updated(providerData={"stt": {"prompt": "Two."}})], "nothing"),
    "data changed by an update of something else": row("provider-data/merged", [
        created(providerData={"stt": {"prompt": "One."}}), update(),
        updated(providerData={"stt": {"prompt": "Two."}})], "nothing"),
    "memory grown meanwhile": row("provider-data/merged", [created(providerData=remembering(1)),
        provided(tts={"language": "en"}), updated(providerData=remembering(2))], "nothing"),
    "a root field changed meanwhile": row("provider-data/merged", [created(providerData={"user_id": "me"}),
        provided(tts={"language": "en"}), updated(providerData={"user_id": "you"})], "nothing"),
    "data changed unasked": row("provider-data/merged", [created(providerData={"stt": {"prompt": "One."}}),
        updated(providerData={"stt": {"prompt": "Two."}})], "nothing"),
    "data that is shown": row("provider-data/echoed", [created(), provided(stt={"prompt": "One."}),
        updated(providerData={"stt": {"prompt": "One."}})], "seen: shown"),
    "data that is not shown": row("provider-data/echoed", [created(), provided(stt={"prompt": "One."}),
        updated()], "seen: not shown"),
    "no data sent": row("provider-data/echoed", [created(), update(), updated()], "nothing"),
    "data shown unasked": row("provider-data/echoed", [created(), updated(providerData={"stt": {}})],
        "nothing"),
    "a locked field changed": row("provider-data/locked-fields", [created(), ASKED, begins("resp_1"),
        provided(tts={"conversational": True}), updated()], "seen: tts.conversational: accepted"),
    "a locked field set at the beginning": row("provider-data/locked-fields", [created(),
        provided(tts={"conversational": True}), updated()], "nothing"),
    "a field that is not locked changed": row("provider-data/locked-fields", [created(), ASKED,
        begins("resp_1"), provided(tts={"language": "en"}), updated()], "nothing"),
    # the back-channel
    "a murmur asked for": row("backchannel/only-when-enabled", [created(), MURMURS, updated(), murmur()],
        "holds"),
    "a murmur nobody asked for": row("backchannel/only-when-enabled", [created(), murmur()], "violated",
        told={"says": "response.backchannel.audio.delta came although the back-channel was never enabled",
        "expected": "no back-channel", "actual": "response.backchannel.audio.delta",
        "because": ["session.created"]}),
    "a murmur that was asked for before, perhaps": row("backchannel/only-when-enabled", [updated(),
        murmur()], "nothing", whole=False),
    "a murmur asked for in what is seen": row("backchannel/only-when-enabled", [updated(), MURMURS,
        updated(), murmur()], "holds", whole=False),
    "a response without a murmur": row("backchannel/only-when-enabled", [created(), *RUNNING,
        ENDED], "holds"),
    "a response without the murmur it may have": row("backchannel/only-when-enabled", [created(), MURMURS,
        updated(), *RUNNING, ENDED], "nothing"),
    "a murmur outside responses": row("backchannel/outside-responses", [created(), MURMURS, updated(),
        murmur()], "holds"),
    "a murmur of a response": row("backchannel/outside-responses", [created(), MURMURS, updated(),
        murmur(response_id="resp_1")], "violated", told={"path": "response_id", "expected": "none",
        "actual": "resp_1", "says": "response.backchannel.audio.delta carries a response_id"}),
    "a murmur that ends": row("backchannel/done-follows", [created(), MURMURS, updated(), murmur(),
        murmur("done"), silence("response.backchannel.audio.done")], "holds"),
    "a murmur that goes on": row("backchannel/done-follows", [created(), MURMURS, updated(), murmur(),
        silence("response.backchannel.audio.done")], "violated",
        told={"says": "the back-channel audio bc_1 was never ended", "actual": "nothing",
        "expected": "response.backchannel.audio.done",
        "because": ["response.backchannel.audio.delta"]}),
    "a murmur that may still end": row("backchannel/done-follows", [created(), MURMURS, updated(), murmur(),
        ("harness", {**silence("response.done")[1], "silent": False})], "nothing"),
    "a murmur skipped": row("backchannel/done-follows", [created(), MURMURS, updated(),
        server("response.backchannel.skipped", reason="no_phrase")], "nothing"),
    "a murmur after a cancel": row("backchannel/survives-cancel", [created(), MURMURS, updated(), *RUNNING,
        CANCEL, murmur()], "seen: goes on after response.cancel"),
    "a murmur after nothing of the kind": row("backchannel/survives-cancel", [created(), MURMURS, updated(),
        ASKED, murmur()], "nothing"),
    # the rest
    "a turn suggested": row("turn/suggestions", [created(), server("input_audio_buffer.turn_suggestion",
        item_id="item_1", utterance_index=0, probability=0.5)],
        "seen: input_audio_buffer.turn_suggestion"),
    "a turn suggested no more": row("turn/suggestions", [created(),
        server("input_audio_buffer.turn_suggestion_revoked", item_id="item_1", utterance_index=0)],
        "seen: input_audio_buffer.turn_suggestion_revoked"),
    "a ping": row("keep-alive/ping", [created(), server("ping", timestamp=1)], "seen: ping"),
    "a voice profile nobody asked for": row("transcription/voice-profile", [created(), PROFILED],
        "violated", told={"says": "a voice profile came that nobody asked for",
        "path": "providerData.voiceProfile", "expected": "none", "actual": "a voice profile"},
        also=("envelope/ids-keep-their-meaning",)),
    "a voice profile asked for": row("transcription/voice-profile", [created(),
        provided(stt={"voice_profile": True}), updated(), PROFILED], "nothing",
        also=("envelope/ids-keep-their-meaning",)),
    "a voice profile asked not to come": row("transcription/voice-profile", [created(),
        provided(stt={"voice_profile": False}), updated(), PROFILED], "violated",
        also=("envelope/ids-keep-their-meaning",)),
    "no voice profile": row("transcription/voice-profile", [created(), transcribed("item_1")], "holds",
        also=("envelope/ids-keep-their-meaning",)),
    "timestamps nobody asked for": row("response/audio/timestamps-on-request", [created(), *RUNNING,
        *TIMED], "violated", told={"says": "audio deltas carry timestamp_info that nobody asked for",
        "path": "timestamp_info", "expected": "none", "actual": "1 deltas with it",
        "because": ["response.output_audio.delta"]}, also=("response/item/added-first",
        "response/modality/text-only")),
    "timestamps asked for": row("response/audio/timestamps-on-request", [created(),
        provided(tts={"timestamp_type": "WORD"}), updated(), *RUNNING, *TIMED], "nothing",
        also=("response/item/added-first", "response/modality/text-only")),
    "no timestamps": row("response/audio/timestamps-on-request", [created(), *SPOKEN], "holds",
        also=("response/modality/text-only",)),
    "memory that grows": row("memory/state-grows", [created(providerData=remembering(1)),
        updated(providerData=remembering(2))], "holds"),
    "memory that stays": row("memory/state-grows", [created(providerData=remembering(1)),
        updated(providerData=remembering(1))], "holds"),
    "memory that goes back": row("memory/state-grows", [created(providerData=remembering(2)),
        updated(providerData=remembering(1))], "violated",
        told={"says": "the version of the memory's state went back",
        "path": "session.providerData.memory.state.version", "expected": "at least 2", "actual": "1",
        "because": ["session.created"]}),
    "memory that another took the place of": row("memory/state-grows", [
        created(providerData=remembering(2)), provided(**remembering(0)),
        updated(providerData=remembering(0))], "nothing"),
    "memory that goes back with another update": row("memory/state-grows", [
        created(providerData=remembering(2)), update(), updated(providerData=remembering(1))], "violated"),
    "memory shown for the first time": row("memory/state-grows", [created(),
        updated(providerData=remembering(1))], "nothing"),
    "memory shown no more": row("memory/state-grows", [created(providerData=remembering(1)), updated()],
        "nothing"),
    "a format shown as an object": row("session/updated/format-echo", [
        created(audio=speaking(format={"type": "audio/pcm", "rate": 24000}))], "holds"),
    "a format shown by its short name": row("session/updated/format-echo", [
        created(audio=speaking(format="pcm16"))], "violated",
        told={"says": "the format of the output is not shown as an object",
        "path": "session.audio.output.format", "expected": "an object with type", "actual": "pcm16"}),
    "a format of the input shown by its short name": row("session/updated/format-echo", [
        created(audio={"input": {"format": "pcm16"}})], "violated",
        told={"path": "session.audio.input.format"}),
    "no format shown": row("session/updated/format-echo", [created()], "nothing"),
    "a web search accepted": row("session/update/web-search-tool", [created(tools=[]),
        update(tools=[SEARCH]), updated(tools=[SEARCH])], "seen: accepted"),
    "a web search refused": row("session/update/web-search-tool", [created(), update(tools=[SEARCH]),
        refused("session.tools")], "seen: refused"),
    "no web search": row("session/update/web-search-tool", [created(tools=[]),
        update(tools=[{"type": "function", "name": "f"}]),
        updated(tools=[{"type": "function", "name": "f"}])], "nothing"),
}  # fmt: skip
