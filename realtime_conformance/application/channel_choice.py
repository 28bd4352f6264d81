"""Which channels a run is about, and where an endpoint has each: by options, an address, or the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click

from packs.paths import PATHS, REALTIME, channel_at
from protocol.catalogue import dialect_of, dialects, recognised
from protocol.dialect import DialectName
from protocol.errors import DocumentError
from realtime_conformance.application.targets import TARGETS_FILE, named_target, options_of
from realtime_conformance.application.yaml_places import meant

ALL_CHANNELS = "all"
"""What `--channel`, and `channels` of a target, say for every channel."""


def known_names() -> tuple[str, ...]:
    """Return the names of all channels, the realtime one first."""
    return (REALTIME, *PATHS)


def asked_channels(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the channels that a run is about, in the order in which they are played.

    An option says it, else the path of the address that was given, else the target. Raises `click.UsageError`
    where option and address contradict each other, `DocumentError` for a channel that there is not.
    """
    channel, url = given["channel"], given["endpoint"]
    there = channel_in(url) if url is not None else ""
    if channel == ALL_CHANNELS:
        if given["asyncapi"] is not None:
            raise click.UsageError("--asyncapi cannot be used with --channel all: it is about one channel")
        return known_names()
    if channel in known_names():
        if there not in ("", channel):
            raise click.UsageError(
                f"--channel {channel} and --endpoint contradict each other: its path is that of the channel "
                f"{there}; leave out the path, or --channel"
            )
        return (channel,)
    if channel is not None:  # an address in a document is one of a realtime channel
        if given["asyncapi"] is None:
            known = ", ".join((*known_names(), ALL_CHANNELS))
            told = f"--channel names one of {known}, or with --asyncapi FILE one of its channels"
            raise click.UsageError(told)
        return (REALTIME,)
    return (there,) if there else _of_target(given) or (REALTIME,)


def _of_target(given: Mapping[str, Any]) -> tuple[str, ...]:
    if given["target"] is None:
        return ()
    said = _raw(given).get("channels", ())
    if said == ALL_CHANNELS:
        return known_names()
    wrong = next((name for name in said if name not in known_names()), None)
    if wrong is not None:
        raise DocumentError(
            str(given["config"] or TARGETS_FILE),
            f"/targets/{given['target']}/channels",
            f"names {wrong!r}, and there is no such channel",
            f"{meant(wrong, known_names())}known are {', '.join(known_names())}; `all` means each of them",
        )
    return tuple(name for name in known_names() if name in said)


def _raw(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {} if given["target"] is None else named_target(options_of(given))


def channel_in(url: str) -> str:
    """Return the name of the channel whose path the address at `url` ends in, empty where it ends in none."""
    return channel_at(url) or (REALTIME if _realtime_path(url) else "")


def _realtime_path(url: str) -> str:
    """Return the path of the realtime channel, of any dialect, in which the address at `url` ends."""
    paths = sorted({each.path for each in dialects().values()}, key=len, reverse=True)
    return next((path for path in paths if urlsplit(url).path.endswith(path)), "")


def named_dialect(given: Mapping[str, Any]) -> DialectName | None:
    """Return the dialect that an option or the target names, None where neither does."""
    found: DialectName | None = given["dialect"] or _raw(given).get("dialect")
    return found


def moved(url: str, channel: str, path: str) -> str:
    """Return the address of `channel` at the host of `url`, where it has the `path`.

    The path of another channel is replaced, what stands before it stays. An address with a path of nobody's
    stays as it is: somebody has the channel there.
    """
    parts, there = urlsplit(url), channel_in(url)
    if there == channel or not (there or parts.path.strip("/") == ""):
        return url
    before = parts.path.removesuffix(PATHS.get(there, _realtime_path(url)) if there else "/")
    return urlunsplit(parts._replace(path=before + path, query="" if there else parts.query))


def realtime_address(given: Mapping[str, Any]) -> str | None:
    """Return where the endpoint has the realtime channel; None where the reference server is judged.

    Where neither its dialect is named nor its address tells, that is where Inworld's services have it: nobody
    else has the other channels.
    """
    url: str | None = given["endpoint"] or _raw(given).get("endpoint")
    if url is None:
        return None
    told = recognised(url)
    dialect = named_dialect(given) or (told.name if told is not None else _with_all_channels())
    return moved(url, REALTIME, dialect_of(dialect).path)


def _with_all_channels() -> DialectName:
    from packs.catalogue import channels  # noqa: PLC0415 - it loads what judges

    return next(name for name in dialects() if all(name in pack.dialects for pack in channels().values()))


def check_host(given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` where several channels are asked for at an address with a path of its own."""
    url = given["endpoint"] or _raw(given).get("endpoint")
    if url is not None and urlsplit(url).path.strip("/") and not channel_in(url):
        raise click.UsageError(
            f"the path {urlsplit(url).path} of the endpoint is that of no channel; leave it out for several "
            "channels, or name one with --channel"
        )
