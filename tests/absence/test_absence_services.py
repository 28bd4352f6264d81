"""What services of speech leave out is found, or makes no green run, or is legal by a fact."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from packs.catalogue import PACKS
from reference.absence.services import service_absences
from rules.verdicts import Verdict
from tests.packs.living import judged, play

EXPECTED: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "services.yaml").read_text(encoding="utf-8")
)
CELLS = {each.name: each for each in service_absences()}
SAMPLE = (
    "tts-left-out-contextClosed",
    "tts-closes-at-audioChunk",
    "stt-left-out-transcription",
    "stt-ends-at-speechStarted",
)


def test_every_cell_has_an_expectation() -> None:
    assert set(EXPECTED) == set(CELLS)
    for said in EXPECTED.values():
        [kind] = said
        assert kind in {"found", "undecided", "legal", "missed"}
        assert kind != "legal" or re.match(r"[A-Z]{2}-\d\d - ", said[kind]), "a fact is named"


def _comes_out(name: str, folder: Path) -> None:
    cell, [(kind, what)] = CELLS[name], EXPECTED[name].items()
    pack = PACKS[cell.channel]
    verdicts = judged(pack, play(pack, folder, [cell]))
    wrong = {id_ for id_, verdict in verdicts.items() if verdict in (Verdict.FAIL, Verdict.WARN)}
    if kind == "found":
        assert what in wrong
        return
    assert wrong == set()
    if kind == "undecided":
        assert any(what in group for group in pack.core_of("inworld", {}, None)), "a verdict rests on it"
        assert verdicts[what] in (Verdict.NOT_OBSERVED, Verdict.INCONCLUSIVE)


@pytest.mark.parametrize("name", SAMPLE)
def test_some_that_leave_something_out(name: str, tmp_path: Path) -> None:
    _comes_out(name, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", CELLS)
def test_all_that_leave_something_out(name: str, tmp_path: Path) -> None:
    _comes_out(name, tmp_path)
