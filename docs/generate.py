"""Writes the generated pages of `docs/`; with `--check`, only says whether one is out of date."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from realtime_conformance.conformance import Plan
from realtime_conformance.judging import contract_for, judge
from reports.registry_page import registry_page
from reports.results_page import results_page
from rules.requirements import registry
from rules.verdicts import Tally
from suites.scenario import catalogue
from wire.endpoint import Dialect

HERE = Path(__file__).parent
RESULTS_SCHEMA = HERE.parent / "schemas" / "results.schema.json"


def exercised(dialect: Dialect) -> dict[str, Tally]:
    """Return what a run against the reference server counts in `dialect`."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(catalogue(), Path(folder), dialect=dialect)
        asyncio.run(plan.perform())
        if plan.run is None:
            raise RuntimeError("the run did not begin")
        traces = [t for o in plan.run.outcomes for t in o.traces]
        return judge(traces, dialect, contract_for(dialect)).total


def pages() -> dict[Path, str]:
    """Return the pages as they should be."""
    seen = {"inworld": exercised("inworld"), "openai": exercised("openai")}
    schema = json.loads(RESULTS_SCHEMA.read_text(encoding="utf-8"))
    return {
        HERE / "requirements.md": registry_page(registry(), seen),
        HERE / "results.md": results_page(schema),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the generated pages of docs/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where a page is out of date"
    )
    given = parser.parse_args()
    outdated = 0
    for page, text in pages().items():
        if not given.check:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            print(f"{page.name} is out of date: run python docs/generate.py", file=sys.stderr)
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main())
