"""Small traces: what a response produces."""

from __future__ import annotations

from tests.rules.said import (
    ASKED,
    RUNNING,
    TYPED,
    audio,
    begins,
    call,
    client,
    closes,
    created,
    deltas,
    ends,
    message,
    opens,
    response,
    server,
    silence,
    spoken,
)
from tests.rules.small.rows import Row, Rows

_APART = [
    client("response.create", response={"conversation": "none"}),
    begins("resp_2", conversation_id=None),
]
_PLACE = {"response_id": "resp_1", "output_index": 0}
_PART = {**_PLACE, "item_id": "item_a", "content_index": 0}
_ON_AND_ON = server("response.output_text.done", **_PART, text="on and on")
_SPOKEN, _TYPED = spoken("item_a"), message("item_a", "assistant")
_SPEAKING = [created(output_modalities=["audio"]), ASKED, begins("resp_1", output_modalities=["audio"])]
_PART_ADDED = server("response.content_part.added", **_PART, part={"type": "text", "text": ""})
_UNSAID = server("response.created", response={n: v for n, v in response("resp_1").items() if n !=
    "output_modalities"})  # fmt: skip

ROWS: Rows = {
    # indices
    "a third item with the index of the second": Row("response/item/indices", [created(), *RUNNING,
        opens(TYPED), opens(message("item_2", "assistant"), 1), opens(message("item_3", "assistant"), 1)],
        "violated", told={"path": "output_index", "expected": "2", "actual": "1", "because":
        ["response.output_item.added"]}),
    "an item of a response that began before": Row("response/item/indices", [opens(TYPED, 3)], "nothing",
        whole=False),
    "a part with an index that is no integer to Python": Row("response/part/indices", [created(), *RUNNING,
        opens(_TYPED), server("response.content_part.added", **{**_PART, "content_index": 0.0}, part={"type":
        "text", "text": ""})], "nothing"),
    # open while nothing comes
    "a part that is open while nothing comes": Row("response/part/done-exactly-once", [created(),
        *RUNNING, opens(_TYPED), _PART_ADDED, silence("response.done", 20.0)], "nothing",
        also=("response/lifecycle/done-exactly-once",)),
    "a stream that is open while nothing comes": Row("response/stream/done-exactly-once", [created(),
        *RUNNING, opens(_TYPED), _PART_ADDED, *deltas(1), silence("response.done", 20.0)], "nothing",
        also=("response/lifecycle/done-exactly-once",)),
    "an item that is open while nothing comes": Row("response/item/done-exactly-once", [created(),
        *RUNNING, opens(_TYPED), silence("response.done", 20.0)], "nothing",
        also=("response/lifecycle/done-exactly-once",)),
    # modalities
    "audio in a response that does not say that it is text, in a session of text": Row(
        "response/modality/text-only", [created(), ASKED, _UNSAID, opens(_SPOKEN), _PART_ADDED, server(
        "response.output_audio.delta", **_PART, delta=audio(1))], "violated"),
    "audio in a response that does not say that it is text, and was asked to be": Row(
        "response/modality/text-only", [created(output_modalities=["audio"]), client("response.create",
        response={"output_modalities": ["text"]}), _UNSAID, opens(_SPOKEN),
        _PART_ADDED, server("response.output_audio.delta", **_PART, delta=audio(1))], "violated"),
    "a response of audio without any": Row("response/modality/text-only", [*_SPEAKING, ends("resp_1",
        output_modalities=["audio"])], "nothing", also=("response/done/completed-has-output",)),
    "a call in a response of audio": Row("response/modality/audio-without-text-stream", [*_SPEAKING,
        opens(call("item_a", "call_1")), server("response.function_call_arguments.delta", **_PLACE,
        item_id="item_a", call_id="call_1", delta="{}")], "nothing"),
    "a transcript without audio": Row("response/stream/may-interleave", [*_SPEAKING, opens(_SPOKEN),
        server("response.content_part.added", **_PART, part={"type": "audio", "transcript": ""}),
        server("response.output_audio_transcript.delta", **_PART, delta="Hello."),
        server("response.output_audio_transcript.done", **_PART, transcript="Hello."),
        server("response.content_part.done", **_PART, part={"type": "audio", "transcript": "Hello."})],
        "nothing"),
    # ends
    "an item cut off in a response that is not": Row("response/item/status-follows", [created(), *RUNNING,
        opens(TYPED), closes({**TYPED, "status": "incomplete"}), ends("resp_1", output=[{**TYPED, "status":
        "incomplete"}])], "violated", told={"path": "item.status", "expected": "completed", "actual":
        "incomplete", "because": ["response.output_item.done"]}),
    # deltas and finals
    "more text than was streamed": Row("response/text/deltas-add-up", [created(), *RUNNING, *deltas(1),
        _ON_AND_ON], "violated", also=("response/item/added-first",)),
    "more text than was streamed, of a response that is cancelled": Row("response/text/deltas-add-up",
        [created(), *RUNNING, *deltas(1), client("response.cancel"), _ON_AND_ON], "nothing",
        also=("response/item/added-first",)),
    "more text than was streamed, beside a response that is cancelled": Row("response/text/deltas-add-up",
        [created(), *RUNNING, *_APART, *deltas(1), client("response.cancel", response_id="resp_2"),
        _ON_AND_ON], "violated", also=("response/item/added-first",)),
}  # fmt: skip
