"""`realtime-conformance serve`: the reference server, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click

from reference.server import Options, serve_forever


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 for a free one.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--pace", type=click.FloatRange(0.0), default=0.002, show_default=True, help="Seconds between deltas."
)
def serve(host: str, port: int, seed: int, pace: float) -> int:
    """Serve the reference server in both dialects.

    The first line says where: `listening ws://127.0.0.1:PORT/api/v1/realtime/session`; the dialect openai is
    at `/v1/realtime` on the same port. Any non-empty credential is let in.
    """
    try:
        asyncio.run(_serve(Options(host=host, port=port, seed=seed, pace=pace)))
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
