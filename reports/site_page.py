"""The first page of a site of reports: each target with what its newest run came to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from protocol.catalogue import title_of
from reports.compare import ComparedReport
from reports.compared_figures import figures
from reports.exits import Exit
from reports.history import History
from reports.html import render
from reports.html_first import date
from reports.html_requirements import Count, counts
from reports.ranking import ranking
from rules.verdicts import Verdict

GENERATOR = "realtime-conformance site"
"""What the first page names as its maker: only a folder with such a page is written over."""

INDEX, MATRIX, HISTORY = "index.html", "matrix.html", "history.html"

NAV = ((INDEX, "All targets"), (MATRIX, "Side by side"), (HISTORY, "Histories"))
"""The pages that lead to each other, with what they are called."""


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A target on the first page. `history` is its place on the page of histories."""

    side: ComparedReport
    mark: str
    dialect: str
    date: str
    link: str
    history: str
    runs: int
    counts: tuple[Count, ...]
    figures: tuple[tuple[str, str], ...]


def newest(found: Sequence[History]) -> list[ComparedReport]:
    """Return the newest run of each target, those that stand best first."""
    last = [history.runs[-1] for history in found]
    return [place.side for place in ranking(last).places]


def index_page(found: Sequence[History], title: str, notes: Sequence[str] = ()) -> str:
    """Return the first page of a site on `found`; `notes` say what could not be read."""
    places = {id(history.runs[-1]): n for n, history in enumerate(found)}
    last = newest(found)
    rows = figures(last)
    entries = []
    for n, side in enumerate(last):
        place = places[id(side)]
        shown = tuple((row.name, row.cells[n].text) for row in rows if row.cells[n].text)
        entries.append(
            SiteEntry(
                side,
                _mark(side),
                title_of(side.dialect),
                date(side.started),
                quote(side.link),
                f"{HISTORY}#history-{place + 1}",
                len(found[place].runs),
                counts(side.counts),
                shown,
            )
        )
    return render(
        "site.html",
        styles=("base.css", "matrix.css", "site.css"),
        scripts=(),
        title=title,
        generator=GENERATOR,
        entries=entries,
        several=len(entries) > 1,
        notes=notes,
        nav=nav(INDEX, several=len(entries) > 1),
    )


def nav(here: str, *, several: bool) -> tuple[tuple[str, str], ...]:
    """Return links and names of the other pages, as seen from `here`; one target stands beside nobody."""
    return tuple((page, name) for page, name in NAV if page != here and (several or page != MATRIX))


def _mark(side: ComparedReport) -> str:
    """Return the name of the symbol for the verdict as a whole."""
    match side.exit:
        case Exit.CONFORMS:
            # What is known to fail lets the gate pass, and is no conformance.
            return str(Verdict.WARN if side.counts.get(str(Verdict.FAIL)) else Verdict.PASS)
        case Exit.DOES_NOT_CONFORM | Exit.BASELINE:
            return str(Verdict.FAIL)
        case Exit.HARNESS_ERROR:
            return str(Verdict.HARNESS_ERROR)
    return str(Verdict.INCONCLUSIVE)
