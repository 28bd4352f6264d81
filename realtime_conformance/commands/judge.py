"""`realtime-conformance judge`: judge recorded traces offline."""

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
from realtime_conformance.commands.targeting import config_option, feature_options


@click.command()
@click.argument("traces", nargs=-1, required=True, type=click.Path(path_type=Path))
@dialect_option
@also_option
@document_options
@out_option
@strict_option
@baseline_option
@feature_options
@click.option("--target", metavar="NAME", help="What this target of conformance.yaml offers, was offered.")
@config_option
def judge(**given: Any) -> int:
    """Judge recorded TRACES: JSONL or HAR files, transcripts, or folders of them.

    What they show was offered. What else was, or was not, is said by --feature and --no-feature, by a target,
    or by `features` in the header of a trace.
    """
    from realtime_conformance.application.actions import judge as action

    return action.judge(**given)
