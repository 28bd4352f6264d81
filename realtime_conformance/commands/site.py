"""`realtime-conformance site`: a static site of many reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(file_okay=False, exists=True, path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("conformance-site"),
    show_default=True,
    help="The folder to write the site into.",
)
@click.option(
    "--title", default="Realtime conformance", show_default=True, help="What the first page is called."
)
def site(**given: Any) -> int:
    """Build a static site of all reports in FOLDERS: an index, a matrix, histories, and the reports.

    It needs no server of its own: GitHub Pages, or any other that serves files, can show it.
    """
    from realtime_conformance.application.actions import site as action

    return action.site(**given)
