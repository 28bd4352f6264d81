"""What GitHub's runner is told, read as the runner reads it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import click
import pytest

from realtime_conformance.application.report_output import announced
from reports.annotations import annotated, command, output_lines, outputs
from rules.requirements import registry
from rules.verdicts import Tally
from tests.reports.formats.sample import (
    ALSO_FAILED,
    FAILED,
    HELD,
    HOSTILE,
    WARNED,
    entry,
    finding,
    held,
    report,
)

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)", re.DOTALL)


def _read(line: str) -> tuple[str, dict[str, str], str]:
    """Return name, properties and data of a workflow command."""
    assert "\n" not in line
    assert "\r" not in line
    match = _COMMAND.fullmatch(line.strip())
    assert match is not None, line
    pairs = [p.split("=", 1) for p in (match["properties"] or "").split(",") if p]
    return match["name"], {name: _decoded(value) for name, value in pairs}, _decoded(match["data"])


def _decoded(text: str) -> str:
    for escaped, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escaped, character)
    return text


def test_a_command_carries_its_text_and_nothing_else() -> None:
    name, properties, data = _read(command("error", "100% of a::b\nnext, line", title="x,y:z=1", line=3))
    assert (name, data) == ("error", "100% of a::b\nnext, line")
    assert properties == {"title": "x,y:z=1", "line": "3"}


def test_a_server_cannot_give_commands() -> None:
    for line in annotated(report()):
        name, properties, data = _read(line)
        assert name in ("error", "warning")
        assert set(properties) == {"title"}
        assert "\x1b" not in data


def test_failures_are_errors_and_recommendations_are_warnings() -> None:
    read = [_read(line) for line in annotated(report(broken=False))]
    assert {(name, properties["title"]) for name, properties, _ in read} == {
        ("error", FAILED),
        ("error", ALSO_FAILED),
        ("warning", WARNED),
    }
    assert ("error", {"title": ALSO_FAILED}, "usage is missing (response_create.text #12)") in read


def test_what_the_baseline_knows_is_no_error_and_its_own_faults_are() -> None:
    made = held(report(broken=False), entry(FAILED), entry(ALSO_FAILED), entry(HELD))
    read = [_read(line) for line in annotated(made)]
    errors = [(properties, data) for name, properties, data in read if name == "error"]
    place = {"file": "conformance-baseline.yaml", "line": "4", "title": "conformance baseline"}
    assert errors == [(place, f"{HELD}: holds now: remove the entry")]


def test_no_more_than_github_shows() -> None:
    flood = {e.id: Tally(subjects=1, violations=1, findings=[finding()]) for e in registry()}
    made = report(counted=flood)
    lines = annotated(made)
    kinds = [_read(line)[0] for line in lines]
    assert kinds.count("error") <= 10
    assert kinds.count("warning") <= 10
    left = len(made.unexpected) - 9
    assert any(f"and {left} requirements more" in line for line in lines)


def test_no_verdict_is_an_error_too() -> None:
    assert _read(annotated(replace(report(counted={}), opened=False))[0])[2].startswith("No verdict")
    assert annotated(report(counted={HELD: Tally(subjects=1)})) == []


def _outputs(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT as the runner does."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, end = line.split("<<", 1)
        value = []
        for each in lines:
            if each == end:
                break
            value.append(each)
        found[name] = "\n".join(value)
    return found


def test_outputs_hold_verdict_counts_and_paths() -> None:
    made = report(broken=False)
    found = _outputs(output_lines(outputs(made, Path("out"))))
    assert found["exit-code"] == "1"
    assert found["verdict"] == made.sentence
    assert json.loads(found["counts"]) == made.counts
    assert json.loads(found["failed"]) == [FAILED, ALSO_FAILED]  # the weightiest first
    assert found["report"] == str(Path("out") / "report.html")


def test_an_output_cannot_end_itself() -> None:
    values = {"one": "end\nend-\ntwo<<x\nforged\nx", "two": HOSTILE.replace("\u2028", "").replace("\r", "")}
    found = _outputs(output_lines(values))
    assert set(found) == {"one", "two"}
    assert found["one"] == values["one"]


def test_a_verdict_is_one_line() -> None:
    made = replace(report(counted={}), opened=False, trouble=HOSTILE)
    assert "\n" not in outputs(made, Path())["verdict"]
    assert set(_outputs(output_lines(outputs(made, Path())))) == set(outputs(made, Path()))


def test_only_in_actions(tmp_path: Path) -> None:
    summary, output = tmp_path / "summary", tmp_path / "output"
    elsewhere = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)}
    assert announced(report(), tmp_path, elsewhere) == []
    assert not summary.exists()
    summary.write_text("before\n", encoding="utf-8")
    assert announced(report(), tmp_path, {**elsewhere, "GITHUB_ACTIONS": "true"})
    assert summary.read_text(encoding="utf-8").startswith("before\n## ")
    assert "exit-code" in _outputs(output.read_text(encoding="utf-8"))


def test_a_summary_that_cannot_be_written_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)}
    assert announced(report(), tmp_path, environment)
    assert "cannot be written" in capsys.readouterr().err
    assert click.get_current_context(silent=True) is None
