"""The first screen of the HTML report: what it comes to, what was judged, what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.catalogue import dialects
from reports.absences import absences
from reports.html_requirements import numbers
from reports.model import Exit, Report
from reports.requirement_results import RequirementResult, Standing
from rules.verdicts import Verdict

_LONG = 120  # characters of a sentence that is set large


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what a reader wants to know of a run."""

    name: str
    value: str
    mono: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """A failure on the first screen."""

    place: str
    result: RequirementResult
    came: str
    where: str


def mark(report: Report) -> str:
    """Return the name of the symbol for the verdict as a whole."""
    if report.exit is Exit.CONFORMS:
        # What is known to fail lets the gate pass, and is no conformance.
        return "warn" if report.failed else "pass"
    if report.exit in (Exit.DOES_NOT_CONFORM, Exit.BASELINE):
        return "fail"
    return "harness-error" if report.exit is Exit.HARNESS_ERROR else "inconclusive"


def headline(report: Report) -> str:
    """Return the verdict in one sentence, short enough to be set large, names kept on one line."""
    sentence = report.sentence
    if report.exit is Exit.UNREACHABLE and report.trouble and len(sentence) > _LONG:
        # What a server said when it refused us stands below.
        sentence = f"No verdict: {report.trouble.partition(': ')[0][:_LONG]}."
    for name in (each.title for each in dialects().values()):
        sentence = sentence.replace(name, name.replace(" ", "\N{NO-BREAK SPACE}"))
    return sentence


def notes(report: Report) -> tuple[str, ...]:
    """Return what has to be said besides: mistakes of ours that no requirement shows, and the own notes."""
    ours = [
        f"A mistake of the suite in the scenario {s.id}: {s.message}"
        for s in report.scenarios
        if s.outcome == "harness-error"
    ]
    crowded = [report.crowding.sentence] if report.crowding is not None else []
    return (*crowded, *ours, *report.notes, *absences(report))


def facts(report: Report) -> tuple[Fact, ...]:
    """Return what identifies the run."""
    spent, cost = report.spent, spent_by_unit(report.spent)
    runs = f"{report.repeats} runs, " if report.repeats > 1 else ""
    where = f"{report.target.name} · {report.target.url}" if report.target.name else report.target.url
    return (
        Fact("Target", where, mono=True, wide=True),
        Fact("Dialect", report.target.title),
        Fact("Date", date(report.started)),
        Fact("Took", f"{length(report.duration_s)}, {runs}{_number(len(report.traces), 'trace')}"),
        Fact(
            "Spent",
            cost or ("nothing" if spent else "nothing: traces were judged"),
            wide=True,
        ),
        Fact("Suite, seed", f"{report.suite.version}, {report.seed}", mono=True),
        Fact("Registry", report.suite.registry_hash, mono=True),
        Fact("AsyncAPI document", report.suite.document_hash, mono=True),
    )


def spent_by_unit(spent: Mapping[str, float]) -> str:
    """Return what a run cost, unit by unit; empty where it cost nothing."""
    cost = [
        _number(spent[name], one)
        for name, one in (("sessions", "session"), ("responses", "response"), ("tokens", "token"))
        if spent.get(name)
    ]
    if spent.get("characters"):
        cost.append(_number(spent["characters"], "character"))
    if spent.get("audio_s"):
        cost.insert(2, f"{spent['audio_s']:,} s of audio")
    if "money" in spent:
        cost.append(f"{spent['money']:,.2f} by the target's prices")
    return " · ".join(cost)


def date(started: str) -> str:
    """Return when a run began, to the minute; what is no date stays as it is."""
    try:
        when = dt.datetime.fromisoformat(started)
    except ValueError:
        return started
    return when.strftime("%Y-%m-%d %H:%M ") + (when.strftime("%Z") or "")


def _number(number: float, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def length(seconds: float) -> str:
    """Return a time in words."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.1f} s"


def wrongs(report: Report) -> list[Wrong]:
    """Return the failures that nobody expects, the weightiest first."""
    found = []
    for result in report.unknown(Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.WARN):
        first = result.findings[0] if result.findings else None
        where = f"{first.trace} {numbers(first.seqs)}" if first is not None else ""
        found.append(Wrong(result.id, result, result.sentence, where))
    return found


def wrongs_title(report: Report, found: Sequence[Wrong]) -> str:
    """Return the heading above them: how many of each kind."""
    expected = any(r.violated for r in report.standing(Standing.KNOWN))
    unexpected = "unexpected " if expected else ""
    kinds = (
        (Verdict.HARNESS_ERROR, "mistake of the suite", "mistakes of the suite"),
        (Verdict.FAIL, f"{unexpected}failure", f"{unexpected}failures"),
        (Verdict.WARN, f"{unexpected}warning", f"{unexpected}warnings"),
    )
    if found and all(w.result.verdict is Verdict.WARN for w in found):
        return f"{len(found)} {unexpected}recommendation{'' if len(found) == 1 else 's'} not followed"
    numbers_ = [(sum(w.result.verdict is verdict for w in found), *names) for verdict, *names in kinds]
    said = [f"{number} {one if number == 1 else many}" for number, one, many in numbers_ if number]
    return f"What is wrong: {', '.join(said)}"


@dataclass(frozen=True, slots=True)
class Outdated:
    """A place in which the baseline does not describe the run."""

    what: str
    told: str


def outdated(report: Report) -> tuple[Outdated, ...]:
    """Return where the baseline, if there is one, is out of date."""
    if report.held is None:
        return ()
    entries = [Outdated(each.entry.requirement, each.told) for each in report.held.red]
    return (
        *entries,
        *(Outdated(r.id, r.sentence) for r in report.standing(Standing.UNCOVERED)),
    )
