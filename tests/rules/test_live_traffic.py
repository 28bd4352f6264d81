"""What live services do and must not fail for: races, errors that name nobody, MCP, settings of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rules.live import SPOKEN, VAD, WEATHER, Json, Live, counted, numbered, wrong
from wire.trace import Entry

Story = Callable[[Live], None]
STORIES: dict[str, Story] = {}


def story(tell: Story) -> Story:
    STORIES[tell.__name__] = tell
    return tell


def _cut_off(live: Live, cancel: Callable[[], None]) -> None:
    """Speech cuts off a spoken response."""
    live.turn()
    response = live.created()
    item = live.open(response)
    live.say(response, item, "One", " two")
    heard = live.new("item")
    live.server("input_audio_buffer.speech_started", audio_start_ms=7000, item_id=heard)
    cancel()
    live.close(response, item, "One two", status="incomplete")
    live.done(response, "cancelled", "turn_detected")
    live.error("response_cancel_not_active")
    live.server("input_audio_buffer.speech_stopped", audio_end_ms=9000, item_id=heard)
    live.commit(heard)


# --- cancelling -----------------------------------------------------------------------------------------


@story
def client_cancels_what_speech_has_cancelled(live: Live) -> None:
    live.update()
    _cut_off(live, lambda: live.client("response.cancel"))


@story
def cancellation_arrives_after_the_end(live: Live) -> None:
    """Many deltas were under way when the client cancelled; the server says that nothing runs."""
    live.update()
    live.user()
    live.ask()
    response = live.created()
    item = live.open(response)
    live.say(response, item, "a")
    live.client("response.cancel", event_id="evt_late")
    for _ in range(40):
        live.server("response.output_text.delta", **live.place(response, item), delta="a")
    live.close(response, item, "a" * 41)
    live.done(response)
    live.error("response_cancel_not_active", event_id="evt_late")
    live.user()
    live.answer()


@story
def cancellation_meets_a_response_under_way(live: Live) -> None:
    live.update()
    live.turn()
    live.client("response.cancel")
    live.done(live.created(), "cancelled", "client_cancelled")


@story
def failed_response_leaves_its_item_open(live: Live) -> None:
    live.update()
    live.user()
    live.ask()
    response = live.created()
    item = live.open(response)
    live.say(response, item, "One")
    response["output"] = [
        {**item, "status": "incomplete", "content": [{"type": "output_text", "text": "One"}]}
    ]
    failure = {"type": "failed", "error": {"type": "server_error", "code": None, "message": "No."}}
    live.done(response, "failed", status_details=failure, usage=None)
    live.user()
    live.answer()


# --- errors that name nobody ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (None, "server_error"),
        ("rate_limit_exceeded", "invalid_request_error"),
        ("server_error", "server_error"),
    ],
)
@pytest.mark.parametrize("event_id", [{}, {"event_id": "evt_1"}])
def test_error_of_the_server_itself_is_no_answer(code: str | None, kind: str, event_id: Json) -> None:
    live = Live()
    live.client("session.update", session={"type": "realtime", "instructions": "Be brief."}, **event_id)
    live.error(code, kind=kind)
    live.server("session.updated", session={**live.session, "instructions": "Be brief."})
    assert wrong(live.trace()) == {}


@pytest.mark.parametrize("code", ["invalid_api_key", "beta_api_shape_disabled", "session_expired"])
def test_error_that_ends_the_session_is_no_answer(code: str) -> None:
    live = Live()
    live.client("session.update", session={"type": "realtime"}, event_id="evt_1")
    live.error(code)
    live.entries.append(Entry(9, None, "server", "close", None, {"code": 4000, "reason": code}))
    assert wrong(numbered(live.entries)) == {}


@story
def codes_tell_whom_errors_are_about(live: Live) -> None:
    live.client("session.update", session={"type": "realtime", "instructions": "Be brief."})
    live.client("response.cancel")
    live.client("input_audio_buffer.commit")
    live.error("response_cancel_not_active")
    live.error("input_audio_buffer_commit_empty")
    live.session["instructions"] = "Be brief."
    live.server("session.updated", session=live.session)


def test_param_tells_whom_an_error_is_about() -> None:
    live = Live()
    live.client("conversation.item.create", item={"type": "message", "role": "user", "content": []})
    live.client("session.update", session={"type": "realtime", "voice": "alloy"}, event_id="evt_1")
    live.error("unknown_parameter", param="session.voice")
    assert set(wrong(live.trace())) == {"errors/event-id-echoed"}


# --- turns and responses that meet ----------------------------------------------------------------------


@story
def speech_is_answered_while_the_client_asks(live: Live) -> None:
    """The response to speech is no answer to the client, whose request is refused."""
    live.update()
    live.turn()
    live.client("response.create", event_id="evt_1", response={"metadata": {"topic": "mine"}})
    response = live.created()
    item = live.open(response)
    live.error("conversation_already_has_active_response", event_id="evt_1")
    live.say(response, item, "One")
    live.close(response, item, "One")
    live.done(response)


@story
def out_of_band_responses_overtake(live: Live) -> None:
    live.update()
    live.user()
    live.ask()
    live.ask(conversation="none")
    apart, mine = live.created(conversation_id=None), live.created()
    for response in (apart, mine):
        item = live.open(response)
        live.say(response, item, "One")
        live.close(response, item, "One")
        live.done(response)


@story
def turn_is_answered_as_turn_detection_ends(live: Live) -> None:
    live.update()
    live.client("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    live.turn()
    live.session["audio"]["input"]["turn_detection"] = None
    live.server("session.updated", session=live.session)
    live.done(live.created(), "cancelled", "turn_detected")


@pytest.mark.parametrize("ending", ["input_audio_buffer.clear", "session.update"])
def test_speech_may_start_anew_after(ending: str) -> None:
    live = Live()
    live.update()
    live.client("input_audio_buffer.append", audio=SPOKEN)
    live.server("input_audio_buffer.speech_started", audio_start_ms=100, item_id="item_lost")
    if ending == "session.update":
        live.listen({**VAD, "silence_duration_ms": 400})
    else:
        live.client(ending)
        live.server("input_audio_buffer.cleared")
    live.turn()
    assert wrong(live.trace()) == {}


@story
def turn_detection_commits_ahead_of_the_client(live: Live) -> None:
    """What the server commits by itself looks like the answer; then the client's own commit is empty."""
    live.update()
    item_id = live.new("item")
    live.server("input_audio_buffer.speech_started", audio_start_ms=0, item_id=item_id)
    live.client("input_audio_buffer.commit", event_id="evt_1")
    live.server("input_audio_buffer.speech_stopped", audio_end_ms=900, item_id=item_id)
    live.commit(item_id)
    live.error("input_audio_buffer_commit_empty", event_id="evt_1")


# --- MCP, prompts, limits of models ---------------------------------------------------------------------

_MCP = {
    "type": "mcp",
    "server_label": "library",
    "server_url": "https://library.example/mcp?key=1",
    "authorization": "token",
    "headers": {"X-Key": "1"},
    "allowed_tools": ["ask"],
}


@story
def mcp_tools_are_shown_without_secrets(live: Live) -> None:
    shown = {**_MCP, "server_url": "https://library.example", "authorization": None, "headers": None}
    live.update(tools=[_MCP], shown={"tools": [{**shown, "allowed_tools": {"tool_names": ["ask"]}}]})


def _list_tools(live: Live, meanwhile: Callable[[], object]) -> None:
    item = {"id": live.new("mcpl"), "type": "mcp_list_tools", "server_label": "library", "tools": []}
    previous = live.added(item)
    live.server("mcp_list_tools.in_progress", item_id=item["id"])
    meanwhile()
    live.server("mcp_list_tools.completed", item_id=item["id"])
    live.server("conversation.item.done", previous_item_id=previous, item=item)


@story
def mcp_tools_are_listed_while_life_goes_on(live: Live) -> None:
    live.update(tools=[_MCP])
    _list_tools(live, live.user)
    live.answer()


@pytest.mark.parametrize("item_done_first", [True, False])
def test_mcp_call_may_run_when_its_response_is_done(item_done_first: bool) -> None:
    live = Live()
    live.update(tools=[_MCP])
    live.user()
    live.ask()
    response = live.created()
    call = {
        "id": "mcp_1",
        "type": "mcp_call",
        "server_label": "library",
        "name": "ask",
        "arguments": "",
        "approval_request_id": None,
        "output": None,
        "error": None,
    }
    live.open(response, call)
    place = {"response_id": response["id"], "item_id": "mcp_1", "output_index": 0}
    live.server("response.mcp_call_arguments.done", **place, arguments="{}")
    asked = {**call, "arguments": "{}"}
    last = {"response_id": response["id"], "output_index": 0}
    if item_done_first:
        live.server("response.output_item.done", **last, item=asked)
    live.done({**response, "output": [asked]})
    about = {"item_id": "mcp_1", "output_index": 0}
    live.server("response.mcp_call.in_progress", **about)
    live.user()
    live.server("response.mcp_call.completed", **about)
    if not item_done_first:
        live.server("response.output_item.done", **last, item={**asked, "output": "Yes."})
    previous = live.previous["mcp_1"]
    live.server("conversation.item.done", previous_item_id=previous, item={**asked, "output": "Yes."})
    live.answer()
    assert wrong(live.trace()) == {}


@story
def mcp_approval_is_asked_for(live: Live) -> None:
    live.update(tools=[_MCP])
    live.user()
    live.ask()
    response = live.created()
    request = {
        "id": "mcpr_1",
        "type": "mcp_approval_request",
        "server_label": "library",
        "name": "ask",
        "arguments": "{}",
    }
    live.ended(response, live.open(response, request))
    live.done(response)


@story
def prompt_brings_its_own_settings(live: Live) -> None:
    asked = {"id": "pmpt_1", "version": "2", "variables": {"city": "Paris"}}
    shown = {**asked, "variables": {"city": {"type": "input_text", "text": "Paris"}}}
    live.update(prompt=asked, shown={"prompt": shown, "instructions": "You know Paris.", "tools": [WEATHER]})


@pytest.mark.parametrize(
    ("code", "param"),
    [("string_above_max_length", "item.id"), ("invalid_value", "item.content[0].image_url")],
)
def test_limits_that_only_the_server_knows(code: str, param: str) -> None:
    live = Live()
    picture = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
    item = {"id": "i" * 64, "type": "message", "role": "user", "content": [picture]}
    live.client("conversation.item.create", item=item, event_id="evt_1")
    live.error(code, param=param, event_id="evt_1")
    assert wrong(live.trace()) == {}
    assert counted(live.trace(), "items/create/acknowledged").undecided


# --- all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORIES)
def test_live_story_violates_nothing(name: str) -> None:
    live = Live()
    STORIES[name](live)
    assert wrong(live.trace()) == {}
    for end in range(len(live.entries)):
        assert wrong(numbered(live.entries[:end])) == {}, f"the first {end} entries"


@pytest.mark.parametrize("name", STORIES)
def test_end_of_a_live_story_violates_nothing(name: str) -> None:
    live = Live()
    STORIES[name](live)
    for start in range(1, len(live.entries)):
        assert wrong(numbered(live.entries[start:])) == {}, f"all but the first {start} entries"
