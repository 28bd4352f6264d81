"""What one chooses by besides verdicts: shares, levels, latency and cost, the best ones marked. Pure.

The best of a row is marked only among reports that decided enough to be compared (`reports.ranking`), and
only where they differ: who was hardly examined fails in little, and is cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.compare import ComparedReport, ComparedRequirement
from reports.ranking import ranking
from reports.requirement_results import DECIDED
from rules.verdicts import Level, Verdict

_Value = Callable[[ComparedReport], float | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one report has in a row: the text, empty where there is none, and whether it is the best."""

    text: str
    best: bool = False


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of figures, a cell for each report."""

    name: str
    cells: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class ComparedFeature:
    """A feature that some report knows of; None where a report does not say."""

    name: str
    offered: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row to be: what it is called, its value, how that is written, and which way is better (1: more)."""

    name: str
    value: _Value
    text: Callable[[float], str]
    better: int


def figures(sides: Sequence[ComparedReport]) -> tuple[FigureRow, ...]:
    """Return the rows of figures that at least one of `sides` has."""
    compared = {id(place.side) for place in ranking(sides).places if place.compared}
    rows = []
    for asked in _ASKED:
        values = [asked.value(side) for side in sides]
        if all(value is None for value in values):
            continue
        candidates = [v for v, s in zip(values, sides, strict=True) if v is not None and id(s) in compared]
        best = max(candidates, key=lambda v: asked.better * v, default=None)
        differ = asked.better != 0 and len(set(candidates)) > 1
        rows.append(
            FigureRow(
                asked.name,
                tuple(
                    Figure(
                        "" if value is None else asked.text(value),
                        differ and value is not None and value == best and id(side) in compared,
                    )
                    for value, side in zip(values, sides, strict=True)
                ),
            )
        )
    return tuple(rows)


def feature_rows(sides: Sequence[ComparedReport]) -> tuple[ComparedFeature, ...]:
    """Return what each of `sides` offers, feature by feature; those in which they differ come first."""
    names = sorted({name for side in sides for name in side.features})
    found = [ComparedFeature(name, tuple(side.features.get(name) for side in sides)) for name in names]
    return tuple(sorted(found, key=lambda row: len(set(row.offered)) == 1))


def agreed_areas(sides: Sequence[ComparedReport], rows: Sequence[ComparedRequirement]) -> tuple[str, ...]:
    """Return the areas in which all `sides` decided something, and nothing differently."""
    by_area: dict[str, list[ComparedRequirement]] = {}
    for row in rows:
        by_area.setdefault(row.area, []).append(row)
    return tuple(
        area
        for area, inside in by_area.items()
        if not any(row.differs for row in inside)
        and all(any(_is_decided(row, n) for row in inside) for n in range(len(sides)))
    )


def _is_decided(row: ComparedRequirement, n: int) -> bool:
    cell = row.cells[n]
    return cell is not None and cell.verdict in DECIDED


def _number(side: ComparedReport, level: Level, *verdicts: Verdict) -> int:
    return sum(cell.level is level and cell.verdict in verdicts for cell in side.cells.values())


def seconds_or_number(value: float, unit: str) -> str:
    """Return `value` as text, in seconds or milliseconds where `unit` is `s`."""
    return _seconds(value) if unit == "s" else _whole(value)


def _decided_share(side: ComparedReport) -> float | None:
    decided = sum(cell.verdict in DECIDED for cell in side.cells.values())
    return decided / len(side.cells) if side.cells else None


def _of_level(level: Level, *verdicts: Verdict) -> _Value:
    return lambda side: float(_number(side, level, *verdicts))


def _latency(kind: str, which: str) -> _Value:
    return lambda side: side.latency.get(kind, {}).get(which)


def _spent(name: str) -> _Value:
    def value(side: ComparedReport) -> float | None:
        return float(side.spent[name]) if name in side.spent else None

    return value


def _tokens(side: ComparedReport) -> float | None:
    # Of a server that does not tell them, none are counted.
    return float(side.spent["tokens"]) if side.spent.get("tokens") else None


def _offered(side: ComparedReport) -> float | None:
    return float(sum(side.features.values())) if side.features else None


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _money(amount: float) -> str:
    return f"{amount:,.2f}"


_ASKED = (
    _Asked("Share decided", _decided_share, _percent, 1),
    _Asked("MUST: pass", _of_level(Level.MUST, Verdict.PASS), _whole, 1),
    _Asked("MUST: fail", _of_level(Level.MUST, Verdict.FAIL), _whole, -1),
    _Asked("SHOULD: pass", _of_level(Level.SHOULD, Verdict.PASS), _whole, 1),
    _Asked("SHOULD: not followed", _of_level(Level.SHOULD, Verdict.WARN), _whole, -1),
    _Asked("Features offered", _offered, _whole, 1),
    _Asked("First audio, median", _latency("first_audio", "median_s"), _seconds, -1),
    _Asked("First audio, 95th percentile", _latency("first_audio", "p95_s"), _seconds, -1),
    _Asked("Turn, median", _latency("turn", "median_s"), _seconds, -1),
    _Asked("Turn, 95th percentile", _latency("turn", "p95_s"), _seconds, -1),
    _Asked("Responses of the run", _spent("responses"), _whole, -1),
    _Asked("Tokens of the run", _tokens, _whole, -1),
    _Asked("Audio of the run", _spent("audio_s"), _seconds, -1),
    # Each target's prices are in a currency of their own.
    _Asked("Cost of the run, by the target's prices", _spent("money"), _money, 0),
)
