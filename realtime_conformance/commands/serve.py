"""`realtime-conformance serve`: the reference server, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import click

from reference.behaviour import Behaviour
from reference.conditions import WAYS, Conditions
from reference.differences import Difference
from reference.differing import differing
from reference.server import Options, serve_forever


def _groups(kind: str) -> Mapping[str, Mapping[str, Difference]]:
    """Return the faults or the variants, by groups; they are read only when somebody asks for them."""
    if kind == "variant":
        from reference.variants import VARIANTS  # noqa: PLC0415

        return {"": VARIANTS}
    from reference.absence import ABSENCE, KINDS, kind_of  # noqa: PLC0415
    from reference.faults import FAULTS  # noqa: PLC0415

    of_kind = {
        what: {name: each for name, each in ABSENCE.items() if kind_of(name) == which}
        for which, what in KINDS.items()
    }
    return {"one promise is broken": FAULTS, **of_kind}


def _catalogue(kind: str) -> dict[str, Difference]:
    """Return the faults or the variants by their names."""
    return {name: each for group in _groups(kind).values() for name, each in group.items()}


def _listing(kind: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return a callback that lists a catalogue and ends the command."""

    def show(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if not wanted or context.resilient_parsing:
            return
        for title, group in _groups(kind).items():
            if title:
                click.echo(f"# {title}")
            width = max(map(len, group))
            for name, each in group.items():
                only = f" [{each.dialects[0]} only]" if len(each.dialects) == 1 else ""
                click.echo(f"{name:<{width}}  {each.statement}{only}")
        context.exit()

    return show


def _chosen(kind: str, names: Iterable[str]) -> list[Difference]:
    """Return the faults or variants with these names. Raises `click.ClickException` for an unknown one."""
    catalogue = _catalogue(kind) if names else {}
    unknown = next((name for name in names if name not in catalogue), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, catalogue, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"--list-{kind}s lists them"
        raise click.ClickException(f"there is no {kind} {unknown!r}; {hint}")
    return [catalogue[name] for name in names]


@click.command()
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
    type=click.Choice(WAYS),
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
    "--standstill",
    type=click.FloatRange(0.0),
    default=0.0,
    metavar="S",
    help="Send nothing for S seconds, once.",
)
@click.option("--auth-env", metavar="NAME", help="Let in only who presents the key in this variable.")
def serve(
    *,
    host: str,
    port: int,
    seed: int,
    pace: float,
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    auth_env: str | None,
    session_age: float,
    **given: Any,
) -> int:
    """Serve the reference server in both dialects.

    The first line says where: `listening ws://127.0.0.1:PORT/api/v1/realtime/session`; the dialect openai is
    at `/v1/realtime` on the same port. Any non-empty credential is let in, unless --auth-env says otherwise.

    With --fault the server breaks the protocol, with --variant it differs from its usual self without
    breaking it. A difference that is meant for the other dialect does nothing. The options from
    --session-limit on make it crowded, poor or slow, which breaks nothing either.
    """
    differences = [*_chosen("fault", faults), *_chosen("variant", variants)]
    options = Options(
        host=host,
        port=port,
        seed=seed,
        pace=pace,
        lifetime=session_age,
        conditions=Conditions(
            sessions=given["session_limit"],
            full=given["full_by"],
            retry_after=given["retry_after"],
            slot_freed_after=given["slot_freed_after"],
            quota=given["quota"],
            silent_age=given["silent_age"],
            delay=given["delay"],
            standstill=given["standstill"],
        ),
    )
    if auth_env:
        key = os.environ.get(auth_env)
        if not key:
            raise click.UsageError(f"{auth_env} is not set; it is to hold the key that is let in")
        options = replace(options, credentials=frozenset((key,)))
    try:
        asyncio.run(_serve(options, differing(differences) if differences else None))
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another"
        ) from None
    return 0


async def _serve(options: Options, behaviour: Behaviour | None) -> None:
    serving = serve_forever(options, lambda line: print(line, flush=True), behaviour)  # noqa: T201
    task = asyncio.ensure_future(serving)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
