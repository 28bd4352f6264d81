"""Small traces: which response, item, part and stream an event is about."""

from __future__ import annotations

from tests.rules.said import RUNNING, Said, call, created, message, put, server, transcribed
from tests.rules.small.rows import Row, Rows

ITEM = {"response_id": "resp_1", "output_index": 0}
CALL = call("item_a", "call_1")


def written(type_: str, index: int, **members: str) -> Said:
    return server(f"response.output_text.{type_}", **ITEM, item_id="item_a", content_index=index, **members)


def part(index: int) -> Said:
    return server("response.content_part.added", **ITEM, item_id="item_a", content_index=index,
                  part={"type": "text", "text": ""})  # fmt: skip


def argued(type_: str, **members: str) -> Said:
    return server(f"response.function_call_arguments.{type_}", **ITEM, item_id="item_a", content_index=0,
                  call_id="call_1", **members)  # fmt: skip


WRITING = server("response.output_item.added", **ITEM, item=message("item_a", "assistant",
                 status="in_progress", content=[]))  # fmt: skip
CALLING = server("response.output_item.added", **ITEM, item={**CALL, "status": "in_progress",
                 "arguments": ""})  # fmt: skip

ROWS: Rows = {
    "two parts of one item": Row("response/text/deltas-add-up", [created(), *RUNNING, WRITING, part(0),
        part(1), written("delta", 0, delta="One"), written("delta", 1, delta="Two"), written("done", 0,
        text="One"), written("done", 1, text="Two")], "holds"),
    "the arguments of a call with a content_index": Row("calls/no-content-parts", [created(), *RUNNING,
        CALLING, argued("delta", delta="{}"), argued("done", name="get_weather", arguments="{}"),
        server("response.output_item.done", **ITEM, item=CALL)], "holds"),
    "two parts of one item, transcribed": Row("transcription/ends-once", [created(),
        *put(message("item_1")), transcribed("item_1"), transcribed("item_1", content_index=1)], "nothing"),
}  # fmt: skip
