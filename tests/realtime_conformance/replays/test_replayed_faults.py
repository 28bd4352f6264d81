"""What failed fails again when its script is played, and holds on a server that obeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.replays import scenario_of
from reference.faults import FAULTS
from suites.scenario import catalogue
from tests.realtime_conformance.replays.playing import failing, played, scripts_in

WRITTEN_BY_HAND = [
    s for s in catalogue() if not s.module.startswith(("test_generated", "test_conversations"))
]

CASES: list[tuple[DialectName, str, str]] = [
    ("openai", "item-never-done", "conversation_item"),
    ("openai", "root-ignored", "conversation_item"),
    ("openai", "deleted-item-still-last", "conversation_item"),
    ("openai", "another-item-retrieved", "conversation_item"),
    ("openai", "cancelled-response-not-done", "response_cancel"),
    ("openai", "response-created-late", "response"),
    ("openai", "late-delta-after-done", "response"),
    ("openai", "committed-names-another-item", "input_audio"),
    ("openai", "speech-stopped-missing", "turn_detection"),
    ("openai", "session-id-changes", "session_update"),
    ("openai", "malformed-error", "response_cancel"),
    ("inworld", "item-never-done", "conversation_item"),
    ("inworld", "cancelled-for-no-reason", "response_cancel"),
    ("inworld", "committed-names-another-item", "input_audio"),
]


@pytest.mark.parametrize(("dialect", "fault", "where"), CASES)
def test_what_failed_fails_again_and_holds_where_the_server_obeys(
    tmp_path: Path, dialect: DialectName, fault: str, where: str
) -> None:
    changes = FAULTS[fault].changes
    scenarios = [s for s in WRITTEN_BY_HAND if where in s.id]
    found = failing(played(scenarios, tmp_path / "found", dialect, changes))
    assert found
    scripts = scripts_in(tmp_path / "found")
    assert {id_ for script in scripts for id_ in script.violated} == found
    again = [scenario_of(script) for script in scripts]
    assert failing(played(again, tmp_path / "again", dialect, changes)) == found
    good = played(again, tmp_path / "good", dialect)
    assert not failing(good)
    assert not [s for s in good.scenarios if s.outcome == "harness-error"]


def test_each_finding_names_its_script(tmp_path: Path) -> None:
    scenarios = [s for s in WRITTEN_BY_HAND if "response_cancel" in s.id]
    report = played(scenarios, tmp_path, "openai", FAULTS["cancelled-response-not-done"].changes)
    findings = [f for r in report.requirements for f in r.findings]
    assert findings
    for finding in findings:
        assert finding.replay == f"replays/{finding.trace}.jsonl"
        assert (tmp_path / finding.replay).is_file()


def test_scripts_of_an_earlier_report_do_not_stay(tmp_path: Path) -> None:
    scenarios = [s for s in WRITTEN_BY_HAND if "response_cancel" in s.id]
    played(scenarios, tmp_path, "openai", FAULTS["cancelled-response-not-done"].changes)
    assert scripts_in(tmp_path)
    played(scenarios, tmp_path, "openai")
    assert not scripts_in(tmp_path)
