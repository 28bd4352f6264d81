"""`realtime-conformance document`: what an AsyncAPI document says, and how well."""

from __future__ import annotations

import click


@click.command()
@click.argument("file")
def document(file: str) -> int:
    """List channels, operations, messages and weaknesses of the AsyncAPI document FILE."""
    from realtime_conformance.application.actions import document as action

    return action.document(file)
