"""Faults that no run holds against a server: each has a reason, and what shows it shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from packs.catalogue import PACKS
from packs.pack import Pack
from reference.faults.services import SERVICE_FAULTS
from rules.verdicts import Level
from tests.packs.living import play
from wire.trace_files import TraceFile

WITHOUT: Mapping[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("without_finding.yaml").read_text(encoding="utf-8")
)
SHOWN = [name for name, each in WITHOUT.items() if "shows" in each]
_FACT = re.compile(r"^(CN|TC|TO|TS|SC|SO|ST)-\d\d\b")


def test_each_fault_kills_a_requirement_or_has_a_reason() -> None:
    killers = {name for pack in PACKS.values() for entry in pack.registry() for name in entry.killers}
    assert killers | set(WITHOUT) == set(SERVICE_FAULTS)
    assert killers & set(WITHOUT) == set()


@pytest.mark.parametrize("name", WITHOUT)
def test_a_reason_is_a_fact(name: str) -> None:
    assert _FACT.search(WITHOUT[name]["why"])


def test_what_shows_a_fault_is_left_to_the_server() -> None:
    entries = {entry.id: entry for pack in PACKS.values() for entry in pack.registry()}
    for name in SHOWN:
        assert [entries[id_].level for id_ in WITHOUT[name]["shows"]] == [{"inworld": Level.MAY}]


@pytest.mark.parametrize("name", ["tts-another-voice-echoed", "stt-odd-chunk-refused"])
def test_some_faults_are_shown(name: str, tmp_path: Path) -> None:
    _is_shown(name, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", WITHOUT)
def test_each_fault_without_a_finding_is_shown_and_not_held_against_a_server(
    name: str, tmp_path: Path
) -> None:
    _is_shown(name, tmp_path)


def _is_shown(name: str, folder: Path) -> None:
    fault = SERVICE_FAULTS[name]
    seen, violated = _observed(PACKS[fault.channel], folder, name)
    assert violated - set(WITHOUT[name].get("besides", ())) == set()
    for id_, way in WITHOUT[name].get("shows", {}).items():
        assert way in seen[id_]


def _observed(pack: Pack, folder: Path, name: str) -> tuple[dict[str, Counter[str]], set[str]]:
    """Return which ways a server with a fault took, by requirement, and what binding it violated."""
    judge, violated = pack.judge("inworld"), set[str]()
    binding = {entry.id for entry in pack.registry() if entry.level["inworld"] is not Level.MAY}
    seen: dict[str, Counter[str]] = {entry.id: Counter() for entry in pack.registry()}
    for played in play(pack, folder, [SERVICE_FAULTS[name]]):
        for path in played.traces:
            for id_, tally in judge.judge(TraceFile(path)).items():
                seen[id_].update(tally.observed)
                if tally.violations and id_ in binding:
                    violated.add(id_)
    return seen, violated
