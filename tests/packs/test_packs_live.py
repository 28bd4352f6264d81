"""Scenarios of the packs against the reference server's services: what obeys passes, each fault is found."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from packs.catalogue import PACKS
from packs.pack import Pack
from packs.paths import PATHS, channel_at
from protocol.channel_catalogue import known_channels
from reference.differences import Difference
from reference.faults.services import SERVICE_FAULTS
from reference.variants.services import SERVICE_VARIANTS
from rules.verdicts import Level, Verdict
from suites.depth import QUICK, THOROUGH
from tests.committed_files import ROOT
from tests.packs.living import judged, play

KILLED = [(entry.id, name) for pack in PACKS.values() for entry in pack.registry() for name in entry.killers]
_DRAWN = random.Random(20261130)
SAMPLE = [*_DRAWN.sample([k for k in KILLED if k[1].startswith("tts")], 8), *_DRAWN.sample(KILLED[-40:], 2)]
VARIANTS = _DRAWN.sample(sorted(SERVICE_VARIANTS), 6)


def _pack(difference: Difference) -> Pack:
    return PACKS[difference.channel]


def _wrong(pack: Pack, folder: Path, *differences: Difference) -> dict[str, Verdict]:
    played = play(pack, folder, differences)
    assert [p.scenario.id for p in played if p.outcome == "harness-error"] == []
    verdicts = judged(pack, played)
    return {id_: v for id_, v in verdicts.items() if v in (Verdict.FAIL, Verdict.WARN)}


@pytest.mark.parametrize("name", PACKS)
def test_what_obeys_passes_all_that_it_is_asked(name: str, tmp_path: Path) -> None:
    pack = PACKS[name]
    played = play(pack, tmp_path)
    assert {p.outcome for p in played} == {"passed"}
    verdicts = judged(pack, played)
    decided = {id_ for id_, v in verdicts.items() if v is Verdict.PASS}
    binding = {e.id for e in pack.registry() if e.level["inworld"] is not Level.MAY}
    assert binding - decided == set()
    assert set(verdicts.values()) <= {Verdict.PASS, Verdict.NOT_OBSERVED}


@pytest.mark.parametrize("name", PACKS)
def test_what_obeys_passes_what_another_seed_makes_up(name: str, tmp_path: Path) -> None:
    pack = PACKS[name]
    played = play(pack, tmp_path, depth=QUICK.changed(seed=3))
    assert {p.outcome for p in played} == {"passed"}
    assert not {Verdict.FAIL, Verdict.WARN} & set(judged(pack, played).values())


@pytest.mark.long
@pytest.mark.parametrize("name", [*PACKS, "tts-refusal-closes-context", "stt-error-as-status"])
def test_nothing_is_held_against_what_obeys_whatever_is_made_up(name: str, tmp_path: Path) -> None:
    variants = [SERVICE_VARIANTS[name]] if name in SERVICE_VARIANTS else []
    pack = PACKS[name.partition("-")[0]]
    played = play(pack, tmp_path, variants, depth=THOROUGH)
    assert {p.outcome for p in played} == {"passed"}
    assert not {Verdict.FAIL, Verdict.WARN} & set(judged(pack, played).values())


def test_every_binding_requirement_has_a_killer_that_there_is() -> None:
    for pack in PACKS.values():
        for entry in pack.registry():
            assert bool(entry.killers) is (entry.level["inworld"] is not Level.MAY), entry.id
            assert set(entry.killers) <= set(SERVICE_FAULTS), entry.id


def test_every_scenario_provokes_what_there_is_and_all_together_cost_little() -> None:
    for pack in PACKS.values():
        ids = {entry.id for entry in pack.registry()}
        assert all(set(each.provokes) <= ids for each in pack.scenarios)
        assert len({each.id for each in pack.scenarios}) == len(pack.scenarios)
        assert sum(each.characters for each in pack.scenarios) <= 6000
        assert sum(each.audio_s for each in pack.scenarios) <= 120


@pytest.mark.parametrize(("requirement", "name"), SAMPLE)
def test_some_faults_are_found(requirement: str, name: str, tmp_path: Path) -> None:
    fault = SERVICE_FAULTS[name]
    assert requirement in _wrong(_pack(fault), tmp_path, fault)


@pytest.mark.parametrize("name", VARIANTS)
def test_nothing_is_held_against_some_variants(name: str, tmp_path: Path) -> None:
    variant = SERVICE_VARIANTS[name]
    assert _wrong(_pack(variant), tmp_path, variant) == {}


@pytest.mark.long
@pytest.mark.parametrize(("requirement", "name"), KILLED)
def test_each_fault_is_found(requirement: str, name: str, tmp_path: Path) -> None:
    fault = SERVICE_FAULTS[name]
    assert requirement in _wrong(_pack(fault), tmp_path, fault)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SERVICE_VARIANTS))
def test_nothing_is_held_against_each_variant(name: str, tmp_path: Path) -> None:
    variant = SERVICE_VARIANTS[name]
    assert _wrong(_pack(variant), tmp_path, variant) == {}


def test_who_judges_captures_loads_nothing_that_opens_connections() -> None:
    code = "import realtime_conformance.application.actions.judge, sys; print('websockets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_a_channel_is_where_its_document_says() -> None:
    assert {name: known.address for name, known in known_channels().items()} == PATHS
    assert set(PACKS) == set(PATHS)
    assert all(channel_at(f"wss://host{path}?x=1") == name for name, path in PATHS.items())
    assert channel_at("wss://host/api/v1/realtime/session") == ""
