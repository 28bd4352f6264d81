"""`run --plan` sends nothing and says what it would cost; with prices, so do plan and report, in money."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports.html_first import facts
from suites.depth import STANDARD
from suites.scenario import catalogue
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import Command, Ran, reference_server
from tests.reports.formats.sample import report
from wire.budget import spent_in_words

_PRICES = "{response: 0.5, audio_minute: 6, million_tokens: 100}"
_ROW = re.compile(r"^(\S+) +(\d+) +(\d+) +([\d.]+)(?: +([\d.]+))?$")


def _configured(folder: Path, endpoint: str, prices: str = _PRICES, more: str = "") -> Path:
    path = folder / "conformance.yaml"
    path.write_text(
        f"targets:\n  mine:\n    endpoint: {endpoint}\n    dialect: openai\n    prices: {prices}\n{more}",
        encoding="utf-8",
    )
    return path


def _rows(ran: Ran) -> dict[str, tuple[str | None, ...]]:
    found = [_ROW.match(line) for line in ran.out.splitlines()]
    return {row[1]: row.groups()[1:] for row in found if row is not None}


def test_each_scenario_is_told_with_its_cost_and_nothing_is_written(command: Command, out: Path) -> None:
    ran = command("run", "--endpoint", NOWHERE, "--dialect", "openai", "--plan", "--out", out)
    assert ran.code == 0
    assert not out.exists()
    rows = _rows(ran)
    for each in catalogue():
        if each.id in rows:
            cost = each.cost(STANDARD)
            assert rows[each.id][:2] == (str(cost.sessions), str(cost.responses))
        else:
            assert f"\n  {each.id}: " in ran.out
    assert "turn_detection.idle_timeout: the target does not offer idle-timeout" in ran.out
    assert "handshake.without_session_key: not part of the dialect openai" in ran.out
    at_most = re.search(r"together, at most +(\d+) +(\d+)", ran.out)
    probes = re.search(r"probes of what is offered +(\d+) +(\d+)", ran.out)
    assert at_most is not None
    assert probes is not None
    again = re.search(r"what has to be played again +(\d+) +(\d+)", ran.out)
    assert again is not None
    assert int(at_most[1]) == sum(int(row[0] or 0) for row in rows.values()) + int(probes[1]) + int(again[1])
    saved = re.search(r"(\d+) responses less than all of these", ran.out)
    assert saved is not None
    rest = sum(int(row[1] or 0) for row in rows.values()) + int(probes[2]) + int(again[2]) - int(saved[1])
    assert int(at_most[2]) == rest


def test_features_choice_and_repetition_count(command: Command, out: Path) -> None:
    chosen = ("-k", "conversation_item_truncate.spoken_words", "--endpoint", NOWHERE, "--out", out)
    ran = command("run", "--plan", "--repeat", 3, *chosen)
    assert _rows(ran) == {"conversation_item_truncate.spoken_words": ("3", "3", "15", None)}
    ran = command("run", "--plan", "--no-feature", "truncation", *chosen)
    assert _rows(ran) == {}
    assert "spoken_words: the target does not offer truncation" in ran.out


def test_a_server_that_would_be_started_is_not(command: Command, out: Path, tmp_path: Path) -> None:
    start = f"touch {tmp_path / 'started'}"
    ready = r"at (?P<endpoint>\S+)"
    ran = command("run", "--plan", "--start", start, "--ready", ready, "-k", "bootstrap", "--out", out)
    assert ran.code == 0
    assert not (tmp_path / "started").exists()


def test_a_budget_that_is_not_enough_is_told(command: Command, out: Path) -> None:
    chosen = ("-k", "session_update.next_response_uses_it", "--no-probe", "--out", out)
    ran = command("run", "--plan", "--budget", "responses=0,tokens=7", *chosen)
    assert "The budget (responses=0,tokens=7) is not likely to be enough" in ran.out
    assert "--budget responses=1,tokens=7 is." in ran.out
    assert "not likely" not in command("run", "--plan", "--budget", "responses=1", *chosen).out


def test_with_prices_the_plan_speaks_of_money(command: Command, out: Path, tmp_path: Path) -> None:
    config = _configured(tmp_path, NOWHERE)
    chosen = ("-k", "conversation_item_truncate.spoken_words", "--no-probe", "--out", out)
    ran = command("run", "--plan", "--target", "mine", "--config", config, *chosen)
    # One response, and five seconds of audio at six a minute.
    assert _rows(ran) == {"conversation_item_truncate.spoken_words": ("1", "1", "5", "1.00")}
    assert "money is without tokens" in ran.out


def test_with_prices_the_report_speaks_of_money(
    command: Command, out: Path, tmp_path: Path, a_key: str
) -> None:
    more = f"    auth: {{scheme: bearer, env: {a_key}}}\n"
    with reference_server() as url:
        config = _configured(tmp_path, url, more=more)
        ran = command(
            "run",
            "--target",
            "mine",
            "--config",
            config,
            "-k",
            "session_update.next_response_uses_it",
            "--out",
            out,
        )
    assert ran.code == 0
    spent = ran.results["spent"]
    expected = spent["responses"] * 0.5 + spent["audio_s"] / 60 * 6 + spent["tokens"] / 1e6 * 100
    assert spent["money"] == pytest.approx(expected, abs=1e-4)
    assert spent["tokens"] > 0
    assert f", {expected:.2f} by the target's prices" in ran.out.splitlines()[-1]
    assert (
        "costs at most: 2 sessions, 2 responses, 0 s of audio, 1.00 by the target's prices and tokens"
        in ran.out
    )
    assert f"{expected:.2f} by the target" in (out / "report.html").read_text(encoding="utf-8")


def test_without_prices_nobody_speaks_of_money(command: Command, out: Path) -> None:
    ran = command("run", "-k", "session_update.next_response_uses_it", "--out", out)
    assert "money" not in ran.results["spent"]
    assert "the target's prices" not in ran.out
    assert "prices" not in spent_in_words({"sessions": 1})
    priced = report()
    assert "30 tokens · 0.25 by the target's prices" in next(
        f.value for f in facts(priced) if f.name == "Spent"
    )
    free = replace(priced, spent={"sessions": 2})
    assert not any("prices" in fact.value for fact in facts(free))


@pytest.mark.parametrize(
    ("prices", "place", "parts"),
    [
        ("{response: cheap}", "/targets/mine/prices/response", ["number"]),
        ("{response: -1}", "/targets/mine/prices/response", ["-1"]),
        ("{hour: 1}", "/targets/mine/prices", ["has no field hour", "known are response, audio_minute"]),
        ("{}", "/targets/mine/prices", []),
        ("7", "/targets/mine/prices", ["object"]),
        ("{response: .nan}", "", []),
        ("{response: .inf}", "", []),
    ],
)
def test_broken_prices_are_a_usage_error(
    command: Command, tmp_path: Path, prices: str, place: str, parts: list[str]
) -> None:
    ran = command("run", "--plan", "--target", "mine", "--config", _configured(tmp_path, NOWHERE, prices))
    assert ran.code == 4, ran.out
    complaint = ran.err.strip().splitlines()[-1]
    for part in ("conformance.yaml", place, *parts):
        assert part in complaint
