"""Small traces: the envelope."""

from __future__ import annotations

from typing import Any

from tests.rules.said import (
    ADDED,
    ASKED,
    CLEAR,
    CLEARED,
    DONE,
    RUNNING,
    VAD,
    Said,
    begins,
    call,
    client,
    create,
    created,
    ends,
    error,
    frame,
    joins,
    message,
    put,
    server,
    transcribed,
    update,
)
from tests.rules.small.rows import Row, Rows

_IDS = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
_EMPTY = {**message("item_a", "assistant"), "status": "in_progress", "content": []}
_OUTPUT = server("response.output_item.added", response_id="resp_1", output_index=0, item=_EMPTY)
_CALLING = server("response.output_item.added", response_id="resp_1", output_index=0,
    item={**call("item_a", "call_1"), "status": "in_progress", "arguments": ""})  # fmt: skip
_NOTHING = {"type": "text", "text": ""}
_META = client("response.create", response={"metadata": {"a": "b"}})
_APART = client("response.create", response={"conversation": "none"})


def _without(said: Said, name: str) -> Said:
    """The same about a response, with a field left out."""
    who, event = said
    return who, {**event, "response": {n: v for n, v in event["response"].items() if n != name}}


def _delta(**other: Any) -> Said:
    return server("response.output_text.delta", **{**_IDS, "delta": "on ", **other})


def _part(**other: Any) -> Said:
    return server("response.content_part.added", **{**_IDS, "part": _NOTHING, **other})


def _done(**other: Any) -> Said:
    return server("response.output_text.done", **{**_IDS, "text": "on ", **other})


_SECOND = [ASKED, begins("resp_2")]
_UNANNOUNCED = ("response/item/added-first",)
_OVER = ("response/done/lists-items", "response/item/done-exactly-once", "response/lifecycle/done-is-last")

ROWS: Rows = {
    # frames
    "a frame without a type": Row("envelope/one-json-object", [created(), ("server", {"kind": "none"})],
        "violated", told={"actual": "an object without a string `type`"}),
    "a frame that is no JSON": Row("envelope/one-json-object", [created(), frame("server", raw="{no")],
        "violated", told={"actual": "text that is not a JSON object: '{no'"}),
    "a binary frame": Row("envelope/one-json-object", [created(), frame("server", size=7)], "violated",
        told={"actual": "a binary frame of 7 bytes"}),
    "a frame that says that resources are exhausted": Row("envelope/unknown-event-types", [created(),
        ("server", {"errorType": "SESSION_RESOURCES_EXHAUSTED"})], "seen: errorType frame without type",
        dialect="inworld"),
    "a frame that says so elsewhere": Row("envelope/one-json-object", [created(),
        ("server", {"errorType": "SESSION_RESOURCES_EXHAUSTED"})], "violated"),
    "a frame without a type, of Inworld": Row("envelope/one-json-object", [created(),
        ("server", {"kind": "none"})], "violated", dialect="inworld"),
    # event ids
    "an event with an empty id": Row("envelope/event-id-present", [created(), CLEAR,
        server("input_audio_buffer.cleared", event_id="")], "violated"),
    "an event whose id is a number": Row("envelope/event-id-present", [created(), CLEAR,
        server("input_audio_buffer.cleared", event_id=7)], "violated"),
    "a key of a telephone has no id": Row("envelope/event-id-present", [created(),
        server("input_audio_buffer.dtmf_event_received", event_id="", event="9", received_at=1)], "holds"),
    "an id comes twice": Row("envelope/event-id-unique", [created(), CLEAR,
        server("input_audio_buffer.cleared", event_id="e2")], "violated",
        told={"because": ["session.created"]}),
    "an id comes back after a while": Row("envelope/event-id-unique", [created(), *[CLEAR, CLEARED] * 3,
        CLEAR, server("input_audio_buffer.cleared", event_id="e2")], "violated"),
    "the client's id comes back": Row("envelope/event-id-minted-by-server", [created(), CLEAR,
        server("input_audio_buffer.cleared", event_id="clear")], "violated"),
    "the client's id comes back in session.updated": Row("session/updated/not-the-clients-event-id",
        [created(), update(), server("session.updated", event_id="update", session=created()[1]["session"])],
        "violated"),
    # order of answers
    "answers in order": Row("envelope/answers-in-order", [created(), create("a", message()), CLEAR, ADDED,
        DONE, CLEARED], "holds"),
    "answers out of order": Row("envelope/answers-in-order", [created(), create("a", message()), CLEAR,
        CLEARED, ADDED, DONE], "violated"),
    "a response beside the order": Row("envelope/answers-in-order", [created(), ASKED, CLEAR, CLEARED,
        begins("resp_1")], "holds"),
    "an error for who knows whom": Row("envelope/answers-in-order", [created(), create("a", message()),
        CLEAR, error(), CLEARED], "holds", also=("errors/event-id-echoed", "items/create/acknowledged")),
    "no answer has no place in the order": Row("envelope/answers-in-order", [created(), CLEAR], "nothing"),
    # one answer
    "a turn committed twice": Row("envelope/answered-once", [created(audio=VAD),
        *[server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)] * 2], "violated"),
    "a turn committed once": Row("envelope/answered-once", [created(audio=VAD),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)], "holds"),
    "an item deleted twice": Row("envelope/answered-once", [created(), *put(message("item_1")),
        client("conversation.item.delete", item_id="item_1"),
        *[server("conversation.item.deleted", item_id="item_1")] * 2], "violated"),
    "an item deleted by the server itself": Row("envelope/answered-once", [created(),
        *put(message("item_1")), server("conversation.item.deleted", item_id="item_1")], "nothing"),
    # nulls
    "a response begins without usage": Row("envelope/explicit-nulls", [created(), ASKED,
        _without(begins("resp_1"), "usage")], "violated", told={"path": "response.usage",
        "says": "response.created leaves out usage instead of sending null"}),
    "a response begins with all that is null": Row("envelope/explicit-nulls", [created(), *RUNNING],
        "holds"),
    "a response completed without details": Row("envelope/explicit-nulls", [created(), *RUNNING,
        _without(ends("resp_1"), "status_details")], "violated", also=("response/done/completed-has-output",),
        told={"path": "response.status_details"}),
    "a response cut short without details": Row("envelope/explicit-nulls", [created(), *RUNNING,
        _without(ends("resp_1", "incomplete"), "status_details")], "holds",
        also=("response/done/status-details-given",)),
    "a response over, and no usage": Row("envelope/explicit-nulls", [created(), *RUNNING,
        _without(ends("resp_1"), "usage")], "holds", also=("response/done/completed-has-output",
        "response/usage/present")),
    "a response without metadata": Row("envelope/explicit-nulls", [created(), ASKED,
        _without(begins("resp_1"), "metadata")], "violated"),
    "the metadata asked for left out at the beginning": Row("envelope/explicit-nulls", [created(), _META,
        _without(begins("resp_1"), "metadata")], "holds", also=("response/metadata-echoed",)),
    "the metadata asked for left out at the end": Row("envelope/explicit-nulls", [created(), _META,
        begins("resp_1", metadata={"a": "b"}), _without(ends("resp_1"), "metadata")], "holds",
        also=("response/done/same-as-created", "response/done/completed-has-output")),
    "a response apart without its conversation": Row("envelope/explicit-nulls", [created(), _APART,
        _without(begins("resp_1"), "conversation_id")], "violated",
        told={"path": "response.conversation_id"}),
    "a response that leaves out its conversation": Row("envelope/explicit-nulls", [created(), ASKED,
        _without(begins("resp_1"), "conversation_id")], "holds", also=("response/conversation-id/constant",)),
    # ids
    "a part in its place": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _OUTPUT, _part()],
        "holds"),
    "a part at another place": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _OUTPUT,
        _part(output_index=1)], "violated", told={"path": "output_index", "because":
        ["response.output_item.added"]}),
    "a part of an item never announced": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING,
        _part()], "nothing", also=("response/item/added-first",)),
    "a text at another place": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _OUTPUT, _part(),
        _delta(output_index=1)], "violated", told={"path": "output_index"}),
    "a text that moves": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _OUTPUT, _part(),
        _delta(), _delta(output_index=1)], "violated", told={"path": "output_index",
        "because": ["response.output_text.delta"]}),
    "a text that moves to a response unheard of": Row("envelope/ids-keep-their-meaning", [created(),
        *RUNNING, _OUTPUT, _part(), _delta(), _delta(response_id="resp_9")], "violated",
        told={"path": "response_id"}),
    "a text that strays into another response": Row("envelope/ids-keep-their-meaning", [created(), _APART,
        begins("resp_1", conversation_id=None), *_SECOND, _delta(), _done(response_id="resp_2")], "nothing",
        also=("out-of-band/told-apart", *_UNANNOUNCED)),
    "a text that ends where it began": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _delta(),
        _done()], "holds", also=_UNANNOUNCED),
    "a text that is over at once": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _done()],
        "nothing", also=_UNANNOUNCED),
    "a text after the end of its response": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING,
        _OUTPUT, ends("resp_1"), _delta(output_index=1)], "nothing", also=_OVER),
    "a part after the end of its response": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING,
        _OUTPUT, ends("resp_1"), _part(output_index=1)], "nothing", also=_OVER),
    "an item of no id": Row("envelope/ids-keep-their-meaning", [created(), create("a", message()),
        server("conversation.item.added", previous_item_id=None, item=message())], "nothing"),
    "an output item that is another thing to the conversation": Row("envelope/ids-keep-their-meaning",
        [created(), *RUNNING, _OUTPUT, joins(call("item_a", "call_1"))[0]], "violated",
        also=("items/added/generated-empty",), told={"path": "item.type"}),
    "a call that gets another id": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _CALLING,
        server("response.output_item.done", response_id="resp_1", output_index=0,
        item=call("item_a", "call_2"))], "violated", told={"path": "item.call_id"}),
    "a call that becomes a message": Row("envelope/ids-keep-their-meaning", [created(), *RUNNING, _CALLING,
        server("response.output_item.done", response_id="resp_1", output_index=0,
        item=message("item_a", "assistant"))], "violated", told={"path": "item.type"}),
    "a transcript of an item never announced": Row("envelope/ids-keep-their-meaning", [created(audio=VAD),
        CLEAR, CLEARED, transcribed("item_9")], "violated"),
    "a transcript of an item from before": Row("envelope/ids-keep-their-meaning", [CLEARED,
        transcribed("item_9")], "nothing", whole=False),
    "a transcript where a commit was malformed": Row("envelope/ids-keep-their-meaning", [created(audio=VAD),
        server("input_audio_buffer.committed", item_id=7), transcribed("item_9")], "nothing",
        also=("payload/input_audio_buffer.committed",)),
}  # fmt: skip
