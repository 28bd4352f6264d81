"""`realtime-conformance serve`: the reference server, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import replace

import click

from reference.server import Options, serve_forever


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 for a free one.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--pace", type=click.FloatRange(0.0), default=0.002, show_default=True, help="Seconds between deltas."
)
@click.option("--auth-env", metavar="NAME", help="Let in only who presents the key in this variable.")
def serve(host: str, port: int, seed: int, pace: float, auth_env: str | None) -> int:
    """Serve the reference server in both dialects.

    The first line says where: `listening ws://127.0.0.1:PORT/api/v1/realtime/session`; the dialect openai is
    at `/v1/realtime` on the same port. Any non-empty credential is let in, unless --auth-env says otherwise.
    """
    options = Options(host=host, port=port, seed=seed, pace=pace)
    if auth_env:
        key = os.environ.get(auth_env)
        if not key:
            raise click.UsageError(f"{auth_env} is not set; it is to hold the key that is let in")
        options = replace(options, credentials=frozenset((key,)))
    try:
        asyncio.run(_serve(options))
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another"
        ) from None
    return 0


async def _serve(options: Options) -> None:
    task = asyncio.ensure_future(serve_forever(options, lambda line: print(line, flush=True)))  # noqa: T201
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
