"""Writes the generated pages of `docs/`; with `--check`, only says whether one is out of date."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from realtime_conformance.conformance import Plan
from realtime_conformance.judging import contract_for, judge
from reports.registry_page import registry_page
from rules.requirements import registry
from rules.verdicts import Tally
from suites.scenario import catalogue
from wire.endpoint import Dialect

PAGE = Path(__file__).parent / "requirements.md"


def exercised(dialect: Dialect) -> dict[str, Tally]:
    """Return what a run against the reference server counts in `dialect`."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(catalogue(), Path(folder), dialect=dialect)
        asyncio.run(plan.perform())
        if plan.run is None:
            raise RuntimeError("the run did not begin")
        traces = [t for o in plan.run.outcomes for t in o.traces]
        return judge(traces, dialect, contract_for(dialect)).total


def page() -> str:
    """Return the page as it should be."""
    return registry_page(registry(), {"inworld": exercised("inworld"), "openai": exercised("openai")})


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes the generated pages of docs/.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where a page is out of date"
    )
    given = parser.parse_args()
    text = page()
    if given.check:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            print(f"{PAGE.name} is out of date: run python docs/generate.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
