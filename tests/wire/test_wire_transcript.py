"""Transcripts: conversations as people write them, read, filled in, and written again."""

from __future__ import annotations

import contextlib
import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.trace import Entry, RecordedTrace
from wire.trace_files import TraceError
from wire.transcript import is_transcript, read_transcript
from wire.transcript_filling import usual
from wire.transcript_writing import write_transcript


def _read(text: str) -> RecordedTrace:
    return read_transcript(text)[0]


def _events(text: str) -> list[dict[str, Any]]:
    return [entry.event for entry in _read(text) if entry.event is not None]


def test_a_connection_begins_as_all_do() -> None:
    trace = _read("> response.create")
    assert [(e.seq, e.dir, e.kind, e.type) for e in trace] == [
        (1, "harness", "open", ""),
        (2, "server", "text", "session.created"),
        (3, "client", "text", "response.create"),
    ]
    assert trace.header == {"measured": True}
    assert trace.whole


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("< session.created {model: x}", ["open", "text"]),
        ("… open > response.create", ["open", "text"]),
        ("whole: false\n> response.create", ["text"]),
        ("< refuse 401", ["refusal"]),
        ("… 5 s", ["open", "text", "deadline"]),
    ],
)
def test_a_transcript_says_how_it_begins(text: str, seen: list[str]) -> None:
    assert [entry.kind for entry in _read(text)] == seen


def test_events_are_filled_in_by_what_was_said() -> None:
    text = """
        > session.update #u {audio.input.turn_detection: null, tools: []}   < session.updated
        > conversation.item.create {content: [{type: input_text, text: "Hi, you."}]}
        < conversation.item.added+done
        > response.create   < response.created
        < response.output_item.added   < conversation.item.added   < response.content_part.added
        2x < response.output_text.delta "on "
        < response.output_text.done   < response.content_part.done   < response.output_item.done
        < conversation.item.done   < response.done
        > conversation.item.delete item_9 #d   < error
    """
    events = _events(text)
    by_type = {event["type"]: event for event in events}
    assert by_type["session.updated"]["session"]["tools"] == []
    assert events[4]["type"] == "conversation.item.added"
    assert events[4]["item"]["content"] == [{"type": "input_text", "text": "Hi, you."}]
    done = by_type["response.output_item.done"]["item"]
    assert done["content"] == [{"type": "output_text", "text": "on on "}]
    assert by_type["response.done"]["response"]["output"] == [done]
    assert by_type["conversation.item.done"]["previous_item_id"] == events[4]["item"]["id"]
    assert by_type["error"]["error"]["event_id"] == "d"


def test_what_was_refused_is_not_shown() -> None:
    shown = _events("> session.update {instructions: New.} < error < session.updated")[-1]
    assert "instructions" not in shown["session"]


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("< response.done {-usage}", "usage", None),
        ("< response.done {response: !exactly {id: resp_1}}", "status", None),
        ("< response.done _ failed", "status", "failed"),
        ('< response.done "7"', "id", "7"),
        ("< response.done {metadata: {a.b: 1}}", "metadata", {"a": {"b": 1}}),
        ('< response.done {metadata: {"a.b": 1}}', "metadata", {"a.b": 1}),
        ("< response.done {metadata.a: on, metadata.b: 1e3}", "metadata", {"a": "on", "b": 1000.0}),
        ("< response.done {metadata: one\n  and two}", "metadata", "one and two"),
        ('< response.done {metadata: "one \\\n  two"}', "metadata", "one two"),
        ("< response.done {metadata: ~3x!}", "metadata", "!!!"),
        ("< response.done {metadata: ~1ms}", "metadata", "A" * 64),
    ],
)
def test_fields_are_given_left_out_and_taken_literally(said: str, field: str, value: object) -> None:
    response = _events(said)[-1]["response"]
    assert response.get(field) == value
    assert (field in response) == (value is not None)


def test_an_event_in_braces_is_taken_as_it_is() -> None:
    assert _events('< {type: response.done, "a.b": []}')[-1] == {"type": "response.done", "a.b": []}


def test_fields_of_the_event_stand_beside_its_object() -> None:
    event = _events("< response.done #mine {.seen: 1, status: failed}")[-1]
    assert (event["event_id"], event["seen"], event["response"]["status"]) == ("mine", 1, "failed")
    assert "event_id" not in _events("< response.done {-.event_id}")[-1]


def test_what_is_no_event() -> None:
    trace = _read(
        '> text "{no" < binary 640 … 5 s for error … 15 s (1 s silent) for error … flood < close 1011 "x"'
    )
    assert [(e.dir, e.kind, e.detail) for e in trace][2:] == [
        ("client", "text", {"raw": "{no"}),
        ("server", "binary", {"size": 640}),
        ("harness", "deadline", _deadline(4, 5.0, 5.0, silent=True)),
        ("harness", "deadline", _deadline(5, 15.0, 1.0, silent=False)),
        ("harness", "limit", {}),
        ("server", "close", {"code": 1011, "reason": "x"}),
    ]


def _deadline(since: int, waited: float, quiet: float, *, silent: bool) -> dict[str, Any]:
    return {"since": since, "awaited": "error", "waited_s": waited, "silent_s": quiet, "silent": silent}


def test_time_passes() -> None:
    assert [e.t for e in _read("whole: false\n> ping @ 7.5 s > ping ... 2 s > ping")] == [
        pytest.approx(t) for t in (0.1, 7.5, 9.6, 9.7)
    ]
    assert {e.t for e in _read("timed: false\n> ping")} == {None}


def test_several_connections() -> None:
    text = "=== one\ndialect: inworld\n> ping\n=== two\n# nobody home\n< refuse 503"
    first, second = read_transcript(text)
    assert (first.name, second.name) == ("one", "two")
    assert first.header["dialect"] == "inworld"
    assert [e.kind for e in second] == ["refusal"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "holds no events"),
        ("dialect: german\n> ping", 1, "german is no dialect"),
        ("whole: perhaps\n> ping", 1, "whole is neither true nor false"),
        ("> ping\nresponse.create", 2, "takes no word"),
        ("> response.create\nfoo > ping", 2, "takes no word"),
        ("ping", 1, "this is no statement"),
        ("> ping {a: 1", 1, "{ is never closed"),
        ("> ping {a: 1, a: 2}", 1, "a has a value already"),
        ("> ping {a}", 1, "a has no value"),
        ("> ping {a: say: it}", 1, "a comma or }"),
        ('> ping {a: "}', 1, "a string is not closed"),
        ("> ping\n… soon", 2, "this is no deadline"),
        ("> ping … open", 1, "is open already"),
        ("< refuse 401 402", 1, "402 has no meaning here"),
        ("> ping &", 1, "nothing stands behind &"),
        ("> ping @ soon", 1, "a number of seconds is missing"),
        (">", 1, "says nothing"),
        ("> ping >", 1, "says nothing"),
        ("99999x > ping", 1, "99999 times is too often"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, line: int, problem: str) -> None:
    with pytest.raises(TraceError, match=r".") as raised:
        read_transcript(text, "a", "a.txt")
    assert problem in str(raised.value)
    assert (raised.value.file, raised.value.line) == ("a.txt", line)
    assert raised.value.remedy


@pytest.mark.parametrize("opening", ["a: " + "[" * 5000, "a." * 5000 + "b: 1}"], ids=["brackets", "dots"])
def test_what_nests_too_deeply_is_named(opening: str) -> None:
    with pytest.raises(TraceError, match="line 2: nests too deeply"):
        read_transcript(f"> ping\n> ping {{{opening}")


@pytest.mark.parametrize(
    "text", ["> a", "# a\n\n  < b", "… 5 s", "... open", "=== a", "dialect: openai\n> a"]
)
def test_a_transcript_is_known_by_its_first_line(text: str) -> None:
    assert is_transcript(text)


@pytest.mark.parametrize("text", ["", "# a", '{"trace": 1}', "hello", "<html>", "key = value"])
def test_others_are_none(text: str) -> None:
    assert not is_transcript(text)


def test_every_usual_event_is_filled_in_and_written_in_short() -> None:
    for direction, sign in (("client", ">"), ("server", "<")):
        for type_ in usual()[direction]:
            trace = _read(f"… open {sign} {type_}")
            again = _read(write_transcript(trace))
            assert again.entries == trace.entries
            assert list(trace)[1].type == type_


# --- any trace can be written, and read again -------------------------------------------------------------

TYPES = st.sampled_from([*usual()["client"], *usual()["server"], "ping", "close", "a b", "", "no.such+type"])
TEXT = st.one_of(
    st.text(max_size=8), st.sampled_from(["on ", "item_1", "null", "7", "~20ms", "a.b", "-a", "…", ">"])
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-9, 2**40),
        st.floats(allow_nan=False, allow_infinity=False, width=16),
        TEXT,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(TEXT, st.sampled_from(["id", "type", "role", "status", "content", "output"])),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        ["id", "type", "role", "status", "content", "output", "audio", "usage", "kind", "a.b", ".c"]
    ),
    VALUES,
    max_size=5,
)
FIELDS = st.sampled_from(
    ["item", "response", "session", "part", "error", "item_id", "delta", "event_id", "x"]
)
EVENTS = st.builds(
    lambda type_, fields: {"type": type_, **fields},
    st.one_of(TYPES, VALUES),
    st.dictionaries(FIELDS, st.one_of(OBJECTS, VALUES), max_size=4),
)
DETAILS = st.one_of(st.none(), st.dictionaries(TEXT, VALUES, max_size=2))


def _entry(who: Any, event: Any, detail: Any) -> Entry:
    return Entry(0, None, who, "text", event, detail)


def _other(who: Any, kind: Any, detail: dict[str, Any]) -> Entry:
    return Entry(0, None, "harness" if kind in ("deadline", "limit") else who, kind, None, detail)


PEERS = st.sampled_from(["client", "server"])
NUMBERS = st.floats(0, 1e6, allow_nan=False)
KNOWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "deadline": {
        "awaited": TEXT,
        "since": st.integers(0, 99),
        "waited_s": NUMBERS,
        "silent_s": NUMBERS,
        "silent": st.booleans(),
    },
    "close": {"code": st.one_of(st.integers(0, 9999), TEXT), "reason": TEXT},
    "refusal": {"status": st.one_of(st.integers(0, 999), TEXT), "problem": TEXT},
    "binary": {"size": st.integers(0, 9999)},
    "text": {"raw": TEXT, "characters": st.integers(0, 9)},
    "limit": {},
}
OTHERS = st.sampled_from(sorted(KNOWN)).flatmap(
    lambda kind: st.builds(_other, PEERS, st.just(kind), st.fixed_dictionaries({}, optional=KNOWN[kind]))
)
ENTRIES = st.lists(st.one_of(st.builds(_entry, PEERS, EVENTS, DETAILS), OTHERS), min_size=1, max_size=6)


def _told(trace: RecordedTrace) -> str:
    return json.dumps(trace.entries, sort_keys=True)


@settings(deadline=None)
@given(
    entries=ENTRIES, timed=st.booleans(), opened=st.booleans(), gaps=st.lists(NUMBERS, min_size=7, max_size=7)
)
def test_a_trace_that_was_written_is_read_as_it_was(
    entries: list[Entry], timed: bool, opened: bool, gaps: list[float]
) -> None:
    opening = [Entry(1, None, "harness", "open")] if opened else []
    numbered = [e._replace(seq=n) for n, e in enumerate([*opening, *entries], 1)]
    if timed:
        times = [sum(gaps[: e.seq]) for e in numbered]
        numbered = [e._replace(t=t) for e, t in zip(numbered, times, strict=True)]
    trace = RecordedTrace("written", numbered, {"measured": True, "patience": {"answer": 2.0}})
    text = write_transcript(trace)
    assert is_transcript(text)
    again = read_transcript(text)[0]
    assert _told(again) == _told(trace)
    assert (again.name, again.header) == (trace.name, trace.header)


@settings(deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "> ",
                    "< ",
                    "… ",
                    "@ ",
                    "item.added",
                    "response.done",
                    "session.created",
                    "{",
                    "}",
                    "a: ",
                    "1",
                    " s",
                    "\n",
                    '"',
                    ", ",
                    "[",
                    "]",
                    "-x",
                    "_ ",
                    "~9ms",
                    "=== a\n",
                    "& ",
                    "5 s for x",
                    "!exactly ",
                    "item: ",
                    "7 ",
                    "id: ",
                    "item_id: ",
                    "output: ",
                    "event_id: ",
                    "null",
                    "3x ",
                    "#a ",
                    "close ",
                    "text ",
                    "kind",
                ]
            ),
            max_size=20,
        ).map("".join),
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(TraceError):
        assert read_transcript(text)


# --- the page ---------------------------------------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    example
    for page in ("transcripts.md", "disputing-a-requirement.md")
    for example in re.findall(
        r"```transcript\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL
    )
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_pages_are_read(example: str) -> None:
    assert read_transcript(textwrap.dedent(example))
