"""`realtime-conformance compare`: reports side by side, and what changed between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

DEFAULT_OUT = Path("conformance-comparison.html")


@click.command()
@click.argument("results", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT_OUT,
    show_default=True,
    help="The HTML page to write.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="TEXT",
    help="What a report is called; once for each of RESULTS, in order. Else by target or folder.",
)
@click.option(
    "--history",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="FOLDER",
    help="Instead of RESULTS: all reports in this folder and those below it, each target's runs in a line.",
)
@click.option(
    "--fail-on-regression",
    is_flag=True,
    help="Exit with 1 where the last report is worse than the first: two runs of one target. With --history: "
    "than the one before it.",
)
def compare(**given: Any) -> int:
    """Compare RESULTS, two or more results.json or their folders.

    The page shows figures (share decided, latency, cost) and each requirement's verdicts side by side, with
    links to the evidence. Of two runs of one target, the first being the older, it is said what changed, too;
    more of them are a history: how failures, warnings and latency went, and what changed at each step.
    """
    from realtime_conformance.application.actions import compare as action

    return action.compare(**given)
