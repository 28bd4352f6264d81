"""Options that say which endpoint to talk to, and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_SCHEMES = click.Choice(["basic", "bearer", "subprotocol", "none"])
_FILE = click.Path(dir_okay=False, path_type=Path)


def seconds(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    """Check an option that is a time in seconds."""
    if value is not None and value <= 0:
        raise click.BadParameter("must be more than 0")
    return value


_WHOM = (
    click.option("--endpoint", metavar="URL", help="ws:// or wss:// URL of the server to judge."),
    click.option("--target", metavar="NAME", help="A target of conformance.yaml."),
)
config_option = click.option("--config", type=_FILE, help="Another conformance.yaml.")
_FEATURES = (
    click.option("--feature", "with_features", multiple=True, metavar="NAME", help="The target offers this."),
    click.option(
        "--no-feature", "without", multiple=True, metavar="NAME", help="The target does not offer this."
    ),
)
_HOW = (
    config_option,
    click.option("--auth", "scheme", type=_SCHEMES, help="How the key is presented."),
    click.option(
        "--auth-env",
        metavar="NAME",
        help="Environment variable that holds the key.  [default: REALTIME_API_KEY]",
    ),
    click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Send this header along."),
    click.option("--query", multiple=True, metavar="NAME=VALUE", help="Add this to the URL's query."),
    click.option("--ca", type=_FILE, help="PEM file of further authorities."),
    click.option("--insecure", is_flag=True, help="Accept any certificate."),
    click.option(
        "--connect-timeout", type=float, callback=seconds, help="Seconds for the handshake.  [default: 10]"
    ),
    click.option(
        "--answer-timeout", type=float, callback=seconds, help="Seconds for an answer.  [default: 5]"
    ),
    click.option(
        "--response-timeout", type=float, callback=seconds, help="Seconds for a response.  [default: 60]"
    ),
    click.option(
        "--silence", type=float, callback=seconds, help="Seconds of silence that end a wait.  [default: 15]"
    ),
    click.option(
        "--budget",
        metavar="KIND=N,…",
        help="Spend no more than this: sessions=30,responses=40,audio_s=60,tokens=5000.",
    ),
)


def whom_options(function: F) -> F:
    """Add `--endpoint` and `--target`."""
    return _added(function, _WHOM)


def how_options(function: F) -> F:
    """Add what says how the endpoint is reached, and what may be spent on it."""
    return _added(function, _HOW)


def feature_options(function: F) -> F:
    """Add `--feature` and `--no-feature`."""
    return _added(function, _FEATURES)


def _added(function: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        function = option(function)
    return function
