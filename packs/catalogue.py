"""The packs that there are, besides the realtime channel: a folder for each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from itertools import islice

from packs.pack import Pack
from packs.stt.pack import SPEECH_TO_TEXT
from packs.tts.pack import TEXT_TO_SPEECH
from wire.trace import Trace
from wire.trace_files import TraceError

REALTIME = "realtime"
"""The channel that is judged where nothing says otherwise."""

PACKS = {each.name: each for each in (TEXT_TO_SPEECH, SPEECH_TO_TEXT)}

_LOOKED_AT = 50  # entries of a trace


def spoken_in(traces: Iterable[Trace]) -> Pack | None:
    """Return the pack whose messages are in `traces`, by the first that says so; None where none does."""
    for trace in traces:
        with contextlib.suppress(TraceError):  # which is said where it is judged
            for entry in islice(trace, _LOOKED_AT):
                found = (pack for pack in PACKS.values() if entry.event is not None and pack.speaks(entry))
                if (pack := next(found, None)) is not None:
                    return pack
    return None
