"""Rewrites a baseline after a run: what covers nothing goes, what is new comes. The rest stays as it is.

The text is edited line by line, so that comments, order and style of everything that stays are kept.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from reports.baseline import OBSOLETE, UNEXPLAINED_REASON, Baseline, Expected, Held, Seen, hold
from reports.escaping import visible
from rules.verdicts import Verdict
from schemas.errors import DocumentError
from schemas.yaml_core import CoreLoader

_EMPTY = """\
# Known failures of this server. They do not fail the gate, and stay failures in every report.
# Each needs a reason; `realtime-conformance baseline explain` says what each one does.
version: 1
entries:
"""
_FLAKY_DAYS = 90  # a flaky requirement is worth another look after a while
_SHOWN = 150


@dataclass(frozen=True, slots=True)
class Updated:
    """A baseline rewritten: its text, and the requirements of the entries that came and went."""

    text: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def updated(
    text: str | None,
    baseline: Baseline,
    seen: Sequence[Seen],
    dialect: str,
    *,
    today: dt.date,
    whole: bool,
    warnings: bool = False,
    days: int | None = None,
) -> Updated:
    """Return `text`, which holds `baseline`, with the entries that make it describe what was `seen`.

    New entries expire after `days`, where that is given. With `warnings`, violated SHOULDs get an entry, too.
    Raises `DocumentError` where the list of entries is not written one entry a line or more.
    """
    held = hold(seen, baseline, dialect, today=today, whole=whole)
    gone = [i for i, each in enumerate(held.entries) if each.state in OBSOLETE]
    new = [_new(each, held, dialect, today, days) for each in _unknown(seen, held, warnings=warnings)]
    lines = (_EMPTY if text is None else text).splitlines(keepends=True)
    if new or gone:
        lines = _rewritten(lines, gone, [line for entry in new for line in entry], baseline.file)
    removed = tuple(held.entries[i].entry.requirement for i in gone)
    return Updated("".join(lines), tuple(s.id for s in _unknown(seen, held, warnings=warnings)), removed)


def _unknown(seen: Iterable[Seen], held: Held, *, warnings: bool) -> list[Seen]:
    """Return what needs an entry."""
    found = []
    for each in seen:
        unexpected = held.expectations[each.id] == "unexpected"
        if unexpected and (warnings or each.flaky or each.verdict is not Verdict.WARN):
            found.append(each)
    return found


def _new(seen: Seen, held: Held, dialect: str, today: dt.date, days: int | None) -> list[str]:
    about = [e for e in held.entries if e.covers and seen.id in e.covers]
    known = {print_ for each in about for print_ in each.entry.fingerprints}
    fresh = {p: said for p, said in sorted(seen.fingerprints.items()) if p not in known}
    verdict = Expected.FLAKY if seen.flaky else Expected(str(seen.verdict))
    days = days if days is not None or verdict is not Expected.FLAKY else _FLAKY_DAYS
    # In quotes: what people write there has colons, and numbers of issues behind a `#`.
    fields = {"dialect": dialect, "verdict": str(verdict), "reason": json.dumps(UNEXPLAINED_REASON)}
    if fresh:
        fields["fingerprint"] = json.dumps(next(iter(fresh)) if len(fresh) == 1 else list(fresh))
    fields["added"] = today.isoformat()
    if days is not None:
        fields["expires"] = (today + dt.timedelta(days=days)).isoformat()
    said = [f"  # {_line(text)}\n" for text in fresh.values()]
    # An entry that goes because the requirement fails in another way takes its reason along.
    said += [
        f"  # before: {_line(e.entry.reason)}\n"
        for e in held.entries
        if e.state in OBSOLETE and e.entry.explained and e.entry.requirement == seen.id
    ]
    first, *rest = {"requirement": seen.id, **fields}.items()
    return [*said, f"  - {first[0]}: {first[1]}\n", *(f"    {name}: {value}\n" for name, value in rest)]


def _line(text: str) -> str:
    return " ".join(visible(text).split())[:_SHOWN]


def _rewritten(lines: list[str], gone: Sequence[int], new: list[str], file: str) -> list[str]:
    """Return `lines` without the entries at the positions `gone`, and with the lines `new` after the last."""
    root = yaml.compose("".join(lines), Loader=CoreLoader)
    assert isinstance(root, yaml.MappingNode)  # the schema says so
    key, node = next((k, v) for k, v in root.value if k.value == "entries")
    written = isinstance(node, yaml.SequenceNode) and bool(node.value)
    if root.flow_style or (isinstance(node, yaml.SequenceNode) and node.flow_style and written):
        place = f"line {node.start_mark.line + 1}: /entries"
        raise DocumentError(file, place, "is written in brackets", "begin each entry on a line, with a dash")
    if not isinstance(node, yaml.SequenceNode) or not written:
        # `entries:`, `entries: []`, `entries: null`
        at = key.start_mark.line
        comment = lines[at].partition("#")[2]
        lines[at] = "entries:" + (f"  #{comment.rstrip()}" if comment else "") + "\n"
        return [*lines[: at + 1], *new, *lines[at + 1 :]]
    starts = [item.start_mark.line for item in node.value]
    ends = [_end(lines, item) for item in node.value]
    indent = node.start_mark.column
    cut: set[int] = set()
    for index in gone:
        first = starts[index]
        while first > (ends[index - 1] if index else key.start_mark.line + 1) and _comment(lines[first - 1]):
            first -= 1
        cut |= set(range(first, ends[index]))
    shift = indent - 2
    placed = [" " * shift + line if shift > 0 else line[-shift:] for line in new]
    if not lines[ends[-1] - 1].endswith("\n"):
        lines[ends[-1] - 1] += "\n"
    kept = [line for number, line in enumerate(lines[: ends[-1]]) if number not in cut]
    return [*kept, *placed, *lines[ends[-1] :]]


def _end(lines: Sequence[str], entry: yaml.Node) -> int:
    """Return the number of the line after an entry; blank lines and comments below belong to what follows."""
    last = entry
    while isinstance(last, yaml.MappingNode | yaml.SequenceNode) and not last.flow_style and last.value:
        inner = last.value[-1]
        last = inner[1] if isinstance(inner, tuple) else inner
    # A block of text ends where the next line begins, everything else on its own line.
    end = last.end_mark.line + (1 if last.end_mark.column else 0)
    while end > last.start_mark.line + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")
