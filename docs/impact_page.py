"""Writes `impact.html`, what breaks whom; with `--check`, only says whether it is out of date.

The data are `reference/impact/`, which `tox -e impact` measures; no client is started for the page.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.impact_style import SCRIPT, STYLE
from reference.absence import ABSENCE, kind_of_absence
from reference.differences import Difference
from reference.faults import FAULTS
from reference.impact_records import IMPACT_OUTCOMES, ImpactCell, ImpactRecord, read_impact_record
from reference.variants import VARIANTS
from tests.interop.realtime_clients import CLIENTS

FOLDER = Path(__file__).resolve().parent.parent / "reference" / "impact"
PAGE = Path(__file__).parent / "impact.html"
_WORST = 10
_LONGEST = 60
_SILENT: set[str] = {"unaffected", "not exercised"}
_CLASS = {"no result": "n", "error": "e", "warning": "w", "differs": "d", "unsteady": "u"}

Matrix = Mapping[str, Mapping[str, ImpactCell]]
"""For each difference the cells that there are, by the client's name in `CLIENTS`."""


def matrix() -> Matrix:
    """Return all measured cells, in the order of variants, faults and the absence matrix."""
    return {
        name: {client: each.cells[name] for client, each in _records().items() if name in each.cells}
        for name in _every()
    }


@cache
def _records() -> dict[str, ImpactRecord]:
    """Return what was measured of each client, by its name in `CLIENTS`."""
    return {file.stem: read_impact_record(file) for file in sorted(FOLDER.glob("*.json"))}


def _every() -> dict[str, Difference]:
    return {**VARIANTS, **FAULTS, **ABSENCE}


def kind_of(name: str) -> str:
    """Return the kind of a difference: `variant`, `fault`, or its kind in the absence matrix."""
    if name in VARIANTS:
        return "variant"
    return kind_of_absence(name) if name in ABSENCE else "fault"


def page() -> str:
    """Return the page as it should be."""
    cells = matrix()
    clients = [name for name in CLIENTS if any(name in row for row in cells.values())]
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>What breaks whom</title>\n<style>{STYLE}</style>\n<h1>What breaks whom</h1>\n"
        f"{_intro()}{_figures(cells, clients)}\n{_variants(cells, clients)}\n{_worst(cells, clients)}\n"
        f"{_all(cells, clients)}\n<script>{SCRIPT}</script>\n</html>\n"
    )


def _intro() -> str:
    outcomes = "; ".join(f"<b>{outcome}</b>: {meaning}" for outcome, meaning in IMPACT_OUTCOMES.items())
    return (
        "<p>Each client, as its authors publish it, holds one conversation (text, speech, a function call, "
        "an interruption) with a server that obeys, and with servers that differ from it in one way, "
        "<code>serve --fault NAME</code> or <code>--variant NAME</code>. A cell says what became of what "
        f"the <em>client</em> concluded. {outcomes}. A client that only parses leaves the rest to its user; "
        "here, to the driver in <code>tests/interop/clients/</code>.</p>\n"
    )


def _figures(cells: Matrix, clients: Iterable[str]) -> str:
    head = "".join(f"<th scope=col>{each}" for each in ("client", "measured", *IMPACT_OUTCOMES, "stopped by"))
    rows = []
    for name in clients:
        row = [each[name] for each in cells.values() if name in each]
        counted = Counter(each.outcome for each in row)
        about = _records()[name]
        figures = [
            f"{len(row)} until {about.date}, {about.seconds:g} s",
            *(counted[outcome] for outcome in IMPACT_OUTCOMES),
        ]
        figures.append(sum(each.stops for each in row))
        body = "".join(f"<td>{each}" for each in figures)
        rows.append(f"<tr><th scope=row>{escape(CLIENTS[name].title)}{body}")
    return (
        f"<div class=wide tabindex=0><table class=figures><thead><tr>{head}<tbody>\n"
        + "\n".join(rows)
        + "</table></div>"
    )


def _variants(cells: Matrix, clients: list[str]) -> str:
    """Return the table of what is legal and yet gives a client another result, or none."""
    rows = {n: row for n, row in cells.items() if n in VARIANTS and _affected(row)}
    title = "Legal variants under which a client gets another result, or none"
    return f"<h2>{title}</h2>\n{_table(rows, clients)}"


def _worst(cells: Matrix, clients: list[str]) -> str:
    stopped = {
        name: sum(cell.stops for cell in row.values()) for name, row in cells.items() if name not in VARIANTS
    }
    whole = [name for name, count in stopped.items() if count]
    worst = sorted(whole, key=lambda name: (-stopped[name], kind_of(name) != "fault", name))[:_WORST]
    rows = {name: cells[name] for name in worst}
    return f"<h2>Ten faults that stop the most clients</h2>\n{_table(rows, clients)}"


def _all(cells: Matrix, clients: list[str]) -> str:
    rows = {name: row for name, row in cells.items() if row and not _unexercised(row)}
    left = sum(1 for row in cells.values() if row) - len(rows)
    kinds = list(dict.fromkeys(map(kind_of, rows)))
    chosen = "".join(f"<option>{kind}" for kind in kinds)
    of_clients = "".join(f'<option value="{n}">{escape(CLIENTS[n].title)}' for n in clients)
    return (
        "<h2>The whole matrix</h2>\n<form id=filter><label>Kind <select name=kind><option value=''>all"
        f"{chosen}</select></label> <label>Affects <select name=client><option value=''>any or none"
        f"{of_clients}</select></label> <label>Name <input name=name type=search></label> "
        "<output id=shown aria-live=polite></output></form>\n"
        f"{_table(rows, clients, name='matrix')}\n"
        f"<p>{left} more change nothing of this conversation.</p>"
    )


def _unexercised(row: Mapping[str, ImpactCell]) -> bool:
    return all(cell.outcome == "not exercised" for cell in row.values())


def _affected(row: Mapping[str, ImpactCell]) -> list[str]:
    """Return the clients that are known to suffer."""
    return [client for client, cell in row.items() if cell.outcome not in {*_SILENT, "unsteady"}]


def _table(rows: Mapping[str, Mapping[str, ImpactCell]], clients: list[str], name: str = "") -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th scope=col>{escape(CLIENTS[each].title)}" for each in clients)
    body = "\n".join(_row(each, row, clients) for each, row in rows.items())
    table = f"<table id={name}>" if name else "<table>"
    top = f"<thead><tr><th scope=col>name{head}<tbody>"
    return f"<div class=wide tabindex=0>{table}{top}\n{body}</table></div>"


def _row(name: str, row: Mapping[str, ImpactCell], clients: list[str]) -> str:
    statement = escape(_every()[name].statement, quote=True)
    marks = f'data-k={kind_of(name)} data-a="{" ".join(_affected(row))}"'
    body = "".join(_cell(row.get(client)) for client in clients)
    return f'<tr {marks}><th scope=row title="{statement}">{escape(name)}{body}'


def _cell(cell: ImpactCell | None) -> str:
    if cell is None:
        return "<td class=f>not tried"
    if cell.outcome in _SILENT:
        return "<td class=f>same" if cell.outcome == "unaffected" else "<td class=f>–"
    told = f"<i>{escape('; '.join(each[:_LONGEST] for each in cell.what))}</i>" if cell.what else ""
    return f"<td class={_CLASS[cell.outcome]}>{cell.outcome}{told}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is out of date")
    given = parser.parse_args()
    if not given.check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.name} is out of date: run python docs/impact_page.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
