"""Small traces: what the judge has read, and what follows from it for what comes later."""

from __future__ import annotations

from tests.rules.said import (
    COMMITTED,
    RUNNING,
    audio,
    begins,
    client,
    created,
    ends,
    error,
    joins,
    listening,
    message,
    server,
    speaks,
)
from tests.rules.small.rows import Row, Rows

TRANSCRIPTION = "conversation.item.input_audio_transcription"
APPEND = client("input_audio_buffer.append", audio=audio(20))
SECOND_PART = {"item_id": "item_1", "content_index": 1}
COMMIT = client("input_audio_buffer.commit", event_id="commit")
NO_AUDIO = client("input_audio_buffer.append", event_id="noise", audio="!" * 20_000)
CUT = client("conversation.item.truncate", event_id="cut", item_id="item_a", content_index=0,
             audio_end_ms=1200)  # fmt: skip
CUT_DONE = server("conversation.item.truncated", item_id="item_a", content_index=0, audio_end_ms=1200)

ROWS: Rows = {
    # audio
    "a commit after audio that was refused": Row("audio/commit/empty-refused", [created(), APPEND, NO_AUDIO,
        error("noise"), COMMIT, error("commit", "input_audio_buffer_commit_empty")], "holds"),
    "a cut beyond audio of no whole number of milliseconds": Row("items/truncate/beyond-audio-refused",
        [created(), *RUNNING, *speaks("resp_1", "item_a", 900.75), CUT, CUT_DONE], "violated",
        also=("response/modality/text-only",), told={"says": "conversation.item.truncate had to be refused "
        "(beyond audio, 1200 ms of 901 ms), and was accepted"}),
    # the conversation
    "an item behind what was put first unseen": Row("items/previous/appended", [created(),
        *joins(message("item_1")), *joins(message("item_2")), begins("resp_1"),
        *speaks("resp_1", "item_a", 20)[:1], joins(message("item_a", "assistant", status="in_progress",
        content=[]), "item_1")[0]], "holds", measured=False),
    # what comes again
    "the end of an answer told again, in other words": Row("response/lifecycle/done-exactly-once",
        [created(), *RUNNING, *speaks("resp_1", "item_a", 20), ends("resp_1", "in_progress")], "violated",
        also=("response/modality/text-only",)),
    "a transcription that goes on after its end": Row("transcription/deltas-before-end", [listening(),
        COMMITTED, *joins(message("item_1")), server(f"{TRANSCRIPTION}.completed", **SECOND_PART,
        transcript="Hello.", usage={"type": "duration", "seconds": 1}), server(f"{TRANSCRIPTION}.delta",
        **SECOND_PART, delta="on")], "violated", told={"says":
        f"{TRANSCRIPTION}.delta came for transcription item_1[1] after its end"}),
    # what nobody can place
    "a part of no item": Row("payload/response.content_part.added", [created(), *RUNNING,
        server("response.content_part.added", response_id="resp_1", output_index=0, content_index=0,
        part={"type": "text", "text": ""})], "violated"),
}  # fmt: skip
