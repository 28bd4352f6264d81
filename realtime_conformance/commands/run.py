"""`realtime-conformance run`: judge an endpoint, or the embedded reference server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realtime_conformance.commands.common import (
    also_option,
    baseline_option,
    dialect_option,
    document_options,
    out_option,
    strict_option,
)
from realtime_conformance.commands.targeting import feature_options, how_options, seconds, whom_options
from realtime_conformance.limits import MOST_REPEATS, READY_S
from suites.depth import DEPTHS


@click.command()
@whom_options
@click.option(
    "--start",
    metavar="COMMAND",
    help="Start the server with this command first, and stop it with its children at the end.",
)
@click.option(
    "--ready",
    metavar="URL|REGEX",
    help="It is ready when URL answers, or its output matches REGEX.  [default: the endpoint's port is open]",
)
@click.option(
    "--ready-timeout",
    type=float,
    callback=seconds,
    default=READY_S,
    show_default=True,
    help="Seconds until it has to be ready.",
)
@dialect_option
@also_option
@how_options
@click.option("--concurrency", type=click.IntRange(1, 200), help="Sessions at once.  [default: 8]")
@feature_options
@click.option("--probe/--no-probe", default=True, help="Find out first what the target offers.")
@document_options
@click.option(
    "-k",
    "patterns",
    multiple=True,
    metavar="EXPRESSION",
    help="Only scenarios or requirements with this text in their id: texts, and, or, not, parentheses.",
)
@click.option(
    "--only-failed",
    type=click.Path(path_type=Path),
    metavar="REPORT",
    help="Only what concerns the requirements that failed in this report.",
)
@click.option(
    "--continue",
    "continued",
    type=click.Path(path_type=Path),
    metavar="REPORT",
    help="Only what this report has as not played; both are judged together.",
)
@click.option(
    "--depth",
    type=click.Choice(list(DEPTHS)),
    default="standard",
    show_default=True,
    help="How much generated scenarios try.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
@click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Examples of each random scenario.")
@out_option
@strict_option
@baseline_option
@click.option(
    "--repeat",
    type=click.IntRange(1, MOST_REPEATS),
    default=1,
    show_default=True,
    metavar="N",
    help="Play everything N times, to tell what always fails from what is flaky.",
)
@click.option(
    "--deadline",
    type=float,
    callback=seconds,
    metavar="SECONDS",
    help="Bound the whole run in time; what is cut off is inconclusive.",
)
@click.option(
    "--patience",
    type=click.Choice(["learned", "full"]),
    default="learned",
    show_default=True,
    help="Whether waits for what proved never to come are cut short.",
)
@click.option("--plan", is_flag=True, help="Send nothing; say what would be played, and what that costs.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def run(dialect: str | None, **given: Any) -> int:
    """Drive an endpoint through all scenarios and report what it did right and wrong.

    Without --endpoint or --target, the embedded reference server is started and judged. With --start, a
    REGEX for --ready may have a group (?P<endpoint>…), and --endpoint is not needed.
    """
    from realtime_conformance.application.actions import run as action

    return action.run(dialect, given)
