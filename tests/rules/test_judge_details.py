"""What the judge knows of a conversation beside what it reports: each shown by a trace that needs it."""

from __future__ import annotations

from rules.reading import Reading
from rules.rulebook import own_contract, rulebook
from rules.subjects import Response
from rules.verdicts import Tally
from tests.rules.judged_traces import book
from wire.trace import RecordedTrace
from wire.transcript import read_transcript

LISTENING = "< session.created {audio.input.turn_detection.type: server_vad}"
ASKED = "> response.create < response.created"
WRITING = f"{ASKED} < output_item.added"
CALL = "item_1 function_call {status: completed}"
FIRST = "session/created/first"


def judged(said: str, begins: str = LISTENING) -> dict[str, Tally]:
    """Judge what was said, without anybody waiting at the end."""
    return book("openai").judge(_trace(said, begins))


def _trace(said: str, begins: str = LISTENING) -> RecordedTrace:
    return read_transcript(f"{begins}\n{said}")[0]


def ended(said: str, facts: str = "") -> dict[str, Tally]:
    """Judge what came behind the opening of a connection."""
    return judged(said, f"{facts}\n… open")


def wrong(tallies: dict[str, Tally], *areas: str) -> set[str]:
    return {id_ for id_, tally in tallies.items() if tally.violations and id_.startswith(areas)}


def test_a_turn_that_the_server_commits_empties_the_buffer() -> None:
    tallies = judged("""
        > append ~500ms < committed
        > session.update {audio.input.turn_detection: null} < session.updated
        > commit #mine < error mine input_audio_buffer_commit_empty""")
    assert not wrong(tallies, "audio/commit/acknowledged")
    assert tallies["audio/commit/empty-refused"].subjects == 1


def test_an_item_is_overdue_when_a_later_response_is_done() -> None:
    created = "< response.created {response: !exactly {id: resp_1, status: in_progress, output: []}}"
    added = "> item.create item_1 {status: completed} < item.added"
    tallies = judged(f"{added} > response.create {created} < response.done")
    assert wrong(tallies, "items/added-then-done") == {"items/added-then-done"}


def test_in_the_middle_of_a_conversation_nobody_knows_which_items_exist() -> None:
    refusal = "> delete #mine item_before < deleted"
    assert wrong(judged(refusal), "items/delete/") == {"items/delete/unknown-refused"}
    assert not wrong(judged(refusal, "whole: false"), "items/delete/")


def test_what_only_one_of_two_documents_has_is_owed_nothing() -> None:
    foreign = own_contract("inworld")
    missing = foreign.client.pop("conversation.item.retrieve")
    try:
        tallies = rulebook("openai", foreign).judge(_trace("> retrieve #mine item_1 < error mine unknown"))
    finally:
        foreign.client["conversation.item.retrieve"] = missing
    assert "errors/unknown-type-refused" not in tallies or not tallies["errors/unknown-type-refused"].subjects


def test_a_server_that_says_nothing_is_told_so_once() -> None:
    silence = "… 15 s for session.created"
    assert ended(f"{silence} {silence} < close 1000")[FIRST].violations == 1
    assert wrong(ended(silence), FIRST) == {FIRST}
    assert not wrong(ended(f"{silence} {{silent: false}}"), FIRST)


def test_a_close_before_the_beginning_is_wrong_unless_it_says_why() -> None:
    assert wrong(ended("< close 1000"), FIRST) == {FIRST}
    assert wrong(ended("< close 1003"), FIRST) == {FIRST}
    turned_down = ended("< close 4001")
    assert not wrong(turned_down, FIRST)
    assert turned_down[FIRST].undecided
    assert FIRST not in ended("< close 1006") or not ended("< close 1006")[FIRST].undecided
    assert not wrong(ended("< close 1000", "attempt: wrong-credential"), FIRST)
    assert not wrong(ended("> close 1000 {-reason}"), FIRST)


def test_a_close_in_place_of_an_error_is_the_misuses_business() -> None:
    over_misuse = judged("> conversation.item.bend #mine < close 1011")
    assert wrong(over_misuse, "errors/") == {"errors/session-survives"}
    assert wrong(judged("< close 1011"), "errors/") == {"errors/announced-before-close"}


def test_what_rate_limits_say_is_where_they_came() -> None:
    without = judged(f"{ASKED} < response.done")
    during = judged(f"{ASKED} < rate_limits.updated < response.done")
    behind = judged(f"{ASKED} < response.done < rate_limits.updated")
    assert without["rate-limits/may-be-absent"].observed
    assert "rate-limits/may-be-absent" not in during or not during["rate-limits/may-be-absent"].observed
    assert list(during["rate-limits/anywhere"].observed) == ["during a response"]
    assert list(behind["rate-limits/anywhere"].observed) == ["outside a response"]


def test_only_appends_are_appends() -> None:
    assert judged("> append ~500ms")["audio/append/no-answer"].subjects == 1
    assert not judged("> clear").get("audio/append/no-answer", Tally()).subjects


def test_a_running_response_can_be_cancelled() -> None:
    tallies = judged(f"{WRITING} > cancel #mine < error mine no_such_thing < response.done")
    assert wrong(tallies, "cancel/") == {"cancel/active-ends-cancelled"}


def test_what_becomes_of_a_create_right_behind_a_cancel_is_written_down() -> None:
    tallies = judged(
        f"{ASKED} > cancel > response.create #mine < response.done resp_1 cancelled"
        " < error mine conversation_already_has_active_response"
    )
    assert "response/create/slot-frees-at-done" in tallies


def test_a_function_call_has_no_audio_to_truncate() -> None:
    tallies = judged(f"> item.create {CALL} < item.added+done > truncate #mine < error")
    assert tallies["items/truncate/not-audio-refused"].subjects == 1


def test_an_item_stays_what_it_was_announced_as() -> None:
    assert wrong(judged(f"{WRITING} < output_item.done {CALL}"), "envelope/")


def test_responses_without_an_end_do_not_make_each_event_dearer() -> None:
    reading = Reading(book("openai").joints, whole=True, measured=True, attested=True)
    for number in range(1000):
        response = Response(f"resp_{number}", reading.joints["response"].start)
        # Beside the conversation: none of them is the active one.
        response.created = {"conversation_id": None}
        reading.begun(response)
    assert len(reading.running) < 200
    assert "resp_999" in reading.running


def test_an_item_without_a_type_that_is_taken_and_shown_is_one_finding() -> None:
    payload = "payload/conversation.item.added"
    wrong_item = "> item.create #mine item_1 {-type, status: completed}"
    tallies = judged(f"{wrong_item} < item.added {{-type}}")
    assert wrong(tallies, payload, "errors/") == {"errors/invalid-event-refused"}
    assert payload in wrong(judged(f"{wrong_item} < item.added _ user {{-role}}"), "payload/")
    assert payload in wrong(judged("> item.create #mine item_1 < item.added {-type}"), "payload/")
