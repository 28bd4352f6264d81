"""What several commands do alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from protocol.catalogue import dialect_of, own_dialects
from realtime_conformance.application import report_folder
from realtime_conformance.application.targets import Options
from schemas.contract import Contract


def contract(dialect: str, asyncapi: str | None, channel: str | None) -> Contract | None:
    """Return the contract that the options name, None for our own. Raises `DocumentError`."""
    if asyncapi is None:
        if channel is not None:
            raise click.UsageError("--channel needs --asyncapi FILE")
        return None
    from realtime_conformance.application.judging import contract_for  # noqa: PLC0415 - mostly not needed

    return contract_for(dialect, asyncapi, channel)


def check_dialect(name: str) -> None:
    """Raise `DocumentError` where an added dialect speaks of what there is not, before anything is sent."""
    if dialect_of(name) in own_dialects():
        return
    from realtime_conformance.application.judging import contract_for  # noqa: PLC0415 - mostly not needed
    from rules.requirements import registry  # noqa: PLC0415

    registry()
    contract_for(name)


def console() -> Console:
    """Return the console for summaries: standard output, no markup, no guessing of numbers."""
    return Console(highlight=False, markup=False, emoji=False)


def check_out(out: Path) -> None:
    """Raise `click.UsageError` where nothing can be written to `out`."""
    try:
        report_folder.check(out)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None


def begin_report(out: Path) -> None:
    """Remove an earlier report from `out`. Raises `click.UsageError` where nothing can be written there."""
    check_out(out)
    try:
        report_folder.remove_report(out)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None


def features_of(given: Mapping[str, Any]) -> dict[str, bool]:
    """Return what the command line says to be offered, and not to be."""
    offered, withheld = given.get("with_features", ()), given.get("without", ())
    return {**dict.fromkeys(offered, True), **dict.fromkeys(withheld, False)}


def options_of(dialect: str | None, given: Mapping[str, Any]) -> Options:
    """Return what was said on the command line of whom to talk to."""
    timeouts = {
        name: given[option]
        for name, option in (
            ("connect", "connect_timeout"),
            ("answer", "answer_timeout"),
            ("response", "response_timeout"),
            ("silence", "silence"),
        )
        if given[option] is not None
    }
    return Options(
        endpoint=given["endpoint"],
        target=given["target"],
        config=given["config"],
        dialect=dialect,
        scheme=given["scheme"],
        key_variable=given["auth_env"],
        headers=given["headers"],
        query=given["query"],
        ca=given["ca"],
        insecure=given["insecure"],
        timeouts=timeouts,
        concurrency=given.get("concurrency"),
        features=features_of(given),
        budget=given["budget"],
    )
