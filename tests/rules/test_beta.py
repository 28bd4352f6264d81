"""The dialect of a connection by its signs: where they stand, and what becomes of the other findings."""

from __future__ import annotations

from typing import Any

from rules.beta_dialect import NOT_MIXED, SPEAKS_GA, DialectSigns, name_dialect
from rules.verdicts import Tally

Heard = tuple[str, dict[str, Any]]

FLAT = {"session": {"voice": "alloy", "turn_detection": None}}


def signs(*heard: Heard) -> DialectSigns:
    """What was heard, from the fifth entry on."""
    found = DialectSigns()
    for seq, (type_, event) in enumerate(heard, 5):
        found.hear(type_, event, seq)
    return found


def where(*heard: Heard, of: str = SPEAKS_GA) -> list[tuple[int, ...]]:
    """Return the entries that each finding names."""
    return [each.seqs for each in name_dialect(signs(*heard), "a trace", {})[of].findings]


def test_each_sign_is_noted_where_it_first_came() -> None:
    assert where(("session.created", FLAT), ("session.updated", FLAT)) == [(5,)]
    delta: Heard = ("response.text.delta", {})
    assert where(("session.created", FLAT), delta, delta) == [(6,)]
    assert where(delta, ("response.output_text.delta", {}), of=NOT_MIXED) == [(5,)]


def test_no_more_than_the_first_three_signs_are_named() -> None:
    families = ("text", "audio", "audio_transcript")
    events: list[Heard] = [(f"response.{each}.{end}", {}) for each in families for end in ("delta", "done")]
    assert where(*events) == [(5, 6, 7)]


def test_a_session_of_ga_is_one_for_good() -> None:
    first = signs(("session.created", {"session": {"type": "realtime"}}), ("session.updated", FLAT))
    assert first.ga_session == 5
    again = signs(*2 * [("session.created", {"session": {"audio": {}}})])
    assert again.ga_session == 5


def test_the_session_of_a_capture_that_begins_late_may_be_missing() -> None:
    created: Heard = ("conversation.item.created", {})
    assert signs(created).speaks_beta
    assert not signs(("session.updated", {"session": {"type": "realtime"}}), created).speaks_beta
    assert not signs().speaks_beta


def test_of_the_beta_nothing_else_is_judged() -> None:
    examined, failed = Tally(subjects=2, violations=1), Tally(errors=["a fault of ours"])
    tallies = name_dialect(signs(("session.created", FLAT)), "a trace", {"a": examined, "b": failed})
    assert not tallies["a"].violations
    assert not tallies["a"].subjects
    assert dict(tallies["a"].undecided) == {"the server speaks the retired beta dialect": 1}
    assert tallies["b"].errors == ["a fault of ours"]
    assert not tallies["b"].undecided
    spoken = tallies[SPEAKS_GA]
    assert (spoken.subjects, spoken.violations) == (1, 1)
    assert spoken.findings[0].trace == "a trace"


def test_each_family_that_goes_by_two_names_is_a_finding() -> None:
    names = ("text", "output_text", "audio", "output_audio")
    events: list[Heard] = [(f"response.{each}.delta", {}) for each in names]
    tallies = name_dialect(signs(*events), "a trace", {"a": Tally(subjects=1)})
    assert (tallies[NOT_MIXED].subjects, tallies[NOT_MIXED].violations) == (1, 2)
    assert tallies["a"].subjects == 1
