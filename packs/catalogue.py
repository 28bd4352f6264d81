"""The packs that there are: a folder for each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from itertools import islice

from packs.pack import Pack
from packs.realtime.pack import REALTIME_PACK
from packs.stt.pack import SPEECH_TO_TEXT
from packs.tts.pack import TEXT_TO_SPEECH
from wire.trace import Trace
from wire.trace_files import TraceError

PACKS = {each.name: each for each in (TEXT_TO_SPEECH, SPEECH_TO_TEXT)}
"""The packs besides the realtime one, which is judged where nothing says otherwise."""

_LOOKED_AT = 50  # entries of a trace


def channels() -> Mapping[str, Pack]:
    """Return all packs by their names, the realtime one first."""
    return {REALTIME_PACK.name: REALTIME_PACK, **PACKS}


def required_elsewhere(name: str) -> frozenset[str]:
    """Return the requirements of all channels but the one of that `name`."""
    others = (pack for pack in channels().values() if pack.name != name)
    return frozenset(each.id for pack in others for each in pack.registry())


def spoken_in(traces: Iterable[Trace]) -> Pack | None:
    """Return the pack whose messages are in `traces`, by the first that says so; None where none does."""
    for trace in traces:
        with contextlib.suppress(TraceError):  # which is said where it is judged
            for entry in islice(trace, _LOOKED_AT):
                found = (pack for pack in PACKS.values() if entry.event is not None and pack.speaks(entry))
                if (pack := next(found, None)) is not None:
                    return pack
    return None
