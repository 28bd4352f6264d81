"""Small traces: what answers a client event."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    ASKED,
    CANCEL,
    CLEAR,
    CLEARED,
    COMMITTED,
    OFF,
    RUNNING,
    SPEECH,
    VAD,
    Said,
    audio,
    begins,
    client,
    create,
    created,
    ends,
    error,
    frame,
    joins,
    listening,
    message,
    put,
    server,
    silence,
    speaks,
    update,
)
from tests.rules.small.rows import Row, Rows

_COMMIT = [client("input_audio_buffer.commit", event_id="commit"), COMMITTED]


def _ended(status: str, reason: str) -> Said:
    return ends("resp_1", status, status_details={"type": status, "reason": reason})


_ID_IN_USE = ("items/previous/appended",)
_PROVIDER = update(providerData={"memory": {"enabled": True}})
_PROVIDER_AND_VOICE = update(providerData={"memory": {}}, audio={"output": {"voice": "Dennis"}})
_ASKING_APART = client("response.create", event_id="r", response={"conversation": "none"})
_SPOKEN = server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)

ROWS: Rows = {
    # one answer
    "an error, then success": Row("errors/one-answer", [created(), CLEAR, error("clear"), CLEARED],
        "violated", also=("audio/clear/acknowledged",)),
    "an error": Row("errors/one-answer", [created(), CLEAR, error("clear")], "holds",
        also=("audio/clear/acknowledged",)),
    "an error for a response that began": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), begins("resp_1"), error("r")], "nothing"),
    "an item refused, then one like it": Row("errors/one-answer", [created(), create("a", message()),
        error("a"), ADDED], "violated", also=("items/create/acknowledged",)),
    "an item refused, then one unlike it": Row("errors/one-answer", [created(), create("a", message()),
        error("a"), joins(message("item_1", text="Else."))[0]], "holds",
        also=("items/create/acknowledged",)),
    "an item refused, then its id": Row("errors/one-answer", [created(), create("a", message("item_1")),
        error("a"), joins(message("item_1", text="Else."))[0]], "violated",
        also=("items/create/acknowledged",)),
    "an item refused, then the same words": Row("errors/one-answer", [created(), create("a",
        message("item_2")), error("a"), ADDED], "holds", also=("items/create/acknowledged",)),
    "an answer refused, then begun": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), begins("resp_1")], "violated", also=("response/create/acknowledged",
        "turn/none-when-off")),
    "an answer refused, then one to speech": Row("errors/one-answer", [created(audio=VAD),
        client("response.create", event_id="r"), error("r"), begins("resp_1")], "holds",
        also=("response/create/acknowledged",)),
    "an answer refused, much later one": Row("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), CLEAR, CLEARED, begins("resp_1")], "holds",
        also=("response/create/acknowledged", "turn/none-when-off")),
    "success, then an error": Row("errors/one-answer", [created(), CLEAR, CLEARED, error("clear")],
        "violated", told={"says": "input_audio_buffer.clear was answered twice: now with an error, before"
        " with success", "because": ["input_audio_buffer.clear", "input_audio_buffer.cleared"]}),
    "two errors": Row("errors/one-answer", [created(), CLEAR, error("clear"), error("clear")], "violated",
        also=("audio/clear/acknowledged",), told={"says": "input_audio_buffer.clear was answered twice: now"
        " with an error, before with an error"}),
    "an error that names nobody is put down to one": Row("errors/one-answer", [created(), CLEAR, error()],
        "nothing", also=("audio/clear/acknowledged", "errors/event-id-echoed")),
    "an error for audio": Row("errors/one-answer", [created(), client("input_audio_buffer.append",
        event_id="audio", audio=audio(20)), error("audio")], "nothing", also=("audio/append/no-answer",)),
    "a commit that came after the turn was committed": Row("errors/one-answer", [created(audio=VAD),
        *_COMMIT, error("commit", "input_audio_buffer_commit_empty")], "nothing"),
    "a commit done, then an error": Row("errors/one-answer", [created(), client("input_audio_buffer.append",
        audio=audio(200)), *_COMMIT, error("commit")], "violated"),
    "an item whose id is in use added, then an error": Row("errors/one-answer", [created(),
        *put(message("item_1")), create("a", message("item_1")), ADDED, error("a")], "violated",
        also=_ID_IN_USE),
    "a response cancelled, then an error": Row("errors/one-answer", [created(), *RUNNING, CANCEL,
        _ended("cancelled", "client_cancelled"), error("cancel")], "violated"),
    "a response cut off by speech, then an error for its cancellation": Row("errors/one-answer",
        [created(audio=VAD), *RUNNING, CANCEL, SPEECH, _ended("cancelled", "turn_detected"),
        error("cancel")], "nothing"),
    "a response over by itself, then an error for its cancellation": Row("errors/one-answer", [created(),
        *RUNNING, CANCEL, _ended("incomplete", "max_output_tokens"), error("cancel")], "nothing"),
    "an item not deleted, then it is": Row("errors/one-answer", [created(), *put(message("item_1")),
        client("conversation.item.delete", event_id="a", item_id="item_1"), error("a"),
        server("conversation.item.deleted", item_id="item_1")], "violated",
        also=("items/delete/acknowledged",)),
    "an item not retrieved, then deleted": Row("errors/one-answer", [created(), *put(message("item_1")),
        client("conversation.item.retrieve", event_id="a", item_id="item_1"), error("a"),
        server("conversation.item.deleted", item_id="item_1")], "holds",
        also=("items/retrieve/acknowledged",)),
    "an empty item refused, then one of a response": Row("errors/one-answer", [created(), create("a",
        message(role="assistant", content=[])), error("a"), *RUNNING, *speaks("resp_1", "item_a", 200)],
        "holds", also=("response/modality/text-only",)),
    # answered once
    "cleared once": Row("envelope/answered-once", [created(), CLEAR, CLEARED], "holds"),
    "cleared twice": Row("envelope/answered-once", [created(), CLEAR, CLEARED, CLEARED], "violated"),
    "cleared after another client event was refused": Row("envelope/answered-once", [created(), create("a",
        message("item_1")), error("a"), CLEAR, CLEARED, CLEARED], "violated",
        also=("items/create/acknowledged",)),
    "cleared after it was refused": Row("envelope/answered-once", [created(), CLEAR, error("clear"),
        CLEARED], "nothing", also=("audio/clear/acknowledged", "errors/one-answer")),
    # whom a refusal is put down to
    "provider data refused by name": Row("provider-data/accepted", [created(), _PROVIDER, error("update",
        param="session.providerData.memory")], "violated", dialect="inworld"),
    "provider data refused without a word": Row("provider-data/accepted", [created(), _PROVIDER,
        error("update")], "violated", dialect="inworld"),
    "provider data refused for something else": Row("session/update/acknowledged", [created(), _PROVIDER,
        error("update", param="session.audio.input.noise_reduction")], "violated", dialect="inworld"),
    "an early update without a type refused": Row("session/update/before-session-created", [
        client("session.update", event_id="update", session={"instructions": "Be brief."}), created(),
        error("update")], "violated", dialect="inworld"),
    "a bare answer refused beside another": Row("response/create/bare", [created(), client("response.create",
        response={}), begins("resp_1"), client("response.create", event_id="r"), error("r")], "nothing",
        dialect="inworld"),
    "a bare answer refused before another begins": Row("response/create/bare", [created(),
        client("response.create", response={}), client("response.create", event_id="r"), error("r")],
        "nothing", dialect="inworld"),
    "provider data refused in the middle": Row("provider-data/accepted", [CLEARED, _PROVIDER_AND_VOICE,
        error("update", param="session.providerData")], "nothing", dialect="inworld", whole=False),
    "another voice refused after audio": Row("session/update/voice-changeable", [created(audio={**OFF,
        "output": {"voice": "Ashley"}}), *RUNNING, *speaks("resp_1", "item_a", 200), _PROVIDER_AND_VOICE,
        error("update", param="session.audio.output.voice")], "violated", dialect="inworld",
        also=("response/modality/text-only",)),
    # what a refusal says
    "a refusal without a word": Row("audio/clear/acknowledged", [created(), CLEAR, error("clear", code=None,
        message="")], "violated", told={"says": "a valid input_audio_buffer.clear was refused: no message",
        "actual": "error invalid_request_error"}, also=("errors/shape",)),
    "a refusal with a code": Row("audio/clear/acknowledged", [created(), CLEAR, error("clear")], "violated",
        told={"says": "a valid input_audio_buffer.clear was refused: No.", "actual": "error invalid_value"}),
    "a refusal with nothing": Row("audio/clear/acknowledged", [created(), CLEAR, error("clear", code=None,
        type="")], "violated", told={"actual": "error no code"}, also=("errors/shape",)),
    "a refusal for want of money": Row("audio/clear/acknowledged", [created(), CLEAR, error("clear",
        code="insufficient_quota")], "undecided"),
    "a refusal of a name": Row("session/update/acknowledged", [created(), update(tools=[]), error("update",
        param="session.tools")], "undecided"),
    "a refusal of what is no name": Row("session/update/acknowledged", [created(), update(tools=[]),
        error("update", param="session.instructions")], "violated"),
    # a response that came in between
    "an answer refused for one to speech": Row("response/create/acknowledged",
        [listening(create_response=True), _SPOKEN, client("response.create", event_id="r",
        response={"metadata": {"a": "b"}}), begins("resp_1"),
        error("r", "conversation_already_has_active_response")], "undecided"),
    "a clear refused beside an answer to speech": Row("audio/clear/acknowledged", [created(audio=VAD),
        CLEAR, begins("resp_1"), error("clear")], "violated"),
    "an answer apart refused for one asked for": Row("response/create/acknowledged", [created(), ASKED,
        _ASKING_APART, begins("resp_1"), error("r", "conversation_already_has_active_response")], "violated"),
    "an answer apart refused for one to speech before": Row("out-of-band/runs-beside",
        [created(audio=VAD), _SPOKEN, begins("resp_1"), _ASKING_APART, error("r",
        "conversation_already_has_active_response")], "violated"),
    # what must be refused
    "an unknown item deleted": Row("items/delete/unknown-refused", [created(), client(
        "conversation.item.delete", item_id="item_9"), server("conversation.item.deleted", item_id="item_9")],
        "violated", told={"says": "conversation.item.delete had to be refused (unknown item, item_9), and"
        " was accepted", "actual": "conversation.item.deleted"}),
    "an unknown item that may be deleted at last": Row("items/delete/unknown-refused", [created(), client(
        "conversation.item.delete", item_id="item_9")], "undecided"),
    "an unknown item not deleted, and no word": Row("items/delete/unknown-refused", [created(), client(
        "conversation.item.delete", item_id="item_9"), silence("error")], "violated", told={
        "says": "conversation.item.delete had to be refused (unknown item, item_9), and was not answered",
        "actual": "nothing"}),
    "a frame that nobody answers": Row("errors/not-an-event-refused", [created(), frame("client", raw="{no"),
        silence("error")], "violated", told={
        "says": "a frame had to be refused (no type), and was not answered"}),
    "a clear that nobody answers": Row("audio/clear/acknowledged", [created(), CLEAR, silence("cleared")],
        "violated", told={"says": "input_audio_buffer.clear was never answered", "actual": "nothing",
        "expected": "input_audio_buffer.cleared"}),
    "an early update that nobody answers": Row("session/update/before-session-created", [
        client("session.update", event_id="update", session={"type": "realtime"}), created(),
        silence("session.updated")], "nothing", dialect="inworld", also=("session/update/acknowledged",)),
}  # fmt: skip
