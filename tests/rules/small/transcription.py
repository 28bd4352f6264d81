"""Small traces: transcription."""

from __future__ import annotations

from tests.rules.said import COMMITTED, SPEECH, created, listening, message, put, transcribed
from tests.rules.small.rows import Row, Rows

ROWS: Rows = {
    # whose transcription it is
    "a transcription of what was committed": Row("envelope/ids-keep-their-meaning", [listening(), COMMITTED,
        transcribed("item_1")], "holds"),
    "a transcription of what was announced": Row("envelope/ids-keep-their-meaning", [created(),
        *put(message("item_1")), transcribed("item_1")], "holds"),
    "a transcription of what is being said": Row("envelope/ids-keep-their-meaning", [listening(), SPEECH,
        transcribed("item_s")], "holds"),
    "a transcription of what was never heard of": Row("envelope/ids-keep-their-meaning", [listening(),
        COMMITTED, transcribed("item_9")], "violated"),
}  # fmt: skip
