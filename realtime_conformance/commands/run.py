"""`realtime-conformance run`: judge an endpoint, or the embedded reference server."""

from __future__ import annotations

from typing import Any

import click

from packs.paths import PATHS, channel_at
from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command(cls=HelpfulCommand)
@shared_options("run")
def run(**given: Any) -> int:
    """Drive an endpoint through all scenarios and report what it did right and wrong.

    Without --endpoint or --target, the embedded reference server is started and judged. With --start, a
    REGEX for --ready may have a group (?P<endpoint>…), and --endpoint is not needed.

    With --channel tts or stt, or an address that ends in the path of one, that channel is judged.
    """
    name = given["channel"] if given["channel"] in PATHS else ""
    if given["channel"] is None and given["endpoint"] is not None:
        name = channel_at(given["endpoint"])
    if name:
        from realtime_conformance.application.actions.run_channel import run_channel

        return run_channel(name, given)
    from realtime_conformance.application.actions import run as action

    return action.run(given)
