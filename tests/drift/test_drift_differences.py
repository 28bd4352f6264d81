"""What one table has that another has not, and the list of what is known of it."""

from __future__ import annotations

from drift.differences import MISSING, Difference, Known, Places, alike, differences, outcome
from drift.flat import Place


def _place(*kinds: str, values: tuple[str, ...] | None = None, required: bool = False) -> Place:
    return Place(frozenset(kinds or ("string",)), None if values is None else frozenset(values), required)


def _found(theirs: Places, ours: Places) -> list[str]:
    return [str(each) for each in differences("server", {"e": theirs}, {"e": ours})]


def test_events_that_one_side_lacks() -> None:
    found = differences("client", {"a": {}, "b": {}}, {"b": {}, "c": {}})
    assert [str(each) for each in found] == ["missing: client a", "extra: client c"]


def test_of_places_only_the_topmost_is_named() -> None:
    item = {"item": _place("object")}
    call = {"item<call>.error": _place("object"), "item<call>.error.code": _place()}
    assert _found({**item, **call, "item<call>.type": _place()}, {**item, "item<text>.type": _place()}) == [
        "missing: server e item<call>: with error type, 3 on all levels",
        "extra: server e item<text>",
    ]
    assert _found({"list": _place("array"), "list[]": _place()}, {}) == ["missing: server e list"]


def test_what_is_missing_says_what_it_holds() -> None:
    """So that one member more, however deep, is a difference that nobody has accepted."""
    avatar = {"avatar": _place("object"), "avatar.style": _place(), "avatar.sizes": _place("array")}
    deep = {"avatar.sizes[]": _place("object"), "avatar.sizes[].width": _place()}
    [before] = differences("server", {"e": avatar}, {"e": {}})
    [after] = differences("server", {"e": {**avatar, **deep}}, {"e": {}})
    assert before.says == "with sizes style"
    assert after.says == "with sizes style, 3 on all levels"
    known = Known(MISSING, "server * avatar", "why", before.says)
    assert (known.covers(before), known.covers(after)) == (True, False)


def test_a_missing_event_says_what_it_holds() -> None:
    [missing] = differences("client", {"a": {"type": _place(), "turn_id": _place()}}, {})
    assert missing.says == "with turn_id type"
    assert differences("client", {"a": {}}, {})[0].says == ""


def test_what_differs_at_a_place() -> None:
    assert _found({"x": _place("string")}, {"x": _place("object")}) == [
        "types: server e x: SDK string, document object"
    ]
    assert _found({"x": _place(values=("a", "b"))}, {"x": _place(values=("b", "c"))}) == [
        "values: server e x: only the SDK has a, only the document has c"
    ]
    assert _found({"x": _place()}, {"x": _place(values=("b", "a"))}) == [
        "values: server e x: only the document says which: a b"
    ]
    assert _found({"x": _place()}, {"x": _place(required=True)}) == ["demanded: server e x"]


def test_what_does_no_harm_is_no_difference() -> None:
    assert _found({"x": _place(required=True)}, {"x": _place()}) == []
    assert _found({"x": _place("any")}, {"x": _place("object")}) == []


def test_alternatives_that_one_table_does_not_tell_apart_are_compared_as_one() -> None:
    apart = {
        "part": _place("object"),
        "part<text>.type": _place(values=("text",), required=True),
        "part<text>.text": _place(required=True),
        "part<audio>.type": _place(values=("audio",), required=True),
    }
    plain = {
        "part": _place("object"),
        "part.type": _place(values=("text", "audio"), required=True),
        "part.text": _place(),
    }
    assert alike(apart, plain) == plain
    assert _found(apart, plain) == _found(plain, apart) == []


def test_a_list_that_only_one_alternative_has_does_not_lack_its_elements() -> None:
    element = _place(required=True)
    apart = {"x<a>.names": _place("array"), "x<a>.names[]": element, "x<b>.id": _place()}
    plain = {"x.names": _place("array"), "x.names[]": element, "x.id": _place()}
    assert _found(apart, plain) == []


def test_alternatives_inside_others_are_compared_as_one_too() -> None:
    output = {"output": _place("array"), "output[]": _place("object", required=True)}
    part = {
        "output[]<message>.parts[]<text>.type": _place(values=("text",), required=True),
        "output[]<message>.parts[]<text>.text": _place(),
        "output[]<message>.parts[]<audio>.type": _place(values=("audio",), required=True),
    }
    apart = {**output, "output[]<message>.parts[]": _place("object", required=True), **part}
    plain = {
        **output,
        "output[].parts[]": _place("object", required=True),
        "output[].parts[].type": _place(values=("text", "audio"), required=True),
        "output[].parts[].text": _place(),
    }
    assert _found(apart, plain) == _found(plain, apart) == []


def test_what_is_known_needs_the_same_words() -> None:
    nine = Difference("values", "client session.update tools[]<mcp>.id", "only the SDK has nine")
    known = Known("values", "client * *.tools[]<mcp>.id", "why", "only the SDK has eight")
    assert not known.covers(nine)
    assert not Known("values", "client *.id", "why").covers(nine)
    assert Known("values", "client *tools[]<mcp>.id", "why", nine.says).covers(nine)
    assert not Known("missing", "client *", "why", nine.says).covers(nine)
    assert not Known("values", "client *tools..<mcp>.id", "why", nine.says).covers(nine)


def test_new_known_and_stale() -> None:
    new, old = Difference("missing", "client a"), Difference("missing", "client b")
    of_old, of_none = Known("missing", "client b", "why"), Known("extra", "client b", "why")
    came = outcome([new, old], [of_old, of_none])
    assert (came.new, came.known, came.stale) == ((new,), ((old, of_old),), (of_none,))
    assert not came.clean
    assert outcome([old], [of_old]).clean
    assert not outcome([], [of_old]).clean
