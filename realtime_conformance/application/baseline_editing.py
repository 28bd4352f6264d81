"""Rewrites a baseline after a run: what covers nothing goes, what is new comes. The rest stays as it is.

The text is edited line by line, so that comments, order and style of everything that stays are kept.

Entries that are `pending`, and those of a baseline of an earlier version, get the fingerprints of what they
cover. From then on their findings do not count (`application.uncounted_findings`), and violations that were
explained by them do: these get pending entries, so that nobody's gate turns red because a baseline is kept.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from protocol.errors import DocumentError
from realtime_conformance.application.baseline_lines import folded, renewed, rewritten
from reports.baseline import (
    OBSOLETE,
    PENDING,
    UNEXPLAINED_REASON,
    VERSION,
    Baseline,
    BaselineEntry,
    Expected,
    Held,
    SeenRequirement,
    State,
    Weighed,
    hold,
)
from reports.escaping import visible
from reports.model import count
from rules.verdicts import Level, Verdict

_EMPTY = """\
# Known failures of this server. They do not fail the gate, and stay failures in every report.
# Each needs a reason; `realtime-conformance baseline explain` says what each one does.
version: {version}
entries:
"""
_FLAKY_DAYS = 90  # a flaky requirement is worth another look after a while
_SHOWN = 150
_TOLD = 3  # findings that the comment above an entry lists


@dataclass(frozen=True, slots=True)
class Updated:
    """A baseline rewritten: its text, and the requirements of entries that came, went, or were renewed."""

    text: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renewed: tuple[str, ...] = ()


def updated(
    text: str | None,
    baseline: Baseline,
    seen: Sequence[SeenRequirement],
    dialect: str,
    *,
    today: dt.date,
    whole: bool,
    warnings: bool = False,
    days: int | None = None,
    version: int = VERSION,
) -> Updated:
    """Return `text`, which holds `baseline`, with the entries that make it describe what was `seen`.

    New entries expire after `days`, where that is given. With `warnings`, violated SHOULDs get an entry, too.
    `version` is that of the results in which it was seen. Raises `DocumentError` where the list of entries is
    not written one entry a line or more, and where the results are older than the baseline.
    """
    if version < baseline.version:
        problem = f"is of version {baseline.version}, and the results are of version {version}"
        raise DocumentError(baseline.file, "/version", problem, "run or judge again with this version")
    older = version != baseline.version
    held = hold(seen, baseline.against(version), dialect, today=today, whole=whole)
    prints = _prints_of_pending(held, seen, whole=whole)
    gone = [i for i, each in enumerate(held.entries) if each.state in OBSOLETE]
    unknown = _unknown(seen, held, warnings=warnings)
    new = [_new(each, held, dialect, today, days) for each in unknown]
    settled = [each for i, each in enumerate(held.entries) if (older and i not in prints) or prints.get(i)]
    uncovered = _uncovered(seen, held, settled, unknown, warnings=warnings)
    new += [_coming_along(each, by, dialect, today, days) for each, by in uncovered]
    written = _EMPTY.format(version=version) if text is None else text
    lines = renewed(written, version, prints).splitlines(keepends=True)
    if new or gone:
        lines = rewritten(lines, gone, [line for entry in new for line in entry], baseline.file)
    return Updated(
        "".join(lines),
        tuple(each.id for each in [*unknown, *(each for each, _ in uncovered)]),
        tuple(held.entries[i].entry.requirement for i in gone),
        tuple(held.entries[i].entry.requirement for i, found in prints.items() if found),
    )


def _prints_of_pending(held: Held, seen: Sequence[SeenRequirement], *, whole: bool) -> dict[int, list[str]]:
    """Return the fingerprints that pending entries get, by the places of these; none unless all was seen."""
    return {
        i: _prints(each, seen, held) if whole and each.covers else []
        for i, each in enumerate(held.entries)
        if each.entry.pending and each.state not in OBSOLETE
    }


def _prints(entry: Weighed, seen: Iterable[SeenRequirement], held: Held) -> list[str]:
    """Return the fingerprints of what `entry` covers, but for those that other entries name."""
    covered = {print_ for each in seen if each.id in entry.covers for print_ in each.fingerprints}
    others = (e for e in held.entries if not set(e.covers).isdisjoint(entry.covers))
    return sorted(covered.difference(*(e.entry.fingerprints for e in others)) or covered)


def _uncovered(
    seen: Iterable[SeenRequirement],
    held: Held,
    settled: Sequence[Weighed],
    unknown: Sequence[SeenRequirement],
    *,
    warnings: bool,
) -> list[tuple[SeenRequirement, BaselineEntry | SeenRequirement]]:
    """Return what will count as violated because what explains it is now known, with what makes it known.

    That is one of the entries that are `settled` now, or something `unknown` so far, which gets an entry.
    """
    by: dict[str, BaselineEntry | SeenRequirement] = {each.id: each for each in unknown}
    by.update({id_: each.entry for each in settled for id_ in each.covers})
    concerned = [e.entry for e in held.entries if e.state is not State.OTHER_DIALECT]
    found: list[tuple[SeenRequirement, BaselineEntry | SeenRequirement]] = []
    for each in seen:
        explaining = [by[id_] for id_ in sorted(each.explained_by) if id_ in by]
        binding = each.level is Level.MUST or (warnings and each.level is Level.SHOULD)
        if explaining and binding and not any(_covers_all(e, each) for e in concerned):
            found.append((each, explaining[0]))
    return found


def _covers_all(entry: BaselineEntry, seen: SeenRequirement) -> bool:
    """Tell whether `entry` would cover any violation of a requirement."""
    verdicts = (Expected.FLAKY, Expected.FAIL if seen.level is Level.MUST else Expected.WARN)
    return not entry.fingerprints and entry.verdict in verdicts and entry.means(seen.id)


def _coming_along(
    seen: SeenRequirement, by: BaselineEntry | SeenRequirement, dialect: str, today: dt.date, days: int | None
) -> list[str]:
    """Return the lines of an entry for what was explained by something that is known from now on."""
    reason, expires = UNEXPLAINED_REASON, None
    if isinstance(by, BaselineEntry):
        flaky, id_, expires = by.verdict is Expected.FLAKY, by.requirement, by.expires
        reason = f"Comes with {id_}: {by.reason}" if by.explained else reason
    else:
        flaky, id_ = by.flaky, by.id
        days = days if days is not None or not flaky else _FLAKY_DAYS
    if days is not None and expires is None:
        expires = today + dt.timedelta(days=days)
    verdict = Expected.FAIL if seen.level is Level.MUST else Expected.WARN
    fields = {
        "requirement": seen.id,
        "dialect": dialect,
        "verdict": str(Expected.FLAKY if flaky else verdict),
        "reason": json.dumps(reason),
        "fingerprint": PENDING,
        "added": today.isoformat(),
    }
    if expires is not None:
        fields["expires"] = expires.isoformat()
    return [f"  # explained by {_line(id_)} so far\n", *_written(fields)]


def _unknown(seen: Iterable[SeenRequirement], held: Held, *, warnings: bool) -> list[SeenRequirement]:
    """Return what needs an entry."""
    found = []
    for each in seen:
        unexpected = held.expectations[each.id] == "unexpected"
        if unexpected and (warnings or each.flaky or each.verdict is not Verdict.WARN):
            found.append(each)
    return found


def _new(seen: SeenRequirement, held: Held, dialect: str, today: dt.date, days: int | None) -> list[str]:
    about = [e for e in held.entries if e.covers and seen.id in e.covers]
    known = {print_ for each in about for print_ in each.entry.fingerprints}
    fresh = {p: said for p, said in sorted(seen.fingerprints.items()) if p not in known}
    verdict = Expected.FLAKY if seen.flaky else Expected(str(seen.verdict))
    days = days if days is not None or verdict is not Expected.FLAKY else _FLAKY_DAYS
    # In quotes: what people write there has colons, and numbers of issues behind a `#`.
    fields = {"dialect": dialect, "verdict": str(verdict), "reason": json.dumps(UNEXPLAINED_REASON)}
    if fresh:
        fields["fingerprint"] = folded(list(fresh))
    fields["added"] = today.isoformat()
    if days is not None:
        fields["expires"] = (today + dt.timedelta(days=days)).isoformat()
    said = [f"  # {text}\n" for text in _told([*dict.fromkeys(map(_line, fresh.values()))])]
    # An entry that goes because the requirement fails in another way takes its reason along.
    said += [
        f"  # before: {_line(e.entry.reason)}\n"
        for e in held.entries
        if e.state in OBSOLETE and e.entry.explained and e.entry.requirement == seen.id
    ]
    return [*said, *_written({"requirement": seen.id, **fields})]


def _told(said: Sequence[str]) -> list[str]:
    """Return what comments say of an entry: a few of its findings, and how many more there are."""
    more = len(said) - _TOLD
    return [*said[:_TOLD], *([f"and {count(more, 'more way')}"] if more > 0 else [])]


def _written(fields: Mapping[str, str]) -> list[str]:
    first, *rest = fields.items()
    text = "".join([f"  - {first[0]}: {first[1]}\n", *(f"    {name}: {value}\n" for name, value in rest)])
    return text.splitlines(keepends=True)


def _line(text: str) -> str:
    return " ".join(visible(text).split())[:_SHOWN]
