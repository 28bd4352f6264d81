"""`realtime-conformance serve`: the reference server, until it is interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from realtime_conformance.commands.common import shared_options
from realtime_conformance.commands.helpful import HelpfulCommand
from reference.conditions import WAYS_TO_BE_FULL

if TYPE_CHECKING:
    from reference.differences import Difference


def _listing(kind: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return a callback that lists a catalogue and ends the command."""

    def show(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if not wanted or context.resilient_parsing:
            return
        from realtime_conformance.application.actions.serve import groups

        for title, group in groups(kind).items():
            if title:
                click.echo(f"# {title}")
            width = max(map(len, group))
            for name, each in group.items():
                click.echo(f"{name:<{width}}  {each.statement}{_remark(each)}")
        context.exit()

    return show


def _remark(difference: Difference) -> str:
    """Return what a list says behind a statement: the facts it is about, or the one dialect it is for."""
    if difference.facts:
        return f" [{', '.join(difference.facts)}]"
    return f" [{difference.dialects[0]} only]" if len(difference.dialects) == 1 else ""


@click.command(cls=HelpfulCommand)
@shared_options("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 for a free one.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--pace", type=click.FloatRange(0.0), default=0.002, show_default=True, help="Seconds between deltas."
)
@click.option("--fault", "faults", metavar="NAME", multiple=True, help="Disobey in this one way; repeatable.")
@click.option(
    "--variant", "variants", metavar="NAME", multiple=True, help="Differ in this legal way; repeatable."
)
@click.option(
    "--list-faults",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_listing("fault"),
    help="List the faults and end.",
)
@click.option(
    "--list-variants",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_listing("variant"),
    help="List the variants and end.",
)
@click.option(
    "--session-limit", type=click.IntRange(0), metavar="N", help="Have room for N sessions at once."
)
@click.option(
    "--full-by",
    type=click.Choice(WAYS_TO_BE_FULL),
    default="error",
    show_default=True,
    help="How one more is refused.",
)
@click.option("--retry-after", type=click.IntRange(0), metavar="S", help="What an HTTP refusal says of that.")
@click.option(
    "--slot-freed-after",
    type=click.FloatRange(0.0),
    default=0.0,
    metavar="S",
    help="Seconds from the end of a session until its place is free.",
)
@click.option(
    "--quota",
    type=click.IntRange(0),
    metavar="N",
    help="Make N responses; then the account has nothing left.",
)
@click.option(
    "--session-age",
    type=click.FloatRange(0.0, min_open=True),
    default=3600.0,
    metavar="S",
    help="Longest duration of a session.  [default: 3600]",
)
@click.option("--silent-age", is_flag=True, help="End a session of that age without an error before it.")
@click.option(
    "--delay",
    type=click.FloatRange(0.0),
    default=0.0,
    metavar="S",
    help="Send each event up to S seconds late, at random by the seed.",
)
@click.option(
    "--latency", type=click.FloatRange(0.0), default=0.0, metavar="S", help="Send each event S seconds late."
)
@click.option(
    "--thinking",
    type=click.FloatRange(0.0),
    default=0.0,
    metavar="S",
    help="Begin each answer S seconds after response.created.",
)
@click.option(
    "--wrong-from",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Differ only in sessions that begin while N are open.",
)
@click.option("--real-time", is_flag=True, help="Send audio no faster than it is heard.")
@click.option(
    "--standstill",
    type=click.FloatRange(0.0),
    default=0.0,
    metavar="S",
    help="Send nothing for S seconds, once.",
)
@click.option("--auth-env", metavar="NAME", help="Let in only who presents the key in this variable.")
def serve(**given: Any) -> int:
    """Serve the reference server in all dialects.

    The first line says where: `listening ws://127.0.0.1:PORT/api/v1/realtime/session`, or where the dialect
    of --dialect is. Each has a path of its own on the same port: openai is at `/v1/realtime`, and one that
    you added at its own path, which a further line names. With the inworld dialect come its other channels,
    speech synthesis and speech recognition: the lines `tts ws://…` and `stt ws://…` say where.
    Any non-empty credential is let in, unless --auth-env says otherwise.

    With --fault the server breaks the protocol, with --variant it differs from its usual self without
    breaking it. A difference that is meant for the other dialect does nothing. The options from
    --session-limit on make it crowded, poor or slow, which breaks nothing either.
    """
    from realtime_conformance.application.actions import serve as action

    return action.serve(**given)
