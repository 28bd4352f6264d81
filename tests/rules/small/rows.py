"""Cases written as transcripts: what was said, and what the judge makes of one requirement in it.

A case begins with its name, the requirement, the outcome (see `said.word`), other requirements that are
violated (`+id`), and facts about the trace in braces. Part of what the finding says may stand behind `told`.
What was said follows, after a | where it does not begin a line:

    == cleared after it was refused | envelope/answered-once nothing +errors/one-answer {dialect: inworld}
      > clear #clear < error < cleared

`$name` stands for what a line `$name = …` at the head of the file says, or one in `fragments.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from rules.verdicts import Tally
from tests.rules.judged_traces import binding, book
from tests.rules.said import word
from tests.rules.telling import told_by
from wire.trace import RecordedTrace
from wire.transcript import read_transcript
from wire.transcript_values import Scanner, written

_CASE = re.compile(r"^== ", re.MULTILINE)
_HEAD = re.compile(
    r"(?P<name>[^|]+?)\s+\|\s+(?P<requirement>\S+)\s+"
    r"(?P<outcome>violated|once|undecided|explained|holds|nothing|seen: [^\n]+?)(?=\s+[+{|]|\s*\n|\s*$)"
)
_ALSO = re.compile(r"\+(\S+)")
_FRAGMENT = re.compile(r"^\$(\w+) = (.*(?:\n  .*)*)", re.MULTILINE)
_USE = re.compile(r"(?<!\S)\$(\w+)(?!\S)")
_FACT = re.compile(r"^dialect: (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What was `said`, and what comes of `requirement`: see `said.word`.

    `also` are other requirements that are violated, `told` is part of what the finding says. `facts` are what
    the trace says of itself: see `wire.transcript`.
    """

    requirement: str
    said: str
    outcome: str
    dialect: DialectName = "openai"
    also: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def trace(self) -> RecordedTrace:
        facts = "".join(f"{name}: {written(value)}\n" for name, value in self.facts.items())
        return read_transcript(facts + self.said, "by hand")[0]

    def seen(self, tallies: dict[str, Tally], trace_: RecordedTrace) -> tuple[str, set[str], dict[str, Any]]:
        """Return the outcome, what else is violated, and what is told, as they are."""
        tally = tallies.get(self.requirement, Tally())
        others = {id_ for id_ in binding(self.dialect) if id_ in tallies and tallies[id_].violations}
        said = told_by(trace_, tally.findings[0]) if tally.findings else {}
        return word(tally), others - {self.requirement}, {name: said.get(name) for name in self.told}

    def judged(self) -> tuple[str, set[str], dict[str, Any]]:
        """Return the same, judged anew."""
        return self.seen(book(self.dialect).judge(self.trace), self.trace)


def rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Yield the cases in a file, by their names."""
    head, *cases = _CASE.split(path.read_text(encoding="utf-8"))
    own = {**fragments(path.with_name("fragments.txt")), **_fragments(head)}
    fact = _FACT.search(head)
    usual = {"dialect": fact[1]} if fact else {}
    for case in cases:
        yield _row(case, own, usual)


@cache
def fragments(path: Path) -> Mapping[str, str]:
    """Return what stands in a file of fragments, by name."""
    return _fragments(path.read_text(encoding="utf-8"))


def _fragments(text: str) -> dict[str, str]:
    return dict(_FRAGMENT.findall(text))


def whole(said: str, own: Mapping[str, str]) -> str:
    """Return what was said, with fragments in full."""
    while _USE.search(said):
        said = _USE.sub(lambda found: own[found[1]], said)
    return said


def _row(case: str, own: Mapping[str, str], usual: Mapping[str, Any]) -> tuple[str, Row]:
    head = _HEAD.match(case)
    assert head is not None, f"no name, requirement and outcome: {case}"
    scanner, also, facts, told = Scanner(case, head.end()), [], dict(usual), {}
    while True:
        scanner.blank()
        if found := _ALSO.match(case, scanner.place):
            also.append(found[1])
            scanner.place = found.end()
        elif scanner.at("{"):
            facts |= scanner.object()
        elif scanner.taken("told "):
            told = scanner.value()
        else:
            break
    scanner.taken("|")
    dialect = facts.pop("dialect", "openai")
    said = whole(case[scanner.place :], own)
    row = Row(head["requirement"], said, head["outcome"], dialect, tuple(also), told, facts)
    return " ".join(head["name"].split()), row
