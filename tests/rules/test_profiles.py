"""As of an earlier version nothing is found that it did not find, and what is newer is shown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import realtime_conformance
from protocol.dialect import DialectName
from realtime_conformance.application.uncounted_findings import uncounted
from reference.faults import FAULTS
from rules.engine import Rulebook
from rules.kinds import kinds, since
from rules.profiles import PROFILES_FOLDER, FrozenProfile, frozen, judged_by, profile, versions
from rules.requirements import Registry, registry
from rules.rulebook import rulebook
from rules.verdicts import LEVELS, Level
from tests.rules.judged_traces import changed
from tests.rules.verdicts_before import before, subjects

_V = "0.1.0"
_DETAILS = "cancelled-without-details"


@cache
def _as_of(version: str, dialect: DialectName) -> Rulebook:
    return rulebook(dialect, uncounted=uncounted(None, dialect, dt.date(2026, 11, 30), as_of=version))


@cache
def _found(version: str) -> dict[tuple[str, str], set[str]]:
    """Return what is violated as of `version`, by fault or recording, and dialect."""
    found = defaultdict[tuple[str, str], set[str]](set)
    for name, dialect, trace in subjects(profile(version).dialects):
        binding = {e.id for e in judged_by(version).judged(dialect) if e.level[dialect] is not Level.MAY}
        tallies = _as_of(version, dialect).judge(trace)
        found[name, dialect] |= {i for i in binding & set(tallies) if tallies[i].settled().violations}
    return found


@pytest.mark.parametrize("version", versions())
def test_as_of_a_version_no_fault_and_no_recording_gets_a_verdict_that_it_did_not_give(version: str) -> None:
    given, found = before(version), _found(version)
    assert len(found) > len(FAULTS)
    more = {key: sorted(ids - set(given.get(key[0], {}).get(key[1], ()))) for key, ids in found.items()}
    assert {key: ids for key, ids in more.items() if ids} == {}


def test_as_of_a_version_most_of_what_it_found_is_found() -> None:
    told = sum(len(ids) for each in before(_V).values() for ids in each.values())
    assert sum(map(len, _found(_V).values())) > 0.9 * told


@pytest.mark.parametrize("version", versions())
def test_a_profile_knows_only_requirements_that_there_are(version: str) -> None:
    assert [id_ for id_ in profile(version).levels if id_ not in registry()] == [], "ids are never taken away"


def test_what_is_frozen_today_is_what_is_judged_by_today(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "9.0.0.yaml").write_text(frozen(registry(), "9.0.0"), encoding="utf-8")
    monkeypatch.setattr("rules.profiles.PROFILES_FOLDER", tmp_path)
    profile.cache_clear()
    made = profile("9.0.0")
    monkeypatch.undo()
    profile.cache_clear()
    for own, today in zip(made.applied(registry()), registry(), strict=True):
        assert own == today or today.exclusion
    assert {
        name for id_ in kinds() for name in kinds()[id_] if made.newer_kind(f"{id_}#{name}", "inworld")
    } == set()


def test_a_requirement_has_the_lower_of_its_two_levels() -> None:
    strict, mild = (
        FrozenProfile("0.0.1", {"a/a": {"openai": Level.MUST}}),
        FrozenProfile("0.0.1", {"a/a": {"openai": Level.MAY}}),
    )
    one = registry().entries[0]
    for own, expected in ((strict, Level.SHOULD), (mild, Level.MAY)):
        entry = replace(one, id="a/a", level={"openai": Level.SHOULD})
        [aged] = own.applied(Registry([entry], "")).entries
        assert aged.level == {"openai": expected}
        assert not aged.newer


def test_a_requirement_that_the_profile_has_not_is_asked_and_gets_no_verdict() -> None:
    newer = {e.id for e in registry().judged("openai")} - set(profile(_V).levels)
    then = judged_by(_V)
    assert newer
    assert newer & {e.id for e in then.judged("openai")} == set()
    assert newer <= {e.id for e in then.ruled("openai")}


def test_levels_were_raised_since_and_are_not_as_of_then() -> None:
    raised = [
        e.id
        for e in registry().judged("inworld")
        if "inworld" in profile(_V).levels.get(e.id, {})
        and LEVELS.index(e.level["inworld"]) < LEVELS.index(profile(_V).levels[e.id]["inworld"])
    ]
    assert "response/text/deltas-add-up" in raised
    assert all(judged_by(_V).by_id[id_].level["inworld"] is Level.SHOULD for id_ in raised)


def test_findings_of_a_newer_kind_are_shown_and_not_counted() -> None:
    [trace] = changed("openai", FAULTS[_DETAILS], 1)
    today = rulebook("openai").judge(trace)["cancel/reason-client"]
    then = _as_of(_V, "openai").judge(trace)["cancel/reason-client"]
    assert today.violations
    assert not today.newer
    assert not then.violations
    assert not then.findings
    assert then.subjects == today.subjects
    assert [f.kind for f in then.newer] == [f.kind for f in today.findings]
    assert {f.newer for f in then.newer} == {"0.2.0"}
    assert then.with_newer().violations == today.violations
    # What yields to it today does not yield to what does not count.
    assert _as_of(_V, "openai").judge(trace)["response/done/status-details-given"].violations


def test_a_kind_can_be_newer_in_one_dialect() -> None:
    kind = "response/part/added-first#unannounced"
    assert (since(kind, "inworld"), since(kind, "openai"), since(kind)) == ("0.2.0", "0.1.0", "0.1.0")


def test_versions_are_in_order_and_older_than_this_one() -> None:
    this = tuple(int(part) for part in realtime_conformance.__version__.split("."))
    numbers = [tuple(map(int, version.split("."))) for version in versions()]
    assert numbers == sorted(numbers)
    assert numbers
    assert all(number <= this for number in numbers)
    assert [profile(version).version for version in versions()] == versions()
    assert all((PROFILES_FOLDER / f"{version}.yaml").stat().st_size < 40_000 for version in versions()), (
        "small"
    )
