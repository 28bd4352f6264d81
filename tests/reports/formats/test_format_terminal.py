"""The terminal: plain where nobody looks, and never steered by a server."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from reports.model import Report
from reports.repeats import repeated
from reports.terminal import plain, summary
from tests.reports.formats.sample import (
    ALSO_FAILED,
    FAILED,
    HELD,
    OF_HOW_MANY,
    WARNED,
    entry,
    held,
    report,
)

_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|9[0-7]|4[0-7])(?:;[0-9;]*)?m")


def _console(*, terminal: bool = False, **environment: str) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=terminal,
        width=100,
        highlight=False,
        markup=False,
        emoji=False,
        color_system="standard" if terminal else None,
        _environ=environment,
    )
    return console, stream


def _summary(made: Report, *, terminal: bool = False, **environment: str) -> str:
    console, stream = _console(terminal=terminal, **environment)
    summary(console, made, [Path("out/report.html"), Path("out/results.json")])
    return stream.getvalue()


def test_it_names_what_failed_why_and_where_the_report_is() -> None:
    lines = _summary(report(broken=False)).splitlines()
    assert lines[0] == f"Does not conform to OpenAI GA: 2 requirements failed; 4 {OF_HOW_MANY}."
    place = lines.index(f"  fail {ALSO_FAILED}")
    assert lines[place + 1] == "      · usage is missing (response_create.text #12)"
    assert f"  fail {FAILED}" in lines
    assert f"  warn {WARNED}" in lines
    assert lines[-1] == f"  report: {Path('out/report.html')}"


def test_a_log_keeps_the_counts_on_one_line() -> None:
    console, stream = _console()
    console.width = 40
    summary(console, report(), [])
    line = stream.getvalue().splitlines()[1]
    assert re.fullmatch(r"  \d+ harness-error   \d+ fail   \d+ warn   .*\d+ not-offered", line)


def test_a_server_cannot_steer_the_terminal() -> None:
    shown = _summary(report())
    assert [c for c in shown if not c.isprintable() and c != "\n"] == []
    assert "[red]rich[/red] :smile:" in shown
    colored = _SEQUENCE.sub("", _summary(report(), terminal=True))
    assert [c for c in colored if not c.isprintable() and c != "\n"] == []


def test_a_server_cannot_give_commands_to_the_runner_of_a_job() -> None:
    for line in _summary(report()).splitlines():
        assert not line.strip().startswith("::"), line
        assert "##[" not in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\r\nthree\tfour", "one two three four"),
        ("\x1b[2J\x07", "⟨U+001B⟩[2J⟨U+0007⟩"),
        ("::error::x", ": :error::x"),
        ("a ::error::x", "a : :error::x"),
        ("response::done", "response::done"),
        ("##[error]x", "# #[error]x"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ("\ud800", "⟨U+D800⟩"),
        ("x" * 600, "x" * 499 + "…"),
        ("", ""),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown
    plain(text).encode()


def test_colors_only_where_they_are_wanted() -> None:
    assert _COLOR.search(_summary(report(), terminal=True))
    assert not _COLOR.search(_summary(report(), terminal=True, NO_COLOR="1"))
    assert not _SEQUENCE.search(_summary(report()))


def test_what_is_known_is_counted_and_what_is_out_of_date_is_named() -> None:
    made = held(report(broken=False), entry(FAILED), entry(ALSO_FAILED), entry(HELD))
    lines = _summary(made).splitlines()
    assert "  2 known in conformance-baseline.yaml" in lines
    assert f"  baseline {HELD} (line 4): holds now: remove the entry" in lines
    assert f"  fail {FAILED}" not in lines


def test_flaky_says_how_often() -> None:
    made = report(broken=False)
    good = replace(made, requirements=report(counted={}).requirements)
    assert f"  fail {FAILED}  flaky: in 1 of 3 runs" in _summary(repeated(made, [good, made, good]))


def test_long_lists_are_cut_and_counted() -> None:
    many = replace(report(broken=False), requirements=report(broken=False).requirements * 9)
    assert "  … and 3 more" in _summary(many).splitlines()  # 18 failures, 15 shown
