"""A dialect that is nothing but a folder of data, added by a user: every command works with it.

It inherits OpenAI's, renames two events, waives three requirements, is at another path with another
credential, and its session is flat.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.registry_page import registry_page
from protocol.catalogue import VARIABLE, dialect_of, own_dialects
from realtime_conformance.cli import run_command_line
from reference.altered_behaviour import differing
from reference.faults import FAULTS
from rules.requirements import registry
from rules.rulebook import own_contract
from tests.realtime_conformance.commandline.harness import ROOT, Command, reference_server
from wire.redaction import Redactor

ACME = """\
name: acme
title: Acme Voice
parent: openai
path: /acme/v2/talk
overlay: overlay.yaml
auth: {scheme: basic, subprotocols: ["acme.{key}"]}
query: {tenant: "conformance-{unique}"}
models: {session: acme-large}
switches: {selects_realtime: false}
events:
  response.done: response.finished
  session.updated: session.changed
places:
  session.audio.output.voice: session.voice
  session.audio.input.format: session.input_audio_format
  session.audio.input.transcription: session.input_audio_transcription
  session.audio.input.turn_detection: session.turn_detection
  session.output_modalities: session.modalities
waived:
  response/usage/present: Acme bills by the minute and counts no tokens.
  handshake/beta-header: Acme never had a beta of that kind.
  session/updated/same-id: Acme numbers its sessions anew with each update.
levels:
  session/created/first: SHOULD
"""
OVERLAY = """\
info: {title: Acme Voice}
components:
  messages:
    error: {x-confidence: firm, payload: {$ref: "./errors.yaml#/AcmeError"}}
"""
ERRORS = """\
AcmeError:
  type: object
  required: [type, error, tenant]
  properties:
    type: {const: error}
    tenant: {type: string}
    error: {type: object}
"""
WAIVED = ("response/usage/present", "handshake/beta-header", "session/updated/same-id")
CHOSEN = ("-k", "response_create", "-k", "session_update", "--depth", "quick")


def _without(text: str, *begins: str) -> str:
    return "".join(f"{line}\n" for line in text.splitlines() if not line.startswith(begins))


def _folder(folder: Path, text: str) -> Path:
    file = folder / "acme" / "dialect.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def dialects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _folder(tmp_path_factory.mktemp("dialects"), _without(ACME, "overlay:"))


@pytest.fixture
def acme(dialects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(dialects))
    monkeypatch.setenv("ACME_KEY", "a-key")


@pytest.fixture(scope="module")
def played(dialects: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run against the embedded server."""
    out = tmp_path_factory.mktemp("played") / "report"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(dialects))
        assert run_command_line(["run", "--dialect", "acme", *CHOSEN, "--out", str(out)]) == 0
    return out


def _results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def _frames(folder: Path, side: str) -> list[dict[str, Any]]:
    lines = [x for file in (folder / "traces").glob("*.jsonl") for x in file.read_text("utf-8").splitlines()]
    entries = [json.loads(line) for line in lines]
    return [e["event"] for e in entries if e.get("dir") == side and "event" in e]


# --- run and pytest ---------------------------------------------------------------------------------------


def test_a_run_against_a_server_that_obeys_conforms(played: Path) -> None:
    results = _results(played)
    assert results["target"]["dialect"] == "acme"
    verdicts = {each["id"]: each["verdict"] for each in results["requirements"]}
    assert not set(WAIVED) & set(verdicts)
    assert {"fail", "warn", "harness-error", "inconclusive"}.isdisjoint(verdicts.values())
    assert verdicts["response/lifecycle/done-exactly-once"] == "pass"
    assert verdicts["session/update/echoes-values"] == "pass"
    assert verdicts["payload/session.updated"] == "pass"
    assert "Acme Voice" in (played / "report.html").read_text(encoding="utf-8")


def test_what_is_on_the_wire_is_spelled_as_the_dialect_spells_it(played: Path) -> None:
    heard, sent = _frames(played, "server"), _frames(played, "client")
    types = {event.get("type") for event in heard}
    assert {"response.finished", "session.changed"} <= types
    assert not {"response.done", "session.updated"} & types
    sessions = [e["session"] for e in heard if e.get("type") in ("session.created", "session.changed")]
    assert all("voice" in each and "voice" not in each["audio"]["output"] for each in sessions)
    voices = [e["session"] for e in sent if "voice" in (e.get("session") or ())]
    assert voices


def test_as_a_layer_its_parent_says_what_differs(played: Path) -> None:
    [layer] = _results(played)["layers"]
    assert layer["dialect"] == "openai"
    assert "session/update/acknowledged" in {each["id"] for each in layer["differences"]}


def test_pytest_runs_it(dialects: Path, tmp_path: Path) -> None:
    chosen = ("--depth", "quick", "-k", "response_create", f"--report={tmp_path / 'report'}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--dialect", "acme", *chosen],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(dialects)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert _results(tmp_path / "report")["target"]["dialect"] == "acme"


def test_a_fault_is_found_and_told_in_its_words(acme: None, command: Command, out: Path) -> None:
    with reference_server(differing([FAULTS["response-done-twice"]]), "acme") as url:
        assert url.endswith("/acme/v2/talk")
        ran = command("run", "--endpoint", url, "--auth-env", "ACME_KEY", *CHOSEN, "--no-probe", "--out", out)
    assert ran.code == 1, ran.said
    assert ran.results["target"]["dialect"] == "acme", "guessed from the path"
    failed = [r for r in ran.results["requirements"] if r["verdict"] == "fail"]
    assert [r["id"] for r in failed] == ["response/lifecycle/done-exactly-once"]
    assert "response.finished" in failed[0]["findings"][0]["message"]


# --- the other commands -----------------------------------------------------------------------------------


def test_judge_says_the_same_of_what_was_captured(
    acme: None, command: Command, played: Path, out: Path
) -> None:
    ran = command("judge", played / "traces", "--out", out)
    assert ran.code == 0, ran.said
    assert ran.results["target"]["dialect"] == "acme", "which the traces say"
    assert "response/lifecycle/done-exactly-once" in ran.verdicts("pass")
    as_parent = command("judge", played / "traces", "--dialect", "openai", "--out", out)
    assert as_parent.code == 1


def test_serve_offers_it(dialects: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "realtime_conformance", "serve"],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(dialects)},
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        assert served.stdout is not None
        try:
            lines = [served.stdout.readline().strip() for _ in range(4)]
        finally:
            served.terminate()
    assert [line.split()[0] for line in lines] == ["listening", "tts", "stt", "acme"]
    assert lines[3].endswith("/acme/v2/talk")


def test_compare_and_explain_know_it(acme: None, command: Command, played: Path, tmp_path: Path) -> None:
    ran = command("compare", played, played, "--out", tmp_path / "page.html")
    assert ran.code == 0, ran.said
    assert "Acme Voice" in (tmp_path / "page.html").read_text(encoding="utf-8")
    said = command("explain", "response/usage/present").out
    assert "waived in acme: Acme bills by the minute and counts no tokens." in said
    assert "in acme" in command("explain", "session/created/first").out


def test_generate_shows_events_as_they_are_sent(acme: None, command: Command) -> None:
    chosen = ("--event", "session.update", "--kind", "walk", "--json")
    said = command("generate", "--dialect", "acme", *chosen).out
    sent = [json.loads(line) for line in said.splitlines()]
    voices = [each["event"]["session"] for each in sent if each["path"] == "session.audio.output.voice"]
    assert voices
    assert all("voice" in each for each in voices)


def test_the_page_of_requirements_has_a_column_for_it(acme: None) -> None:
    page = registry_page(registry(), {})
    columns = " | ".join(each.name for each in own_dialects())
    assert f"| requirement | {columns} | acme | source | exercised |" in page


def test_a_replay_is_printed_as_it_is_sent(acme: None, command: Command, out: Path) -> None:
    with reference_server(differing([FAULTS["response-done-twice"]]), "acme") as url:
        command(
            "run",
            "--endpoint",
            url,
            "--auth-env",
            "ACME_KEY",
            "-k",
            "response_create",
            "--no-probe",
            "--out",
            out,
        )
        scripts = sorted((out / "replays").glob("*"))
        assert scripts
        ran = command("replay", scripts[0], "--endpoint", url, "--auth-env", "ACME_KEY")
        assert "response/lifecycle/done-exactly-once fails again" in ran.out
    assert "response.done" not in command("replay", scripts[0], "--print", "wscat").out


# --- other dialects ---------------------------------------------------------------------------------------

OTHERS = {
    "plain": "name: plain\nparent: openai\n",  # at the path of its parent
    "open": "name: open\nparent: openai\npath: /open\nauth: {scheme: none}\n",
    "browser": """\
name: browser
parent: inworld
path: /browser
auth: {scheme: subprotocol, subprotocols: ["browser.{key}"]}
events: {error: problem, session.created: session.begun}
places: {response.output_modalities: response.modalities}
""",
}
PLAYED = ("-k", "handshake", "-k", "bootstrap", "-k", "conversation_item_delete", "--depth", "quick")


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_another_dialect_conforms_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, out: Path, name: str
) -> None:
    file = tmp_path / "dialects" / name / "dialect.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(OTHERS[name], encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "dialects"))
    ran = command("run", "--dialect", name, *PLAYED, "--out", out)
    assert ran.code == 0, ran.said
    assert ran.verdicts("warn") == []
    assert "handshake/opens" in ran.verdicts("pass")


def test_a_key_in_a_subprotocol_of_its_own_is_not_shown(acme: None) -> None:
    assert Redactor().subprotocols("chat, acme.abc") == "chat, acme.[redacted]"
    assert Redactor().subprotocols("basic_abc") == "basic_[redacted]"


# --- its document, and what is wrong with its folder ------------------------------------------------------


def test_an_overlay_changes_the_parents_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _folder(tmp_path, ACME)
    (folder / "acme" / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
    (folder / "acme" / "errors.yaml").write_text(ERRORS, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))
    parents, changed = own_contract("openai"), own_contract("acme")
    assert changed.document.title == "Acme Voice"
    assert list(changed.server) == list(parents.server)
    error = {"type": "x", "code": None, "message": "y", "param": None}
    event = {"type": "error", "error": error, "event_id": "e"}
    assert parents.server["error"].is_valid(event)
    assert [each.place for each in changed.server["error"].violations(event)] == ["tenant"]
    assert changed.document.digest != parents.document.digest
    assert dialect_of("acme").overlays


@pytest.mark.parametrize(
    "arguments",
    [("run",), ("judge", "traces"), ("serve",), ("explain", "response/usage/present"), ("generate",)],
    ids=lambda a: a[0],
)
def test_a_broken_folder_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, arguments: tuple[str, ...]
) -> None:
    folder = _folder(tmp_path, _without(ACME, "overlay:").replace("/acme/v2/talk", "acme/v2"))
    monkeypatch.setenv(VARIABLE, str(folder))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "a.jsonl").write_text('{"trace": 1}\n', encoding="utf-8")
    ran = command(*arguments)
    assert ran.code == 4
    file = folder / "acme" / "dialect.yaml"
    said = f"error: {file}: /path: is 'acme/v2'; a path that begins with / is expected"
    assert " ".join(ran.err.split()) == " ".join(said.split())


def test_a_document_of_somebody_else_does_not_go_with_words_of_its_own(
    acme: None, command: Command, out: Path
) -> None:
    document = ROOT / "schemas" / "asyncapi" / "openai.yaml"
    ran = command("run", "--dialect", "acme", "--asyncapi", document, "--out", out)
    assert ran.code == 4
    assert "cannot be used with acme, which has words of its own" in ran.err


@pytest.mark.parametrize("plan", [(), ("--plan",)])
def test_what_a_dialect_lacks_is_said_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command, out: Path, plan: tuple[str, ...]
) -> None:
    text = _without(ACME, "overlay:").replace("response/usage/present", "response/usage/presnt")
    monkeypatch.setenv(VARIABLE, str(_folder(tmp_path, text)))
    ran = command("run", "--dialect", "acme", *plan, "--out", out)
    assert ran.code == 4
    assert "/waived/response~1usage~1presnt: is the id of no requirement" in " ".join(ran.err.split())
    assert ran.out == ""
