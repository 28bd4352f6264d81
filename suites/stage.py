"""Where a scenario plays: sessions are opened here, each with a trace of its own."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generators.events import Events
from suites.attempts import changes_for
from suites.conversations.table import Coverage
from suites.depth import STANDARD, Depth
from suites.talk import Talk
from wire.endpoint import Endpoint
from wire.meter import Share
from wire.overtime import Overtime
from wire.session import open_session
from wire.trace import Recorder

Oracle = Callable[[Path], Mapping[str, int]]
"""Judges a trace: the requirements it violates, the gravest first, each with the entry that does."""


@dataclass(slots=True)
class Stage:
    """The endpoint, and the folder for the traces of one scenario.

    `names` holds what only the target knows: `second_model`, a model it also has; `unknown_model`, the name
    of a speech recognition model it does not have. `depth` says how much a generated scenario tries; `offers`
    what is taken to be offered. `events` are what generated scenarios say, None for what our own document
    lets a client say. `oracle` judges the trace of a session that has ended. `coverage` counts what of the
    protocol was visited.
    """

    endpoint: Endpoint
    folder: Path
    name: str
    share: Share
    names: Mapping[str, str] = field(default_factory=dict)
    traces: list[Path] = field(default_factory=list)
    depth: Depth = STANDARD
    offers: Mapping[str, bool] = field(default_factory=dict)
    events: Events | None = None
    oracle: Oracle = lambda _: {}
    coverage: Coverage = field(default_factory=Coverage)
    overtime: Overtime | None = None  # without it, no wait goes on past its deadline
    _opened: int = 0
    suffix: str = ""  # of the names of traces, where a run is repeated

    @contextlib.asynccontextmanager
    async def open(self, attempt: str = "ordinary", **changes: Any) -> AsyncIterator[Talk]:
        """Open a session, on the endpoint or one that differs from it in `changes`.

        `attempt` says in the trace's header what is tried. Raises `Refused` or `Unreachable`.
        """
        endpoint = replace(self.endpoint, **changes) if changes else self.endpoint
        stem = re.sub(r"[^\w.-]+", "-", self.name) + self.suffix
        self._opened = number = self._opened + 1
        path = self.folder / (f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl")
        self.traces.append(path)
        timeouts = endpoint.timeouts
        recorder = Recorder(
            path,
            # An attempt with another credential must not show the right one either.
            endpoint.redactor.and_also(self.endpoint.redactor),
            scenario=self.name,
            target=endpoint.shown,
            dialect=endpoint.dialect,
            attempt=attempt,
            patience={"answer": timeouts.answer, "response": timeouts.silence},
            **self.names,
        )
        end = "failed"
        try:
            async with open_session(endpoint, recorder, self.share, self.overtime) as session:
                talk = Talk(session, endpoint.dialect)
                talk.names = self.names
                talk.depth = self.depth
                yield talk
            end = "closed"
        finally:
            recorder.close(end)

    def forget(self, trace: Path) -> None:
        """Remove the trace of a session that is not to be judged: an attempt on the way to a better one."""
        self.traces.remove(trace)
        trace.unlink(missing_ok=True)

    def attempt(self, name: str) -> contextlib.AbstractAsyncContextManager[Talk]:
        """Open a session in one of the ways of `suites.attempts`, as `open` does."""
        return self.open(name, **changes_for(name, self.endpoint))
