"""`realtime-conformance replay`: play again what failed, on any endpoint, and judge it by the same rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command(cls=HelpfulCommand)
@click.argument(
    "files",
    metavar="FILE…",
    nargs=-1,
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
)
@shared_options("replay")
def replay(files: tuple[Path, ...], **given: Any) -> int:
    """Play the scripts FILE…, which a run left in replays/, and judge what comes of them.

    Without --endpoint or --target, they are played on the embedded reference server.
    """
    from realtime_conformance.application.actions import replay as action

    return action.replay(files, given)
