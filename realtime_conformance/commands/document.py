"""`realtime-conformance document`: what an AsyncAPI document says, and how well."""

from __future__ import annotations

from typing import Any

import click

from realtime_conformance.commands.common import shared_options


@click.command()
@click.argument("file", required=False)
@click.option(
    "--against",
    metavar="FILE",
    help="List in what it differs from this document: messages, fields, values, limits, what is required.",
)
@shared_options("document")
def document(file: str | None, **given: Any) -> int:
    """List channels, operations, messages and weaknesses of the AsyncAPI document FILE.

    With --dialect, of the one that a dialect is judged by: it is put together of its parent's and what the
    dialect has otherwise, in the words of the root of the family. With --channel tts or stt and neither of
    them, of ours of that channel. --out makes one file of any.
    """
    from realtime_conformance.application.actions import document as action

    return action.document(file, **given)
