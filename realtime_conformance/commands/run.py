"""`realtime-conformance run`: judge an endpoint, or the embedded reference server."""

from __future__ import annotations

from typing import Any

import click

from packs.paths import REALTIME
from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command(cls=HelpfulCommand)
@shared_options("run")
def run(**given: Any) -> int:
    """Drive an endpoint through all scenarios and report what it did right and wrong.

    Without --endpoint or --target, the embedded reference server is started and judged. With --start, a
    REGEX for --ready may have a group (?P<endpoint>…), and --endpoint is not needed.

    With --channel tts or stt, or an address that ends in the path of one, that channel is judged; with
    --channel all, each of them, with one verdict. A target may name its `channels`.
    """
    if any(given[each] is not None for each in ("channel", "endpoint", "target")):
        from realtime_conformance.application.channel_choice import asked_channels

        names = asked_channels(given)
        if len(names) > 1:
            from realtime_conformance.application.actions.run_channels import run_channels

            return run_channels(names, given)
        if names != (REALTIME,):
            from realtime_conformance.application.actions.run_channel import run_channel

            return run_channel(names[0], given)
        if given["channel"] == REALTIME and given["asyncapi"] is None:
            from realtime_conformance.application.channel_choice import realtime_address

            given["endpoint"] = realtime_address(given)
    from realtime_conformance.application.actions import run as action

    return action.run(given)
