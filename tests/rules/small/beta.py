"""Small traces: signs of the retired beta dialect."""

from __future__ import annotations

from typing import Any

from tests.rules.said import (
    ASKED,
    CLEAR,
    CLEARED,
    RUNNING,
    Json,
    Said,
    begins,
    created,
    deltas,
    message,
    put,
    response,
    server,
)
from tests.rules.small.rows import Row, Rows

FLAT = server("session.created", session={"id": "sess_1", "object": "realtime.session",
    "modalities": ["text"], "voice": "alloy", "turn_detection": None})  # fmt: skip
BARE = server("session.created", session={"id": "sess_1", "object": "realtime.session"})
CREATED = server("conversation.item.created", previous_item_id=None, item=message("item_1"))
PLACE = {"response_id": "resp_1", "item_id": "item_a", "output_index": 0, "content_index": 0}
DELTA = server("response.text.delta", **PLACE, delta="Hel")
SOUND = server("response.audio.delta", **PLACE, delta="AAAA")


def of_beta(**fields: Any) -> Json:
    """A response with its settings where the beta had them."""
    shown = response("resp_1", **fields)
    return {"modalities": ["text"], **{n: v for n, v in shown.items() if n != "output_modalities"}}


def transcribing(**fields: Any) -> Said:
    return server("transcription_session.created", session={"id": "sess_1",
        "object": "realtime.transcription_session", **fields})  # fmt: skip


ROWS: Rows = {
    # which dialect it is
    "a session of GA": Row("dialect/ga", [created(), *RUNNING, *deltas(1)], "holds",
        also=("response/item/added-first",)),
    "a session and nothing more": Row("dialect/ga", [created(), CLEAR, CLEARED], "nothing"),
    "a session of the beta": Row("dialect/ga", [FLAT], "violated", told={"event": "session.created",
        "says": "speaks the retired beta dialect: a session or response with its settings at the top",
        "path": "type", "expected": "the events of GA",
        "actual": "a session or response with its settings at the top", "because": ["session.created"]}),
    "a session of the beta, updated": Row("dialect/ga", [server("session.updated",
        session=FLAT[1]["session"])],
        "violated", whole=False, told={"because": ["session.updated"]}),
    "a session of neither dialect": Row("dialect/ga", [BARE], "nothing", also=("payload/session.created",)),
    "deltas of the beta": Row("dialect/ga", [FLAT, ASKED, server("response.created", response=of_beta()),
        DELTA, SOUND], "violated", told={"event": "response.text.delta",
        "actual": "response.audio.delta, response.text.delta", "because": ["session.created"]}),
    "deltas of the beta alone": Row("dialect/ga", [DELTA], "violated", whole=False,
        told={"event": "response.text.delta", "because": None}),
    "a delta of the beta in a session of GA": Row("dialect/ga", [created(), ASKED, begins("resp_1"), DELTA],
        "violated"),
    "a delta of the beta beside one of GA": Row("dialect/ga", [created(), *RUNNING, *deltas(1), DELTA],
        "holds", also=("dialect/not-mixed", "response/item/added-first")),
    "a response of the beta": Row("dialect/ga", [server("response.created", response=of_beta())],
        "violated", whole=False, told={"event": "session.created", "because": None}),
    "a response of the beta, done": Row("dialect/ga", [server("response.done",
        response=of_beta(status="completed"))], "violated", whole=False),
    "a response of the beta in a session of GA": Row("dialect/ga", [created(), ASKED,
        server("response.created", response=of_beta())], "holds"),
    "a response of both": Row("dialect/ga", [begins("resp_1", modalities=["text"])], "nothing", whole=False),
    "a response of neither": Row("dialect/ga", [server("response.created",
        response={n: v for n, v in response("resp_1").items() if n != "output_modalities"})], "nothing",
        whole=False),
    "an item created": Row("dialect/ga", [CREATED], "violated", whole=False,
        told={"event": "conversation.item.created"}),
    "an item created in a session of GA": Row("dialect/ga", [created(), *put(message("item_0")), CREATED],
        "holds", also=("items/no-beta-created",)),
    "an item created and nothing more in a session of GA": Row("dialect/ga", [created(), CREATED], "holds",
        also=("items/no-beta-created",)),
    "a session for transcription of the beta": Row("dialect/ga", [transcribing()], "violated"),
    "a session of GA under a name of the beta": Row("dialect/ga", [transcribing(type="transcription",
        audio={"input": {}})], "nothing", also=("session/created/first",)),
    "a session of the beta under its name, with a type": Row("dialect/ga",
        [transcribing(type="transcription")], "violated"),
    "what else is in the beta": Row("session/created/first", [FLAT, DELTA], "undecided",
        also=("dialect/ga",)),
    "what is not in the beta": Row("session/update/echoes-values", [FLAT, DELTA], "nothing",
        also=("dialect/ga",)),
    # whether it is one dialect
    "one dialect": Row("dialect/not-mixed", [created(), *RUNNING, *deltas(1)], "holds",
        also=("response/item/added-first",)),
    "only the beta": Row("dialect/not-mixed", [FLAT, DELTA], "nothing", also=("dialect/ga",)),
    "two families, each in its dialect": Row("dialect/not-mixed", [created(), *RUNNING, *deltas(1), SOUND],
        "holds", also=("response/item/added-first",)),
    "two names of one family": Row("dialect/not-mixed", [created(), *RUNNING, *deltas(1), DELTA],
        "violated", also=("response/item/added-first",), told={"event": "response.text.delta", "path": "type",
        "expected": "response.output_text.delta", "actual": "response.text.delta",
        "says": "response.text.delta came in a connection that also has response.output_text.delta",
        "because": ["response.output_text.delta"]}),
    "an item added, and one created": Row("dialect/not-mixed", [created(), *put(message("item_0")),
        CREATED], "holds", also=("items/no-beta-created",)),
}  # fmt: skip
