"""What is said while a run lasts: a bar on a terminal, now and then a line elsewhere, frames if wanted."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from reports.escaping import plain
from reports.frame_lines import frame_line

HEARTBEAT_S = 15.0
"""Seconds between two lines where nobody sees a bar."""

_KEPT = Column(no_wrap=True)
_CUT = Column(no_wrap=True, overflow="ellipsis", ratio=1)  # what is least missed where there is little room
_PAYLOADS = 2  # from this verbosity on


@dataclass(frozen=True, slots=True)
class Watched:
    """A run of `total` scenarios, as whoever watches it asks for it.

    `failing` returns the requirements that the traces of a scenario violate; `spending` says what was spent
    so far, `awaited` what is being waited for. They are asked only where it is shown.
    """

    total: int
    failing: Callable[[Any], Iterable[str]] = lambda _: ()
    spending: Callable[[], str] = str
    awaited: Callable[[], str] = str


class Watching:
    """Shows how far a run has come. A context manager.

    On a terminal there is a bar; elsewhere a line `every` so many seconds, for the log of a CI job. With a
    `verbosity` of 1 each frame is a line, with 2 its payload is shown, too.
    """

    def __init__(
        self, console: Console, watched: Watched, verbosity: int = 0, every: float = HEARTBEAT_S
    ) -> None:
        self._console, self._watched, self._verbosity, self._every = console, watched, verbosity, every
        self._bar = console.is_interactive and not console.is_dumb_terminal and not console.quiet
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}", style="bold red", markup=False, table_column=_KEPT),
            TextColumn("{task.fields[note]}", markup=False, table_column=_CUT),
            console=console,
            transient=True,
            expand=True,
            disable=not self._bar,
        )
        self._task = self._progress.add_task("scenarios", total=watched.total, note="", found="")
        self._began = time.monotonic()
        self._done = 0
        self._unjudged: list[Any] = []  # outcomes that nobody has looked at yet
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.violated: set[str] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        if not self._bar and not self._console.quiet:
            self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._heart.is_alive():
            self._heart.join()
        self._progress.stop()

    @property
    def frames(self) -> Callable[[Path, Mapping[str, Any]], None] | None:
        """What is told of each entry of a trace; None where nobody wants to see them."""
        return self._frame if self._verbosity and not self._console.quiet else None

    def began(self, scenario: Any) -> None:
        """Show which scenario has begun."""
        if self._bar:
            note = f"{self._watched.spending()}  {plain(scenario.id)}".strip()
            self._progress.update(self._task, note=note)

    def ended(self, outcome: Any) -> None:
        """Count a scenario that has ended, and what was found in it."""
        self._done += 1
        if not self._bar:
            self._unjudged.append(outcome)
            return
        self.violated.update(self._watched.failing(outcome))
        self._progress.update(self._task, found=self._found(), note=self._watched.spending(), advance=1)

    def _found(self) -> str:
        return f"{len(self.violated)} violated" if self.violated else ""

    def _frame(self, trace: Path, line: Mapping[str, Any]) -> None:
        at = time.monotonic() - self._began
        self._print(frame_line(at, trace.stem, line, payload=self._verbosity >= _PAYLOADS))

    def _beat(self) -> None:
        """Print a line every so many seconds, until the run is over."""
        while not self._over.wait(self._every):
            while self._unjudged:
                self.violated.update(self._watched.failing(self._unjudged.pop(0)))
            self._print(self._line())

    def _line(self) -> str:
        parts = (
            f"{self._done} of {self._watched.total} scenarios",
            self._found(),
            self._watched.spending(),
            self._watched.awaited(),
        )
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return plain(f"{minutes}:{seconds:02} {', '.join(filter(None, parts))}")

    def _print(self, line: str) -> None:
        # Whoever read this has gone, as `head` does: `rich` would end the process, and the run be lost.
        with contextlib.suppress(OSError, SystemExit):
            self._console.print(Text(f"  {line}"), soft_wrap=True)
