"""`realtime-conformance load`: many sessions at once, each judged, step by step."""

from __future__ import annotations

from typing import Any

import click

from realtime_conformance.commands.common import Length, shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command("load", cls=HelpfulCommand)
@shared_options("load")
@click.option(
    "--sessions", metavar="N,…", help="Steps: so many sessions at once.  [default: 1,10,50]", default=None
)
@click.option("--rate", metavar="R,…", help="Steps: so many new sessions a second, in place of --sessions.")
@click.option(
    "--duration",
    type=Length(),
    metavar="TIME",
    default="30",
    show_default=True,
    help="How long each step lasts: 30, 90s, 30m.",
)
@click.option(
    "--scenario",
    metavar="KIND|FILE",
    default="speech",
    show_default=True,
    help="What is said: text, speech, tool, or a YAML file with a mix of them.",
)
@click.option(
    "--pace",
    type=click.Choice(("conversational", "full")),
    default="conversational",
    show_default=True,
    help="As people talk, a turn every 20 s and audio at real time; or as fast as the server answers.",
)
@click.option(
    "--tolerate", metavar="ID", multiple=True, help="This requirement may break; * stands for any characters."
)
@click.option(
    "--max-p95",
    metavar="KIND=SECONDS",
    multiple=True,
    help="At no step may the 95th percentile of first_audio, or turn, be longer.",
)
@click.option(
    "--require-conformance-at",
    metavar="N",
    help="At this step nothing binding may be violated, whatever was before.",
)
@click.option(
    "--i-may-load", metavar="HOST", help="You may put load on this host, which is not this machine."
)
def load_command(**given: Any) -> int:
    """Put load on an endpoint, step by step, and find where it stops being correct.

    Every session is judged while it goes on. Exit code 1: a requirement that held at the first step breaks
    at a later one, or a limit is passed. Without --endpoint or --target, the embedded reference server is
    loaded.
    """
    from realtime_conformance.application.actions import load as action

    return action.put_load(given)
