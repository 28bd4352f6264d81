"""Scripts: read off traces, written, read, and put together again on another session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocol.errors import DocumentError
from realtime_conformance.application.replays import lines, read_script
from suites.attempts import ATTEMPTS, changes_for
from suites.conversations.shortening import blocks_of, shortening
from suites.replaying import ReplayStep, Script, resolved, script_of
from wire.endpoint import Auth, Endpoint
from wire.frames import Received
from wire.trace import Entry, RecordedTrace

Event = dict[str, Any]


def _trace(*entries: tuple[str, str, Any]) -> RecordedTrace:
    """Return a trace of (direction, kind, event or detail)."""
    made = []
    for seq, (direction, kind, value) in enumerate(entries, 1):
        plain = kind == "text" and "raw" not in value
        made.append(
            Entry(seq, seq / 10, direction, kind, value if plain else None, None if plain else value)  # type: ignore[arg-type]
        )
    header = {"trace": 1, "dialect": "openai", "patience": {"answer": 2.0, "response": 3.0}}
    return RecordedTrace("a-trace", made, header)


def _server(type_: str, **fields: Any) -> tuple[str, str, Event]:
    return "server", "text", {"type": type_, "event_id": "event_of_server", **fields}


def _client(type_: str, **fields: Any) -> tuple[str, str, Event]:
    return "client", "text", {"type": type_, "event_id": "evt_0001", **fields}


CREATED = _server("session.created", session={"id": "sess_1"})


def test_waits_are_for_what_came_last() -> None:
    trace = _trace(
        CREATED,
        _client("response.create"),
        _server("response.created", response={"id": "resp_1"}),
        _server("response.output_text.delta", delta="a"),
        _server("response.output_text.delta", delta="b"),
        _client("response.cancel"),
    )
    steps = script_of(trace).steps
    assert steps[0] == ReplayStep(until=("session.created",))
    assert steps[2] == ReplayStep(until=("response.output_text.delta",), nth=2, patience="response")
    assert [s.send["type"] for s in steps if s.send] == ["response.create", "response.cancel"]


def test_what_the_server_made_up_is_referred_to() -> None:
    trace = _trace(
        CREATED,
        _client("conversation.item.create", item={"type": "message", "content": []}),
        _server("conversation.item.added", previous_item_id=None, item={"id": "item_abc"}),
        _client("conversation.item.delete", item_id="item_abc"),
    )
    (*_, last) = script_of(trace).steps
    assert last.send is not None
    assert last.send["item_id"] == "${conversation.item.added[1].item.id}"


def test_what_the_client_chose_stays() -> None:
    trace = _trace(
        CREATED,
        _client("conversation.item.create", item={"id": "mine", "type": "message", "content": []}),
        _server("conversation.item.added", previous_item_id=None, item={"id": "mine"}),
        _client("conversation.item.delete", item_id="mine"),
    )
    (*_, last) = script_of(trace).steps
    assert last.send is not None
    assert last.send["item_id"] == "mine"


def test_texts_that_look_like_references_stay_texts() -> None:
    text = "say ${session.created[1].session.id} and $${more}"
    trace = _trace(CREATED, _client("session.update", session={"instructions": text}))
    (*_, last) = script_of(trace).steps
    heard = [Received(1, CREATED[2])]
    assert resolved(last.send, heard)["session"]["instructions"] == text


def test_references_are_resolved_by_what_comes_now() -> None:
    event = {"item_id": "${conversation.item.added[2].item.id}", "none": "${response.created[1].response.id}"}
    heard = [
        Received(1, {"type": "conversation.item.added", "item": {"id": "one"}}),
        Received(2, {"type": "conversation.item.added", "item": {"id": "two"}}),
    ]
    assert resolved(event, heard) == {"item_id": "two", "none": "${response.created[1].response.id}"}


def test_a_wait_in_vain_is_waited_again() -> None:
    deadline = {"awaited": "response.created or error", "since": 2, "waited_s": 3.0, "silent_s": 3.0}
    trace = _trace(CREATED, _client("response.create"), ("harness", "deadline", deadline))
    assert script_of(trace).steps[-1] == ReplayStep(until=("response.created", "error"), patience="response")


def test_frames_that_are_no_events_are_kept() -> None:
    stimulus = {"name": "not-json"}
    trace = _trace(
        CREATED,
        ("client", "text", {"raw": "{broken", "stimulus": stimulus}),
        ("client", "text", {"raw": "\\xff", "hex": "ff", "stimulus": stimulus}),
        ("client", "binary", {"size": 12}),
        ("server", "close", {"code": 1003}),
    )
    steps = script_of(trace).steps
    assert steps[1:] == (
        ReplayStep(text="{broken", label={"stimulus": stimulus}),
        ReplayStep(hex="ff", label={"stimulus": stimulus}),
        ReplayStep(binary=12),
        ReplayStep(closed=True),
    )


def test_long_audio_gets_its_length_back() -> None:
    append = _client("input_audio_buffer.append", audio="AAAA", audio_characters=12)
    (*_, last) = script_of(_trace(CREATED, append)).steps
    assert last.send is not None
    assert last.send["audio"] == "A" * 12
    assert "audio_characters" not in last.send


def test_a_script_ends_with_what_was_found() -> None:
    trace = _trace(
        CREATED, _client("response.create"), _server("response.created"), _client("response.cancel")
    )
    assert len(script_of(trace, last=3).frames) == 1


def test_a_script_is_read_as_it_was_written(tmp_path: Path) -> None:
    script = Script(
        "a-trace",
        "inworld",
        (
            ReplayStep(until=("session.created",)),
            ReplayStep(send={"type": "x", "text": "käse \ud800 ${a}", "n": 1e3}),
            ReplayStep(until=("a", "error"), nth=3, patience="response"),
            ReplayStep(text="{", label={"fragments": 2}),
            ReplayStep(hex="ff00"),
            ReplayStep(binary=3),
            ReplayStep(closed=True),
        ),
        violated=("items/delete/acknowledged",),
        attempt="beta-header",
    )
    path = tmp_path / "script.jsonl"
    path.write_text("\n".join(lines(script)), encoding="utf-8")
    assert read_script(path) == script


HEAD = '{"replay": 1, "name": "n", "dialect": "openai"}'
BROKEN = {
    "empty": ("", "is empty"),
    "not JSON": ("replay: 1\n", "line 1"),
    "a trace": ('{"trace": 1, "name": "x"}\n', "line 1"),
    "another version": ('{"replay": 2, "name": "n", "dialect": "openai"}\n', "line 1"),
    "no step": (f'{HEAD}\n{{"say": 1}}\n', "line 2"),
    "two in one": (f'{HEAD}\n{{"text": "a", "binary": 1}}\n', "line 2"),
    "not hex": (f'{HEAD}\n{{"hex": "f"}}\n', "line 2"),
    "a path for a name": ('{"replay": 1, "name": "../n", "dialect": "openai"}\n', "line 1"),
    "cut off": (f'{HEAD}\n{{"send": {{"type"', "line 2"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_script_is_refused_with_its_place(tmp_path: Path, case: str) -> None:
    text, place = BROKEN[case]
    path = tmp_path / "script.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=place) as caught:
        read_script(path)
    assert str(path) in str(caught.value)


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_script(tmp_path / "none.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentError, match="UTF-8"):
        read_script(tmp_path / "binary")


def test_a_script_holds_every_character_as_it_is(tmp_path: Path) -> None:
    text = "one\u2028two\u2029three\x85four\x0bfive\x1csix"
    script = Script("it", "openai", (ReplayStep(send={"type": "x", "text": text}), ReplayStep(text=text)))
    path = tmp_path / "script.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines(script)), encoding="utf-8")
    assert read_script(path).steps == script.steps


# --- made shorter -----------------------------------------------------------------------------------------


def _script(*types: str) -> Script:
    steps: list[ReplayStep] = [ReplayStep(until=("session.created",))]
    for type_ in types:
        steps += [ReplayStep(send={"type": type_}), ReplayStep(until=(f"{type_}d",))]
    return Script("s", "openai", tuple(steps))


def _types(script: Script) -> list[str]:
    return [s.send["type"] for s in script.frames if s.send]


def test_blocks_are_frames_with_their_waits() -> None:
    opening, first, second = blocks_of(_script("a", "b"))
    assert opening == (ReplayStep(until=("session.created",)),)
    assert first == (ReplayStep(send={"type": "a"}), ReplayStep(until=("ad",)))
    assert second == (ReplayStep(send={"type": "b"}), ReplayStep(until=("bd",)))


def test_everything_that_is_not_needed_goes() -> None:
    *_, shortest = shortening(_script(*"abcdefgh"), lambda s: {"b", "f"} <= set(_types(s)))
    assert _types(shortest) == ["b", "f"]


def test_what_is_needed_together_goes_once_it_is_not_needed_any_more() -> None:
    """`h` needs `a` only as long as there is a `d`."""

    def fails(script: Script) -> bool:
        said = _types(script)
        return "h" in said and ("a" in said or "d" not in said)

    *_, shortest = shortening(_script(*"abcdefgh"), fails)
    assert _types(shortest) == ["h"]


def test_what_cannot_be_shorter_stays() -> None:
    script = _script("a", "b", "c")
    assert [_types(s) for s in shortening(script, lambda _: False)] == [["a", "b", "c"]]


def test_at_least_one_frame_stays() -> None:
    *_, shortest = shortening(_script("a", "b"), lambda _: True)
    assert len(shortest.frames) == 1


# --- attempts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_is_made_of_any_endpoint(attempt: str) -> None:
    from dataclasses import replace

    for auth in (Auth(), Auth("basic", "a2V5")):
        endpoint = Endpoint("wss://example.com/v1/realtime", "openai", auth)
        assert replace(endpoint, **changes_for(attempt, endpoint)).url
    assert (replace(endpoint, **changes_for(attempt, endpoint)) == endpoint) is (attempt == "ordinary")
