"""A requirement with all that is known of it, and what `explain` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from reports.rule_sources import RuleSource
from reports.sources import further
from rules.requirements import Requirement, Yield
from rules.verdicts import Level

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation in a dialect, one line for each event."""

    dialect: str
    said: str


@dataclass(frozen=True, slots=True)
class Named:
    """A fault or a scenario: its name, and what it does in a sentence."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A requirement, and what else in the suite is about it.

    `yielding` are the requirements that yield to it. `good` and `bad` are conversations in which it holds and
    in which it is violated, where there are such. `impacts` is what its faults do to other people's clients.
    """

    entry: Requirement
    sources: tuple[RuleSource, ...]
    killers: tuple[Named, ...]
    scenarios: tuple[Named, ...]
    yielding: tuple[Yield, ...]
    good: Example | None
    bad: Example | None
    impacts: tuple[Named, ...] = ()

    @property
    def why_unprovoked(self) -> str:
        """Why no scenario provokes it, where the registry says so."""
        return str(getattr(self.entry, "unprovoked", ""))

    @property
    def why_not_violated(self) -> str:
        """Why there is no conversation in which it is violated."""
        if set(self.entry.level.values()) == {Level.MAY}:
            return "what a MAY allows cannot be violated"
        return "" if self.bad is not None else "there is no example"


def levels(entry: Requirement) -> str:
    """Return the level in each dialect, in words."""
    found = [f"{level} in {dialect}" for dialect, level in entry.level.items()]
    return ", ".join(found)


def source_of(entry: Requirement) -> str:
    """Return where the statement comes from: `openai CI-12; inworld 3`."""
    source = f"{entry.source['document'].split('-', maxsplit=1)[0]} {entry.source['section']}"
    others = [
        f"; {dialect} {section}"
        for dialect, section in further(entry).items()
        if entry.source["document"] != f"{dialect}-realtime"
    ]
    return source + "".join(others)


def explanation(told: Explained) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of what `explain` prints: a heading, and lines."""
    entry = told.entry
    facts = [f"level    {levels(entry)}", f"basis    {entry.basis}", f"source   {source_of(entry)}"]
    if entry.features:
        facts.append(f"needs    {', '.join(entry.features)}")
    for dialect, reason in entry.waived.items():
        facts += _wrapped(f"waived in {dialect}: {reason}")
    yield entry.id, [*_wrapped(entry.statement), *(_wrapped(entry.note) if entry.note else ()), "", *facts]
    if entry.exclusion:
        yield "Not judged", _wrapped(entry.exclusion)
        return
    for each in told.sources:
        yield f"{each.file}:{each.line} ({each.about})", each.text.splitlines()
    yield "Faults of the reference server that violate it", _listed(told.killers)
    if told.impacts:
        yield "What they do to other people's clients", _listed(told.impacts)
    why_not = _wrapped(told.why_unprovoked) if told.why_unprovoked else ["none"]
    yield "Scenarios that provoke it", _listed(told.scenarios) if told.scenarios else why_not
    yield "It yields to", _yields(entry.yields_to)
    yield "These yield to it", _yields(told.yielding)
    if told.good is not None:
        yield f"Holds ({told.good.dialect})", told.good.said.splitlines()
    if told.bad is not None:
        yield f"Is violated ({told.bad.dialect})", told.bad.said.splitlines()
    else:
        yield "Is violated", [told.why_not_violated]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH)


def _listed(names: tuple[Named, ...]) -> list[str]:
    wide = max((len(each.name) for each in names), default=0)
    lines: list[str] = []
    for each in names:
        head = f"{each.name:<{wide}}  "
        lines += textwrap.wrap(
            head + each.sentence, _WIDTH, subsequent_indent=" " * len(head), break_on_hyphens=False
        )
    return lines or ["none"]


def _yields(found: tuple[Yield, ...]) -> list[str]:
    wide = max((len(each.id) for each in found), default=0)
    return [f"{each.id:<{wide}}  {WHERE[each.where]}" for each in found] or ["none"]


WHERE = {
    "event": "where both are about the same event",
    "subject": "where both are about the same response, item, part or stream",
    "exchange": "where both are about the same client event",
}
"""What `where` in `yields_to` means."""
