"""Small traces, and what the judge makes of one requirement in each: the bounds of the rules, one row a case.

The kill matrix shows that each rule sees its fault. Here stands where a rule begins and ends to speak.
"""

from __future__ import annotations

from typing import Any

import pytest

from reference.dialects import DialectName
from tests.rules.said import (
    VAD,
    Said,
    begins,
    call,
    client,
    created,
    ends,
    hangs_up,
    joins,
    message,
    outcome,
    put,
    server,
    session,
    silence,
    spoken,
    trace,
)

ASKED = client("response.create")
RUNNING = [ASKED, begins("resp_1")]
CLEAR = client("input_audio_buffer.clear", event_id="clear")
CLEARED = server("input_audio_buffer.cleared")
ADDED, DONE = joins(message("item_1"))


def error(culprit: str | None = None, code: str = "invalid_value", **members: Any) -> Said:
    body = {"type": "invalid_request_error", "code": code, "message": "No.", "param": None}
    return server("error", error={**body, "event_id": culprit, **members})


def create(name: str, item: dict[str, Any], **members: Any) -> Said:
    return client("conversation.item.create", event_id=name, item=item, **members)


def update(**fields: Any) -> Said:
    return client("session.update", event_id="update", session={"type": "realtime", **fields})


def updated(**fields: Any) -> Said:
    return server("session.updated", session=session(**fields))


def retrieved(item: dict[str, Any]) -> list[Said]:
    return [client("conversation.item.retrieve", item_id=item["id"]),
            server("conversation.item.retrieved", item=item)]  # fmt: skip


def truncated(end: int) -> list[Said]:
    place = {"item_id": "item_1", "content_index": 0, "audio_end_ms": end}
    return [client("conversation.item.truncate", **place), server("conversation.item.truncated", **place)]


def triggered(start: int, end: int) -> Said:
    return server("input_audio_buffer.timeout_triggered", item_id="item_1", audio_start_ms=start,
                  audio_end_ms=end)  # fmt: skip


def deltas(number: int, response_id: str = "resp_1") -> list[Said]:
    ids = {"response_id": response_id, "item_id": "item_a", "output_index": 0, "content_index": 0}
    return [server("response.output_text.delta", **ids, delta="on ") for _ in range(number)]


def listening(**detection: Any) -> Said:
    return created(audio={"input": {"turn_detection": {"type": "server_vad", **detection}}})


def transcribed(id_: str) -> Said:
    return server("conversation.item.input_audio_transcription.completed", item_id=id_, content_index=0,
                  transcript="Hello.", usage={"type": "duration", "seconds": 1})  # fmt: skip


COMMITTED = server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None)
SPEECH = server("input_audio_buffer.speech_started", item_id="item_s", audio_start_ms=0)
CANCEL = client("response.cancel", event_id="cancel")
OUTPUT = {"id": "item_2", "type": "function_call_output", "call_id": "call_1", "output": "{}"}
IDLE = created(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
LIMITED = client("response.create", response={"max_output_tokens": 10})


def used(tokens: int | None, status: str = "completed", **fields: Any) -> Said:
    usage = None if tokens is None else {"total_tokens": tokens, "input_tokens": 0, "output_tokens": tokens}
    return ends("resp_1", status, usage=usage, **fields)


TYPED = message("item_1", "assistant")
CASES: dict[str, tuple[str, list[Said], str]] = {
    # the end of a connection
    "hanging up in the middle of anything": ("errors/announced-before-close", [created(), hangs_up(1011)],
                                             "violated"),
    "hanging up after saying why": ("errors/announced-before-close",
                                    [created(), error(code="session_expired"), hangs_up(1011)], "holds"),
    "hanging up when all is done": ("errors/announced-before-close", [created(), hangs_up(1000)], "nothing"),
    # one answer
    "success, then an error": ("errors/one-answer", [created(), CLEAR, CLEARED, error("clear")], "violated"),
    "an error, then success": ("errors/one-answer", [created(), CLEAR, error("clear"), CLEARED], "violated"),
    "an error": ("errors/one-answer", [created(), CLEAR, error("clear")], "holds"),
    "an error for a response that began": ("errors/one-answer", [created(), client("response.create",
        event_id="r"), begins("resp_1"), error("r")], "nothing"),
    "an item refused, then one like it": ("errors/one-answer", [created(), create("a", message()), error("a"),
                                          ADDED], "violated"),
    "an item refused, then one unlike it": ("errors/one-answer", [created(), create("a", message()),
        error("a"), joins(message("item_1", text="Else."))[0]], "holds"),
    "an item refused, then its id": ("errors/one-answer", [created(), create("a", message("item_1")),
        error("a"), joins(message("item_1", text="Else."))[0]], "violated"),
    "an item refused, then the same words": ("errors/one-answer", [created(), create("a", message("item_2")),
                                             error("a"), ADDED], "holds"),
    "an answer refused, then begun": ("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), begins("resp_1")], "violated"),
    "an answer refused, then one to speech": ("errors/one-answer", [created(audio=VAD),
        client("response.create", event_id="r"), error("r"), begins("resp_1")], "holds"),
    "an answer refused, much later one": ("errors/one-answer", [created(), client("response.create",
        event_id="r"), error("r"), CLEAR, CLEARED, begins("resp_1")], "holds"),
    # the shape of an error
    "an error without a message": ("errors/shape", [created(), CLEAR, error("clear", message="")],
                                   "violated"),
    "an error with its message beside it": ("errors/shape", [created(), server("error", message="No.",
                                            error={})], "violated"),
    # order of answers
    "answers in order": ("envelope/answers-in-order", [created(), create("a", message()), CLEAR, ADDED, DONE,
                         CLEARED], "holds"),
    "answers out of order": ("envelope/answers-in-order", [created(), create("a", message()), CLEAR, CLEARED,
                             ADDED, DONE], "violated"),
    "a response beside the order": ("envelope/answers-in-order", [created(), ASKED, CLEAR, CLEARED,
                                    begins("resp_1")], "holds"),
    "an error for who knows whom": ("envelope/answers-in-order", [created(), create("a", message()), CLEAR,
                                    error(), CLEARED], "holds"),
    # items
    "a predecessor that was announced": ("items/previous/announced", [created(), *put(message("item_1")),
        create("b", message()), *joins(message("item_2"), "item_1")], "holds"),
    "a predecessor never heard of": ("items/previous/announced", [created(), create("b", message()),
                                     joins(message("item_2"), "item_9")[0]], "violated"),
    "a predecessor only committed": ("items/previous/announced", [created(audio=VAD),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        joins(message("item_2"), "item_1")[0]], "holds"),
    "a predecessor only spoken of": ("items/previous/announced", [created(audio=VAD),
        server("input_audio_buffer.speech_started", item_id="item_1", audio_start_ms=0),
        joins(message("item_2"), "item_1")[0]], "violated"),
    "an item done at once": ("items/create/final-at-once", [created(), *put(message("item_1"))], "holds"),
    "an item done behind another answer": ("items/create/final-at-once", [created(), create("a", message()),
                                           CLEAR, ADDED, CLEARED, DONE], "violated"),
    "an item done behind a response": ("items/create/final-at-once", [created(), create("a", message()),
                                       ASKED, ADDED, begins("resp_1"), DONE], "violated"),
    "a transcript left when all is cut": ("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(0), *retrieved(spoken("item_1"))], "violated"),
    "a transcript left when some is cut": ("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *truncated(10), *retrieved(spoken("item_1"))], "nothing"),
    "a transcript left when nothing is cut": ("items/truncate/cuts-transcript", [created(),
        *joins(spoken("item_1")), *retrieved(spoken("item_1"))], "nothing"),
    "no transcript left": ("items/truncate/cuts-transcript", [created(), *joins(spoken("item_1")),
        *truncated(0), *retrieved({**spoken("item_1"), "content": []})], "holds"),
    # sessions
    "an update shown": ("session/update/echoes-values", [created(), update(instructions="Be."),
                        updated(instructions="Be.")], "holds"),
    "an update not shown": ("session/update/echoes-values", [created(), update(instructions="Be."),
                            updated(instructions="Else.")], "violated"),
    "an update nobody asked for": ("session/update/echoes-values", [created(), updated(instructions="Be.")],
                                   "nothing"),
    "a refused value shown by the next update": ("session/update/refusal-changes-nothing", [
        created(instructions="Old."), update(instructions="New."), error("update"), update(speed=1.0),
        updated(instructions="New.")], "violated"),
    "another value shown by the next update": ("session/update/refusal-changes-nothing", [
        created(instructions="Old.", tracing=None), update(instructions="New."), error("update"),
        update(speed=1.0), updated(instructions="Else.")], "holds"),
    # idle
    "a timeout as long as was set": ("idle/length", [IDLE, triggered(0, 5000)], "holds"),
    "a timeout a little short": ("idle/length", [IDLE, triggered(1000, 5000)], "holds"),
    "a timeout too short": ("idle/length", [IDLE, triggered(1001, 5000)], "violated"),
    "a timeout a little long": ("idle/length", [IDLE, triggered(0, 7500)], "holds"),
    "a timeout too long": ("idle/length", [IDLE, triggered(0, 7501)], "violated"),
    "a timeout where none was set": ("idle/length", [created(audio=VAD), triggered(0, 1)], "nothing"),
    "a timeout nobody set": ("idle/timeout-triggered", [created(audio=VAD), triggered(0, 1)], "violated"),
    "a timeout that was set": ("idle/timeout-triggered", [IDLE, triggered(0, 5000)], "holds"),
    "no timeout in time": ("idle/timeout-triggered", [IDLE, silence(
        "input_audio_buffer.timeout_triggered", 7.6)], "violated"),
    "no timeout yet": ("idle/timeout-triggered", [IDLE, silence(
        "input_audio_buffer.timeout_triggered", 7.4)], "nothing"),
    "no timeout, and none awaited": ("idle/timeout-triggered", [IDLE, silence("response.done", 7.6)],
                                     "nothing"),
    # responses
    "tokens within the limit": ("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
                                used(10)], "holds"),
    "tokens past the limit": ("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
                              used(11)], "violated"),
    "tokens past the limit, and cut off": ("response/incomplete/token-limit", [created(), LIMITED,
        begins("resp_1"), used(11, "incomplete")], "holds"),
    "tokens past the limit, and failed": ("response/incomplete/token-limit", [created(), LIMITED,
        begins("resp_1"), used(11, "failed")], "nothing"),
    "tokens not told": ("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
                        used(None)], "nothing"),
    "tokens without a limit": ("response/incomplete/token-limit", [created(), *RUNNING, used(11)], "nothing"),
    "tokens not counted": ("response/incomplete/token-limit", [created(), LIMITED, begins("resp_1"),
                           used(0, output=[TYPED])], "undecided"),
    "a second answer while one is written": ("response/create/one-at-a-time", [created(), *RUNNING,
        server("response.output_item.added", response_id="resp_1", output_index=0,
               item={**TYPED, "status": "in_progress", "content": []}), ASKED, begins("resp_2")], "violated"),
    "a second answer when the first is done": ("response/create/one-at-a-time", [created(), *RUNNING,
        ends("resp_1"), ASKED, begins("resp_2")], "nothing"),
    "a second answer kept until the first was done": ("response/create/one-at-a-time", [created(), *RUNNING,
        ASKED, silence("response.created", 3.0), ends("resp_1"), begins("resp_2")], "violated"),
    "a second answer just after the first": ("response/create/one-at-a-time", [created(), *RUNNING, ASKED,
        ends("resp_1"), begins("resp_2")], "undecided"),
    # calls
    "a call announced by the response": ("calls/announced-before-arguments", [created(), *RUNNING,
        server("response.output_item.added", response_id="resp_1", output_index=0, item={
            **call("item_1", "call_1"), "status": "in_progress", "arguments": ""}),
        server("response.function_call_arguments.done", response_id="resp_1", item_id="item_1",
               output_index=0, call_id="call_1", name="get_weather", arguments="{}")], "holds"),
    "a call announced by the conversation": ("calls/announced-before-arguments", [created(), *RUNNING,
        server("conversation.item.added", previous_item_id=None, item={
            **call("item_1", "call_1"), "status": "in_progress", "arguments": ""}),
        server("response.function_call_arguments.done", response_id="resp_1", item_id="item_1",
               output_index=0, call_id="call_1", name="get_weather", arguments="{}")], "holds"),
    "a call not announced": ("calls/announced-before-arguments", [created(), *RUNNING,
        server("response.function_call_arguments.done", response_id="resp_1", item_id="item_1",
               output_index=0, call_id="call_1", name="get_weather", arguments="{}")], "nothing"),
    # misuse
    "a turn that fails after misuse": ("robustness/turn-after-misuse", [created(), client("item.praise",
        event_id="a"), error("a"), *RUNNING, ends("resp_1", "failed")], "violated"),
    "a turn that fails without misuse": ("robustness/turn-after-misuse", [created(), *RUNNING,
                                         ends("resp_1", "failed")], "nothing"),
    "a turn that fails before misuse is settled": ("robustness/turn-after-misuse", [created(), *RUNNING,
        client("item.praise", event_id="a"), error("a"), ends("resp_1", "failed")], "nothing"),
    "a turn after misuse": ("robustness/turn-after-misuse", [created(), client("item.praise", event_id="a"),
                            error("a"), *RUNNING, ends("resp_1")], "holds"),
    "a turn for which the quota is spent": ("robustness/turn-after-misuse", [created(), client("item.praise",
        event_id="a"), error("a"), *RUNNING, ends("resp_1", "failed", status_details={"type": "failed",
        "error": {"type": "x", "code": "insufficient_quota"}})], "undecided"),
    # cancelling
    "a response that runs on, and the next answer": ("cancel/active-ends-cancelled", [created(), *RUNNING,
        *deltas(1), CANCEL, *deltas(25), ends("resp_1"), CLEAR, CLEARED], "violated"),
    "a response that runs on, and silence": ("cancel/active-ends-cancelled", [created(), *RUNNING,
        *deltas(1), CANCEL, *deltas(25), ends("resp_1"), silence("input_audio_buffer.cleared")], "violated"),
    "a response that runs on, and then it is too late": ("cancel/active-ends-cancelled", [created(), *RUNNING,
        *deltas(1), CANCEL, *deltas(25), ends("resp_1"), error("cancel"), CLEAR, CLEARED], "undecided"),
    "a response that runs on, and an answer asked for before": ("cancel/active-ends-cancelled", [created(),
        *RUNNING, *deltas(1), CLEAR, CANCEL, *deltas(25), ends("resp_1"), CLEARED], "undecided"),
    "a response that was all but over": ("cancel/active-ends-cancelled", [created(), *RUNNING, *deltas(1),
        CANCEL, *deltas(2), ends("resp_1"), CLEAR, CLEARED], "undecided"),
    "a response that ends at once": ("cancel/active-ends-cancelled", [created(), *RUNNING, CANCEL,
        ends("resp_1", "cancelled")], "holds"),
    "nothing to cancel": ("cancel/idle-refused", [created(), CANCEL, error("cancel")], "holds"),
    "nothing to cancel, and no word": ("cancel/idle-refused", [created(), CANCEL, silence("error")],
                                       "violated"),
    "speech that may not cut off, and does": ("barge-in/not-when-disabled", [
        listening(interrupt_response=False), *RUNNING, SPEECH, ends("resp_1", "cancelled")], "violated"),
    "speech that may not cut off": ("barge-in/not-when-disabled", [listening(interrupt_response=False),
        *RUNNING, SPEECH, ends("resp_1")], "holds"),
    "speech that may not cut off, and a client that does": ("barge-in/not-when-disabled", [
        listening(interrupt_response=False), *RUNNING, SPEECH, CANCEL, ends("resp_1", "cancelled")],
        "nothing"),
    "no speech": ("barge-in/not-when-disabled", [listening(interrupt_response=False), *RUNNING,
        ends("resp_1", "cancelled")], "nothing"),
    "speech that may cut off": ("barge-in/not-when-disabled", [listening(interrupt_response=True), *RUNNING,
        SPEECH, ends("resp_1", "cancelled")], "nothing"),
    # without turn detection
    "a response nobody asked for": ("turn/none-when-off", [created(), CLEAR, CLEARED, begins("resp_1")],
                                    "violated"),
    "a response to the result of a call": ("turn/none-when-off", [created(), *put(call("item_1", "call_1")),
        *put(OUTPUT, "item_1"), begins("resp_1")], "nothing"),
    "a response to a call alone": ("turn/none-when-off", [created(), *put(call("item_1", "call_1")),
        begins("resp_1")], "violated"),
    "a response that was asked for": ("turn/none-when-off", [created(), *RUNNING], "holds"),
    "audio committed by nobody": ("turn/none-when-off", [created(), CLEAR, CLEARED, COMMITTED], "violated"),
    # whose transcription it is
    "a transcription of what was committed": ("envelope/ids-keep-their-meaning", [listening(), COMMITTED,
        transcribed("item_1")], "holds"),
    "a transcription of what was announced": ("envelope/ids-keep-their-meaning", [created(),
        *put(message("item_1")), transcribed("item_1")], "holds"),
    "a transcription of what is being said": ("envelope/ids-keep-their-meaning", [listening(), SPEECH,
        transcribed("item_s")], "holds"),
    "a transcription of what was never heard of": ("envelope/ids-keep-their-meaning", [listening(),
        COMMITTED, transcribed("item_9")], "violated"),
    # whom an error names
    "an error that names whom it is about": ("errors/event-id-echoed", [created(), CLEAR, error("clear")],
                                             "holds"),
    "an error that names nobody": ("errors/event-id-echoed", [created(), CLEAR, error()], "violated"),
    "an error that names nobody, and is malformed": ("errors/event-id-echoed", [created(), CLEAR,
        error(message=7)], "violated"),
    "an error that names somebody unknown": ("errors/event-id-echoed", [created(), error("nobody")],
                                             "violated"),
    # answered once
    "cleared once": ("envelope/answered-once", [created(), CLEAR, CLEARED], "holds"),
    "cleared twice": ("envelope/answered-once", [created(), CLEAR, CLEARED, CLEARED], "violated"),
    "cleared after another client event was refused": ("envelope/answered-once", [created(),
        create("a", message("item_1")), error("a"), CLEAR, CLEARED, CLEARED], "violated"),
    "cleared after it was refused": ("envelope/answered-once", [created(), CLEAR, error("clear"), CLEARED],
                                     "nothing"),
    # speech
    "a turn that is answered": ("turn/creates-response", [
        created(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": True}}}),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None), begins("resp_1")],
        "holds"),
    "a turn that is not": ("turn/creates-response", [
        created(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": True}}}),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        silence("response.created")], "violated"),
    "a turn that need not be": ("turn/creates-response", [
        created(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}}),
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        silence("response.created")], "nothing"),
    "a turn beside an answer it may not cut off": ("turn/creates-response", [
        created(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": True,
                                                    "interrupt_response": False}}}), *RUNNING,
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        silence("response.created")], "nothing"),
    "a turn beside an answer it may cut off": ("turn/creates-response", [
        created(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": True,
                                                    "interrupt_response": True}}}), *RUNNING,
        server("input_audio_buffer.committed", item_id="item_1", previous_item_id=None),
        silence("response.created")], "violated"),
}  # fmt: skip

INWORLD: dict[str, tuple[str, list[Said], str]] = {
    "an error with its message beside it": ("errors/shape", [created(), server("error", message="No.",
                                            error={})], "holds"),
    "a refused value shown unasked": ("session/update/refusal-changes-nothing", [
        created(instructions="Old."), update(instructions="New."), error("update"),
        updated(instructions="New.")], "violated"),
}  # fmt: skip

PARTIAL: dict[str, tuple[str, list[Said], str]] = {
    "hanging up first thing": ("errors/announced-before-close", [hangs_up(1011)], "undecided"),
    "hanging up later": ("errors/announced-before-close", [CLEARED, hangs_up(1011)], "violated"),
    "an update asked for before": ("session/update/echoes-values", [update(instructions="Be."),
                                   updated(instructions="Else.")], "nothing"),
    "an update asked for in sight": ("session/update/echoes-values", [updated(), update(instructions="Be."),
                                     updated(instructions="Else.")], "violated"),
    "a predecessor never seen": ("items/previous/announced", [joins(message("item_2"), "item_9")[0]],
                                 "nothing"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_of_openai(case: str) -> None:
    requirement, said, expected = CASES[case]
    assert outcome(requirement, trace(*said)) == expected


@pytest.mark.parametrize("case", INWORLD)
def test_of_inworld(case: str) -> None:
    requirement, said, expected = INWORLD[case]
    dialect: DialectName = "inworld"
    assert outcome(requirement, trace(*said), dialect) == expected


@pytest.mark.parametrize("case", PARTIAL)
def test_in_the_middle_of_a_conversation(case: str) -> None:
    requirement, said, expected = PARTIAL[case]
    assert outcome(requirement, trace(*said, whole=False)) == expected
