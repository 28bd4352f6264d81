"""Whoever was decided less does not stand better for it."""

from __future__ import annotations

from reports.compare import ComparedReport, ComparedVerdict
from reports.ranking import Ranking, ranking
from rules.verdicts import Level, Verdict

P, F, W, N = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVED


def _side(label: str, verdicts: list[Verdict], subjects: int = 10) -> ComparedReport:
    cells = {
        f"a/{n}": ComparedVerdict(verdict, Level.MUST, 0 if verdict is N else subjects, "", {})
        for n, verdict in enumerate(verdicts)
    }
    return ComparedReport(label, label, "openai", "", "", "", True, "", {}, cells, dict.fromkeys(cells, ""))


def _order(found: Ranking) -> list[str]:
    return [place.side.label for place in found.places]


def test_fewer_failures_in_what_all_decided_stand_first() -> None:
    found = ranking([_side("three", [F, F, F, P, P]), _side("one", [F, P, P, P, N])])
    assert _order(found) == ["one", "three"]
    assert [found.said(place) for place in found.places] == [
        "1 failure and 0 warnings in the 4 decided by all; 4 of 5 decided",
        "3 failures and 0 warnings in the 4 decided by all; 5 of 5 decided",
    ]


def test_what_only_one_decided_does_not_count() -> None:
    kept = _side("all sessions", [F] * 24 + [P] * 76)
    lost = _side("sessions lost", [F] * 19 + [N] * 5 + [P] * 40 + [N] * 36)
    found = ranking([lost, kept])
    assert _order(found) == ["all sessions", "sessions lost"]
    assert [place.failed for place in found.places] == [19, 19]


def test_nor_does_what_held_in_a_few_of_many_cases() -> None:
    kept = _side("all sessions", [F] * 24 + [P] * 76, subjects=40)
    lost = _side("sessions lost", [F] * 19 + [P] * 81, subjects=4)
    assert _order(ranking([lost, kept])) == ["all sessions", "sessions lost"]
    assert _order(ranking([_side("better", [F] * 19 + [P] * 81, subjects=30), kept])) == [
        "better",
        "all sessions",
    ]


def test_two_of_many_is_no_first_place() -> None:
    little = _side("little", [P] * 2 + [N] * 98)
    found = ranking([little, _side("much", [F] * 3 + [P] * 97)])
    assert _order(found) == ["much", "little"]
    assert found.said(found.places[1]) == (
        "not compared: 2 of 100 decided, less than half of what another report decided"
    )
    assert len(found.common) == 100, "it does not narrow down what the others are compared by"


def test_fewer_warnings_decide_then_and_nothing_decided_stands_last() -> None:
    sides = [_side("none", [N, N]), _side("warned", [W, P]), _side("clean", [P, P])]
    assert _order(ranking(sides)) == ["clean", "warned", "none"]
    assert _order(ranking(sides[:1])) == ["none"]
