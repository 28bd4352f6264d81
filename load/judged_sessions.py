"""Sessions that are judged as their entries are captured, and of which only telling traces are kept."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from load.load_counts import LoadCounts, count_kind
from rules.observer import Live, Observer
from rules.verdicts import Tally
from wire.trace import Entry

_KEPT = 2  # traces of a step for each requirement that is violated, and of sessions without a finding
_SAID = 120  # characters of what a server says

Timed = Callable[[str, float], None]


class SessionJudge(Protocol):
    """The rules, ready to judge connections while they go on."""

    def begin(self, name: str, header: Mapping[str, Any], observer: Observer | None = None) -> Live:
        """Return a connection, of a trace of that `name` and `header`, that is judged as it goes on."""


class JudgedSessions:
    """All sessions of a step that are open, each with its judge; `counts` takes in what comes of them.

    `seen` is told of each entry as it is recorded (`wire.trace.Seen`). `observing` makes what measures times
    in one session, which tells them to the function that it is given.
    """

    def __init__(
        self, judge: SessionJudge, observing: Callable[[Timed], Observer], counts: Callable[[], LoadCounts]
    ) -> None:
        self._judge, self._observing, self._counts = judge, observing, counts
        self._live: dict[Path, Live] = {}
        self._kept: Counter[str] = Counter()

    def begin(self, path: Path, header: Mapping[str, Any]) -> None:
        """Judge what is recorded at `path`, from now on."""
        observer = self._observing(lambda kind, seconds: self._counts().time(kind, seconds))
        self._live[path] = self._judge.begin(path.stem, header, observer)

    def seen(self, path: Path, line: Mapping[str, Any]) -> None:
        """Judge an entry; a mistake of ours in one session costs the others nothing."""
        live = self._live.get(path)
        if live is None:
            return
        self._look(line)
        try:
            live.take(
                Entry(
                    line["seq"], line["t"], line["dir"], line["kind"], line.get("event"), line.get("detail")
                )
            )
        except Exception as error:  # noqa: BLE001 - ours, which the report has to say
            self._mistaken(path, error)

    def _look(self, line: Mapping[str, Any]) -> None:
        """Count an error of the server's, and a close that is not the usual one."""
        if line["dir"] != "server":
            return
        event = line.get("event")
        if event is not None and event.get("type") == "error":
            error = event.get("error")
            said = (error.get("code") or error.get("type")) if isinstance(error, dict) else None
            count_kind(self._counts().errors, str(said or "error without a code")[:_SAID])
        elif line["kind"] == "close":
            code = (line.get("detail") or {}).get("code")
            if code != _USUAL:
                count_kind(self._counts().closes, f"close {code}")

    def _mistaken(self, path: Path, error: Exception) -> None:
        self._live.pop(path, None)
        count_kind(self._counts().mistakes, f"{type(error).__name__}: {error}"[:_SAID])

    def forget(self, path: Path) -> None:
        """Judge no more what is recorded at `path`: it was no session."""
        self._live.pop(path, None)
        path.unlink(missing_ok=True)

    def finish(self, path: Path) -> None:
        """Take in what came of the session at `path`; keep its trace where it shows something new."""
        live = self._live.pop(path, None)
        if live is None:
            return
        try:
            tallies = live.finish()
        except Exception as error:  # noqa: BLE001 - as above
            self._mistaken(path, error)
            return
        if not self._keeps(tallies):
            for tally in tallies.values():
                _let_evidence_go(tally)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self._counts().judged(tallies)

    def _keeps(self, tallies: Mapping[str, Tally]) -> bool:
        violated = [id_ for id_, tally in tallies.items() if tally.violations or tally.recurring] or [""]
        new = any(self._kept[id_] < _KEPT for id_ in violated)
        self._kept.update(violated if new else ())
        return new


_USUAL = 1000


def _let_evidence_go(tally: Tally) -> None:
    """Keep of the findings in `tally` what names each, and no evidence: their trace is not kept."""
    for finding in tally.findings:
        tally.keep(finding)
    tally.findings = []
    tally.first = None
