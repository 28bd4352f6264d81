"""Which recordings are of which channel: each says it of itself, or its messages do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from itertools import islice

from packs.catalogue import channels, spoken_in
from packs.paths import REALTIME
from realtime_conformance.application.recordings import Recording
from wire.trace_files import TraceError

_LOOKED_AT = 50  # entries of a trace


def by_channel(found: Iterable[Recording]) -> Mapping[str, list[Recording]]:
    """Return what was `found` by the names of channels, the realtime one first.

    What tells nothing goes with the others where all these are of one channel, else with realtime.
    """
    told = [(each, _channel(each)) for each in found]
    names = {name for _, name in told if name}
    usual = next(iter(names)) if len(names) == 1 else REALTIME
    groups = {name: [each for each, of in told if (of or usual) == name] for name in channels()}
    return {name: group for name, group in groups.items() if group}


def _channel(recording: Recording) -> str:
    """Return the name of a recording's channel, empty where it tells none."""
    with contextlib.suppress(TraceError):  # which is said where it is judged
        traces = recording.open()
        for trace in traces:
            if (name := trace.header.get("channel")) in channels():
                return str(name)
            if "dialect" in trace.header:
                return REALTIME
        if (pack := spoken_in(traces)) is not None:
            return pack.name
        speaks = channels()[REALTIME].speaks
        if any(speaks(entry) for trace in traces for entry in islice(trace, _LOOKED_AT)):
            return REALTIME
    return ""
