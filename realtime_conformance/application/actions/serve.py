"""Serves the reference server, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import click

from protocol.catalogue import DEFAULT
from protocol.dialect import DialectName
from reference.altered_behaviour import differing
from reference.behaviour import Behaviour
from reference.conditions import Conditions
from reference.differences import Difference
from reference.server import ServerOptions, serve_forever


def groups(kind: str) -> Mapping[str, Mapping[str, Difference]]:
    """Return the faults or the variants, by groups; they are read only when somebody asks for them."""
    if kind == "variant":
        from reference.variants import VARIANTS  # noqa: PLC0415
        from reference.variants import providers as other_variants  # noqa: PLC0415
        from reference.variants.services import SERVICE_VARIANTS  # noqa: PLC0415

        return {"": {**VARIANTS, **other_variants.VARIANTS}, **_by_channel(SERVICE_VARIANTS)}
    from reference.absence import ABSENCE, KINDS_OF_ABSENCE, kind_of_absence  # noqa: PLC0415
    from reference.faults import FAULTS, providers  # noqa: PLC0415
    from reference.faults.services import SERVICE_FAULTS  # noqa: PLC0415

    of_kind = {
        what: {name: each for name, each in ABSENCE.items() if kind_of_absence(name) == which}
        for which, what in KINDS_OF_ABSENCE.items()
    }
    broken = {"one promise is broken": {**FAULTS, **providers.FAULTS}}
    return {**broken, **of_kind, **_by_channel(SERVICE_FAULTS)}


_CHANNEL_TITLES = {"tts": "speech synthesis", "stt": "speech recognition"}


def _by_channel(differences: Mapping[str, Difference]) -> dict[str, dict[str, Difference]]:
    """Return the differences of the other channels by what each channel is for."""
    return {
        title: {name: each for name, each in differences.items() if each.channel == channel}
        for channel, title in _CHANNEL_TITLES.items()
    }


def catalogue_of(kind: str) -> dict[str, Difference]:
    """Return the faults or the variants by their names."""
    return {name: each for group in groups(kind).values() for name, each in group.items()}


def _chosen(kind: str, names: Iterable[str]) -> list[Difference]:
    """Return the faults or variants with these names. Raises `click.ClickException` for an unknown one."""
    catalogue = catalogue_of(kind) if names else {}
    unknown = next((name for name in names if name not in catalogue), None)
    if unknown is not None:
        near = difflib.get_close_matches(unknown, catalogue, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"--list-{kind}s lists them"
        raise click.ClickException(f"there is no {kind} {unknown!r}; {hint}")
    return [catalogue[name] for name in names]


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
    dialect: str | None = None,
    **given: Any,
) -> int:
    """Serve as the options say; return the exit code."""
    differences = [*_chosen("fault", faults), *_chosen("variant", variants)]
    options = ServerOptions(
        host=host,
        port=port,
        seed=seed,
        pace=pace,
        lifetime=session_age,
        conditions=_conditions(given),
    )
    if auth_env:
        options = replace(options, credentials=frozenset((_key(auth_env),)))
    try:
        asyncio.run(_serve(options, differing(differences) if differences else None, dialect or DEFAULT))
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another"
        ) from None
    return 0


def _conditions(given: Mapping[str, Any]) -> Conditions:
    """Return how busy and how slow the server is to be."""
    return Conditions(
        sessions=given["session_limit"],
        full=given["full_by"],
        retry_after=given["retry_after"],
        slot_freed_after=given["slot_freed_after"],
        quota=given["quota"],
        silent_age=given["silent_age"],
        delay=given["delay"],
        latency=given["latency"],
        thinking=given["thinking"],
        real_time=given["real_time"],
        standstill=given["standstill"],
        wrong_from=given["wrong_from"],
    )


def _key(variable: str) -> str:
    """Return the key that is let in. Raises `click.UsageError` where the environment holds none."""
    key = os.environ.get(variable)
    if not key:
        raise click.UsageError(f"{variable} is not set; it is to hold the key that is let in")
    return key


async def _serve(options: ServerOptions, behaviour: Behaviour | None, dialect: DialectName) -> None:
    serving = serve_forever(options, lambda line: print(line, flush=True), behaviour, dialect)  # noqa: T201
    task = asyncio.ensure_future(serving)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
