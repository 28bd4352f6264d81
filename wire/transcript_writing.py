"""Writes traces as transcripts: what a reader would fill in is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wire.trace import Entry, Trace
from wire.transcript import BEGINNINGS, STEP
from wire.transcript_events import said, same
from wire.transcript_filling import beginning, filled
from wire.transcript_memory import TranscriptMemory
from wire.transcript_values import ABSENT, quoted, word_of, written

_SIGNS = {"client": ">", "server": "<", "harness": "…"}


def write_transcript(trace: Trace) -> str:
    """Return `trace` as a transcript, one line an entry."""
    entries = list(trace)
    timed = any(entry.t is not None for entry in entries)
    whole = bool(entries) and entries[0].kind in ("open", "refusal")
    facts = {n: v for n, v in trace.header.items() if n not in ("whole", "timed") and _is_fact(n)}
    if facts.get("measured") is True:
        del facts["measured"]
    elif "measured" not in trace.header:
        facts["measured"] = False
    facts |= {"whole": False} if not whole else {}
    facts |= {"timed": False} if not timed else {}
    lines = [f"{name}: {written(value)}" for name, value in facts.items()]
    return "\n".join([f"=== {trace.name}", *lines, *packed(statements(entries, whole=whole))]) + "\n"


def _is_fact(name: str) -> bool:
    return name.replace("_", "").isalpha() and name.islower() and name.isascii()


def statements(entries: Sequence[Entry], *, whole: bool = True) -> Iterator[str]:
    """Yield a statement for each of `entries` that a reader would not think of."""
    memory, clock = beginning(), 0.0
    rest = list(entries)
    if whole and rest and rest[0].kind == "open":
        opening, rest = rest[0], rest[1:]
        if opening.t not in (0.0, None):
            clock = opening.t or clock
            yield f"@ {clock!r} s"
        if not clock and opening.detail is None and _usual_beginning(rest, memory):
            clock = STEP
            memory.note("server", rest.pop(0).event or {})
        elif clock or opening.detail is not None or not rest or rest[0].type not in BEGINNINGS:
            yield _joined("… open", "" if opening.detail is None else written(opening.detail))
    for entry in rest:
        waited = (entry.detail or {}).get("waited_s", 0.0) if entry.kind == "deadline" else 0.0
        clock = clock + STEP + waited
        if entry.t is not None and entry.t != clock:
            clock = entry.t
            yield f"@ {clock!r} s"
        yield _statement(entry, memory)
        if entry.event is not None:
            memory.note(entry.dir, entry.event)


def _usual_beginning(rest: Sequence[Entry], memory: TranscriptMemory) -> bool:
    """Tell whether a connection goes on as one of which nothing is said."""
    if len(rest) < 2 or rest[0].dir != "server" or rest[0].detail is not None:
        return False
    usual_ = filled(memory, "server", "session.created", {}, 2)
    goes_on = rest[1].kind not in ("open", "refusal") and rest[1].type not in BEGINNINGS
    return goes_on and rest[0].t in (STEP, None) and same(rest[0].event, usual_)


def packed(statements_: Iterable[str]) -> list[str]:
    """Return statements with those that repeat, or differ in the end of their type only, said in one."""
    found: list[tuple[int, str]] = []
    for each in statements_:
        times, last = found[-1] if found else (0, "")
        both = _both(last, each) if times == 1 else None
        if each == last:
            found[-1] = times + 1, last
        elif both is not None:
            found[-1] = 1, both
        else:
            found.append((1, each))
    return [f"{times}x {each}" if times > 1 else each for times, each in found]


def _both(first: str, second: str) -> str | None:
    """Return one statement for `item.added …` and `item.done …`, where they say the same."""
    found = re.fullmatch(r"(< [\w.]+\.)added((?: [^&]*)?)", first)
    if found is None or second != f"{found[1]}done{found[2]}":
        return None
    return f"{found[1]}added+done{found[2]}"


def _statement(entry: Entry, memory: TranscriptMemory) -> str:
    sign = _SIGNS[entry.dir]
    if entry.event is not None:
        beside = f" & {written(entry.detail)}" if entry.detail is not None else ""
        return f"{sign} {said(entry.dir, entry.event, entry.seq, memory)}{beside}"
    detail = dict(entry.detail or {})
    match entry.kind:
        case "deadline":
            return _deadline(entry, detail)
        case "limit":
            return _joined("… flood", written(detail) if detail else "")
        case "close":
            given = {**detail, **({} if "reason" in detail else {"reason": ABSENT})}
            given |= {} if "code" in detail else {"code": ABSENT}
            code = [word_of(given.pop("code"))] if type(given["code"]) is int else []
            reason = [quoted(given.pop("reason"))] if isinstance(given["reason"], str) else []
            words = [*code, *(reason if reason != ['""'] else [])]
            return _joined(sign, "close", *words, written(given) if given else "")
        case "binary" if type(detail.get("size")) is int:
            words = [word_of(detail.pop("size"))]
        case "text" if isinstance(detail.get("raw"), str):
            words = [quoted(detail.pop("raw"))]
        case "refusal":
            words = [word_of(detail.pop("status"))] if type(detail.get("status")) is int else []
            words += [quoted(detail.pop("problem"))] if isinstance(detail.get("problem"), str) else []
        case _:
            words = []
    name = {"refusal": "refuse"}.get(entry.kind, entry.kind)
    return _joined(sign, name, *words, written(detail) if detail else "")


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _deadline(entry: Entry, detail: dict[str, Any]) -> str:
    waited, awaited = detail.get("waited_s", 0.0), detail.get("awaited", "")
    took = {
        "since": entry.seq - 1,
        "awaited": awaited,
        "waited_s": waited,
        "silent_s": waited,
        "silent": True,
    }
    text = f"… {_number(waited)} s"
    silent = detail.get("silent_s")
    if detail.get("silent") is False and isinstance(silent, float | int):
        text += f" ({_number(silent)} s silent)"
        took |= {"silent_s": silent, "silent": False}
    text += f" for {word_of(awaited)}" if awaited else ""
    given = {n: ABSENT for n in took if n not in detail}
    given |= {n: v for n, v in detail.items() if n not in took or took[n] != v}
    return _joined(text, written(given) if given else "")


def _number(value: float) -> str:
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)
