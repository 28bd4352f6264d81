"""What comes of a client that cannot be had, does not end, or says nothing: no conclusion, and a reason."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reference.server import ReferenceServer, ServerOptions
from tests.interop.conclusions import Concluded
from tests.interop.realtime_clients import CLIENTS, DRIVERS, NoConclusion, conclude, run_driver

_LINE = {
    "versions": {"somebody": "1.0"},
    "turns": {},
    "events": {},
    "heard": [],
    "errors": [],
    "warnings": [],
    "dropped": [],
    "unused": [],
    "seconds": 0,
}
_TURN = {"ended": True, "said": "", "audio_bytes": 0, "calls": [], "interrupted": False, "seconds": 0.1}


def driven(script: str, seconds: float = 30) -> Concluded | NoConclusion:
    return asyncio.run(run_driver([sys.executable, "-c", script], seconds, {}))


def printing(line: object) -> str:
    return f"print('talk'); print({json.dumps(json.dumps(line))})"


def test_the_last_line_is_the_conclusion() -> None:
    told = driven(printing({**_LINE, "turns": {"text": _TURN}, "heard": ["Hello."]}))
    assert isinstance(told, Concluded)
    assert told.turns["text"].ended
    assert told.heard == ["Hello."]


def test_a_driver_that_does_not_end_is_stopped() -> None:
    told = driven("import time; time.sleep(3600)", seconds=0.2)
    assert told == NoConclusion("the driver has not ended within 0.2 s")


def test_a_driver_that_dies_says_why() -> None:
    told = driven("import sys; sys.exit('no such thing')")
    assert told == NoConclusion("the driver ended with 1 and without a conclusion: no such thing")


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (
            {**_LINE, "turns": {"text": {**_TURN, "ended": "yes"}}},
            r"$.turns.text.ended: 'yes' is not of type 'boolean'",
        ),
        (
            {**_LINE, "turns": {"song": _TURN}},
            "$.turns: Additional properties are not allowed ('song' was unexpected)",
        ),
        ({}, "$: 'versions' is a required property"),
    ],
)
def test_a_line_of_another_form_is_no_conclusion(line: object, wrong: str) -> None:
    assert driven(printing(line)) == NoConclusion(
        f"the driver ended with 0 and without a conclusion: {wrong}"
    )


def test_a_client_that_cannot_be_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_NPM_CACHE", str(tmp_path / "cache"))
    client = replace(CLIENTS["openai_python"], requirements=(str(tmp_path / "nowhere"),))

    async def run() -> Concluded | NoConclusion:
        async with ReferenceServer(ServerOptions(pace=0)) as server:
            return await conclude(client, server, tmp_path)

    told = asyncio.run(run())
    assert isinstance(told, NoConclusion)
    assert told.reason.startswith("not installed: pip could not install ")


def test_a_driver_is_short_enough_to_be_read() -> None:
    """Whoever doubts a cell reads the driver; `conclusion` is what all of them share."""
    drivers = [path for path in DRIVERS.iterdir() if path.suffix in (".py", ".mjs")]
    assert {client.driver for client in CLIENTS.values()} <= {path.name for path in drivers}
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in drivers}
    assert [name for name, count in lines.items() if count > 100 and not name.startswith("conclusion")] == []
