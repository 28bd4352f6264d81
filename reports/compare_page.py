"""The page that shows several reports side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from protocol.catalogue import title_of
from reports.compare import Change, ComparedReport, ComparedRequirement, ComparedVerdict, Diff
from reports.compared_figures import agreed_areas, feature_rows, figures
from reports.history import History
from reports.history_page import shown_history
from reports.html import render
from reports.html_first import date
from reports.html_requirements import Count, counts
from reports.ranking import ranking
from rules.verdicts import Verdict

_SEVERITY = list(Verdict)


@dataclass(frozen=True, slots=True)
class Column:
    """One report on the page."""

    side: ComparedReport
    dialect: str
    date: str
    link: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell on the page. `rank` sorts, most severe first; `link` leads to the evidence."""

    cell: ComparedVerdict | None
    rank: int
    link: str


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One requirement on the page."""

    row: ComparedRequirement
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class AreaCell:
    """What one report says of one area. `mark` names the symbol; `rank` sorts, most severe first."""

    mark: str
    said: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class AreaLine:
    """An area in which somebody violates something."""

    name: str
    cells: tuple[AreaCell, ...]


def compared_areas(
    sides: Sequence[ComparedReport], rows: Sequence[ComparedRequirement]
) -> tuple[AreaLine, ...]:
    """Return the areas in which some side violates a requirement, with what each side makes of them."""
    by_area: dict[str, list[ComparedRequirement]] = {}
    for row in rows:
        by_area.setdefault(row.area, []).append(row)
    lines = []
    for name, inside in by_area.items():
        columns = [[row.cells[n] for row in inside] for n in range(len(sides))]
        cells = tuple(_area_cell([c.verdict for c in column if c is not None]) for column in columns)
        if any(cell.mark in (Verdict.FAIL, Verdict.WARN) for cell in cells):
            lines.append(AreaLine(name, cells))
    return tuple(lines)


def _area_cell(verdicts: Sequence[Verdict]) -> AreaCell:
    number = {v: verdicts.count(v) for v in (Verdict.FAIL, Verdict.WARN, Verdict.PASS)}
    worst = next((v for v, n in number.items() if n), None)
    if worst is None:
        return AreaCell(str(Verdict.NOT_OBSERVED), "nothing decided", len(verdicts) + 1)
    # The more violations, the further up; those of a MUST before all others.
    rank = -(1000 * number[Verdict.FAIL] + number[Verdict.WARN])
    return AreaCell(str(worst), " · ".join(f"{n} {v}" for v, n in number.items() if n), rank)


def matrix(
    sides: Sequence[ComparedReport],
    rows: Sequence[ComparedRequirement],
    difference: Diff | None = None,
    history: History | None = None,
    nav: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the HTML page that compares `sides`; `difference` or `history` is shown first where given.

    `nav` are links to other pages, with what they are called.
    """
    columns = tuple(map(_column, sides))
    stands = ranking(sides)
    registries = {s.registry for s in sides}
    return render(
        "matrix.html",
        styles=("base.css", "matrix.css", "history.css"),
        scripts=("matrix.js",),
        title=difference.sentence if difference is not None else f"{len(sides)} reports side by side",
        nav=nav,
        columns=columns,
        lines=tuple(_line(row, columns) for row in rows),
        areas=list(dict.fromkeys(row.area for row in rows)),
        standing=[(place, stands.said(place)) for place in stands.places] if difference is None else (),
        violated=compared_areas(sides, rows) if difference is None else (),
        figures=figures(sides),
        features=feature_rows(sides),
        agreed=agreed_areas(sides, rows),
        differing=sum(1 for row in rows if row.differs),
        difference=difference,
        history=shown_history(history) if history is not None else None,
        changes=_changes(difference) if difference is not None else [],
        note="The reports were judged by different registries." if len(registries) > 1 else "",
        after=columns[-1],
    )


def _column(side: ComparedReport) -> Column:
    link = quote(side.link)
    return Column(side, title_of(side.dialect), date(side.started), link, counts(side.counts))


def _line(row: ComparedRequirement, columns: Sequence[Column]) -> ComparedLine:
    cells = zip(row.cells, columns, strict=True)
    return ComparedLine(row, tuple(_shown(cell, column, row.id) for cell, column in cells))


def _changes(difference: Diff) -> list[tuple[str, str, tuple[Change, ...]]]:
    """Return what has changed, each kind with its title and the mark it is shown with."""
    kinds = [
        ("New failures", "fail", difference.new_failures),
        ("Newly unobserved", "not-observed", difference.unobserved),
        ("Violated in another way than before", "warn", difference.otherwise),
        ("Fixed", "pass", difference.fixed),
    ]
    return [(title, mark, changes) for title, mark, changes in kinds if changes]


def _shown(cell: ComparedVerdict | None, column: Column, id_: str) -> ShownCell:
    if cell is None:
        return ShownCell(None, len(_SEVERITY), "")
    link = f"{column.link}#{quote(id_)}" if column.link else ""
    return ShownCell(cell, _SEVERITY.index(cell.verdict), link)
