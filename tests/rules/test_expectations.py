"""What a server owes for a client event, by what was said before it: one row a case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.said import (
    VAD,
    Said,
    audio,
    begins,
    call,
    client,
    created,
    ends,
    joins,
    message,
    output,
    put,
    sent_last,
    server,
    speaks,
    spoken,
    trace,
)

APPROVAL = {"id": "item_1", "type": "mcp_approval_response", "approval_request_id": "a", "approve": True}
ALICE = {"output": {"voice": "alice"}}
ASKED = client("response.create")
APART = client("response.create", response={"conversation": "none"})
APPEND = client("input_audio_buffer.append", audio=audio(200))
COMMIT = client("input_audio_buffer.commit")
CLEARED = [client("input_audio_buffer.clear"), server("input_audio_buffer.cleared")]
RUNNING = [ASKED, begins("resp_1")]
HEARD = server("response.created", response={"id": "resp_1", "output_modalities": ["audio"]})
SPOKEN = [*RUNNING, *speaks("resp_1", "item_a", 900)]
LISTENING = created(audio=VAD)


def update(**fields: Any) -> Said:
    return client("session.update", session={"type": "realtime", **fields})


def retrieve(id_: str) -> Said:
    return client("conversation.item.retrieve", item_id=id_)


def delete(id_: str) -> Said:
    return client("conversation.item.delete", item_id=id_)


def cut(id_: str, end: int, index: int = 0) -> Said:
    return client("conversation.item.truncate", item_id=id_, content_index=index, audio_end_ms=end)


def create(item: dict[str, Any], previous: str | None = None) -> Said:
    more = {} if previous is None else {"previous_item_id": previous}
    return client("conversation.item.create", item=item, **more)


def referring(id_: str, **fields: Any) -> Said:
    return client("response.create", response={"input": [{"type": "item_reference", "id": id_}], **fields})


DELETED = [*put(message("item_1")), delete("item_1"), server("conversation.item.deleted", item_id="item_1")]

WHOLE: dict[str, tuple[list[Said], Said, str]] = {
    "an event without a type": ([], ("client", {"event_id": "mine"}), "refuse no-type"),
    "a type that is not known": ([], client("item.praise"), "refuse unknown-type"),
    "an event_id that is too long": (
        [],
        client("input_audio_buffer.clear", event_id="x" * 513),
        "refuse schema",
    ),
    "an event_id as long as may be": ([], client("input_audio_buffer.clear", event_id="x" * 512), "accept"),
    "a field of the wrong type": ([], delete(7), "refuse schema"),  # type: ignore[arg-type]
    # session.update
    "an update without session.type": (
        [],
        client("session.update", session={"instructions": "Be."}),
        "either without-session-type",
    ),
    "an update": ([], update(instructions="Be brief."), "accept"),
    "another voice before any audio": ([], update(audio=ALICE), "accept"),
    "another voice after audio": (
        [created(audio={"output": {"voice": "bob"}}), *SPOKEN],
        update(audio=ALICE),
        "either voice-after-audio",
    ),
    "another voice after a response without the audio that it is to have": (
        [created(audio={"output": {"voice": "bob"}}), HEARD],
        update(audio=ALICE),
        "either unseen-audio",
    ),
    "the same voice after audio": ([created(audio=ALICE), *SPOKEN], update(audio=ALICE), "accept"),
    "a voice after audio, where none is shown": (SPOKEN, update(audio=ALICE), "accept"),
    "another model": ([], update(model="gpt-other"), "either model-change"),
    "the same model": ([], update(model="gpt-realtime"), "accept"),
    "other tracing where it is on": ([created(tracing="auto")], update(tracing=None), "either tracing-is-on"),
    "the same tracing": ([created(tracing="auto")], update(tracing="auto"), "accept"),
    "no word about tracing where it is on": ([created(tracing="auto")], update(instructions="Be."), "accept"),
    "tracing where it is off": ([created(tracing=None)], update(tracing="auto"), "accept"),
    # the input buffer
    "audio": ([], APPEND, "accept"),
    "a clear": ([], client("input_audio_buffer.clear"), "accept"),
    "a commit of enough audio": ([APPEND], COMMIT, "accept"),
    "a commit of just enough": ([client("input_audio_buffer.append", audio=audio(100))], COMMIT, "accept"),
    "a commit of too little": (
        [client("input_audio_buffer.append", audio=audio(99))],
        COMMIT,
        "refuse buffer-too-short",
    ),
    "a commit of nothing": ([], COMMIT, "refuse buffer-too-short"),
    "a commit of what was cleared": ([APPEND, *CLEARED], COMMIT, "refuse buffer-cleared"),
    "a commit of what was committed": (
        [APPEND, COMMIT, server("input_audio_buffer.committed", previous_item_id=None, item_id="item_1")],
        COMMIT,
        "refuse buffer-too-short",
    ),
    "a commit while the server listens": ([LISTENING, APPEND], COMMIT, "either turn-detection-on"),
    "a commit while an update is under way": (
        [APPEND, update(audio=VAD)],
        COMMIT,
        "either turn-detection-on",
    ),
    "a clear of the output": ([], client("output_audio_buffer.clear"), "either transport"),
    # conversation.item.create
    "an item": ([], create(message()), "accept"),
    "an item at the head": ([], create(message(), "root"), "accept"),
    "an item behind another": (put(message("item_1")), create(message(), "item_1"), "accept"),
    "an item behind an unknown one": ([], create(message(), "item_9"), "refuse unknown-previous-item"),
    "an item behind one under way": ([create(message("item_1"))], create(message(), "item_1"), "accept"),
    "an item behind one only spoken of": (
        [server("conversation.item.retrieved", item=message("item_7"))],
        create(message(), "item_7"),
        "either item-under-way",
    ),
    "an id of its own": ([], create(message("item_1")), "accept"),
    "an id in use": (put(message("item_1")), create(message("item_1")), "either duplicate-id"),
    "an id under way": ([create(message("item_1"))], create(message("item_1")), "either duplicate-id"),
    "an output of no call": ([], create(output("call_1")), "refuse unknown-call"),
    "an output of a call": (put(call("item_1", "call_1")), create(output("call_1")), "accept"),
    "an output of another call": (
        put(call("item_1", "call_1")),
        create(output("call_2")),
        "refuse unknown-call",
    ),
    "an output of a call under way": ([create(call("item_1", "call_1"))], create(output("call_1")), "accept"),
    "an output of a call whose id no client may choose": (
        put(call("item_1", "call 1")),
        create(output("call 1")),
        "accept",
    ),
    "an output of a call of such an id, unknown": ([], create(output("call 1")), "refuse schema"),
    "an item of MCP": ([], create(APPROVAL), "either unusual-item"),
    # retrieve, delete
    "retrieving what is there": (put(message("item_1")), retrieve("item_1"), "accept"),
    "retrieving what is not": ([], retrieve("item_1"), "refuse unknown-item"),
    "retrieving what was deleted": (DELETED, retrieve("item_1"), "refuse deleted-item"),
    "retrieving what is being deleted": (
        [*put(message("item_1")), delete("item_1")],
        retrieve("item_1"),
        "either delete-under-way",
    ),
    "retrieving what is being retrieved": (
        [*put(message("item_1")), retrieve("item_1")],
        retrieve("item_1"),
        "accept",
    ),
    "retrieving while another is being deleted": (
        [*put(message("item_1")), *put(message("item_2"), "item_1"), delete("item_2")],
        retrieve("item_1"),
        "accept",
    ),
    "retrieving what is being created": (
        [create(message("item_1"))],
        retrieve("item_1"),
        "either item-under-way",
    ),
    "retrieving what came back": ([*DELETED, *put(message("item_1"))], retrieve("item_1"), "accept"),
    "deleting what is there": (put(message("item_1")), delete("item_1"), "accept"),
    "deleting what is not": (put(message("item_1")), delete("item_2"), "refuse unknown-item"),
    "deleting twice": (DELETED, delete("item_1"), "refuse deleted-item"),
    "deleting what is being written": (
        [*RUNNING, *speaks("resp_1", "item_a", 900)[:3]],
        delete("item_a"),
        "either item-in-use",
    ),
    "deleting what was written": (SPOKEN, delete("item_a"), "accept"),
    # truncate
    "cutting a third of the audio": (SPOKEN, cut("item_a", 300), "accept"),
    "cutting all of it": (SPOKEN, cut("item_a", 0), "accept"),
    "cutting a little more than a third": (SPOKEN, cut("item_a", 301), "accept beyond-a-third"),
    "cutting a tenth of a second before the end": (SPOKEN, cut("item_a", 800), "accept beyond-a-third"),
    "cutting just before the end": (SPOKEN, cut("item_a", 801), "accept near-the-end"),
    "cutting at the end": (SPOKEN, cut("item_a", 901), "accept near-the-end"),
    "cutting beyond the end": (SPOKEN, cut("item_a", 902), "refuse beyond-audio"),
    "cutting beyond what is left": (
        [
            *SPOKEN,
            cut("item_a", 300),
            server("conversation.item.truncated", item_id="item_a", content_index=0, audio_end_ms=300),
        ],
        cut("item_a", 302),
        "refuse beyond-audio",
    ),
    "cutting a part that is not there": (SPOKEN, cut("item_a", 0, index=1), "refuse no-such-content"),
    "cutting what the user said": (put(message("item_1")), cut("item_1", 0), "refuse not-assistant-audio"),
    "cutting what was written": (
        put(message("item_1", "assistant")),
        cut("item_1", 0),
        "refuse not-assistant-audio",
    ),
    "cutting a call": (put(call("item_1", "call_1")), cut("item_1", 0), "refuse not-assistant-audio"),
    "cutting what is being spoken": (
        [*RUNNING, *speaks("resp_1", "item_a", 900)[:4]],
        cut("item_a", 0),
        "either still-speaking",
    ),
    "cutting audio of unknown length": (joins(spoken("item_1")), cut("item_1", 0), "either unmeasured-audio"),
    "cutting what is not there": ([], cut("item_1", 0), "refuse unknown-item"),
    # response.create
    "asking for an answer": ([], ASKED, "accept"),
    "asking while one is being written": (RUNNING, ASKED, "refuse active-response"),
    "asking while one is asked for": ([ASKED], ASKED, "either response-under-way"),
    "asking while one is asked for out of band": ([APART], ASKED, "accept"),
    "asking out of band beside one": (RUNNING, APART, "accept"),
    "asking when one is done": ([*RUNNING, ends("resp_1")], ASKED, "accept"),
    "asking while the server listens": ([LISTENING], ASKED, "accept"),
    "asking while the server hears audio": ([LISTENING, APPEND], ASKED, "either turn-detection-on"),
    "asking with audio in the buffer": ([APPEND], ASKED, "accept"),
    "asking about an item": (put(message("item_1")), referring("item_1"), "accept"),
    "asking about an unknown item": ([], referring("item_1"), "refuse unknown-reference"),
    "asking about an unknown item out of band": (
        [],
        referring("item_1", conversation="none"),
        "refuse unknown-reference",
    ),
    "asking with a message": ([], client("response.create", response={"input": [message()]}), "accept"),
    "asking with an item of MCP": (
        [],
        client("response.create", response={"input": [APPROVAL]}),
        "either unusual-item",
    ),
    # response.cancel
    "cancelling what runs": (RUNNING, client("response.cancel"), "accept"),
    "cancelling it by its id": (RUNNING, client("response.cancel", response_id="resp_1"), "accept"),
    "cancelling another": (
        RUNNING,
        client("response.cancel", response_id="resp_2"),
        "refuse no-active-response",
    ),
    "cancelling nothing": ([], client("response.cancel"), "refuse no-active-response"),
    "cancelling what is done": (
        [*RUNNING, ends("resp_1")],
        client("response.cancel", response_id="resp_1"),
        "refuse no-active-response",
    ),
    "cancelling what is asked for": ([ASKED], client("response.cancel"), "either response-under-way"),
    "cancelling twice": (
        [*RUNNING, client("response.cancel")],
        client("response.cancel"),
        "either response-under-way",
    ),
}

PARTIAL: dict[str, tuple[list[Said], Said, str]] = {
    "a voice": ([], update(audio=ALICE), "either unseen-audio"),
    "no voice": ([], update(instructions="Be brief."), "accept"),
    "a commit": ([APPEND], COMMIT, "either unmeasured-audio"),
    "an item behind one not seen": ([], create(message(), "item_9"), "either item-under-way"),
    "an id that may be in use": ([], create(message("item_1")), "either duplicate-id"),
    "no id": ([], create(message()), "accept"),
    "an output of a call not seen": ([], create(output("call_1")), "either unseen-call"),
    "retrieving what was not seen": ([], retrieve("item_1"), "either item-under-way"),
    "deleting what was not seen": ([], delete("item_1"), "either item-under-way"),
    "cutting what was not seen": ([], cut("item_1", 0), "either item-under-way"),
    "cutting what was seen": (SPOKEN, cut("item_a", 0), "either unmeasured-audio"),
    "asking where an answer may run": ([], ASKED, "either unseen-response"),
    "asking when one was seen to end": ([*RUNNING, ends("resp_1")], ASKED, "accept"),
    "asking about what was not seen": ([], referring("item_1"), "either unseen-items"),
    "cancelling what was not seen": ([], client("response.cancel"), "either unseen-response"),
    "cancelling by an id not seen": (
        [],
        client("response.cancel", response_id="resp_1"),
        "either unseen-response",
    ),
    "cancelling what was seen to begin": (RUNNING, client("response.cancel"), "accept"),
    "cancelling what was seen to end": (
        [*RUNNING, ends("resp_1")],
        client("response.cancel", response_id="resp_1"),
        "refuse no-active-response",
    ),
    "cancelling what was not seen beside what was": (
        RUNNING,
        client("response.cancel", response_id="resp_2"),
        "either unseen-response",
    ),
    "cancelling what was seen": (RUNNING, client("response.cancel", response_id="resp_1"), "accept"),
}


def _owed(before: list[Said], event: Said, **kind: bool) -> str:
    begun = before if before and before[0][1]["type"] == "session.created" else [created(), *before]
    owed = sent_last("openai", trace(*begun, event, **kind)).expectation
    return f"{owed.kind} {owed.reason}".strip()


@pytest.mark.parametrize("case", WHOLE)
def test_in_a_whole_capture(case: str) -> None:
    before, event, owed = WHOLE[case]
    assert _owed(before, event) == owed


@pytest.mark.parametrize("case", PARTIAL)
def test_in_the_middle_of_a_conversation(case: str) -> None:
    before, event, owed = PARTIAL[case]
    spoken_before = [s for s in before if s[1]["type"] != "session.created"]
    found = sent_last("openai", trace(*spoken_before, event, whole=False)).expectation
    assert f"{found.kind} {found.reason}".strip() == owed


def test_audio_that_was_shortened_is_not_measured() -> None:
    assert _owed([APPEND], COMMIT, measured=False) == "either unmeasured-audio"
    assert _owed(SPOKEN, cut("item_a", 0), measured=False) == "either unmeasured-audio"
