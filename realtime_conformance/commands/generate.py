"""`realtime-conformance generate`: what the suite would say to a server, without saying it."""

from __future__ import annotations

from typing import Any

import click

from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand
from realtime_conformance.limits import KINDS


@click.command(cls=HelpfulCommand)
@click.option("--list", "listed", is_flag=True, help="List everything, one line each.")
@click.option("--event", "type_", metavar="TYPE", help="Only client events of this type.")
@click.option("--kind", type=click.Choice(KINDS), help="Only these.  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the event itself.")
@shared_options("generate")
def generate(**given: Any) -> int:
    """Show the client events that scenarios send: the deterministic walk, mutants, broken frames.

    Nothing is sent. Without --list, only how many there are of each.
    """
    from realtime_conformance.application.actions import generate as action

    return action.generate(**given)
