"""The judge: one pass over a capture, all rules together.

Theory of operation
-------------------

A capture is a row of *entries*: events of both sides, and what else happened (the connection opened or
closed, a deadline passed). Each connection in it is judged by itself, in one pass. For an event of the
server:

1. **Read.** The payload is held against the contract (`rules.payloads`), the envelope against what is true
   of every event (`rules.envelope`).
2. **Link.** `rules.event_subjects` finds the *subjects* that the event is about: a stream, a content part,
   an item, a response, a transcription, the connection. Where it answers a client event, that *exchange* is
   settled.
3. **Judge.** Each subject has a state, of all rules about order of its kind at once (`rules.order`; pictures
   of their automata are in docs/automata.md); the event takes it a step further (`rules.order_steps`), and a
   step may say that a rule holds or is violated. Then the rule functions for the type of the event look at it
   (`rules.registration`, `rules.areas`).
4. **Update.** Only now `rules.reading_updates` takes in what the event says. Rules thus see what was known
   *before* it, and no rule can change what another one sees (`rules.views`).

A client event becomes an exchange with an *expectation* (`rules.expectations`): what the server owes for it,
by what is known when it is sent. It is settled by an answer, by an error, or by time.

**Deadlines.** What is owed and has not come is *pending*. It counts as missing only when the capture shows
that somebody waited long enough: a deadline in the trace, at which at least the patience has passed in
silence, or an event that can only come after it. At the end of the capture it is undecided.

**One defect, one finding.** Rules say what is true and know nothing of each other; the same defect may
violate several requirements. When the connection is at its end, `rules.yields` lets those violations go
that a finding of another requirement explains, as the registry declares. How many of the findings that are
left are kept as evidence, and which, `rules.verdicts.Tally` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.connections import connections
from rules.judgement import ConnectionJudgement
from rules.live_connection import LiveConnection
from rules.observer import ObservedTrace, Observer
from rules.prepared_rules import PreparedRules
from rules.verdicts import Tally
from wire.trace import Trace, in_root_words


class Rulebook(PreparedRules):
    """All rules that a capture is judged by."""

    def judge(self, trace: Trace, observer: Observer | None = None) -> dict[str, Tally]:
        """Return what was counted in `trace`, by requirement; `observer` looks on.

        Raises what reading the trace raises (`wire.trace_files.TraceError`).
        """
        words = self.dialect.words
        counted: dict[str, Tally] = {}
        spoken = in_root_words(trace, words)
        if observer is not None:
            spoken = ObservedTrace(spoken, observer.on_entry)
        for part in connections(spoken):
            for id_, tally in ConnectionJudgement(self, part, observer).run().items():
                counted.setdefault(id_, Tally()).add(tally)
        return self.spelled(counted)

    def begin(self, name: str, header: Mapping[str, Any], observer: Observer | None = None) -> LiveConnection:
        """Return a connection, of a trace of that `name` and `header`, to be judged while it goes on."""
        return LiveConnection(self, name, header, observer)
