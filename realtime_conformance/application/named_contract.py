"""The contract that options name: of a document and its channel, or of a dialect that somebody added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from packs.paths import PATHS, REALTIME
from protocol.catalogue import dialect_of, own_dialects
from protocol.dialect import DialectName
from schemas.contract import Contract


def contract_in(given: Mapping[str, Any], dialect: DialectName) -> Contract | None:
    """Return the contract of the document that was named, None for our own. Raises `DocumentError`."""
    if given["asyncapi"] is None:
        if given["channel"] not in (None, REALTIME):
            known = ", ".join((REALTIME, *PATHS))
            raise click.UsageError(
                f"--channel names one of {known}, or with --asyncapi FILE one of its channels"
            )
        return None
    from realtime_conformance.application.judging import contract_for  # noqa: PLC0415 - mostly not needed

    address = given["channel"] if given["channel"] != REALTIME else None
    return contract_for(dialect, given["asyncapi"], address)


def check_dialect(name: str) -> None:
    """Raise `DocumentError` where an added dialect speaks of what there is not, before anything is sent."""
    if dialect_of(name) in own_dialects():
        return
    from realtime_conformance.application.judging import contract_for  # noqa: PLC0415 - mostly not needed
    from rules.requirements import registry  # noqa: PLC0415

    registry()
    contract_for(name)
