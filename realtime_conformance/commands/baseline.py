"""`realtime-conformance baseline`: keep the list of known failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

BASELINE_FILE = Path("conformance-baseline.yaml")

_RESULTS = click.argument("results", type=click.Path(path_type=Path))
_BASELINE = click.option(
    "--baseline",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=BASELINE_FILE,
    show_default=True,
    help="The list of known failures.",
)


@click.group()
def baseline() -> None:
    """Keep the list of known failures, by which `run --baseline FILE` and `judge --baseline FILE` go."""


_STRICT = click.option(
    "--strict-fingerprints",
    "strict",
    is_flag=True,
    help="What the baseline knows is not known in events of another type.",
)


@baseline.command()
@_RESULTS
@_BASELINE
@_STRICT
@click.option(
    "--warnings",
    is_flag=True,
    help="Violated SHOULDs get an entry, too; they do where RESULTS were judged with --strict.",
)
@click.option("--days", type=click.IntRange(1), help="New entries expire after so many days.")
def update(**given: Any) -> int:
    """Make the baseline describe RESULTS, a results.json or its folder.

    What fails and has no entry gets one with the reason CHANGE ME, which the gate refuses until somebody
    writes the reason. Entries that cover nothing any more are removed. Those of a baseline of an earlier
    version get new fingerprints. All else in the file stays as it is.
    """
    from realtime_conformance.application.actions import baseline as action

    return action.update(**given)


@baseline.command(name="explain")
@_RESULTS
@_BASELINE
@_STRICT
def explain_baseline(results: Path, file: Path, *, strict: bool) -> int:
    """Say what each entry of the baseline does for RESULTS, a results.json or its folder.

    The exit code is that of `run --baseline` and `judge --baseline`, had they gone by this baseline.
    """
    from realtime_conformance.application.actions import baseline as action

    return action.explain_baseline(results, file, strict=strict)
