"""Small traces: what an update of a session sets, leaves alone and switches off."""

from __future__ import annotations

from tests.rules.said import created, error, hearing, server, session, speaking, update, updated
from tests.rules.small.rows import Row, Rows

VAD = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200}
"""Turn detection as a server shows it."""

ROWS: Rows = {
    # what an update sets
    "an update shown": Row("session/update/echoes-values", [created(), update(instructions="Be."),
        updated(instructions="Be.")], "holds"),
    "an update not shown": Row("session/update/echoes-values", [created(), update(instructions="Be."),
        updated(instructions="Else.")], "violated",
        told={"says": "session.updated does not show instructions as it was set",
        "path": "session.instructions", "expected": "Be.", "actual": "Else.",
        "because": ["session.update"]}),
    "an update nobody asked for": Row("session/update/echoes-values", [created(),
        updated(instructions="Be.")], "nothing"),
    "an update that breaks the contract": Row("session/update/echoes-values", [created(),
        update(max_output_tokens=0), updated(max_output_tokens=1)], "nothing",
        also=("errors/invalid-event-refused",)),
    "an update asked for before": Row("session/update/echoes-values", [update(instructions="Be."),
        updated(instructions="Else.")], "nothing", whole=False),
    "an update asked for in sight": Row("session/update/echoes-values", [updated(),
        update(instructions="Be."), updated(instructions="Else.")], "violated", whole=False),
    "turn detection that is not switched off": Row("session/update/echoes-values", [
        created(audio=hearing(turn_detection=VAD)), update(audio=hearing()),
        updated(audio=hearing(turn_detection=VAD))], "holds", also=("session/update/null-turn-detection",)),
    "transcription that is not switched on": Row("session/update/echoes-values", [
        created(audio=hearing(transcription=None)), update(audio=hearing(transcription={})),
        updated(audio=hearing(transcription=None))], "violated",
        told={"path": "session.audio.input.transcription", "expected": "{}", "actual": "null"},
        dialect="inworld"),
    "tools that are not taken away": Row("session/update/echoes-values", [
        created(tools=[{"type": "function", "name": "f"}]), update(tools=[]),
        updated(tools=[{"type": "function", "name": "f"}])], "holds", also=("session/update/null-clears",)),
    "tools that are not given": Row("session/update/echoes-values", [created(tools=[]),
        update(tools=[{"type": "function", "name": "f"}]), updated(tools=[])], "violated"),
    "another model, not shown": Row("session/update/echoes-values", [created(), update(model="gpt-other"),
        updated()], "holds"),
    "tracing that is not switched on": Row("session/update/echoes-values", [created(tracing=None),
        update(tracing="auto"), updated(tracing=None)], "violated"),
    "tracing, which need not be shown": Row("session/update/echoes-values", [created(),
        update(tracing="auto"), updated()], "holds", dialect="inworld"),
    # what it leaves
    "a field that is kept": Row("session/update/keeps-the-rest", [created(instructions="Be."), update(),
        updated(instructions="Be.")], "holds"),
    "a field that is not kept": Row("session/update/keeps-the-rest", [created(instructions="Be."),
        update(tools=[]), updated(tools=[], instructions="Else.")], "violated",
        told={"says": "instructions changed although the session.update does not name it",
        "path": "session.instructions", "expected": "Be.", "actual": "Else.",
        "because": ["session.created", "session.update"]}),
    "a field that is not shown": Row("session/update/keeps-the-rest", [created(instructions="Be."),
        update(tools=[]), updated(tools=[])], "holds", also=("session/updated/full-configuration",)),
    "a field of the server's own that changes": Row("session/update/keeps-the-rest", [created(own="a"),
        update(tools=[]), updated(tools=[], own="b")], "holds"),
    "a model that changes": Row("session/update/keeps-the-rest", [created(), update(tools=[]),
        updated(tools=[], model="gpt-other")], "holds", also=("session/updated/model-fixed",)),
    "tracing that changes, which need not be shown": Row("session/update/keeps-the-rest", [
        created(tracing=None), update(tools=[]), updated(tools=[], tracing="auto")], "holds",
        dialect="inworld"),
    "a field that the update names in part": Row("session/update/keeps-the-rest", [
        created(audio=speaking(speed=1.0, voice="alloy")), update(audio={"output": {"voice": "ash"}}),
        updated(audio=speaking(speed=1.5, voice="ash"))], "holds"),
    "a prompt that brings instructions along": Row("session/update/keeps-the-rest", [
        created(instructions="Be."), update(prompt={"id": "pmpt_1"}), updated(prompt={"id": "pmpt_1"},
        instructions="Else.")], "nothing"),
    "a prompt taken away": Row("session/update/keeps-the-rest", [created(instructions="Be."),
        update(prompt=None), updated(prompt=None, instructions="Else.")], "violated"),
    "a session that nobody saw": Row("session/update/keeps-the-rest", [update(), updated(own="a")],
        "nothing", also=("session/created/first",)),
    "a field that a refused update named": Row("session/update/keeps-the-rest", [
        created(instructions="Be."), update(instructions="New."), error("update"), update(tools=[]),
        updated(tools=[], instructions="New.")], "holds", also=("session/update/acknowledged",
        "session/update/refusal-changes-nothing")),
    "a field that a refused update did not name": Row("session/update/keeps-the-rest", [
        created(instructions="Be."), update(max_output_tokens=1), error("update"), update(tools=[]),
        updated(tools=[], instructions="New.")], "violated", also=("session/update/acknowledged",)),
    # what it leaves of what it names
    "turn detection in part": Row("session/update/keeps-nested-fields", [
        created(audio=hearing(turn_detection=VAD)),
        update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.4}}}),
        updated(audio=hearing(turn_detection={**VAD, "threshold": 0.4}))], "holds"),
    "turn detection in part, and the rest is lost": Row("session/update/keeps-nested-fields", [
        created(audio=hearing(turn_detection=VAD)),
        update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.4}}}),
        updated(audio=hearing(turn_detection={"type": "server_vad", "threshold": 0.4,
        "silence_duration_ms": None}))], "violated",
        told={"says": "audio.input.turn_detection.silence_duration_ms was lost by an update that does not"
        " name it", "path": "session.audio.input.turn_detection.silence_duration_ms", "expected": "200",
        "actual": "null", "because": ["session.created", "session.update"]}),
    "turn detection in part, and it is off": Row("session/update/keeps-nested-fields", [
        created(audio=hearing(turn_detection=VAD)),
        update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.4}}}),
        updated(audio=hearing())], "holds", also=("session/update/echoes-values",)),
    "turn detection in part, and it is off, and the voice is lost": Row("session/update/keeps-nested-fields",
        [created(audio={"input": {"turn_detection": VAD}, "output": {"voice": "alloy"}}),
        update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.4}}}),
        updated(audio={"input": {"turn_detection": None}, "output": {}})], "violated",
        also=("session/update/echoes-values",), told={"path": "session.audio.output.voice"}),
    "turn detection of another kind": Row("session/update/keeps-nested-fields", [
        created(audio=hearing(turn_detection=VAD)),
        update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}}),
        updated(audio=hearing(turn_detection={"type": "semantic_vad"}))], "holds"),
    "turn detection of another kind, and the voice is lost": Row("session/update/keeps-nested-fields", [
        created(audio={"input": {"turn_detection": VAD}, "output": {"voice": "alloy"}}),
        update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}}),
        updated(audio={"input": {"turn_detection": {"type": "semantic_vad"}}, "output": {}})], "violated",
        told={"path": "session.audio.output.voice"}),
    "transcription set, and turn detection is lost": Row("session/update/keeps-nested-fields", [
        created(audio=hearing(turn_detection=VAD, transcription=None)),
        update(audio={"input": {"transcription": {"model": "whisper-1"}}}),
        updated(audio=hearing(transcription={"model": "whisper-1"}))], "violated"),
    "a nested field that changes": Row("session/update/keeps-nested-fields", [
        created(audio=speaking(speed=1.0, voice="alloy")), update(audio={"output": {"voice": "ash"}}),
        updated(audio=speaking(speed=1.5, voice="ash"))], "holds"),
    "a branch of Inworld's data lost": Row("session/update/keeps-nested-fields", [
        server("session.created", session={"providerData": {"stt": {"prompt": "One."}},
        **session(audio=speaking(voice="Dennis"))}),
        update(providerData={"tts": {"language": "en"}}, audio={"output": {"speed": 1.0}}),
        updated(providerData={"tts": {"language": "en"}}, audio=speaking(speed=1.0))], "violated",
        dialect="inworld", also=("provider-data/merged",), told={"path": "session.audio.output.voice"}),
    "audio set, and none shown": Row("session/update/keeps-nested-fields", [
        created(audio=speaking(speed=1.0, voice="alloy")), update(audio={"output": {"voice": "ash"}}),
        server("session.updated", session={n: v for n, v in session().items() if n != "audio"})], "holds",
        also=("session/update/echoes-values", "session/updated/full-configuration")),
    # what it switches off
    "turn detection switched off": Row("session/update/null-turn-detection", [
        created(audio=hearing(turn_detection=VAD)), update(audio=hearing()), updated(audio=hearing())],
        "holds"),
    "turn detection left on": Row("session/update/null-turn-detection", [
        created(audio=hearing(turn_detection=VAD)), update(audio=hearing()),
        updated(audio=hearing(turn_detection={"type": "server_vad"}))], "violated",
        told={"says": "turn detection was set to null and is shown as something else",
        "path": "session.audio.input.turn_detection", "expected": "null", "actual": '{"type": "server_vad"}',
        "because": ["session.update"]}),
    "turn detection not named": Row("session/update/null-turn-detection", [created(), update(), updated()],
        "nothing"),
    "turn detection switched on": Row("session/update/null-turn-detection", [created(),
        update(audio=hearing(turn_detection=VAD)), updated(audio=hearing(turn_detection=VAD))], "nothing"),
    "transcription switched off": Row("session/update/null-clears", [
        created(audio=hearing(transcription={})), update(audio={"input": {"transcription": None}}),
        updated(audio=hearing(transcription=None))], "holds"),
    "transcription left on": Row("session/update/null-clears", [
        created(audio=hearing(transcription={"model": "whisper-1"})),
        update(audio={"input": {"transcription": None}}),
        updated(audio=hearing(transcription={"model": "whisper-1"}))], "violated",
        told={"says": "audio.input.transcription was set to null and is shown as something else",
        "path": "session.audio.input.transcription", "expected": "null",
        "actual": '{"model": "whisper-1"}', "because": ["session.update"]}),
    "noise reduction left on": Row("session/update/null-clears", [
        created(audio=hearing(noise_reduction={"type": "near_field"})),
        update(audio={"input": {"noise_reduction": None}}),
        updated(audio=hearing(noise_reduction={"type": "near_field"}))], "violated"),
    "tools taken away": Row("session/update/null-clears", [created(tools=[{"type": "function",
        "name": "f"}]), update(tools=[]), updated(tools=[])], "holds"),
    "tools left": Row("session/update/null-clears", [created(tools=[{"type": "function",
        "name": "f"}]), update(tools=[]), updated(tools=[{"type": "function", "name": "f"}])], "violated",
        told={"says": "the tools were set to an empty list and some are still shown",
        "path": "session.tools", "expected": "[]", "actual": '[{"type": "function", "name": "f"}]',
        "because": ["session.update"]}),
    "nothing switched off": Row("session/update/null-clears", [created(), update(), updated()], "nothing"),
    "transcription and tools given": Row("session/update/null-clears", [
        created(tools=[], audio=hearing(transcription=None)),
        update(tools=[{"type": "function", "name": "f"}],
        audio={"input": {"transcription": {"model": "whisper-1"}}}),
        updated(tools=[{"type": "function", "name": "f"}],
        audio=hearing(transcription={"model": "whisper-1"}))], "nothing"),
    # a refusal
    "a refused value shown by the next update": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"), update(speed=1.0),
        updated(instructions="New.")], "violated", also=("errors/invalid-event-refused",
        "session/update/acknowledged"),
        told={"says": "instructions has the value of a session.update that was refused",
        "path": "session.instructions", "expected": "Old.", "actual": "New.",
        "because": ["session.update", "error"]}),
    "another value shown by the next update": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old.", tracing=None), update(instructions="New."), error("update"),
        update(speed=1.0), updated(instructions="Else.")], "holds", also=("errors/invalid-event-refused",
        "session/update/acknowledged", "session/updated/full-configuration")),
    "a refused value that the next update sets": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"),
        update(instructions="New."), updated(instructions="New.")], "holds",
        also=("session/update/acknowledged",)),
    "an update shown after it was refused": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"),
        updated(instructions="Old.")], "violated", also=("session/update/acknowledged",),
        told={"says": "session.updated came for a session.update that was refused",
        "expected": "no session.updated", "actual": "session.updated",
        "because": ["session.update", "error"]}),
    "a refused value shown unasked": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"),
        updated(instructions="New.")], "violated", dialect="inworld",
        also=("session/update/acknowledged",)),
    "the old value shown unasked after a refusal": Row("session/update/refusal-changes-nothing",
        [created(instructions="Old."), update(instructions="New."), error("update"),
        updated(instructions="Old.")], "holds", dialect="inworld", also=("session/update/acknowledged",)),
    "an update without a refusal before": Row("session/update/refusal-changes-nothing", [created(),
        update(), updated()], "nothing"),
}  # fmt: skip
