"""The first page of a run on several channels: a verdict for each, what is wrong, the way to its report."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from reports.combined import CombinedReport
from reports.exits import Exit
from reports.html import render
from reports.html_first import Fact, Wrong, date, headline, length, mark, notes, spent_by_unit, wrongs
from reports.html_requirements import Count, counts
from reports.model import Report

_LISTED = 5  # failures of each channel


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel on the first page; `link` leads to its report, `more` is how many failures are not listed."""

    name: str
    title: str
    mark: str
    headline: str
    link: str
    counts: tuple[Count, ...]
    about: str
    notes: tuple[str, ...]
    wrongs: tuple[Wrong, ...]
    more: int


def combined_page(combined: CombinedReport) -> str:
    """Return the page. Everything that came from a server is escaped."""
    first = next(iter(combined.reports.values()))
    return render(
        "channels.html",
        styles=("base.css", "report.css", "site.css"),
        scripts=(),
        title=combined.sentence,
        mark=_mark(combined),
        combined=combined,
        facts=_facts(combined, first),
        channels=[_view(name, combined.titles[name], each) for name, each in combined.reports.items()],
    )


def _mark(combined: CombinedReport) -> str:
    """Return the symbol of the channel that decides; where all conform, a warning's if one has warnings."""
    if combined.unplayed:
        return "inconclusive"
    deciding = [report for report in combined.reports.values() if report.exit is combined.exit]
    marks = [mark(report) for report in deciding]
    return "warn" if combined.exit is Exit.CONFORMS and "warn" in marks else marks[0]


def _facts(combined: CombinedReport, first: Report) -> tuple[Fact, ...]:
    name = f"{first.target.name} · " if first.target.name else ""
    place = urlsplit(first.target.url)
    return (
        Fact("Target", f"{name}{place.scheme}://{place.netloc}", mono=True, wide=True),
        Fact("Date", date(combined.started)),
        Fact("Took", length(combined.duration_s)),
        Fact("Spent", spent_by_unit(combined.spent) or "nothing", wide=True),
        Fact("Suite", first.suite.version, mono=True),
    )


def _view(name: str, title: str, report: Report) -> ChannelView:
    found = wrongs(report)
    return ChannelView(
        name=name,
        title=title,
        mark=mark(report),
        headline=headline(report),
        link=f"{name}/report.html",
        counts=counts(report.counts),
        about=f"{length(report.duration_s)} · {spent_by_unit(report.spent) or 'nothing spent'}",
        notes=notes(report),
        wrongs=tuple(found[:_LISTED]),
        more=max(0, len(found) - _LISTED),
    )
