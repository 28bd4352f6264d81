"""Small traces: what contracts say of events, of either side."""

from __future__ import annotations

from tests.rules.said import (
    CLEARED,
    TYPED,
    client,
    create,
    created,
    error,
    joins,
    made_up,
    message,
    output,
    put,
    retrieved,
    server,
    updated,
)
from tests.rules.small.rows import Row, Rows


def _picture(url: str) -> dict[str, object]:
    return message(content=[{"type": "input_image", "image_url": url}])


_SHOWN = joins({**message("item_1"), **_picture("<image>")})
_APPEND = client("input_audio_buffer.append", event_id="a", audio="AAAA…")
_TYPELESS = client("session.update", session={"instructions": "Be."})
_WRONG = client("session.update", session={"instructions": 3})
_TEXTLESS = message(content=[{"type": "input_text"}])
_CUT = {"item_id": "item_1", "content_index": 0, "audio_end_ms": "300"}

ROWS: Rows = {
    # what a client sends, as it was recorded
    "a picture that was left out": Row("errors/invalid-event-refused", [created(), create("a",
        _picture("<image>")), *_SHOWN], "nothing"),
    "a picture that was left out is refused": Row("items/create/acknowledged", [created(), create("a",
        _picture("<image>")), error("a")], "nothing"),
    "a picture that the suite made wrong": Row("errors/invalid-event-refused", [created(),
        made_up(create("a", _picture("<image>")), operator="pattern"), *_SHOWN], "violated"),
    "a picture at an address": Row("errors/invalid-event-refused", [created(), create("a",
        _picture("https://a.b/c.png")), error("a")], "seen: refused"),
    "audio that was shortened": Row("errors/invalid-event-refused", [created(), _APPEND, error("a")],
        "nothing"),
    "audio that the suite made wrong": Row("errors/invalid-event-refused", [created(), made_up(_APPEND,
        operator="format"), error("a")], "seen: refused"),
    "a session without its type": Row("errors/invalid-event-refused", [created(), _TYPELESS,
        updated(instructions="Be.")], "nothing"),
    "a session without its type, and wrong besides": Row("errors/invalid-event-refused", [created(),
        _WRONG, updated()], "violated"),
    "a call's id with other characters": Row("errors/invalid-event-refused", [created(), create("a",
        output("call 1")), error("a")], "seen: refused"),
    "a null where nothing need be": Row("audio/clear/acknowledged", [created(),
        client("input_audio_buffer.clear", event_id=None), CLEARED], "holds"),
    # what a server shows of it
    "a message without content that is given some": Row("payload/conversation.item.added", [created(),
        create("a", {"type": "message", "role": "user"}), joins(message("item_1", content=[{"type":
        "input_text"}]))[0]], "violated", also=("errors/invalid-event-refused",)),
    "a role that is shown as it was sent": Row("errors/invalid-event-refused", [created(), create("a",
        message(role="boss")), joins(message("item_1", role="boss"))[0]], "violated"),
    "a role that is shown as another": Row("payload/conversation.item.added", [created(), create("a",
        message(role="boss")), joins(message("item_1", role="chief"))[0]], "violated"),
    "a part that is shown without a text, as it was sent": Row("errors/invalid-event-refused", [created(),
        create("a", _TEXTLESS), joins({**message("item_1"), **_TEXTLESS})[0]], "violated"),
    "a second part that is shown without a text": Row("payload/conversation.item.added", [created(),
        create("a", _TEXTLESS), joins(message("item_1", content=[*_TEXTLESS["content"]] * 2))[0]],
        "violated", also=("errors/invalid-event-refused",)),
    "a wrong end that is taken and shown": Row("payload/conversation.item.truncated", [created(),
        *put(TYPED), client("conversation.item.truncate", **_CUT),
        server("conversation.item.truncated", **_CUT)], "violated", also=("errors/invalid-event-refused",)),
    # what a server sends
    "shortened audio before a part without its text": Row("payload/conversation.item.retrieved", [created(),
        *put(message("item_1")), *retrieved(message("item_1", content=[{"type": "input_audio", "audio":
        "AAAA…"}, {"type": "input_text"}]))], "violated", also=("items/retrieve/full-item",),
        told={"path": "item.content[1].text"}),
    "an event of no type": Row("envelope/one-json-object", [created(), ("server", {"type": ""})],
        "violated", told={"actual": "an object without a string `type`"}),
    "an event whose type is a number": Row("envelope/one-json-object", [created(), ("server",
        {"type": 7})], "violated", told={"actual": "an object without a string `type`"}),
}  # fmt: skip
