"""Small traces: where items stand in the conversation."""

from __future__ import annotations

from tests.rules.said import (
    ADDED,
    CLEAR,
    CLEARED,
    DONE,
    RUNNING,
    VAD,
    Said,
    begins,
    client,
    create,
    created,
    joins,
    message,
    put,
    server,
)
from tests.rules.small.rows import Row, Rows

_FIRST = put(message("item_1"))
_SECOND = create("b", message())
_THIRD = create("c", message())
_NEXT = [_SECOND, *joins(message("item_2"), "item_1")]
_LATER = create("c", message(), previous_item_id="item_1")
_DELETE = client("conversation.item.delete", item_id="item_2")
_DELETED = server("conversation.item.deleted", item_id="item_2")
_GONE = [created(), *_FIRST, *_NEXT, _DELETE, _DELETED]
_ROOT = create("b", message(), previous_item_id="root")


def _generated(id_: str, index: int) -> list[Said]:
    item = {**message(id_, "assistant"), "status": "in_progress", "content": []}
    place = {"response_id": "resp_1", "output_index": index}
    return [server("response.output_item.added", **place, item=item), joins(item)[0]]


_APART = [client("response.create", response={"conversation": "none"}),
    begins("resp_1", conversation_id=None), _generated("item_a", 0)[0]]  # fmt: skip


def _added(id_: str, previous: str | None) -> Said:
    return joins(message(id_), previous)[0]


def _done(id_: str, previous: str | None) -> Said:
    return joins(message(id_), previous)[1]


ROWS: Rows = {
    # announced
    "a predecessor that was announced": Row("items/previous/announced", [created(), *put(message("item_1")),
        create("b", message()), *joins(message("item_2"), "item_1")], "holds"),
    "a predecessor never heard of": Row("items/previous/announced", [created(), create("b", message()),
        joins(message("item_2"), "item_9")[0]], "violated"),
    "a predecessor only committed": Row("items/previous/announced", [created(audio=VAD),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        joins(message("item_2"), "item_1")[0]], "holds"),
    "a predecessor only spoken of": Row("items/previous/announced", [created(audio=VAD),
        server("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0),
        joins(message("item_2"), "item_1")[0]], "violated"),
    "a predecessor never seen": Row("items/previous/announced", [joins(message("item_2"), "item_9")[0]],
        "nothing", whole=False),
    "a predecessor by the word of the request": Row("items/previous/announced", [created(), *_FIRST, _ROOT,
        joins(message("item_2"), "root")[0]], "nothing", also=("items/previous/root",)),
    "an item is its own predecessor": Row("items/previous/announced", [created(), _SECOND,
        joins(message("item_2"), "item_2")[0]], "nothing", also=("items/previous/appended",)),
    "a predecessor deleted before": Row("items/previous/announced", [*_GONE, _THIRD,
        joins(message("item_3"), "item_2")[0]], "holds", also=("items/previous/after-delete",)),
    # appended
    "the first item": Row("items/previous/appended", [created(), *_FIRST], "holds"),
    "an item behind the last": Row("items/previous/appended", [created(), *_FIRST, *_NEXT], "holds"),
    "an item behind nothing": Row("items/previous/appended", [created(), *_FIRST, _SECOND,
        *joins(message("item_2"))], "violated", told={"expected": "item_1", "actual": "null",
        "because": ["conversation.item.added"]}),
    "an item behind the last but one": Row("items/previous/appended", [created(), *_FIRST, *_NEXT, _THIRD,
        *joins(message("item_3"), "item_1")], "violated", told={"expected": "item_2", "actual": "item_1"}),
    "the first item behind another": Row("items/previous/appended", [created(), _SECOND,
        joins(message("item_2"), "item_9")[0]], "nothing", also=("items/previous/announced",)),
    "an item behind one that was deleted": Row("items/previous/appended", [*_GONE, _THIRD,
        joins(message("item_3"), "item_2")[0]], "holds", also=("items/previous/after-delete",)),
    "an item behind one of a response apart": Row("items/previous/appended", [created(), *_APART,
        _SECOND, *joins(message("item_2"), "item_a")], "nothing", also=("items/previous/announced",)),
    "an item in the middle of a capture": Row("items/previous/appended", [CLEARED, *_FIRST, _SECOND,
        *joins(message("item_2"))], "nothing", whole=False),
    "an item added twice": Row("items/previous/appended", [created(), *_FIRST, _SECOND, ADDED], "holds"),
    "an item that somebody may have put there": Row("items/previous/appended", [created(),
        *joins(message("item_1")), *joins(message("item_2"))], "nothing", measured=False),
    "an item while another is deleted": Row("items/previous/appended", [created(), *_FIRST, *_NEXT, _DELETE,
        _THIRD, joins(message("item_3"))[0]], "holds"),
    "an item while the buffer is cleared": Row("items/previous/appended", [created(), *_FIRST, CLEAR, _SECOND,
        *joins(message("item_2"))], "violated"),
    "items of a response that all come first": Row("items/previous/appended", [created(), *RUNNING,
        *_generated("item_a", 0), *_generated("item_b", 1)], "violated", measured=False),
    # put elsewhere
    "an item put first": Row("items/previous/root", [created(), *_FIRST, _ROOT, *joins(message("item_2"))],
        "holds"),
    "an item to be first put behind another": Row("items/previous/root", [created(), *_FIRST, _ROOT,
        *joins(message("item_2"), "item_1")], "violated", told={"actual": "item_1",
        "because": ["conversation.item.create"]}),
    "an item put in between": Row("items/previous/inserted", [created(), *_FIRST, *_NEXT, _LATER,
        *joins(message("item_3"), "item_1")], "holds"),
    "an item to be in between put last": Row("items/previous/inserted", [created(), *_FIRST, *_NEXT, _LATER,
        *joins(message("item_3"), "item_2")], "violated", told={"expected": "item_1", "actual": "item_2",
        "because": ["conversation.item.create"]}),
    "an item put behind one unheard of": Row("items/previous/inserted", [created(), create("a", message(),
        previous_item_id="item_9"), *joins(message("item_2"))], "nothing",
        also=("items/previous/unknown-refused",)),
    "an item appended is not put anywhere": Row("items/previous/inserted", [created(), *_FIRST], "nothing"),
    "an item appended is not put first": Row("items/previous/root", [created(), *_FIRST], "nothing"),
    # after a deletion
    "the chain heals": Row("items/previous/after-delete", [*_GONE, _THIRD, *joins(message("item_3"),
        "item_1")], "holds"),
    "the chain does not heal": Row("items/previous/after-delete", [*_GONE, _THIRD, *joins(message("item_3"),
        "item_2")], "violated", told={"expected": "item_1", "actual": "item_2",
        "because": ["conversation.item.deleted"]}),
    "an item put in between after a deletion": Row("items/previous/after-delete", [*_GONE, _LATER,
        *joins(message("item_3"), "item_1")], "nothing"),
    "nothing was deleted": Row("items/previous/after-delete", [created(), *_FIRST, *_NEXT], "nothing"),
    # done
    "done in the same place": Row("items/done/same-previous", [created(), *_FIRST, *_NEXT], "holds"),
    "done in another place": Row("items/done/same-previous", [created(), *_FIRST, *_NEXT, _THIRD,
        _added("item_3", "item_2"), _done("item_3", "item_1")], "violated", told={"expected": "item_2",
        "actual": "item_1", "because": ["conversation.item.added"]}),
    "done behind the first item says nothing": Row("items/done/same-previous", [created(), *_FIRST, _SECOND,
        _added("item_2", "item_1"), _done("item_2", None)], "holds"),
    "done behind a later item says nothing": Row("items/done/same-previous", [created(), *_FIRST, *_NEXT,
        _THIRD, _added("item_3", "item_2"), _done("item_3", None)], "violated"),
    "done behind the first item names a third": Row("items/done/same-previous", [created(), *_FIRST, _SECOND,
        _added("item_2", "item_1"), _done("item_2", "item_9")], "violated",
        also=("items/previous/announced",)),
    "done after its neighbour was deleted": Row("items/done/same-previous", [created(), *_FIRST, *_NEXT,
        _THIRD, _DELETE, _added("item_3", "item_2"), _DELETED, _done("item_3", "item_1")], "holds",
        also=("items/create/final-at-once",)),
    "done, and no place is named": Row("items/done/same-previous", [created(), create("a", message()), ADDED,
        server("conversation.item.done", item=message("item_1"))], "nothing"),
    "done, and never added": Row("items/done/same-previous", [created(), DONE], "nothing",
        also=("items/done-after-added",)),
}  # fmt: skip
