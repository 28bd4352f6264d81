"""A server that nobody here wrote is judged, and what is said of it is what it really does.

`aimock_expected.yaml` says what that is, requirement by requirement. A line there that does not come true
fails, and so does a finding that has no line there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from protocol.yaml_core import parse_yaml
from tests.interop.aimock import KEY, aimock

_PROJECT = Path(__file__).resolve().parents[2]
_EXPECTED: dict[str, dict[str, Any]] = parse_yaml(
    Path(__file__).with_name("aimock_expected.yaml").read_text(encoding="utf-8")
)
_QUICK = (
    "--answer-timeout=1.5",
    "--silence=2",
    "--response-timeout=15",
    "--concurrency=48",
    "--max-examples=4",
)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the whole suite against aimock as a user would; return results.json."""
    folder = tmp_path_factory.mktemp("aimock")
    out = folder / "report"
    with aimock(folder / "aimock.log") as url:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "realtime_conformance",
                "run",
                "--endpoint",
                url,
                "--dialect",
                "openai",
                "--no-probe",
                *_QUICK,
                "--out",
                str(out),
                "--quiet",
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=240,
            cwd=_PROJECT,
            env={**os.environ, "REALTIME_API_KEY": KEY},
        )
    assert done.returncode == 1, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    found: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return found


def _by_verdict(results: dict[str, Any], verdict: str) -> dict[str, Any]:
    return {r["id"]: r for r in results["requirements"] if r["verdict"] == verdict}


def _told(requirement: dict[str, Any]) -> str:
    findings = "; ".join(
        f"{f['message']} ({f['trace']} #{f['seqs'][0]})" for f in requirement["findings"][:2]
    )
    return f"{requirement['id']}: {requirement['verdict']} {findings or requirement['undecided']}"


@pytest.mark.parametrize("verdict", ["fail", "warn", "inconclusive"])
def test_what_it_gets_wrong_is_found_and_nothing_else(results: dict[str, Any], verdict: str) -> None:
    found, listed = _by_verdict(results, verdict), _EXPECTED[verdict]
    every = {r["id"]: r for r in results["requirements"]}
    missed = [_told(every[id_]) if id_ in every else f"{id_}: unknown" for id_ in listed if id_ not in found]
    unlisted = [_told(r) for id_, r in found.items() if id_ not in listed]
    assert not missed, f"listed as {verdict}, and it is not:\n" + "\n".join(missed)
    assert not unlisted, f"{verdict}, and not listed:\n" + "\n".join(unlisted)


@pytest.mark.parametrize("requirement", _EXPECTED["pass"])
def test_what_it_gets_right_passes(results: dict[str, Any], requirement: str) -> None:
    found = next(r for r in results["requirements"] if r["id"] == requirement)
    assert found["verdict"] == "pass", _told(found)
    assert found["subjects"], "a pass that nothing was examined for"


@pytest.mark.parametrize("requirement", _EXPECTED["observed"])
def test_what_is_left_open_is_written_down(results: dict[str, Any], requirement: str) -> None:
    found = next(r for r in results["requirements"] if r["id"] == requirement)
    assert set(found["observed"]) == set(_EXPECTED["observed"][requirement])


def test_nothing_is_blamed_on_the_suite(results: dict[str, Any]) -> None:
    assert results["counts"]["harness-error"] == 0
    assert [s for s in results["scenarios"] if s["outcome"] == "harness-error"] == []


def test_a_scenario_that_stalls_says_why(results: dict[str, Any]) -> None:
    stalled = {s["id"]: s["explained_by"] for s in results["scenarios"] if s["outcome"] == "stalled"}
    assert stalled == _EXPECTED["stalled"]
