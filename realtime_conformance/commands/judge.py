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


@click.command()
@click.argument("traces", nargs=-1, required=True, type=click.Path(path_type=Path))
@dialect_option
@also_option
@document_options
@out_option
@strict_option
@baseline_option
def judge(**given: Any) -> int:
    """Judge recorded TRACES: JSONL or HAR files, transcripts, or folders of them."""
    from realtime_conformance.actions import judge as action

    return action.judge(**given)
