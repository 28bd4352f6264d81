"""The absence matrix from the command line: plays cells, compares what comes of them with what has to.

    python -m tests.absence.matrix --offline --dialect openai --only 'absent:*'
    python -m tests.absence.matrix --live --only 'refused:*' --json live.json

With `--json`, what was played is kept there; cells that the file holds already are not played again. With
`--write-not-yet`, the cells that differ are written to `not_yet.yaml`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import yaml

from reference.absence import KINDS_OF_ABSENCE
from tests.absence.cells import Cell, cells
from tests.absence.expected_outcomes import expected
from tests.absence.live import live
from tests.absence.offline import offline
from tests.absence.outcomes import Outcome, from_json
from tests.rules.scripts import DIALECTS

Where = Literal["offline", "live"]

NOT_YET = Path(__file__).parent / "not_yet.yaml"
_NO_SCENARIO = "no scenario shows it"
_NOT_PLAYED = "not played yet"
_HEADER = """\
# Cells of which today's judge makes something else than has to come of them, and what it makes: offline of
# good conversations, live in runs against the reference server; and those that no scenario shows. Written by
# `python -m tests.absence.matrix` with --offline or --live, and --write-not-yet. An entry that works is an
# error.
"""


def not_yet(where: Where) -> dict[str, dict[str, str]]:
    """Return, by dialect, the cells that are known to differ, with what came of them."""
    return _listed().get(where, {})


def unplayed() -> dict[str, dict[str, str]]:
    """Return, by dialect, the cells that are not played live, with why."""
    return _listed().get("unplayed", {})


def _listed() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load(NOT_YET.read_text(encoding="utf-8")) or {} if NOT_YET.exists() else {}


def play(
    chosen: Sequence[Cell], player: Callable[[Cell], Outcome | None], kept: Path | None = None
) -> dict[Cell, Outcome]:
    """Return what came of cells, without those that cannot be played.

    With `kept`, what that file holds is taken from there, and all else is added to it.
    """
    known = json.loads(kept.read_text(encoding="utf-8")) if kept and kept.exists() else {}
    found: dict[Cell, Outcome] = {}
    for cell in chosen:
        if str(cell) not in known:
            outcome = player(cell)
            known[str(cell)] = None if outcome is None else outcome.as_json()
            if kept is not None:
                kept.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        if known[str(cell)] is not None:
            found[cell] = from_json(known[str(cell)])
    return found


def differing(found: dict[Cell, Outcome]) -> dict[Cell, Outcome]:
    """Return the cells whose outcome is not the one that is expected."""
    return {cell: outcome for cell, outcome in found.items() if not expected(cell).met(cell, outcome)}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell(found: dict[Cell, Outcome], wrong: dict[Cell, Outcome]) -> None:
    for cell, outcome in wrong.items():
        _say(f"{cell}\n    expected {expected(cell).shown(cell)} ({expected(cell).fact or 'see the data'})")
        _say(f"    came     {outcome}")
    count, missed = Counter((c.kind, c.dialect) for c in found), Counter((c.kind, c.dialect) for c in wrong)
    _say("")
    for kind, what in KINDS_OF_ABSENCE.items():
        told = [
            f"{dialect} {count[kind, dialect] - missed[kind, dialect]} of {count[kind, dialect]}"
            for dialect in DIALECTS
            if count[kind, dialect]
        ]
        if told:
            _say(f"{kind:<11} as expected: {', '.join(told)}   ({what})")
    _say(f"{len(found) - len(wrong)} of {len(found)} cells are as expected")


def write_not_yet(
    where: Where, chosen: Sequence[Cell], played: dict[Cell, Outcome], wrong: dict[Cell, Outcome]
) -> None:
    """Write the cells that differ, with what came of them; what was not chosen stays as it was."""
    listed = _listed()
    for dialect in DIALECTS:
        mine = [cell for cell in chosen if cell.dialect == dialect]
        names = listed.setdefault(where, {}).setdefault(dialect, {})
        for cell in mine:
            names.pop(cell.name, None)
        names.update({cell.name: str(wrong[cell]) for cell in mine if cell in wrong})
        if where == "live":
            never = {cell.name: _NOT_PLAYED for cell in cells(dialect)}
            left = listed.setdefault("unplayed", {}).setdefault(dialect, never)
            for cell in mine:
                left.pop(cell.name, None)
            left.update({cell.name: _NO_SCENARIO for cell in mine if cell not in played})
    text = yaml.safe_dump(listed, sort_keys=True, width=108)
    NOT_YET.write_text(_HEADER + text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Play cells and print those that differ; return 1 if there are any."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--offline", action="store_true", help="good conversations, changed")
    where.add_argument("--live", action="store_true", help="runs against the reference server")
    parser.add_argument("--dialect", choices=DIALECTS)
    parser.add_argument("--only", default="*", metavar="PATTERN", help="cells whose names match")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep outcomes here, and go on from there")
    parser.add_argument(
        "--write-not-yet", action="store_true", help="write those that differ to not_yet.yaml"
    )
    given = parser.parse_args(arguments)
    chosen = list(cells(given.dialect, given.only))
    player: Callable[[Cell], Outcome | None] = live if given.live else offline
    began = time.monotonic()
    found = play(chosen, player, given.json)
    wrong = differing(found)
    _tell(found, wrong)
    _say(f"{time.monotonic() - began:.0f} s")
    if given.write_not_yet:
        write_not_yet("live" if given.live else "offline", chosen, found, wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
