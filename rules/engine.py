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
   of their automata are in docs/automata.md); the event takes it a step further, and a step may say that a
   rule holds or is violated. Then the rule functions for the type of the event look at it
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

from collections import defaultdict
from collections.abc import Iterable

from protocol.catalogue import dialect_of
from protocol.dialect import Dialect
from rules.connections import connections
from rules.judgement import ConnectionJudgement
from rules.observer import ObservedTrace, Observer
from rules.order import Bound, Joint
from rules.payloads import places_of_rules
from rules.reading import SUBJECT_KINDS
from rules.registration import ANYWHERE, RULES, Registered
from rules.verdicts import Tally
from rules.yields import Uncounted, Yields
from schemas.contract import Contract
from wire.trace import Trace, in_root_words


class Rulebook:
    """Everything that is prepared once: compiled contract, joint automata, rule functions by event type."""

    def __init__(
        self,
        contract: Contract,
        dialect: str | Dialect,
        bound: Iterable[Bound],
        rules: Iterable[Registered] = RULES,
        *,
        second: Contract | None = None,
        yields: Yields | None = None,
        uncounted: Uncounted | None = None,
        places: Iterable[Registered] | None = None,
    ) -> None:
        """`second` is another contract for the same events: nothing is owed where the two disagree.

        Without `yields` no violation is explained by another; to findings that are `uncounted` none yields.
        `places` are the rules of the whole dialect, whichever `rules` are judged by: at the places that they
        judge by themselves, no schema has a say.
        """
        self.contract = contract
        self.second = second
        self.dialect = dialect_of(dialect) if isinstance(dialect, str) else dialect
        self.yields = yields
        self.uncounted = uncounted or Uncounted()
        by_kind: dict[str, list[Bound]] = defaultdict(list)
        for each in bound:
            by_kind[each.kind].append(each)
        self.joints = {kind: Joint(by_kind[kind]) for kind in SUBJECT_KINDS}
        self.functions: dict[str, list[Registered]] = defaultdict(list)
        for registered in rules:
            for type_ in registered.on:
                self.functions[type_].append(registered)
                if ANYWHERE in registered.malformed:
                    self.functions[f"malformed {type_}"].append(registered)
        self.places = places_of_rules(RULES if places is None else places)

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
        if words:
            for tally in counted.values():
                tally.findings = [each.spelled(words) for each in tally.findings]
        return counted
