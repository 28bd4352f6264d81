"""Results for Allure: one for each requirement and each scenario; built into one page and opened offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.pytest_plugin.allure_items import operation, operations
from tests.interop.node_packages import node_package
from tests.realtime_conformance.commandline.harness import reference_server
from tests.realtime_conformance.gate.recorded import faulty
from tests.reports.html.browser import chromium

_PROJECT = Path(__file__).resolve().parents[3]
_TWICE = "response/lifecycle/done-exactly-once"


@dataclass(frozen=True)
class Results:
    """What allure-pytest wrote: the folder, and the results by name."""

    folder: Path
    by_name: Mapping[str, Any]

    def labels(self, name: str, kind: str) -> list[str]:
        return sorted(label["value"] for label in self.by_name[name]["labels"] if label["name"] == kind)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Run the suite with pytest against a server that says response.done twice."""
    folder = tmp_path_factory.mktemp("allure")
    with reference_server(faulty("response-done-twice"), "openai") as url:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "suites/test_response_create.py",
                "-q",
                "-p",
                "no:cacheprovider",
                "--alluredir",
                str(folder / "results"),
                f"--report={folder / 'report'}",
                "--endpoint",
                url,
                "--dialect",
                "openai",
                "--auth-env",
                "A_KEY",
                "--depth",
                "quick",
            ],
            check=False,
            cwd=_PROJECT,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "A_KEY": "any-key-will-do"},
        )
    assert done.returncode == 1, done.stdout + done.stderr
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in (folder / "results").glob("*-result.json")
    ]
    assert [name for name, count in Counter(each["name"] for each in found).items() if count > 1] == []
    return Results(folder / "results", {each["name"]: each for each in found})


def test_there_is_one_for_each_requirement_and_each_scenario(results: Results) -> None:
    written = json.loads((results.folder.parent / "report" / "results.json").read_text(encoding="utf-8"))
    provoked = {id_ for s in written["scenarios"] for id_ in s["provokes"]}
    requirements = {r["id"]: r for r in written["requirements"] if r["id"] in provoked}
    scenarios = {s["id"].partition(".")[2] for s in written["scenarios"]}
    assert set(results.by_name) == set(requirements) | scenarios
    statuses = {"pass": "passed", "fail": "failed", "warn": "passed"}
    for id_, each in requirements.items():
        assert results.by_name[id_]["status"] == statuses.get(each["verdict"], "skipped"), id_


def test_labels_come_from_area_operation_and_level(results: Results) -> None:
    assert results.labels(_TWICE, "epic") == ["response"]
    assert results.labels(_TWICE, "feature") in (["response.create"], ["several operations"])
    assert results.labels(_TWICE, "severity") == ["critical"]
    assert len(results.labels(_TWICE, "story")) == 1
    assert {"requirement", "must", "fail"} <= set(results.labels(_TWICE, "tag"))
    scenario = results.by_name[_TWICE] and next(
        name for name in results.by_name if "scenario" in results.labels(name, "tag")
    )
    assert results.labels(scenario, "epic") == ["scenarios"]
    assert results.labels(scenario, "feature") == ["response.create"]


def test_a_requirement_links_its_source_and_holds_its_trace(results: Results) -> None:
    failed = results.by_name[_TWICE]
    links = {link["url"]: link["name"] for link in failed["links"]}
    assert links["https://platform.openai.com/docs/guides/realtime"].startswith("openai-realtime ")
    attached = failed["attachments"][0]
    lines = (results.folder / attached["source"]).read_text(encoding="utf-8").splitlines()
    assert attached["name"].endswith(".jsonl")
    assert json.loads(lines[0])["trace"] == 1
    assert "came a second time" in failed["statusDetails"]["message"]


def test_the_key_is_nowhere(results: Results) -> None:
    for path in results.folder.iterdir():
        assert b"any-key-will-do" not in path.read_bytes(), path.name


def test_operations() -> None:
    events = ["session.update", "response.create", "input_audio_buffer.commit"]
    assert operation("test_input_audio_buffer_commit", events) == "input_audio_buffer.commit"
    assert operation("test_turn_detection", events) == "turn detection"
    assert operations(["test_turn_detection", "test_response_create"], events) == ["response.create"]
    assert operations(["test_turn_detection"], events) == ["turn detection"]
    assert operations([], events) == []


def test_allure_makes_one_page_that_opens_without_a_network(results: Results, tmp_path: Path) -> None:
    """As a user builds it, with the npm package; its tracker is asked for and does not get through."""
    browser = chromium()
    allure = node_package("allure") / "node_modules" / "allure" / "cli.js"
    playwright = node_package("playwright-core") / "node_modules" / "playwright-core" / "index.mjs"
    node = shutil.which("node") or "node"
    subprocess.run(
        [
            node,
            str(allure),
            "awesome",
            str(results.folder),
            "-o",
            str(tmp_path / "page"),
            "--single-file",
            "--group-by",
            "epic,feature,story",
        ],
        check=True,
        capture_output=True,
        timeout=120,
        cwd=tmp_path,
    )
    ids = json.loads((tmp_path / "page" / "test-results.json").read_text(encoding="utf-8"))["byId"]
    by_name = {each["name"]: id_ for id_, each in ids.items()}
    held = next(id_ for id_ in sorted(by_name) if "/" in id_ and results.by_name[id_]["status"] == "passed")
    asked = {
        "chromium": browser,
        "playwright": str(playwright),
        "page": str(tmp_path / "page" / "index.html"),
        "results": {name: by_name[name] for name in (_TWICE, held)},
    }
    done = subprocess.run(
        [node, str(Path(__file__).with_name("allure_page.mjs"))],
        check=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
    )
    seen = json.loads(done.stdout)
    assert seen["errors"] == []
    assert all("googletagmanager.com" in url for url in seen["refused"])
    first = seen["first"]["text"].split()
    assert first[first.index("Total") + 1] == str(len(results.by_name))
    assert {"response", "scenarios"} <= set(first)
    failed = seen["pages"][_TWICE]
    assert "came a second time" in failed["text"]
    assert "critical" in failed["text"].lower()
    assert ".jsonl" in failed["text"] or "Attachments" in failed["text"]
    assert "https://platform.openai.com/docs/guides/realtime" in failed["links"]
    assert held in seen["pages"][held]["text"]
