"""Which violation explains which: by what both are about, and only by what counts."""

from __future__ import annotations

import pytest

from rules import records
from rules.records import Record, ViolationRecorder
from rules.requirements import Registry, Requirement, Yield
from rules.verdicts import Finding, Level, Tally, Verdict, verdict_of
from rules.yields import Uncounted, Yields, let_explained_go, overlap

ITEM, PART = ("item item_1", "response resp_1"), ("part item_1[0]", "item item_1", "response resp_1")


def entry(id_: str, *yields_to: Yield, level: Level = Level.MUST) -> Requirement:
    source = {"document": "openai-realtime", "section": "EV-01"}
    return Requirement(id_, {"openai": level}, "documented", "It is so.", source, yields_to=yields_to)


def finding(kind: str, path: str = "") -> Finding:
    return Finding("by hand", (7,), "response.done", path, "", "", f"{kind} is wrong", kind=kind)


def violation(
    id_: str, *paths: str, event: int = 7, exchange: int = 0, subjects: tuple[str, ...] = ()
) -> Record:
    return Record(tuple(finding(f"{id_}#wrong", path) for path in paths or ("",)), event, exchange, subjects)


def counted(
    entries: list[Requirement], said: list[tuple[str, Record]], uncounted: Uncounted | None = None
) -> dict[str, Tally]:
    """Return what is counted of violations, each with its requirement."""
    yields = Yields(Registry(entries, ""), "openai")
    recorder = ViolationRecorder(yields.concerned)
    for id_, record in said:
        recorder.violated(id_, record)
    return let_explained_go(recorder, yields, uncounted or Uncounted())


def explained(where: str, own: Record, other: Record, **others: Level) -> bool:
    """Tell whether the violation `own` of a/a is explained by `other` of b/b."""
    entries = [entry("a/a", Yield("b/b", where)), entry("b/b", level=others.get("level", Level.MUST))]
    tally = counted(entries, [("a/a", own), ("b/b", other)])["a/a"]
    assert (tally.violations, tally.subjects) == ((0, 0) if tally.explained else (1, 1))
    return bool(tally.explained)


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        ("", "", True),
        ("", "response.usage", True),
        ("response.usage", "response.usage", True),
        ("response.usage", "response.usage.total_tokens", True),
        ("response.output", "response.output[0].status", True),
        ("response.output", "response.output_modalities", False),
        ("response.usage", "response.status", False),
    ],
)
def test_places_of_one_event(one: str, other: str, *, overlaps: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == overlaps


def test_the_same_event() -> None:
    assert explained("event", violation("a/a"), violation("b/b"))
    assert explained("event", violation("a/a", "item.status"), violation("b/b", "item"))
    assert not explained("event", violation("a/a", "item.status"), violation("b/b", "item.role"))
    assert not explained("event", violation("a/a"), violation("b/b", event=8))


def test_the_same_subject_or_one_that_holds_it() -> None:
    part, item = violation("a/a", subjects=PART), violation("b/b", event=9, subjects=ITEM)
    assert explained("subject", part, item)
    assert explained("subject", item, part)
    assert not explained("subject", part, violation("b/b", subjects=("item item_2", "response resp_1")))
    assert not explained("subject", violation("a/a"), violation("b/b")), "of nothing"


def test_the_same_client_event() -> None:
    assert explained("exchange", violation("a/a", exchange=3), violation("b/b", event=9, exchange=3))
    assert not explained("exchange", violation("a/a", exchange=3), violation("b/b", exchange=4))
    assert not explained("exchange", violation("a/a"), violation("b/b")), "of none"


def test_no_must_hides_behind_a_recommendation() -> None:
    assert explained("event", violation("a/a"), violation("b/b"), level=Level.MUST)
    assert not explained("event", violation("a/a"), violation("b/b"), level=Level.SHOULD)


def test_what_yields_to_what_yields_has_the_same_ground() -> None:
    entries = [entry("a/a", Yield("b/b", "event")), entry("b/b", Yield("c/c", "event")), entry("c/c")]
    found = counted(entries, [(id_, violation(id_)) for id_ in ("a/a", "b/b", "c/c")])
    assert {id_: tally.violations for id_, tally in found.items()} == {"a/a": 0, "b/b": 0, "c/c": 1}


@pytest.mark.parametrize(
    "uncounted",
    [
        Uncounted(left_out=frozenset(("b/b",))),
        Uncounted(known={"b/b": [finding("b/b#wrong").fingerprint]}),
    ],
)
def test_nothing_hides_behind_what_does_not_count(uncounted: Uncounted) -> None:
    entries = [entry("a/a", Yield("b/b", "event")), entry("b/b")]
    found = counted(entries, [("a/a", violation("a/a")), ("b/b", violation("b/b"))], uncounted)
    assert {id_: tally.violations for id_, tally in found.items()} == {"a/a": 1, "b/b": 1}


def test_of_several_places_only_those_go_that_are_explained() -> None:
    entries = [entry("a/a", Yield("b/b", "event")), entry("b/b")]
    own = violation("a/a", "item.status", "item.role")
    tally = counted(entries, [("a/a", own), ("b/b", violation("b/b", "item.status"))])["a/a"]
    assert (tally.violations, [each.path for each in tally.findings]) == (1, ["item.role"])


def test_too_many_to_be_told_apart_go_the_way_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_RECORDS", 3)
    entries = [entry("a/a", Yield("b/b", "exchange")), entry("b/b")]
    said = [("a/a", violation("a/a", event=n, exchange=3)) for n in range(10, 20)]
    found = counted(entries, [*said, ("b/b", violation("b/b", exchange=3))])
    assert (found["a/a"].violations, found["a/a"].explained) == (0, {"b/b": 10})
    assert counted(entries, said)["a/a"].violations == 10


def test_what_is_explained_is_no_pass() -> None:
    tally = Tally()
    tally.explained["b/b"] = 1
    assert verdict_of(tally, Level.MUST, offered=True) is Verdict.INCONCLUSIVE
    tally.subjects = 1
    assert verdict_of(tally, Level.MUST, offered=True) is Verdict.PASS
