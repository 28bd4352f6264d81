"""Small traces: what the judge has read, and what follows from it for what comes later."""

from __future__ import annotations

from tests.rules.said import (
    ASKED,
    CLEAR,
    CLEARED,
    COMMITTED,
    OFF,
    OUTPUT,
    RUNNING,
    Said,
    append,
    audio,
    begins,
    call,
    client,
    create,
    created,
    deltas,
    ends,
    error,
    joins,
    listening,
    message,
    output,
    put,
    server,
    speaks,
    spoken,
    transcribed,
    update,
    updated,
)
from tests.rules.small.rows import Row, Rows

TRANSCRIPTION = "conversation.item.input_audio_transcription"
COMMIT = client("input_audio_buffer.commit", event_id="commit")
NO_AUDIO = client("input_audio_buffer.append", event_id="noise", audio="!" * 20_000)
CUT = client("conversation.item.truncate", event_id="cut", item_id="item_a", content_index=0,
             audio_end_ms=1200)  # fmt: skip
CUT_DONE = server("conversation.item.truncated", item_id="item_a", content_index=0, audio_end_ms=1200)
BEGUN = speaks("resp_1", "item_a", 1)[:3]
EMPTY = "response/done/completed-has-output"
MODALITY = "response/modality/text-only"


PLACE = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
BOB = created(audio={"output": {"voice": "bob", "speed": 1.5}})
BOBS = updated(audio={"output": {"voice": "bob", "speed": 1.5}})


PCMU = {"type": "audio/pcmu"}


def heard(delta: str) -> Said:
    return server("response.output_audio.delta", **PLACE, delta=delta)


APART = client("response.create", response={"conversation": "none"})
CALLING = server("response.output_item.added", response_id="resp_1", output_index=0,
                 item={**call("item_a", "call_1"), "status": "in_progress", "arguments": ""})  # fmt: skip
FILLING = server("conversation.item.added", previous_item_id=None, item=message("item_a", "assistant",
                 status="in_progress", content=[]))  # fmt: skip
LISTING = {"id": "item_l", "type": "mcp_list_tools", "server_label": "docs", "tools": []}

ROWS: Rows = {
    # audio
    "a commit after audio that was refused": Row("audio/commit/empty-refused", [created(), append(20),
        NO_AUDIO, error("noise"), COMMIT, error("commit", "input_audio_buffer_commit_empty")], "holds"),
    "a cut beyond audio of no whole number of milliseconds": Row("items/truncate/beyond-audio-refused",
        [created(), *RUNNING, *speaks("resp_1", "item_a", 900.75), CUT, CUT_DONE], "violated",
        also=(MODALITY,), told={"says": "conversation.item.truncate had to be refused "
        "(beyond audio, 1200 ms of 901 ms), and was accepted"}),
    "audio of 10 ms that is no Base64": Row("payload/response.output_audio.delta", [created(), *RUNNING,
        *BEGUN, heard("!" * 640)], "violated", also=(MODALITY,)),
    "audio of less that is no Base64": Row("payload/response.output_audio.delta", [created(), *RUNNING,
        *BEGUN, heard("!" * 636)], "holds", also=(MODALITY,)),
    "a commit after 10 ms": Row("audio/commit/empty-refused", [created(), append(10), COMMIT,
        error("commit", "input_audio_buffer_commit_empty")], "holds"),
    "a commit after less, which may be all that was kept": Row("audio/commit/empty-refused", [created(),
        append(9.9), COMMIT, error("commit", "input_audio_buffer_commit_empty")], "nothing"),
    "10 ms without half a sample": Row("response/audio/whole-samples", [created(), *RUNNING, *BEGUN,
        heard(audio(9.98)), server("response.output_audio.done", **PLACE)], "violated", also=(MODALITY,)),
    "less without half a sample": Row("response/audio/whole-samples", [created(), *RUNNING, *BEGUN,
        heard(audio(9.9)), server("response.output_audio.done", **PLACE)], "nothing", also=(MODALITY,)),
    "audio that is no text at all": Row("errors/invalid-event-refused", [created(),
        client("input_audio_buffer.append", event_id="noise", audio=7), error("noise")], "seen: refused"),
    "samples of one byte, as the answer says": Row("response/audio/whole-samples", [created(), ASKED,
        begins("resp_1", audio={"output": {"format": PCMU}}), *BEGUN, heard(audio(10.02)),
        server("response.output_audio.done", **PLACE)], "holds", also=(MODALITY,)),
    "a commit of audio in another format": Row("audio/commit/acknowledged", [created(audio={"input":
        {"turn_detection": None, "format": PCMU}}), append(20), COMMIT, COMMITTED], "holds"),
    "a commit of enough audio in odd lengths": Row("audio/commit/acknowledged", [created(),
        *[append(12.5)] * 8, COMMIT, COMMITTED], "holds"),
    "a commit of not quite enough": Row("audio/commit/empty-refused", [created(), append(99), COMMIT,
        error("commit", "input_audio_buffer_commit_empty")], "holds"),
    "a cut within audio in another format": Row("items/truncate/beyond-audio-refused", [created(audio={
        **OFF, "output": {"format": PCMU}}), *RUNNING, *speaks("resp_1", "item_a", 240), CUT, CUT_DONE],
        "nothing", also=(MODALITY,)),
    "audio of which somebody left the beginning": Row("payload/response.output_audio.delta", [created(),
        *RUNNING, *BEGUN, heard("A" * 640 + "...")], "holds", also=(MODALITY,)),
    # the session
    "a voice set before something else, and used": Row("session/update/used-by-next-response", [BOB,
        update(audio={"output": {"voice": "alice"}}), BOBS, update(audio={"output": {"speed": 1.5}}), BOBS,
        ASKED, begins("resp_1", audio={"output": {"voice": "alice"}})], "holds",
        also=("session/update/echoes-values",)),
    # the conversation
    "an item nobody asked for, told of first as if at the head": Row("items/done/same-previous", [created(),
        *put(message("item_1")), joins(message("item_2"))[0], joins(message("item_2"), "item_1")[1]], "holds",
        also=("items/previous/appended",)),
    "an item of an answer, told of first as if at the head": Row("items/done/same-previous", [created(),
        *joins(message("item_1")), begins("resp_1"), *BEGUN[:2], joins(spoken("item_a"), "item_1")[1]],
        "holds", measured=False, also=("items/previous/appended",)),
    "an item behind what was put first unseen": Row("items/previous/appended", [created(),
        *joins(message("item_1")), *joins(message("item_2")), begins("resp_1"),
        *speaks("resp_1", "item_a", 20)[:1], joins(message("item_a", "assistant", status="in_progress",
        content=[]), "item_1")[0]], "holds", measured=False),
    "an item just before a request, and never added": Row("items/create/burst-with-response", [created(),
        CLEAR, create("a", message()), *RUNNING, ends("resp_1")], "violated", dialect="inworld",
        also=(EMPTY,)),
    "an item just before a request, and added": Row("items/create/burst-with-response", [created(), CLEAR,
        create("a", message()), ASKED, *joins(message("item_1")), begins("resp_1"), ends("resp_1")], "holds",
        dialect="inworld", also=(EMPTY,)),
    "an item behind one that only its end put beside": Row("items/previous/appended", [created(),
        *put(message("item_1")), APART, begins("resp_1", conversation_id=None), BEGUN[0],
        joins(spoken("item_a"), "item_1")[1], create("b", message()), *joins(message("item_2"), "item_1")],
        "holds", also=("items/done-after-added", "out-of-band/not-in-conversation")),
    "a conversation that an answer beside it names": Row("response/conversation-id/constant", [created(),
        APART, begins("resp_1", conversation_id="conv_9"), ends("resp_1", conversation_id="conv_9"), ASKED,
        begins("resp_2")], "holds", also=("out-of-band/no-conversation-id", EMPTY)),
    "the result of a call only begun": Row("items/create/acknowledged", [created(), *RUNNING, CALLING,
        create("b", output("call_1")), *joins(OUTPUT, None)], "holds"),
    # what is overdue
    "an item that an answer is about to fill": Row("items/added-then-done", [created(), *RUNNING, FILLING,
        CLEAR, CLEARED], "undecided"),
    "an item beside it, overdue": Row("items/added-then-done", [created(), *RUNNING, FILLING,
        create("b", message()), joins(message("item_2"), "item_a")[0], CLEAR, CLEARED], "violated"),
    "an item beside what an MCP server is asked, overdue": Row("items/added-then-done", [created(),
        server("conversation.item.added", previous_item_id=None, item=LISTING), create("b", message()),
        joins(message("item_2"), "item_l")[0], CLEAR, CLEARED], "violated",
        also=("session/created/then-quiet",)),
    # what comes again
    "the end of an answer told again, in other words": Row("response/lifecycle/done-exactly-once",
        [created(), *RUNNING, *speaks("resp_1", "item_a", 20), ends("resp_1", "in_progress")], "violated",
        also=(MODALITY,)),
    "other words when the answer is over": Row("response/text/deltas-add-up", [created(), *RUNNING,
        *BEGUN, *deltas(2), ends("resp_1", "failed"), server("response.output_text.done",
        **PLACE, text="Else.")], "nothing",
        also=("response/done/lists-items", "response/done/status-details-given",
        "response/lifecycle/done-is-last")),
    "a transcription that goes on after its end": Row("transcription/deltas-before-end", [listening(),
        COMMITTED, *joins(message("item_1")), transcribed("item_1", content_index=1),
        server(f"{TRANSCRIPTION}.delta", item_id="item_1", content_index=1, delta="on")], "violated",
        told={"says": f"{TRANSCRIPTION}.delta came for transcription item_1[1] after its end"}),
    # what nobody can place
    "a part of no item": Row("payload/response.content_part.added", [created(), *RUNNING,
        server("response.content_part.added", response_id="resp_1", output_index=0, content_index=0,
        part={"type": "text", "text": ""})], "violated"),
}  # fmt: skip
