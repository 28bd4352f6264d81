"""What recordings say of sessions and scenarios that came to nothing: who judges them knows as much."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packs.catalogue import channels
from realtime_conformance.application.judging import Judgement
from reports.model import Report
from rules.verdicts import Tally
from wire.trace import Trace
from wire.trace_files import TraceError, TraceFile, note_in_header

INCONCLUSIVE = "inconclusive"
"""In the header of a trace: what its scenario left undecided, and why."""

OF_RUN = "run"
"""In the header of the first trace of a run: how many traces it has, whether it was `partial`, why it ended
early, and, by reason, what scenarios without a trace left undecided, and how often."""

_ENDS = ("trouble", "cut_off", "unplayed")  # of a report: why its run ended before all was played


def note_what_a_run_knew(report: Report, files: Mapping[str, Path], **known: Any) -> None:
    """Write into the headers of the traces in `files`, by name, what `report` says of their run, and `known`.

    A scenario that came to nothing says in its last trace what it provokes and left undecided; one that has
    no trace, in the first trace of all. A file that cannot be written stays as it is.
    """
    notes: dict[str, dict[str, Any]] = {
        name: {**known, INCONCLUSIVE: None, OF_RUN: None} for name in sorted(files)
    }
    undecided: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in report.scenarios:
        if each.outcome == "inconclusive" and each.traces:
            said = {"message": each.message, "provokes": list(each.provokes)}
            notes[each.traces[-1]][INCONCLUSIVE] = said
        elif each.outcome == "inconclusive":
            undecided[each.message].update(each.provokes)
    ends = {name: why for name in _ENDS if (why := getattr(report, name))}
    if notes:
        reasons = {why: dict(ids) for why, ids in undecided.items()}
        run = {"traces": len(files), "partial": report.partial, **ends, "undecided": reasons}
        notes[min(notes)][OF_RUN] = run
    for name, header in notes.items():
        with contextlib.suppress(OSError):
            note_in_header(files[name], **header)


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """How the run went that recorded what is judged now; the fields of `Report` say what each means."""

    partial: bool = True
    trouble: str = ""
    cut_off: str = ""
    unplayed: str = ""


def run_of(files: Sequence[Path]) -> EarlierRun:
    """Return how the run went that recorded all of `files`.

    Where they are only some of its traces, or none of ours, a partial view of a server is all there is.
    """
    said = next((run for header in _headers(files) if isinstance(run := header.get(OF_RUN), dict)), {})
    number = said.get("traces")
    if not isinstance(number, int) or number > len(files):
        return EarlierRun()
    return EarlierRun(said.get("partial") is not False, **{n: str(said[n]) for n in _ENDS if n in said})


def leave_undecided(files: Iterable[Path], judgement: Judgement) -> None:
    """Add to `judgement` what scenarios of a run of ours left undecided, as the headers of `files` say.

    A header may say anything: what does not read as ours is passed over.
    """
    known = {each.id for pack in channels().values() for each in pack.registry()}
    for message, ids in (each for header in _headers(files) for each in _said(header)):
        for id_ in known.intersection(ids):
            judgement.total.setdefault(id_, Tally()).undecided[message] += ids[id_]


def turned_away(sources: Iterable[Callable[[], Sequence[Trace]]], judgement: Judgement) -> str:
    """Return why no session came about in any of the traces that `sources` open; empty where one did.

    A capture that does not hold the handshake shows no refusal, and speaks of a session.
    """
    if any(side == "server" for side, _ in judgement.statistics.events):
        return ""
    refusals = []
    for source in sources:
        try:
            for trace in source():
                for entry in trace:
                    if entry.kind != "refusal":
                        return ""
                    refusals.append(_why(trace.header, entry.detail or {}))
        except TraceError:
            continue  # which is said where it is judged
    return refusals[-1] if refusals else ""


def _why(header: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    said = header.get(INCONCLUSIVE)
    if isinstance(said, dict) and isinstance(said.get("message"), str):
        return str(said["message"])
    problem, status = detail.get("problem"), detail.get("status")
    return str(problem) if problem else f"the handshake was refused with HTTP {status}"


def _headers(files: Iterable[Path]) -> Iterable[Mapping[str, Any]]:
    for path in files:
        if path.suffix.lower() == ".jsonl":
            try:
                yield TraceFile(path).header
            except TraceError:
                continue  # which is said where it is judged


def _said(header: Mapping[str, Any]) -> list[tuple[str, Counter[str]]]:
    """Return what a trace with this `header` leaves undecided: why, and which requirements how often."""
    found = []
    own, run = header.get(INCONCLUSIVE), header.get(OF_RUN)
    others = run.get("undecided") if isinstance(run, dict) else None
    if isinstance(own, dict) and isinstance(own.get("provokes"), list):
        ids = Counter(id_ for id_ in own["provokes"] if isinstance(id_, str))
        found.append((str(own.get("message", "")), ids))
    for why, counted in others.items() if isinstance(others, dict) else ():
        if isinstance(counted, dict):
            found.append((why, Counter({id_: n for id_, n in counted.items() if isinstance(n, int)})))
    return found
