"""`realtime-conformance judge`: judge recorded traces offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command(cls=HelpfulCommand)
@click.argument("traces", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared_options("judge")
@click.option(
    "--cluster",
    metavar="tcp://HOST:8786",
    help="Judge on the Dask cluster of this scheduler; needs [cluster].",
)
@click.option(
    "--workers", type=click.IntRange(1, 256), metavar="N", help="Judge on N workers of Dask on this machine."
)
def judge(traces: tuple[Path, ...], **given: Any) -> int:
    """Judge recorded TRACES: captures of any form, folders of them, or - for standard input.

    What they show was offered. What else was, or was not, is said by --feature and --no-feature, by a target,
    or by `features` in the header of a trace.
    """
    from realtime_conformance.application.actions import judge as action

    return action.judge(traces, given)
