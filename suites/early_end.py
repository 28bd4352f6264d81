"""Ends a run as soon as its first answered turn shows that the server speaks another protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from protocol.event_types import RESPONSE_DONE
from suites.outcome import Settling
from wire.meter import Meter


class EarlyEnd:
    """Looks at traces in `folder`, while they are written, until one has an answered turn in it.

    Where that settles the run, the meter wakes whoever waits, and `then` is told why.
    """

    def __init__(self, settles: Settling, folder: Path, meter: Meter, then: Callable[[str], None]) -> None:
        self._settles, self._folder, self._meter, self._then = settles, folder, meter, then
        self._over = False

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look at each trace in which a response ends, as long as the block lasts."""
        listening = self._meter.seen

        def seen(path: Path, line: Mapping[str, Any]) -> None:
            if listening is not None:
                listening(path, line)
            event = line.get("event")
            ended = line["dir"] == "server" and isinstance(event, dict) and event.get("type") == RESPONSE_DONE
            if ended and path.parent == self._folder:  # nothing is judged of probes
                self.look([path])

        self._meter.seen = seen
        try:
            yield
        finally:
            self._meter.seen = listening

    def look(self, traces: Iterable[Path]) -> None:
        """Look at `traces`, as far as they are written."""
        for path in traces:
            if self._over:
                return
            settled = self._settles(path)
            self._over = settled is not None
            if settled:
                self._meter.settle(settled)
                self._then(settled)
