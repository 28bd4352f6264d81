"""The page on which every conversation of a report can be looked at, searched and listened to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from reports.audio import SpokenItem
from reports.conversations import Conversation, Conversations, Deadline, Sound
from reports.escaping import script_json, visible
from reports.html import render
from reports.model import Report, count
from rules.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding to jump to: at entry `seq`, at `place` on the report."""

    seq: int
    verdict: str
    text: str
    place: str


def viewer(report: Report) -> str:
    """Return the page with the conversations of `report`. Everything that came from a server is escaped."""
    conversations = report.conversations or Conversations()
    marks = finding_marks(report)
    scenarios = {name: s for s in report.scenarios for name in s.traces}
    listed = []
    for number, each in enumerate(conversations.shown):
        scenario = scenarios.get(each.name)
        outcome = scenario.outcome if scenario is not None else ""
        listed.append(_listed(each, number, marks.get(each.name, []), outcome))
    return render(
        "viewer.html",
        styles=("base.css", "diagram.css", "viewer.css"),
        scripts=("parts.js", "conversations.js", "audio.js", "viewer.js"),
        media="blob: file: 'self'",
        title=f"{count(len(conversations.shown), 'conversation')} with {report.target.url}",
        conversations=conversations,
        left_out=count(conversations.left_out, "conversation") if conversations.left_out else "",
        index=script_json(listed),
    )


def finding_marks(report: Report) -> dict[str, list[Mark]]:
    """Return what was found in each trace, by its name: in the order of the conversation."""
    found: dict[str, list[Mark]] = {}
    for result in report.of(Verdict.FAIL, Verdict.WARN):
        for index, finding in enumerate(result.findings):
            if finding.seqs:
                mark = Mark(finding.seqs[0], str(result.verdict), finding.message, f"{result.id}~{index}")
                found.setdefault(finding.trace, []).append(mark)
    return {name: sorted(marks, key=lambda m: (m.seq, m.place)) for name, marks in found.items()}


def most_interesting(report: Report) -> list[str]:
    """Return the names of the traces of `report`: those in which something was found first."""
    marks = finding_marks(report)
    return sorted(report.traces, key=lambda name: (name not in marks, name))


def _listed(each: Conversation, number: int, marks: list[Mark], outcome: str) -> dict[str, Any]:
    return {
        "name": visible(each.name),
        "key": each.name,
        "file": quote(each.file),
        "entries": each.entries,
        "block": f"conversation-{number}" if each.packed else "",
        "outcome": outcome,
        "findings": [[m.seq, m.verdict, visible(m.text), m.place] for m in marks],
        "deadlines": [_deadline(d) for d in each.deadlines],
        "sounds": [_sound(s, f"sound-{number}-{n}") for n, s in enumerate(each.sounds)],
    }


def _deadline(deadline: Deadline) -> list[Any]:
    return [deadline.seq, visible(deadline.text)]


def _sound(sound: Sound, block: str) -> dict[str, Any]:
    item: SpokenItem = sound.item
    return {
        "seq": item.seq,
        "item": item.item,
        "response": item.response,
        "part": item.content_index,
        "type": item.format.type if item.format is not None else "",
        "rate": item.format.rate if item.format is not None else 0,
        "seconds": round(sound.seconds, 3),
        "transcript": item.transcript,
        "broken": item.broken,
        "peaks": list(sound.peaks),
        "block": block if sound.data else "",
        "file": quote(sound.file),
    }
