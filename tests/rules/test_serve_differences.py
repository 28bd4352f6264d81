"""`serve --fault`, `serve --variant`, and the lists of both."""

from __future__ import annotations

import pytest

from realtime_conformance.cli import run_command_line
from reference.absence import ABSENCE, KINDS_OF_ABSENCE
from reference.faults import FAULTS
from reference.faults import providers as of_providers
from reference.variants import VARIANTS
from reference.variants import providers as variants_of_providers
from reports.model import Exit


def test_names_are_told_apart() -> None:
    assert not set(FAULTS) & set(VARIANTS)
    assert not set(ABSENCE) & {*FAULTS, *VARIANTS}
    for name, each in {**FAULTS, **ABSENCE, **VARIANTS}.items():
        assert name == each.name
        assert each.statement.endswith(".")
        assert each.changes or each.door is not None


@pytest.mark.parametrize(
    ("option", "catalogue"),
    [
        ("--list-faults", {**FAULTS, **of_providers.FAULTS, **ABSENCE}),
        ("--list-variants", {**VARIANTS, **variants_of_providers.VARIANTS}),
    ],
)
def test_lists(option: str, catalogue: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["serve", option]) == Exit.CONFORMS
    listed = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in listed if line[0] != "#") == sorted(catalogue)
    groups = ["# one promise is broken", *(f"# {what}" for what in KINDS_OF_ABSENCE.values())]
    assert [line for line in listed if line[0] == "#"] == (groups if option == "--list-faults" else [])


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
