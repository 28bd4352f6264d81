"""Writes `absence-matrix.html`; with `--check`, only says whether it is out of date.

The data are `tests/absence/expected/` and `tests/absence/not_yet.yaml`; no cell is played for the page.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from protocol.dialect import DialectName
from reference.absence import ABSENCE, KINDS_OF_ABSENCE, kind_of_absence
from tests.absence.cells import Cell, cells
from tests.absence.expected_outcomes import expected
from tests.absence.matrix import not_yet, unplayed
from tests.rules.scripts import DIALECTS

PAGE = Path(__file__).parent / "absence-matrix.html"

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --paper: #fff; --faint: #59636e; --line: #d0d7de;
  --red: #b3261e; --amber: #8a5300; --green: #1a6b34; --head: #f3f5f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9aa4af;
  --line: #30363d; --red: #ff8a80; --amber: #e3b341; --green: #6fdd8b; --head: #161b22; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 84rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
thead th { background: var(--head); }
tbody th { font-weight: 600; width: 26%; overflow-wrap: anywhere; }
td { overflow-wrap: anywhere; }
td p { margin: 0; } .f, .t { color: var(--faint); font-size: 13px; }
.must { color: var(--red); } .should { color: var(--amber); } .green { color: var(--green); }
.t b { color: var(--ink); } summary { cursor: pointer; font-size: 1.15rem; font-weight: 600; }
.wide { overflow-x: auto; }
"""

_INTRO = """\
<p>What a server can leave out, and how it can end, fall silent or say too much: each row is a server that
does just this, from <code>serve --fault NAME</code>. A cell says what has to come of it, from the facts about
the protocol: a requirement that <b class="must">fails</b> (MUST) or <b class="should">warns</b> (SHOULD), an
exit code where nothing can be judged, or <b class="green">green</b> with the fact that allows it.
“Differs” says where today's judge makes something else of it: offline in good conversations that were
changed, live in runs against the reference server. An asterisk marks a requirement that the registry has not
yet.</p>
"""


def page() -> str:
    """Return the page as it should be."""
    sections = "\n".join(_section(kind, what) for kind, what in KINDS_OF_ABSENCE.items())
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>The absence matrix</title>\n<style>{_STYLE}</style>\n<h1>The absence matrix</h1>\n"
        f"{_INTRO}{_figures()}\n{sections}\n</html>\n"
    )


def _figures() -> str:
    count = Counter((cell.dialect, _outcome(cell)) for cell in cells())
    missed = {
        (dialect, where): len(names)
        for where in ("offline", "live")
        for dialect, names in not_yet(where).items()
    }
    left = {dialect: len(unplayed().get(dialect, ())) for dialect in DIALECTS}
    head = "".join(f"<th>{each}</th>" for each in ("has to be", *DIALECTS))
    rows = [
        (f"{name}", *(str(count[dialect, name]) for dialect in DIALECTS))
        for name in ("MUST", "SHOULD", "either", "exit", "green", "untried")
    ]
    rows += [
        (f"differs {where}", *(str(missed.get((dialect, where), 0)) for dialect in DIALECTS))
        for where in ("offline", "live")
    ]
    rows.append(("not played live", *(str(left[dialect]) for dialect in DIALECTS)))
    body = "".join(
        f"<tr><th scope=row>{row[0]}</th>{''.join(f'<td>{value}</td>' for value in row[1:])}</tr>"
        for row in rows
    )
    return f"<table style='max-width:36rem'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _outcome(cell: Cell) -> str:
    it = expected(cell)
    if it.green or it.untried:
        return "green" if it.green else "untried"
    return {"any": "either"}.get(it.level[cell.dialect], it.level[cell.dialect]) if it.red else "exit"


def _section(kind: str, what: str) -> str:
    names = [name for name in ABSENCE if kind_of_absence(name) == kind]
    rows = "\n".join(
        f"<tr><th scope=row>{escape(name.partition(':')[2])}</th>"
        f"{''.join(_cell(dialect, name) for dialect in DIALECTS)}</tr>"
        for name in names
    )
    head = "".join(f"<th scope=col>{each}</th>" for each in (f"{kind}:", *DIALECTS))
    return (
        f"<details open><summary>{kind}: {what} ({len(names)})</summary>\n<div class=wide><table>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div></details>"
    )


def _cell(dialect: DialectName, name: str) -> str:
    if dialect not in ABSENCE[name].dialects:
        return "<td class=f>not in this dialect</td>"
    cell = Cell(dialect, name)
    it = expected(cell)
    if it.green:
        told = f"<p class=green>green</p><p class=f>{escape(it.green)}</p>"
    elif it.untried:
        told = f"<p class=f>untried: {escape(it.untried)}</p>"
    else:
        told = _red(cell)
    for where in ("offline", "live"):
        came = not_yet(where).get(dialect, {}).get(name)
        if came is not None:
            told += f"<p class=t><b>differs {where}</b>: {escape(_short(came))}</p>"
    return f"<td>{told}</td>"


def _red(cell: Cell) -> str:
    it = expected(cell)
    level = it.level[cell.dialect]
    told = list(it.red)
    named = " or ".join(escape(each) for each in told)
    ways = [f"{'MUST or SHOULD' if level == 'any' else level} {named}"] if told else []
    ways += [f"exit {' or '.join(map(str, it.exit))}"] if it.exit else []
    style = "should" if level == "SHOULD" else "must"
    return f"<p class={style}>{' · '.join(ways)}</p><p class=f>{escape(it.fact)}</p>"


def _short(came: str) -> str:
    parts = came.split(", ")
    return came if len(parts) <= 2 else f"{', '.join(parts[:2])} and {len(parts) - 2} more"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is out of date")
    given = parser.parse_args()
    if not given.check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.name} is out of date: run python docs/absence_matrix.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
