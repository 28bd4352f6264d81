"""Small traces: items."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    ASKED,
    CLEAR,
    CLEARED,
    COMMITTED,
    DONE,
    RUNNING,
    VAD,
    Json,
    Said,
    audio,
    begins,
    call,
    client,
    create,
    created,
    ends,
    error,
    joins,
    message,
    output,
    put,
    retrieved,
    server,
    speaks,
    spoken,
    truncated,
)
from tests.rules.small.rows import Row, Rows

_TEXT = message()["content"]
_EMPTY = {**message("item_a", "assistant"), "status": "in_progress", "content": []}
_AUDIBLE: Json = {"output_modalities": ["audio"]}
_SPOKEN = [created(**_AUDIBLE), ASKED, begins("resp_1", **_AUDIBLE), *speaks("resp_1", "item_a", 200)[:-1],
    ends("resp_1", output=[spoken("item_a")], **_AUDIBLE)]  # fmt: skip
_HEARD = {**spoken("item_a"), "content": [{"type": "output_audio", "transcript": "Hello.",
    "audio": audio(200)}]}  # fmt: skip
_DELETE = [created(), *put(message("item_1")),
    client("conversation.item.delete", event_id="delete", item_id="item_1")]  # fmt: skip
_RETRIEVE = [created(), *put(message("item_1")), client("conversation.item.retrieve", item_id="item_1")]


def _announced(item: Json) -> list[Said]:
    """A response announces an item, and so does the conversation."""
    place = {"response_id": "resp_1", "output_index": 0}
    return [*RUNNING, server("response.output_item.added", **place, item=item), joins(item)[0]]


def _deleted(id_: str) -> Said:
    return server("conversation.item.deleted", item_id=id_)


def _got(item: Json) -> Said:
    return server("conversation.item.retrieved", item=item)


def _cut(id_: str, end: int) -> list[Said]:
    place = {"item_id": id_, "content_index": 0, "audio_end_ms": end}
    return [client("conversation.item.truncate", event_id="truncate", **place),
            server("conversation.item.truncated", **place)]  # fmt: skip


ROWS: Rows = {
    # items
    "an item done at once": Row("items/create/final-at-once", [created(), *put(message("item_1"))],
        "holds"),
    "an item done behind another answer": Row("items/create/final-at-once", [created(), create("a",
        message()), CLEAR, ADDED, CLEARED, DONE], "violated"),
    "an item done behind a response": Row("items/create/final-at-once", [created(), create("a", message()),
        ASKED, ADDED, begins("resp_1"), DONE], "violated"),
    "a transcript left when all is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(0), *retrieved(spoken("item_1"))], "violated",
        also=("session/created/then-quiet",)),
    "a transcript left when some is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(10), *retrieved(spoken("item_1"))], "nothing",
        also=("session/created/then-quiet",)),
    "a transcript left when nothing is cut": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *retrieved(spoken("item_1"))], "nothing",
        also=("session/created/then-quiet",)),
    "no transcript left": Row("items/truncate/cuts-transcript", [created(), *joins(spoken("item_1")),
        *truncated(0), *retrieved({**spoken("item_1"), "content": []})], "holds",
        also=("items/retrieve/full-item", "session/created/then-quiet")),
    "an audio item done that was never added": Row("items/create/final-at-once", [created(audio=VAD),
        COMMITTED, DONE], "nothing", also=("items/done-after-added",)),
    "an item of a response done at its end": Row("items/create/final-at-once", _SPOKEN, "nothing"),
    "an item done in another form": Row("items/create/final-at-once", [created(), create("a", message()),
        ADDED, joins(message("item_1", text="Else."))[1]], "violated", told={"path": "item.content[0].text",
        "expected": "Hello.", "actual": "Else.", "because": ["conversation.item.added"]}),
    "an item done that is not complete": Row("items/create/final-at-once", [created(), create("a",
        message()), *joins(message("item_1", status="incomplete"))], "violated",
        told={"path": "item.status", "actual": "incomplete"}),
    # ids
    "an item keeps its id": Row("items/create/keeps-client-id", [created(), *put(message("item_1"))],
        "holds"),
    "an item gets another id": Row("items/create/keeps-client-id", [created(), create("a",
        message("item_1")), *joins(message("item_2"))], "violated", told={"expected": "item_1",
        "actual": "item_2", "because": ["conversation.item.create"]}),
    "an item gets an id": Row("items/create/keeps-client-id", [created(), create("a", message()), ADDED],
        "nothing"),
    "an item that nobody takes": Row("items/create/keeps-client-id", [created(), create("a",
        message("item_1"))], "nothing"),
    "an id used twice, refused": Row("items/create/duplicate-id", [created(), *put(message("item_1")),
        create("a", message("item_1")), error("a")], "seen: refused"),
    "an id used once": Row("items/create/duplicate-id", [created(), *put(message("item_1"))], "nothing"),
    # items that a response has yet to produce
    "an item to come": Row("items/added/generated-empty", [created(), *_announced(_EMPTY)], "holds"),
    "an item to come, without a status": Row("items/added/generated-empty", [created(), *_announced(
        {n: v for n, v in _EMPTY.items() if n != "status"})], "holds"),
    "an item to come that is there": Row("items/added/generated-empty", [created(), *_announced({**_EMPTY,
        "content": spoken("item_a")["content"]})], "violated", told={"path": "item.content",
        "because": ["response.output_item.added"],
        "actual": '[{"type": "output_audio", "transcript": "Hello."}]'}),
    "an item to come that is over": Row("items/added/generated-empty", [created(), *_announced({**_EMPTY,
        "status": "completed"})], "violated", told={"path": "item.status", "actual": "completed"},
        also=("response/item/status-follows",)),
    "a call to come with its arguments": Row("items/added/generated-empty", [created(), *_announced({**call(
        "item_a", "call_1"), "status": "in_progress"})], "violated", told={"path": "item.arguments"},
        also=("calls/announced",)),
    "an approval asked for": Row("items/added/generated-empty", [created(), *_announced({"id": "item_a",
        "type": "mcp_approval_request", "server_label": "x", "name": "y", "arguments": "{}"})], "nothing"),
    "an item that a client made": Row("items/added/generated-empty", [created(), *put(message("item_1"))],
        "nothing"),
    # content
    "an item with its text": Row("items/added/full-content", [created(), *put(message("item_1"))], "holds"),
    "an item with another text": Row("items/added/full-content", [created(), create("a", message()),
        *joins(message("item_1", text="Else."))], "violated", told={"path": "item.content",
        "expected": '[{"type": "input_text", "text": "Hello."}]',
        "actual": '[{"type": "input_text", "text": "Else."}]'}),
    "an item with more than its text": Row("items/added/full-content", [created(), create("a", message()),
        *joins(message("item_1", content=[*_TEXT, *_TEXT]))], "violated"),
    "an item with another role": Row("items/added/full-content", [created(), create("a", message("item_1")),
        *joins(message("item_1", role="system"))], "violated", told={"path": "item.role",
        "says": "the item was added with another role than the client gave it", "expected": "user",
        "actual": "system"}),
    "a result with another output": Row("items/added/full-content", [created(), *put(call("item_1",
        "call_1")), create("a", output("call_1")), *joins({**output("call_1", id="item_2"),
        "output": "Else."}, "item_1")], "violated", told={"path": "item.output"}),
    "a result with content beside": Row("items/added/full-content", [created(), *put(call("item_1",
        "call_1")), create("a", output("call_1")), *joins(output("call_1", id="item_2", content=_TEXT),
        "item_1")], "holds"),
    "text by its old name": Row("items/added/full-content", [created(), create("a", message(
        role="assistant")), *joins(message("item_1", "assistant", content=[{"type": "text",
        "text": "Hello."}]))], "holds", dialect="inworld"),
    "audio shown without its bytes": Row("items/added/full-content", [created(), create("a", message(
        content=[{"type": "input_audio", "audio": audio(200), "transcript": None}])), *joins(message(
        "item_1", content=[{"type": "input_audio", "transcript": "Hello."}]))], "holds"),
    "audio shown as text": Row("items/added/full-content", [created(), create("a", message(
        content=[{"type": "input_audio", "audio": audio(200)}])), *joins(message("item_1",
        content=_TEXT))], "violated"),
    "content that is no content": Row("items/added/full-content", [created(), create("a", message()),
        *joins(message("item_1", content=["Hello."]))], "nothing", also=("payload/conversation.item.added",
        "payload/conversation.item.done")),
    "content of another role": Row("items/added/full-content", [created(), create("a", message()),
        *joins(message("item_1", content=message("item_1", "assistant")["content"]))], "nothing",
        also=("items/content-fits-role",)),
    "an item that the contract does not allow": Row("items/added/full-content", [created(), create("a",
        message(content=[{"type": "input_text", "text": 7}])), *joins(message("item_1"))], "nothing",
        also=("errors/invalid-event-refused",)),
    "an item without an id in the middle": Row("items/added/full-content", [CLEARED, create("a", message()),
        *joins(message("item_1", text="Else."))], "nothing", whole=False),
    "an item with an id in the middle": Row("items/added/full-content", [CLEARED, create("a", message(
        "item_1")), *joins(message("item_1", text="Else."))], "violated", whole=False),
    # content and role
    "output in an item of the user": Row("items/content-fits-role", [created(), *joins(message("item_1",
        content=message("item_1", "assistant")["content"]))], "violated", told={
        "says": "conversation.item.added: an item of role user holds content of type output_text",
        "path": "item.content[0].type", "expected": "input_audio or input_image or input_text"}),
    "content by its old name": Row("items/content-fits-role", [created(), *joins(message("item_1",
        "assistant", content=[{"type": "text", "text": "Hello."}]))], "violated"),
    "content of a user by the old name": Row("items/content-fits-role", [created(), *joins(message("item_1",
        content=[{"type": "text", "text": "Hello."}]))], "violated"),
    "content by its old name, of Inworld": Row("items/content-fits-role", [created(), *joins(message("item_1",
        "assistant", content=[{"type": "text", "text": "Hello."}]))], "holds", dialect="inworld"),
    "content without a type": Row("items/content-fits-role", [created(), *joins(message("item_1",
        content=[{"text": "Hello."}]))], "violated", told={
        "says": "conversation.item.added: an item of role user holds content without a type"}),
    "content whose type is a number": Row("items/content-fits-role", [created(), *joins(message("item_1",
        content=[{"type": 7}]))], "violated", told={"actual": "7"}),
    "content of no type there is, and no role": Row("items/content-fits-role", [created(), *joins({**message(
        "item_1", content=[{"type": "odd"}]), "role": None})], "violated", dialect="inworld"),
    "a result with content of its own": Row("items/content-fits-role", [created(), *put(call("item_1",
        "call_1")), create("a", output("call_1")), *joins(output("call_1", id="item_2", content=[{
        "type": "odd"}]), "item_1")], "nothing"),
    "what a client should not have said is shown": Row("items/content-fits-role", [created(), create("a",
        message(content=[{"type": "output_text", "text": "Hello."}])), *joins(message("item_1",
        content=[{"type": "output_text", "text": "Hello."}]))], "nothing",
        also=("errors/invalid-event-refused",)),
    "audio sent back": Row("items/added/no-audio-bytes", [created(), create("a", message(
        content=[{"type": "input_audio", "audio": "AAAA"}])), *joins(message("item_1",
        content=[{"type": "input_audio", "audio": "AAAA"}]))], "violated", told={
        "says": "conversation.item.added holds audio bytes", "path": "item.content[0].audio",
        "actual": "4 characters"}),
    "text has no audio": Row("items/added/no-audio-bytes", [created(), *put(message("item_1"))], "nothing"),
    # deleted
    "deleted, by its name": Row("items/delete/names-item", [*_DELETE, _deleted("item_1")], "holds"),
    "deleted, by another name": Row("items/delete/names-item", [*_DELETE, _deleted("item_2")], "violated",
        told={"expected": "item_1", "actual": "item_2", "because": ["conversation.item.delete"]}),
    "deleted, by no name": Row("items/delete/names-item", [*_DELETE,
        server("conversation.item.deleted")], "nothing", also=("payload/conversation.item.deleted",)),
    "not deleted": Row("items/delete/names-item", [*_DELETE, error("delete")], "nothing",
        also=("items/delete/acknowledged",)),
    # retrieved
    "retrieved as it is": Row("items/retrieve/full-item", [created(), *put(message("item_1")),
        *retrieved(message("item_1"))], "holds"),
    "another retrieved": Row("items/retrieve/full-item", [*_RETRIEVE, _got(message("item_2"))], "violated",
        told={"path": "item.id", "expected": "item_1", "actual": "item_2"}),
    "retrieved with another role": Row("items/retrieve/full-item", [*_RETRIEVE, _got(message("item_1",
        "system"))], "violated", told={"path": "item.role", "expected": "user", "actual": "system"}),
    "retrieved with another text": Row("items/retrieve/full-item", [*_RETRIEVE, _got(message("item_1",
        text="Else."))], "violated", told={"path": "item.content"}),
    "retrieved without its text": Row("items/retrieve/full-item", [*_RETRIEVE, _got(message("item_1",
        content=[]))], "violated", told={"path": "item.content", "actual": "[]"}),
    "retrieved with content that is no content": Row("items/retrieve/full-item", [*_RETRIEVE, _got(message(
        "item_1", content=["Hello."]))], "holds", also=("payload/conversation.item.retrieved",)),
    "retrieved, and nothing is there": Row("items/retrieve/full-item", [*_RETRIEVE,
        server("conversation.item.retrieved")], "nothing", also=("payload/conversation.item.retrieved",)),
    "retrieved while it is deleted": Row("items/retrieve/full-item", [*_DELETE, *retrieved(message("item_1",
        text="Else."))], "nothing"),
    "audio retrieved": Row("items/retrieve/full-item", [*_SPOKEN, *retrieved(_HEARD)], "holds"),
    "audio retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        *retrieved(spoken("item_a"))], "violated", told={"path": "item.content[0].audio",
        "expected": "the audio", "actual": "null"}),
    "another text retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN, *retrieved({
        **spoken("item_a"), "role": "user"})], "violated", told={"path": "item.role"},
        also=("items/content-fits-role",)),
    "truncated audio retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        *_cut("item_a", 50), *retrieved(spoken("item_a"))], "holds"),
    "audio not truncated retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        _cut("item_a", 5000)[0], error("truncate"), *retrieved(spoken("item_a"))], "violated"),
    "audio perhaps truncated retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        _cut("item_a", 50)[0], error("truncate"), *retrieved(spoken("item_a"))], "holds",
        also=("items/truncate/acknowledged",)),
    "audio truncated too far retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        *_cut("item_a", 5000), *retrieved(spoken("item_a"))], "holds",
        also=("items/truncate/beyond-audio-refused",)),
    "audio retrieved without its bytes when another was truncated": Row("items/retrieve/full-item",
        [*_SPOKEN, *_cut("item_9", 50), *retrieved(spoken("item_a"))], "violated",
        also=("items/truncate/unknown-refused",)),
    "audio never heard retrieved without its bytes": Row("items/retrieve/full-item", [*_SPOKEN,
        *joins(spoken("item_b"), "item_a"), *retrieved(spoken("item_b"))], "holds"),
    # truncated
    "truncated as asked for": Row("items/truncate/echoes-request", [*_SPOKEN, *_cut("item_a", 50)], "holds"),
    "truncated at another time": Row("items/truncate/echoes-request", [*_SPOKEN, _cut("item_a", 50)[0],
        _cut("item_a", 40)[1]], "violated", told={"path": "audio_end_ms", "expected": "50", "actual": "40",
        "because": ["conversation.item.truncate"]}),
    "truncated at no time": Row("items/truncate/echoes-request", [*_SPOKEN, _cut("item_a", 50)[0],
        server("conversation.item.truncated", item_id="item_a", content_index=0)], "holds",
        also=("payload/conversation.item.truncated",)),
    "not truncated": Row("items/truncate/echoes-request", [*_SPOKEN, _cut("item_a", 50)[0],
        error("truncate")], "nothing", also=("items/truncate/acknowledged",)),
    "an empty transcript left": Row("items/truncate/cuts-transcript", [created(), *joins(spoken("item_1")),
        *truncated(0), *retrieved({**spoken("item_1"), "content": [{"type": "output_audio",
        "transcript": ""}]})], "holds", also=("session/created/then-quiet",)),
    "what is left not retrieved": Row("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(0), client("conversation.item.retrieve", event_id="retrieve",
        item_id="item_1"), error("retrieve")], "nothing", also=("items/retrieve/acknowledged",
        "session/created/then-quiet")),
}  # fmt: skip
