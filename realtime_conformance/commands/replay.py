"""`realtime-conformance replay`: play again what failed, on any endpoint, and judge it by the same rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realtime_conformance.commands.common import dialect_option, document_options, strict_option
from realtime_conformance.commands.targeting import how_options, whom_options

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=_FILE)
@whom_options
@dialect_option
@how_options
@document_options
@strict_option
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for a report.  [default: none]"
)
@click.option(
    "--print",
    "printed",
    type=click.Choice(["wscat", "websocat"]),
    help="Play nothing: print the frames for this client.",
)
def replay(files: tuple[Path, ...], dialect: str | None, **given: Any) -> int:
    """Play the scripts FILE…, which a run left in replays/, and judge what comes of them.

    Without --endpoint or --target, they are played on the embedded reference server.
    """
    from realtime_conformance.application.actions import replay as action

    return action.replay(files, dialect, given)
