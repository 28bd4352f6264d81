"""Conversations as lines, and read again: how `rules/examples` writes them.

`written` and `read` are all that the examples know of the notation.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any, cast

from tests.rules.entries import USUAL, timed
from tests.rules.said import audio
from wire.trace import Direction, Entry, Kind, RecordedTrace

BEGINNINGS = ("session.created", "transcription_session.created")
_SIGNS: dict[str, str] = {"client": ">", "server": "<", "harness": "…"}
_WHO = {sign: cast(Direction, who) for who, sign in _SIGNS.items()}
_WORD = re.compile(r"[a-z_]+(?:\.[a-z_]+)+$|error$")
_FACT = re.compile(r"([a-z_]+): (.+)$")
_WAITED = re.compile(r"… ([\d.]+) s(?: \(([\d.]+) s silent\))?(?: for (\S+))?$")
_KINDS = ("open", "refusal", "binary", "close", "limit", "text")
_SILENCE = re.compile(r"^A{60,}=*$")
_LENGTH = re.compile(r"^~([\d.]+)ms$")


def written(trace: RecordedTrace) -> str:
    """Return `trace` as lines, one an entry."""
    entries = list(trace)
    facts = {name: value for name, value in trace.header.items() if (name, value) != ("measured", True)}
    if len(entries) > 1 and entries[0].kind == "open" and not entries[0].detail:
        begun, goes_on = entries[1], entries[2:3] and entries[2].type not in BEGINNINGS
        if begun.type in BEGINNINGS:
            del entries[: 2 if begun.event == USUAL and goes_on else 1]
    elif not entries or entries[0].kind not in ("open", "refusal"):
        facts["whole"] = False
    lines = [f"{name}: {_json(value)}" for name, value in facts.items()]
    return "\n".join([*lines, *map(_line, entries)]) + "\n"


def read(text: str) -> RecordedTrace:
    """Return the conversation in `text`."""
    header: dict[str, Any] = {"measured": True}
    said: list[tuple[Direction, Kind, Any, Any]] = []
    for line in text.splitlines():
        fact = None if said else _FACT.match(line)
        if fact is not None:
            header[fact[1]] = json.loads(fact[2])
        else:
            said.append(_read(line))
    if header.pop("whole", True) and said[0][1] not in ("open", "refusal"):
        begun = (said[0][2] or {}).get("type") in BEGINNINGS
        usual: list[tuple[Direction, Kind, Any, Any]] = [] if begun else [("server", "text", USUAL, None)]
        said = [("harness", "open", None, None), *usual, *said]
    return RecordedTrace("by hand", list(timed(said)), header)


def _line(entry: Entry) -> str:
    sign = _SIGNS[entry.dir]
    if entry.event is not None and not _WORD.match(entry.type):
        return f"{sign} event {_json(entry.event)}"
    if entry.event is not None:
        rest = {name: value for name, value in entry.event.items() if name != "type"}
        beside = f" & {_json(entry.detail)}" if entry.detail else ""
        return f"{sign} {entry.type} {_json(rest)}{beside}"
    detail = entry.detail or {}
    if entry.kind == "deadline":
        silent = "" if detail.get("silent") else f" ({detail['silent_s']:g} s silent)"
        return f"… {detail['waited_s']:g} s{silent}" + (
            f" for {detail['awaited']}" if detail["awaited"] else ""
        )
    return f"{sign} {entry.kind}" + (f" {_json(detail)}" if detail else "")


def _read(line: str) -> tuple[Direction, Kind, Any, Any]:
    waited = _WAITED.match(line)
    if waited is not None:
        seconds, silent = float(waited[1]), waited[2]
        detail = {"awaited": waited[3] or "", "waited_s": seconds}
        detail |= {"silent_s": float(silent or seconds), "silent": silent is None}
        return "harness", "deadline", None, detail
    found = re.match(r"([><…]) (\S+)", line)
    assert found is not None, line
    values = list(_values(line[found.end() :]))
    given = values[0] if values else None
    if found[2] in _KINDS:
        return _WHO[found[1]], cast(Kind, found[2]), None, given
    event = given if found[2] == "event" else {"type": found[2], **(given or {})}
    return _WHO[found[1]], "text", event, values[1] if len(values) > 1 else None


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(object_hook=_full)
    place = text.find("{")
    while place >= 0:
        value, place = decoder.raw_decode(text, place)
        yield value
        place = text.find("{", place)


def _json(value: Any) -> str:
    return json.dumps(_short(value), ensure_ascii=False)


def _short(value: Any) -> Any:
    """Return `value` with silence as its length."""
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    if isinstance(value, str) and _SILENCE.match(value) and len(value) % 4 == 0:
        milliseconds = len(base64.b64decode(value)) / 48
        if audio(milliseconds) == value:
            return f"~{milliseconds:g}ms"
    return value


def _full(value: dict[str, Any]) -> dict[str, Any]:
    for name, each in value.items():
        length = _LENGTH.match(each) if isinstance(each, str) else None
        if length is not None:
            value[name] = audio(float(length[1]))
    return value
