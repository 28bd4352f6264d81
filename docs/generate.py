"""Writes the generated pages of `docs/`; with `--check`, only says whether one is out of date."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.depths import read
from docs.automata_page import automata_page, picture_name
from docs.automata_svg import automaton_svg
from docs.channel_page import channel_page
from docs.depths_page import depths_page
from docs.registry_page import registry_page
from docs.requirement_pages import requirement_pages
from docs.results_page import results_page
from packs.catalogue import PACKS
from protocol.dialect import DialectName
from protocol.yaml_core import parse_yaml
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import Embedded
from realtime_conformance.application.explanation import explained
from realtime_conformance.application.judging import contract_for, judge_traces
from realtime_conformance.application.plan import Plan
from reports.automata import combinators
from rules.requirements import registry
from rules.rulebook import ORDER
from rules.verdicts import Tally
from suites.scenario import catalogue

HERE = Path(__file__).parent
RESULTS_SCHEMA = HERE.parent / "schemas" / "results.schema.json"


def exercised(dialect: DialectName) -> dict[str, Tally]:
    """Return what a run against the reference server counts in `dialect`."""
    with tempfile.TemporaryDirectory() as folder:
        run = ConformanceRun(Plan(catalogue(), Path(folder), Embedded(dialect)))
        asyncio.run(run.perform())
        if run.run is None:
            raise RuntimeError("the run did not begin")
        traces = list(dict.fromkeys(t for o in run.run.outcomes for t in o.traces))  # some are shared
        return judge_traces(traces, dialect, contract_for(dialect)).total


def unrequired_facts() -> dict[str, str]:
    """Return the facts on channels of which no requirement is made, each with the reason."""
    found: dict[str, str] = parse_yaml((HERE / "channel_facts.yaml").read_text(encoding="utf-8"))
    return found


FOLDERS = (HERE / "requirements", HERE / "pictures" / "automata")
"""What is in them is generated, all of it."""


def pages() -> dict[Path, str]:
    """Return the pages as they should be."""
    seen = {"inworld": exercised("inworld"), "openai": exercised("openai")}
    schema = json.loads(RESULTS_SCHEMA.read_text(encoding="utf-8"))
    scenarios = catalogue()
    told = [explained(entry, scenarios) for entry in registry()]
    by_area, pictures = FOLDERS
    return {
        HERE / "requirements.md": registry_page(registry(), seen),
        HERE / "channel-requirements.md": channel_page(list(PACKS.values()), unrequired_facts()),
        HERE / "results.md": results_page(schema),
        HERE / "automata.md": automata_page(registry(), ORDER),
        HERE / "depths.md": depths_page(read()),
        **{by_area / name: text for name, text in requirement_pages(told, registry(), seen)},
        **{pictures / picture_name(each): automaton_svg(each) for each in combinators()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the generated pages of docs/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where a page is out of date"
    )
    given = parser.parse_args()
    wanted = pages()
    left = [path for folder in FOLDERS for path in sorted(folder.glob("*")) if path not in wanted]
    outdated = [p for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if given.check:
        for page in outdated + left:
            name = page.relative_to(HERE).as_posix()
            print(f"{name} is out of date: run python docs/generate.py", file=sys.stderr)
        return 1 if outdated or left else 0
    for page in outdated:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(wanted[page], encoding="utf-8")
    for page in left:
        page.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
