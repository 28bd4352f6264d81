"""Options that say nothing together: those about a target where none is named, and those that contradict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from protocol.dialect import DialectName
from realtime_conformance.limits import READY_S

if TYPE_CHECKING:  # it loads what judges
    from packs.pack import Pack

_ABOUT_A_TARGET = (
    "auth auth_env header query ca insecure connect_timeout answer_timeout response_timeout silence "
    "concurrency feature no_feature config"
).split()
"""Fields of options that mean nothing to the embedded reference server."""


_OF_REALTIME: Mapping[str, Any] = {
    "start": None,
    "ready": None,
    "also": None,
    "asyncapi": None,
    "only_failed": None,
    "continue": None,
    "repeat": 1,
    "deadline": None,
    "patience": "learned",
    "feature": (),
    "no_feature": (),
    "probe": True,
}
"""Options that say nothing of other channels, with what they are where nobody gives them."""


def check_channel_options(channel: str, given: Mapping[str, Any], *others: str) -> None:
    """Raise `click.UsageError` for an option that says nothing of `channel`, `others` among them."""
    for name, usual in {**_OF_REALTIME, **dict.fromkeys(others)}.items():
        if given.get(name, usual) != usual:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(
                f"{flag} cannot be used with the channel {channel}, but with realtime only"
            )


def without_realtime_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `given` as if nobody had said what says something of the realtime channel only."""
    return {**given, **_OF_REALTIME}


def dialect_with(pack: Pack, given: Mapping[str, Any]) -> DialectName:
    """Return the dialect in which the channel of `pack` is judged. Raises `click.UsageError`."""
    named: DialectName | None = given["dialect"]
    if named is not None and named not in pack.dialects:
        known = ", ".join(pack.dialects)
        raise click.UsageError(f"the channel {pack.name} is known in {known}, and not in {named}")
    return named or pack.dialects[0]


def check_target_options(given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` where options speak of a target, and nobody names one."""
    # Without anything said, each is None, empty or False.
    said = [f"--{name.replace('_', '-')}" for name in _ABOUT_A_TARGET if given.get(name)]
    if said:
        needed = "--endpoint URL, --target NAME or --start COMMAND"
        verb = "needs" if len(said) == 1 else "need"
        raise click.UsageError(
            f"{' and '.join(said)} {verb} {needed}: without, the suite's own reference server is judged"
        )


def check_contradictions(given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` where one option says the contrary of another."""
    both = sorted(set(given.get("feature", ())) & set(given.get("no_feature", ())))
    if both:
        raise click.UsageError(f"--feature {both[0]} and --no-feature {both[0]} contradict each other")
    for one, other in (("quiet", "verbose"), ("insecure", "ca")):
        if given.get(one) and given.get(other):
            raise click.UsageError(f"--{one} and --{other} contradict each other")
    if given.get("auth") == "none" and given.get("auth_env") is not None:
        raise click.UsageError("--auth none and --auth-env contradict each other")
    if given.get("start") is None and given.get("ready_timeout", READY_S) != READY_S:
        raise click.UsageError("--ready-timeout needs --start COMMAND")
