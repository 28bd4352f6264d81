"""`realtime-conformance proxy`: stand between a client and a server, and judge what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand


@click.command(cls=HelpfulCommand)
@shared_options("proxy")
@click.option("--upstream", required=True, metavar="URL", help="ws:// or wss:// URL of the server.")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:0",
    show_default=True,
    help="Where clients connect; port 0 is a free one.",
)
@click.option(
    "--expose",
    is_flag=True,
    help="Listen at an interface that others reach, with the keys that clients send.",
)
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="PEM file of the certificate that clients see: they connect by wss://.",
)
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="PEM file of its key.  [default: the same file]",
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0.0, min_open=True),
    metavar="SECONDS",
    help="End after so long.",
)
@click.option("--sessions", type=click.IntRange(1), metavar="N", help="End after so many sessions.")
@click.option(
    "--judge",
    type=click.Choice(("server", "client", "both")),
    default="server",
    show_default=True,
    help="Whose verdict is the exit code.",
)
@click.option(
    "--fault", "faults", metavar="NAME", multiple=True, help="Have the server disobey so; repeatable."
)
@click.option(
    "--variant",
    "variants",
    metavar="NAME",
    multiple=True,
    help="Have it differ in this legal way; repeatable.",
)
@click.option("--drop", metavar="TYPE", multiple=True, help="Leave out what it sends of TYPE; repeatable.")
@click.option(
    "--delay",
    metavar="TYPE=SECONDS",
    multiple=True,
    help="Hold back what it sends of TYPE, and what comes behind; LEAST..MOST is at random by the seed.",
)
@click.option(
    "--close-after", metavar="TYPE=CODE", multiple=True, help="Close the connection behind the first of TYPE."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
def proxy(**given: Any) -> int:
    """Stand between any client and the server at URL: relay, record, and judge what they say.

    The first line says where clients connect: `listening ws://127.0.0.1:PORT`. Path, query, headers,
    subprotocols and extensions are theirs and pass through, and so does every byte behind the handshake.
    A client that asks for no path gets that of URL.

    With --fault and the options behind it, what the server sends is altered on its way, to try a client
    against a service that misbehaves. `serve --list-faults` and `--list-variants` list the names.

    It ends with Ctrl-C, --for or --sessions, and leaves a report on the server, one on its clients in
    `client/`, and the traces of all sessions, in which keys are replaced.
    """
    from realtime_conformance.application.actions import proxy as action

    return action.proxy(given)
