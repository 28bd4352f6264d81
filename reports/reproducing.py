"""A finding to take away: as an issue in Markdown, for websocat, and as a Python script of its own. Pure.

The script needs Python and the package `websockets`, and nothing of this suite. It reads the key from the
environment: no text here holds one.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from protocol.catalogue import dialect_of
from reports.escaping import visible
from reports.evidence import ShownEntry
from reports.failures import failure_of
from reports.model import Report
from reports.replaying import commands, without_credentials
from reports.requirement_results import RequirementResult
from reports.sources import sources
from rules.verdicts import Finding

_VARIABLE = "REALTIME_API_KEY"  # in which scripts look for the key

LONGEST_STEPS = 60_000
"""Characters of a conversation that is written into a script; a longer one is played by `replay`."""

_LONGEST_LINES = 20_000  # characters of what is given to websocat
_FRAMES = 6000  # characters of frames in an issue
_ROOM = 3_000_000  # characters of all that one page has to copy
_WAIT_S = 10  # websocat is left open for so long: it waits for no event in particular

_SCRIPT = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["websockets>=14"]
# ///
"""Plays a conversation with a Realtime server and prints every frame: `python this.py [URL]`.

The key is read from the environment variable {variable}. What the server made up (ids) is put in where the
conversation refers to it: ${{conversation.item.added[2].item.id}} is that of the second such event.
"""

import asyncio
import json
import os
import re
import sys
from collections import Counter

import websockets

URL = {url}
HEADERS = {headers}
STEPS = [json.loads(line) for line in {mark}.splitlines()]
REFERENCE = re.compile(r"\\$\\{{([a-z_.]+)\\[(\\d+)\\]\\.([\\w.-]+)\\}}")
PATIENCE_S = {{"answer": 10, "response": 60}}


def resolved(value, received):
    """Return `value` with references replaced by what came."""
    if isinstance(value, dict):
        return {{name: resolved(each, received) for name, each in value.items()}}
    if isinstance(value, list):
        return [resolved(each, received) for each in value]
    if not isinstance(value, str):
        return value
    whole = REFERENCE.fullmatch(value)
    if whole is None:
        return value.replace("$${{", "${{")
    fitting = [event for event in received if event.get("type") == whole[1]]
    if len(fitting) < int(whole[2]):
        return value
    found = fitting[int(whole[2]) - 1]
    for name in whole[3].split("."):
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


async def listen(socket, step, received, last):
    """Print what comes until what the step waits for, or an error for the last event, has come."""
    seen = Counter()
    async with asyncio.timeout(PATIENCE_S[step.get("patience", "answer")]):
        async for frame in socket:
            print("<", frame, flush=True)
            try:
                event = json.loads(frame)
            except ValueError:
                continue
            if not isinstance(event, dict):
                continue
            received.append(event)
            seen[event.get("type")] += 1
            if any(seen[type_] >= step.get("nth", 1) for type_ in step.get("until", ())):
                return
            error = event.get("error") if event.get("type") == "error" else None
            if last and isinstance(error, dict) and error.get("event_id") == last:
                return


async def main():
    key = os.environ.get("{variable}", "")
    headers = {{name: value.replace("KEY", key) for name, value in HEADERS.items()}} if key else {{}}
    received, last = [], None
    url = sys.argv[1] if len(sys.argv) > 1 else URL
    async with websockets.connect(url, additional_headers=headers, max_size=None) as socket:
        for step in STEPS:
            try:
                if "until" in step or step.get("closed"):
                    await listen(socket, step, received, last)
                elif "send" in step:
                    event = resolved(step["send"], received)
                    last = event.get("event_id")
                    text = json.dumps(event)
                    print(">", text[:2000], flush=True)
                    await socket.send(text)
                elif "text" in step:
                    await socket.send(step["text"])
                elif "hex" in step:
                    await socket.send(bytes.fromhex(step["hex"]), text=True)
                else:
                    await socket.send(bytes(step["binary"]))
            except TimeoutError:
                print("! waited in vain for", " or ".join(step.get("until", ["the end"])), flush=True)
            except websockets.ConnectionClosed as closed:
                print("! closed:", closed, flush=True)
                return


asyncio.run(main())
'''
_MARK = "@STEPS@"


def script_frame(report: Report) -> tuple[str, str]:
    """Return what stands before and behind the conversation in a script of `report`.

    Between them belongs the conversation, JSON Lines of a replay script without its head, as a JSON string.
    """
    whole = _SCRIPT.format(
        variable=_VARIABLE,
        url=json.dumps(without_credentials(report.target.url)),
        headers=json.dumps(_header(report)),
        mark=_MARK,
    )
    before, _, behind = whole.partition(_MARK)
    return before, behind


def python_script(report: Report, steps: str) -> str:
    """Return the script that plays `steps`, JSON Lines of a replay script without its head."""
    before, behind = script_frame(report)
    return before + json.dumps(steps) + behind


def websocat(report: Report, steps: str) -> str:
    """Return the shell command that sends the frames of `steps` by websocat; empty where it cannot.

    It resolves no ids: where a frame refers to what the server made up, a remark says so.
    """
    lines = []
    for step in map(json.loads, steps.splitlines()):
        if "send" in step:
            lines.append(json.dumps(step["send"], ensure_ascii=False))
        elif "text" in step and "\n" not in step["text"]:
            lines.append(step["text"])
        elif not ("until" in step or "closed" in step):
            return ""  # bytes that no line can hold
    if not lines or sum(map(len, lines)) > _LONGEST_LINES:
        return ""
    header = "".join(
        f' -H="{name}: {value.replace("KEY", f"${_VARIABLE}")}"' for name, value in _header(report).items()
    )
    remark = "# Put in what the server answered where ${…} stands.\n" if any("${" in x for x in lines) else ""
    frames = " \\\n  ".join(shlex.quote(line) for line in lines)
    url = shlex.quote(without_credentials(report.target.url))
    return f"{remark}{{ printf '%s\\n' {frames}; sleep {_WAIT_S}; }} \\\n  | websocat{header} {url}\n"


def _header(report: Report) -> dict[str, str]:
    """Return the header in which the dialect presents a key, with KEY in its place."""
    match dialect_of(report.target.dialect).scheme:
        case "bearer":
            return {"Authorization": "Bearer KEY"}
        case "basic":
            return {"Authorization": "Basic KEY"}
        case "api-key":
            return {"api-key": "KEY"}
    return {}


def issue(report: Report, result: RequirementResult, finding: Finding, dialect: str) -> str:
    """Return `finding` as an issue in Markdown: what is wrong, the frames, the versions, and the replay."""
    told = failure_of(report, result)
    place = "; ".join(f"{s.document} {s.section}" for s in sources(result.requirement))
    lines = [
        f"## {visible(finding.message)}",
        "",
        f"**{result.level}** `{result.id}`: {told.statement}",
        "",
        f"- expected: {_code(finding.expected)}",
        f"- came: {_code(finding.actual)}",
        *([f"- at: {_code(finding.path)}"] if finding.path else []),
        f"- source: {place}",
        "",
        "### Frames",
        "",
        *_frames(report, finding),
        "### Versions",
        "",
        f"- suite {report.suite.version}, registry {report.suite.registry_hash}",
        f"- AsyncAPI document {report.suite.document_hash}, dialect {dialect}",
        f"- target {_code(without_credentials(report.target.url))}, {report.started}, seed {report.seed}",
        "",
        "### Replay",
        "",
    ]
    file = report.evidence.files.get(finding.trace, "") if report.evidence is not None else ""
    for command in commands(report, finding, file, dialect):
        lines += [f"{command.purpose}:", "", *_block("sh", command.line)]
    return "\n".join(lines).rstrip() + "\n"


def _frames(report: Report, finding: Finding) -> list[str]:
    entries: Mapping[int, ShownEntry] = (
        report.evidence.entries.get(finding.trace, {}) if report.evidence is not None else {}
    )
    lines, room = [], _FRAMES
    for seq in sorted({*finding.because, *finding.seqs}):
        entry = entries.get(seq)
        if entry is None:
            continue
        text = json.dumps(entry.payload, ensure_ascii=False, indent=2)
        if len(text) > room:
            text = text[:room] + " …"
        room = max(0, room - len(text))
        where = "here" if seq in finding.seqs else "because of this"
        lines += [f"#{seq}, {entry.dir} ({where}):", "", *_block("json", text)]
    return lines or [f"In the trace {finding.trace}.", ""]


def _block(language: str, text: str) -> list[str]:
    """Return `text` as a block of code that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", text, fence, ""]


def _code(text: str) -> str:
    """Return `text` as a span of code on one line that nothing in it can end."""
    line = " ".join(visible(text).split())
    fence = "`"
    while fence in line:
        fence += "`"
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def copies(report: Report, findings: Mapping[str, tuple[RequirementResult, Finding, str]]) -> dict[str, Any]:
    """Return what the page copies: issues by their finding's place, conversations by their script."""
    before, behind = script_frame(report)
    issues: dict[str, str] = {}
    steps: dict[str, str] = {}
    lines: dict[str, str] = {}
    room = _ROOM
    for place, (result, finding, dialect) in findings.items():
        text = issue(report, result, finding, dialect)
        room -= len(text)
        if room < 0:
            break
        issues[place] = text
        if finding.replay in report.replay_steps and finding.replay not in steps:
            text = report.replay_steps[finding.replay]
            room -= 2 * len(text)
            steps[finding.replay] = json.dumps(text)
            lines[finding.replay] = websocat(report, text)
    return {"python": [before, behind], "issues": issues, "steps": steps, "websocat": lines}
