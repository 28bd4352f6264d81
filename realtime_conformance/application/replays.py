"""Scripts that play again what failed: written beside a report, read, and made into scenarios."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packs.keyed.named_traces import NamedTrace
from packs.pack import Pack
from packs.realtime.pack import REALTIME_PACK
from protocol.catalogue import check_name, dialect_of
from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.words import Words
from realtime_conformance.application.report_folder import REPLAYS
from realtime_conformance.rooms import folder
from reports.model import Report
from reports.reproducing import LONGEST_STEPS
from rules.verdicts import Finding, Verdict
from schemas.engines import explaining
from schemas.explain import leaf_errors, violation
from suites.replaying import FORMAT, ReplayStep, Script, play, script_of
from suites.scenario import Scenario
from suites.stage import Stage
from wire.failures import Refused
from wire.frames import dump, event_of
from wire.trace_files import TraceError, TraceFile

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_LONGEST_S = 60.0  # of audio in a response, for the budget


# --- writing ----------------------------------------------------------------------------------------------


def with_replays(report: Report, files: Mapping[str, Path], out: Path, pack: Pack = REALTIME_PACK) -> Report:
    """Write a script for each trace of `pack` in which something failed; return the report that names them.

    A script that cannot be written costs the report only its mention.
    """
    failed = report.of(Verdict.FAIL, Verdict.WARN)
    by_trace: dict[str, list[tuple[str, Finding]]] = defaultdict(list)
    for result in failed:
        for finding in result.findings:
            by_trace[finding.trace].append((result.id, finding))
    written: dict[str, str] = {}
    steps: dict[str, str] = {}
    for name, found in by_trace.items():
        if name not in files or (made := _script(files[name], found, pack)) is None:
            continue
        path = _write(made, files[name].stem, out)
        if path is not None:
            written[name] = path
            text = "".join(f"{line}\n" for line in spelled_steps(made))
            if len(text) <= LONGEST_STEPS and made.attempt == "ordinary" and pack.unnamed:
                steps[path] = text
    for result in failed:
        result.tally.findings = [
            replace(f, replay=written[f.trace]) if f.trace in written else f for f in result.findings
        ]
    return replace(report, replay_steps=steps)


def _script(file: Path, found: Sequence[tuple[str, Finding]], pack: Pack) -> Script | None:
    violated = dict.fromkeys(id_ for id_, _ in found)
    last = max((seq for _, finding in found for seq in finding.seqs), default=0)
    try:
        if pack.unnamed:
            return script_of(TraceFile(file), violated, last=last or None)
        script = script_of(NamedTrace(TraceFile(file), pack.read), violated, last=last or None)
        return replace(script, channel=pack.name)
    except TraceError:
        return None  # the report says so


def _write(script: Script, stem: str, out: Path) -> str | None:
    name = f"{REPLAYS}/{stem}.jsonl"
    path = out / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines(script)), encoding="utf-8", errors="replace")
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return None  # the disk is full, or the folder gone: the files of the report will tell
    return name


def lines(script: Script) -> Iterable[str]:
    """Return `script` as JSON Lines."""
    head: dict[str, Any] = {"replay": FORMAT, "name": script.name, "dialect": script.dialect}
    if script.channel:
        head["channel"] = script.channel
    if script.attempt != "ordinary":
        head["attempt"] = script.attempt
    yield dump({**head, "violated": list(script.violated)})
    for step in script.steps:
        yield dump(_as_dict(step))


def spelled_steps(script: Script) -> Iterable[str]:
    """Return the steps of `script` as JSON Lines, in the words of its dialect: for whoever knows no other."""
    words = dialect_of(script.dialect).words
    for step in script.steps:
        made = _as_dict(replace(step, label={}))
        if step.send is not None:
            made["send"] = words.event(step.send)
        if step.until:
            made["until"] = [words.type(type_) for type_ in step.until]
        yield dump(made)


def _as_dict(step: ReplayStep) -> dict[str, Any]:
    if step.until:
        nth = {"nth": step.nth} if step.nth != 1 else {}
        patience = {"patience": step.patience} if step.patience != "answer" else {}
        return {"until": list(step.until), **nth, **patience}
    if step.closed:
        return {"closed": True}
    given = {"send": step.send, "text": step.text, "hex": step.hex, "binary": step.binary}
    label = {"label": dict(step.label)} if step.label else {}
    return {**{name: value for name, value in given.items() if value is not None}, **label}


# --- reading ----------------------------------------------------------------------------------------------


def read_script(path: Path) -> Script:
    """Return the script in the file at `path`. Raises `DocumentError` where there is none."""
    # Only a line feed ends a line: what JSON may hold as it is, Python takes for ends of lines, too.
    texts = read_text(path, "name a replay script").split("\n")
    if not any(text.strip() for text in texts):
        raise DocumentError(
            str(path), "", "is empty", "name a replay script, as a run leaves them in replays/"
        )
    head, *steps = [_line(path, n, text) for n, text in enumerate(texts, 1) if text.strip()]
    _check(path, 1, head, "head")
    for number, step in enumerate(steps, 2):
        _check(path, number, step, "step")
    return Script(
        name=head["name"],
        dialect=check_name(head["dialect"], str(path), "line 1"),
        steps=tuple(ReplayStep(**{**step, "until": tuple(step.get("until", ()))}) for step in steps),
        violated=tuple(head.get("violated", ())),
        attempt=head.get("attempt", "ordinary"),
        channel=head.get("channel", ""),
    )


def _line(path: Path, number: int, text: str) -> dict[str, Any]:
    found = event_of(text)
    if found is None:
        raise DocumentError(str(path), f"line {number}", "is not a JSON object", "correct or remove it")
    return found


def _check(path: Path, number: int, value: dict[str, Any], part: str) -> None:
    for each in leaf_errors(_validator(part).iter_errors(value)):
        wrong = violation(each)
        where = f"line {number}" + (f", {wrong.place}" if wrong.place else "")
        said = "missing" if wrong.keyword == "required" else wrong.actual
        raise DocumentError(str(path), where, f"is {said}", f"{wrong.expected} is expected")


def _validator(part: str) -> Validator:
    schema = json.loads((folder() / "schemas" / "replay.schema.json").read_text(encoding="utf-8"))
    return explaining({**schema, "$ref": f"#/$defs/{part}"}, "2020-12")


# --- playing ----------------------------------------------------------------------------------------------


def scenario_of(script: Script) -> Scenario:
    """Return the scenario that plays `script`."""

    async def act(stage: Stage) -> None:
        try:
            async with stage.attempt(script.attempt) as talk:
                await play(script, talk.session)
        except Refused:
            if script.attempt == "ordinary":
                raise

    asked = sum((s.send or {}).get("type") == "response.create" for s in script.steps)
    appended = sum((s.send or {}).get("type") == "input_audio_buffer.append" for s in script.steps)
    return Scenario(
        module="replay",
        name=script.name,
        summary="What was recorded, once more.",
        act=act,
        provokes=(),
        where="",
        features=(),
        responses=asked + bool(appended),
        audio_s=_LONGEST_S * (asked + bool(appended)) if asked + appended else 0.0,
        own_sessions=True,
        serial=False,
    )


# --- printing ---------------------------------------------------------------------------------------------


def listing(script: Script, url: str) -> list[str]:
    """Return `script` for an interactive client: frames to paste, and in comments what to wait for."""
    words = dialect_of(script.dialect).words
    found = [f"# {script.name} ({script.dialect})", f"# wscat --connect '{url}'"]
    for step in script.steps:
        if step.until:
            times = f" ({step.nth} of them)" if step.nth > 1 else ""
            found.append(f"# wait for {' or '.join(map(words.type, step.until))}{times}")
        elif step.closed:
            found.append("# wait until the server closes the connection")
        elif step.binary is not None:
            found.append(f"# a binary frame of {step.binary} bytes, which cannot be typed")
        elif step.hex is not None:
            found.append(f"# a text frame of the bytes {step.hex}, which cannot be typed")
        else:
            found.append(_typed(step, words))
    return found


def frames(script: Script) -> tuple[list[str], int]:
    """Return the text frames of `script`, a line each, and how many frames could not be written so."""
    words = dialect_of(script.dialect).words
    written, left_out = [], 0
    for step in script.frames:
        text = _typed(step, words) if step.binary is None and step.hex is None else "\n"
        if "\n" in text:
            left_out += 1
        else:
            written.append(text)
    return written, left_out


def _typed(step: ReplayStep, words: Words) -> str:
    if step.send is not None:
        return dump(words.event(step.send))
    event = event_of(str(step.text)) if words else None
    return dump(words.event(event)) if event is not None else str(step.text)
