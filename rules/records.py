"""Violations while a connection is judged: each with what it is about, until it is known which stand.

A violation is *about* an entry, a client event, and a subject with all that holds it. By these keys, and
never by the evidence that is kept, one violation explains another (`rules.yields`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, NamedTuple

from rules.verdicts import Finding, Tally
from rules.views import SubjectView

MOST_RECORDS = 50_000
"""Violations of one requirement in one connection that are told apart; of more, only the number is known."""


ViolationTold = Callable[[str, Finding], None]
"""Is told of the violation of a requirement as it is found; another may explain it in the end."""


class Record(NamedTuple):
    """One violation.

    `findings` are the ways in which one subject is violated, mostly one. `event` is the `seq` of the entry,
    `exchange` that of the client event, 0 where it is about none. `subjects` are the subject, first, and
    what holds it.
    """

    findings: tuple[Finding, ...]
    event: int
    exchange: int
    subjects: tuple[str, ...]


class ViolationRecorder:
    """What is counted in one connection, by requirement, with the violations of those in `kept`."""

    __slots__ = ("_kept", "_memories", "found", "more", "newer", "records", "tallies")

    def __init__(self, kept: Collection[str], newer: Callable[[str], str] | None = None) -> None:
        """`newer` returns since when a kind is reported, empty where it counts; without it, all count."""
        self.tallies: dict[str, Tally] = {}
        self.records: dict[str, list[Record]] = {}
        self.more: dict[str, int] = {}  # violations beyond `MOST_RECORDS`
        self.newer = newer
        self.found: ViolationTold | None = None
        self._kept = kept
        self._memories: dict[str, Any] = {}

    def tally(self, requirement: str) -> Tally:
        """Return what was counted so far for `requirement`."""
        found = self.tallies.get(requirement)
        if found is None:
            found = self.tallies[requirement] = Tally()
        return found

    def memory(self, requirement: str, kind: type) -> Any:
        """Return the memory of `requirement`: each has one of its own."""
        found = self._memories.get(requirement)
        if found is None:
            found = self._memories[requirement] = kind()
        return found

    def violated(self, requirement: str, record: Record) -> None:
        """Count a violation, and keep it where others may explain it, or be explained by it."""
        tally = self.tally(requirement)
        tally.subjects += 1
        if self.newer is not None:
            dated = [self.dated(each) for each in record.findings]
            tally.set_aside(each for each in dated if each.newer)
            record = record._replace(findings=tuple(each for each in dated if not each.newer))
            if not record.findings:
                return  # what an earlier version did not find wrong, it took for right
        tally.violations += 1
        if self.found is not None:
            self.found(requirement, record.findings[0])
        if requirement not in self._kept:
            note(tally, record.findings)
            return
        records = self.records.setdefault(requirement, [])
        if len(records) < MOST_RECORDS:
            records.append(record)
        else:
            self.more[requirement] = self.more.get(requirement, 0) + 1

    def dated(self, finding: Finding) -> Finding:
        """Return `finding` with the version since which it is reported, where it does not count for that."""
        since = self.newer(finding.kind) if self.newer is not None else ""
        return replace(finding, newer=since) if since else finding


def note(tally: Tally, findings: tuple[Finding, ...]) -> None:
    """List the first of `findings`, which are of one subject, and keep what tells the others apart."""
    first = findings[0]
    if len(findings) > 1:
        first = first.with_more(len(findings) - 1)
    tally.note(first)
    for each in findings[1:]:
        tally.keep(each)


def chain(subject: SubjectView) -> tuple[str, ...]:
    """Return the names of `subject` and of what holds it, the innermost first; a connection has none."""
    names: list[str] = []
    at: SubjectView | None = subject
    while at is not None and at.kind != "connection":
        names.append(f"{at.kind} {at.id}")
        at = at.within
    return tuple(names)
