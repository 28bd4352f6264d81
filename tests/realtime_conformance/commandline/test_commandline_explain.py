"""`explain`: what is known of a requirement, and what is meant by what somebody typed."""

from __future__ import annotations

import pytest

from realtime_conformance.application import explanation as explanations
from realtime_conformance.application.explanation import explained
from reference.impact_records import ImpactCell, ImpactRecord
from reports.explained import explanation
from rules.requirements import registry
from tests.realtime_conformance.commandline.harness import Command

ALTERNATE = "turn/alternate"


def test_all_that_is_known_is_shown(command: Command) -> None:
    ran = command("explain", "session/updated/not-the-clients-event-id")
    assert ran.code == 0
    assert ran.err == ""
    for part in (
        "MUST in openai",
        "source   openai ",
        "rules/areas/updates.py:",
        "@on_event(",
        "Faults of the reference server that violate it",
        "Scenarios that provoke it",
        "It yields to\n  none",
        "These yield to it\n  envelope/event-id-minted-by-server  where both are about the same event\n",
        "Holds (openai)",
        "Is violated (openai)",
        "  > update",
    ):
        assert part in ran.out, part


def test_of_a_rule_about_order_its_table_is_shown(command: Command) -> None:
    out = command("explain", ALTERNATE).out
    assert "Bound(" in out
    assert "alternating(SPEECH_STARTED, SPEECH_STOPPED, or_end=LOOSE)" in out
    assert "#   start: input_audio_buffer.speech_started" in out
    assert "off    -- stop  -->  off   unannounced" in out


def test_of_a_rule_that_was_made_the_call_and_its_maker_are_shown(command: Command) -> None:
    out = command("explain", "items/delete/acknowledged").out
    assert 'acknowledged("items/delete/acknowledged", "conversation.item.delete")' in out
    assert "def acknowledged(requirement: str" in out


def test_of_a_rule_that_remembers_what_it_remembers_is_shown(command: Command) -> None:
    assert "class _Times:" in command("explain", "turn/times-grow").out


def test_what_is_not_judged_says_why(command: Command) -> None:
    out = command("explain", "output-buffer/sideband").out
    assert "Not judged\n  The suite cannot join a running WebRTC call." in out


def test_several_are_explained_in_turn_and_each_once(command: Command) -> None:
    out = command("explain", ALTERNATE, "turn/times-grow", ALTERNATE).out
    assert out.index(f"{ALTERNATE}\n") < out.index("turn/times-grow\n")
    assert out.count(f"\n{ALTERNATE}\n") + out.startswith(f"{ALTERNATE}\n") == 1


@pytest.mark.parametrize("given", ["turn/alt", "turn/alternate#repeated", "turn/alternate/"])
def test_one_that_is_meant_is_found(command: Command, given: str) -> None:
    ran = command("explain", given)
    assert (ran.code, ran.out.partition("\n")[0]) == (0, ALTERNATE)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("turn/alternates", "there is no requirement 'turn/alternates'; did you mean turn/alternate"),
        ("items/delet", "'items/delet' begins 4 requirements: items/delete/acknowledged, "),
        ("times-grow", "did you mean turn/times-grow?"),
        ("zzz", "there is no requirement 'zzz'; docs/requirements.md lists all"),
        ("", "there is no requirement ''; docs/requirements.md lists all"),
    ],
)
def test_one_that_is_not_known_is_refused_with_what_may_be_meant(
    command: Command, given: str, says: str
) -> None:
    ran = command("explain", ALTERNATE, given)
    assert ran.code == 4
    assert ran.out == ""
    assert says in ran.err


def test_every_requirement_can_be_explained() -> None:
    for entry in registry():
        told = explained(entry, [])
        assert bool(told.sources) is not bool(entry.exclusion), entry.id
        assert next(heading for heading, _ in explanation(told)) == entry.id


def test_what_its_faults_do_to_clients_is_told_where_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = next(each for each in registry() if each.killers and not each.exclusion)
    fault = entry.killers[0]
    heading = "What they do to other people's clients"

    def lines(**cells: ImpactCell) -> dict[str, list[str]]:
        record = ImpactRecord("somebody", "1.0", "2026-12-01", 4, {fault: cells["cell"]} if cells else {})
        monkeypatch.setattr(explanations, "impact_records", lambda: [record])
        return dict(explanation(explained(entry, [])))

    said = f"{fault}  somebody 1.0: no result within 4 s (measured until 2026-12-01)"
    assert [" ".join(each.split()) for each in lines(cell=ImpactCell("no result"))[heading]] == [
        " ".join(said.split())
    ]
    assert heading not in lines()
