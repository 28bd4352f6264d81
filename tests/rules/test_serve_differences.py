"""`serve --fault`, `serve --variant`, and the lists of both."""

from __future__ import annotations

import re

import pytest

from realtime_conformance.cli import run_command_line
from reference.absence import ABSENCE, KINDS_OF_ABSENCE
from reference.faults import FAULTS
from reference.faults import providers as of_providers
from reference.faults.services import SERVICE_FAULTS
from reference.variants import VARIANTS
from reference.variants import providers as variants_of_providers
from reference.variants.services import SERVICE_VARIANTS
from reports.model import Exit


def test_names_are_told_apart() -> None:
    assert not set(FAULTS) & set(VARIANTS)
    assert not set(ABSENCE) & {*FAULTS, *VARIANTS}
    for name, each in {**FAULTS, **ABSENCE, **VARIANTS}.items():
        assert name == each.name
        assert each.statement.endswith(".")
        assert each.changes or each.door is not None


def test_differences_of_other_channels() -> None:
    others = {*FAULTS, *ABSENCE, *VARIANTS, *of_providers.FAULTS, *variants_of_providers.VARIANTS}
    assert not set(SERVICE_FAULTS) & set(SERVICE_VARIANTS)
    assert not {*SERVICE_FAULTS, *SERVICE_VARIANTS} & others
    for name, each in {**SERVICE_FAULTS, **SERVICE_VARIANTS}.items():
        assert name == each.name
        assert name.startswith(f"{each.channel}-")
        assert each.statement.endswith(".")
        assert each.facts
        assert all(re.fullmatch(r"(CN|TC|TS|TO|SC|ST|SO)-\d\d", fact) for fact in each.facts)
        assert each.conduct.changes or each.conduct.policy or each.conduct.doors


@pytest.mark.parametrize(
    ("option", "catalogue"),
    [
        ("--list-faults", {**FAULTS, **of_providers.FAULTS, **ABSENCE, **SERVICE_FAULTS}),
        ("--list-variants", {**VARIANTS, **variants_of_providers.VARIANTS, **SERVICE_VARIANTS}),
    ],
)
def test_lists(option: str, catalogue: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["serve", option]) == Exit.CONFORMS
    listed = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in listed if line[0] != "#") == sorted(catalogue)
    kinds = ["one promise is broken", *KINDS_OF_ABSENCE.values()] if option == "--list-faults" else []
    channels = ["speech synthesis", "speech recognition"]
    assert [line for line in listed if line[0] == "#"] == [f"# {what}" for what in (*kinds, *channels)]


def test_lists_name_the_facts_of_other_channels(capsys: pytest.CaptureFixture[str]) -> None:
    run_command_line(["serve", "--list-faults"])
    lines = capsys.readouterr().out.splitlines()
    [line] = [each for each in lines if each.startswith("tts-closed-missing ")]
    assert line.endswith("`contextClosed` is left out. [TO-04, TS-13]")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--fault", "respons-done-missing"], "did you mean response-done-missing"),
        (["--variant", "pong"], "did you mean ping"),
        (["--fault", "§§§"], "--list-faults lists them"),
        (["--fault", "ping"], "there is no fault 'ping'"),
    ],
)
def test_unknown_name(arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["serve", *arguments]) == Exit.USAGE
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert hint in said[0]
