"""`realtime-conformance explain`: all there is to know of a requirement."""

from __future__ import annotations

import click


@click.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
def explain(ids: tuple[str, ...]) -> None:
    """Explain requirements: where they come from, and how they are judged.

    Prints the statement, its level in each dialect and its source; the rule as it is written; faults that
    violate it and scenarios that provoke it; which other findings explain its own; and two conversations, one
    in which it holds and one in which it is violated. The beginning of an ID will do if it is the only one.
    """
    from realtime_conformance.application.explanation import UnknownRequirementError, explained, found
    from reports.explained import explanation

    try:
        entries = list({entry.id: entry for entry in map(found, ids)}.values())
    except UnknownRequirementError as error:
        raise click.ClickException(error.message) from None
    for entry in entries:
        for number, (heading, lines) in enumerate(explanation(explained(entry))):
            click.secho(heading, bold=True, underline=not number)
            for line in lines:
                click.echo(f"  {line}".rstrip())
            click.echo()
