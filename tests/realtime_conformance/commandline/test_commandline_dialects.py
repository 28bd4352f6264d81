"""Dialects of other providers on the command line: served, played, judged; targets that are there already."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from protocol.catalogue import own_dialects
from realtime_conformance.application.presets import listed_presets, presets
from realtime_conformance.application.targets import Options, TargetError, choose
from realtime_conformance.cli import run_command_line
from tests.realtime_conformance.commandline.harness import reference_server

OTHERS = ["azure-voice-live", "beta", "xai"]
RECORDINGS = Path(
    os.environ.get("CONFORMANCE_RECORDINGS") or Path(__file__).parents[4] / "shared" / "recordings"
)
CHOSEN = ("-k", "response_create or session_update", "--depth", "quick")


def _results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("dialect", OTHERS)
def test_a_server_that_is_served_in_a_dialect_conforms_to_it(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "a-key")
    with reference_server(dialect=dialect) as address:
        given = ["--endpoint", address, "--dialect", dialect, *CHOSEN, "--out", str(tmp_path)]
        assert run_command_line(["run", *given]) == 0
    results = _results(tmp_path)
    assert results["target"]["dialect"] == dialect
    verdicts = {each["verdict"] for each in results["requirements"]}
    assert not verdicts & {"fail", "warn", "harness-error"}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings here")
@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("azure-voice-live-beta-text-in-audio-out", "azure-voice-live"),
        ("xai-text-in-audio-out", "xai"),
        ("xai-tool-call", "xai"),
    ],
)
def test_what_was_recorded_conforms_to_its_own_dialect(name: str, dialect: str, tmp_path: Path) -> None:
    file = RECORDINGS / f"{name}.jsonl"
    assert run_command_line(["judge", str(file), "--dialect", dialect, "--out", str(tmp_path)]) == 0
    layers = {each["dialect"] for each in _results(tmp_path)["layers"]}
    assert "openai" in layers, "what differs from GA is said beside it"


def test_presets_are_listed_with_what_is_to_be_filled_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["targets"]) == 0
    said = capsys.readouterr().out
    assert "wss://{resource}.openai.azure.com/openai/v1/realtime?model={deployment}" in said
    assert [row[0] for row in listed_presets()] == list(presets())
    assert {each["dialect"] for each in presets().values()} == {each.name for each in own_dialects()}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(target="openai-azure"), "give --endpoint with resource filled in"),
        (
            Options(target="openai-azure", endpoint="wss://mine.openai.azure.com/openai/v1/realtime"),
            "give --query model=…",
        ),
    ],
)
def test_a_preset_that_is_not_filled_in_says_what_is_missing(options: Options, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        choose(options, {"REALTIME_API_KEY": "a-key"})


def test_a_preset_is_a_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    key = {"REALTIME_API_KEY": "a-key"}
    openai = choose(Options(target="openai"), key).endpoint
    assert openai.session_url() == "wss://api.openai.com/v1/realtime?model=gpt-realtime"
    azure = choose(
        Options(
            target="openai-azure",
            endpoint="wss://mine.openai.azure.com/openai/v1/realtime",
            query=("model=voice",),
        ),
        key,
    ).endpoint
    assert azure.session_headers() == {"api-key": "a-key"}
    assert (azure.dialect, azure.query) == ("openai", {"model": "voice"})


def test_a_target_of_ones_own_goes_before_a_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conformance.yaml").write_text("targets: {openai: {endpoint: 'ws://mine.example/v1/realtime'}}\n")
    assert choose(Options(target="openai"), {}).endpoint.url == "ws://mine.example/v1/realtime"
    assert choose(Options(target="xai"), {"REALTIME_API_KEY": "a-key"}).endpoint.dialect == "xai"
