"""`realtime-conformance document`: what an AsyncAPI document says, and how well."""

from __future__ import annotations

from typing import Any

import click

from realtime_conformance.commands.common import shared_options


@click.command()
@click.argument("file", required=False)
@shared_options("document")
def document(file: str | None, **given: Any) -> int:
    """List channels, operations, messages and weaknesses of the AsyncAPI document FILE.

    With --dialect, of the one that a dialect is judged by: it is put together of its parent's and what the
    dialect has otherwise, in the words of the root of the family. --out makes one file of either.
    """
    from realtime_conformance.application.actions import document as action

    if (file is None) is (given["dialect"] is None):
        raise click.UsageError("name a FILE or a --dialect, one of the two")
    return action.document(file, **given)
