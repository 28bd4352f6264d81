"""What was counted over all traces of a run besides verdicts: coverage of the document, answers, times.

Plain data, merged from traces in any order; `realtime_conformance.application.trace_statistics` fills it in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_Key = TypeVar("_Key")

_KEPT = 2000  # times kept of one kind; far more than a chart can show

PURPOSES = ("success", "misuse", "mutant", "open")
"""What a client event was sent for, by what the server owed for it: an acceptance; a refusal because of the
conversation's state; a refusal because of its form; either, where the protocol leaves it open."""

WANTED = {"success": "accepted", "misuse": "refused", "mutant": "refused"}
"""The outcome that is right, by purpose."""

OTHER = "any other"
"""Stands for all client events that the document does not have."""

FIRST_AUDIO, TURN = "first audio", "turn"
"""Kinds of time: from the request, or the end of the user's speech, to the first sound of the response, and
to its `response.done` where it completes."""

_UNANSWERED = "input_audio_buffer.append"  # whoever accepts it says nothing


@dataclass(slots=True)
class Statistics:
    """Counts over traces.

    `events` counts frames by direction and type; `documented` lists the types of the AsyncAPI document.
    `optional` lists, by direction and type, the optional fields the document has; `fields` those of them that
    were seen. `exchanges` counts client events by type, purpose, reason and outcome. `times` holds seconds:
    `answer <client event>` where it was accepted and `refusal <client event>` where not, `first delta`,
    `response` where it completed and `response not completed` where not, `first audio`, `turn`. `ends` counts
    responses by their final status, and what the server said of it.
    """

    traces: int = 0
    events: dict[tuple[str, str], int] = field(default_factory=dict)
    documented: dict[str, tuple[str, ...]] = field(default_factory=dict)
    optional: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    fields: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    exchanges: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    ends: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, other: Statistics) -> None:
        """Add what `other` counted."""
        self.traces += other.traces
        self.documented.update(other.documented)
        self.optional.update(other.optional)
        _add(self.events, other.events)
        _add(self.exchanges, other.exchanges)
        _add(self.ends, other.ends)
        for each, names in other.fields.items():
            self.fields.setdefault(each, set()).update(names)
        for name, seconds in other.times.items():
            kept = self.times.setdefault(name, [])
            kept += seconds[: max(0, _KEPT - len(kept))]


_FEW = 3  # failed responses of which nothing is said


def mostly_failed(statistics: Statistics) -> str:
    """Return a sentence on the responses, where most of them failed; empty where they did not.

    Then little else is to be seen of a server: a reader has to know it before any verdict.
    """
    failed = Counter({said: n for (status, said), n in statistics.ends.items() if status == "failed"})
    total = sum(statistics.ends.values())
    if failed.total() < _FEW or 2 * failed.total() <= total:
        return ""
    why, times = failed.most_common(1)[0]
    reason = f": {why or 'no reason given'}" + (f" ({times} of them)" if len(failed) > 1 else "")
    return f"{failed.total()} of {total} responses failed{reason}"


def _add(mine: dict[_Key, int], theirs: Mapping[_Key, int]) -> None:
    for each, number in theirs.items():
        mine[each] = mine.get(each, 0) + number


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How client events of one type, sent for one purpose, were answered.

    `right` of `decided` got the answer that is right; `wrong` counts the others by outcome, `reasons` all by
    reason. `decided` leaves out what the end of the capture cut off.
    """

    total: int
    right: int
    decided: int
    wrong: Mapping[str, int]
    reasons: Mapping[str, int]


def cells(statistics: Statistics) -> dict[str, dict[str, AnswerCount]]:
    """Return the answers by client event of the document (others under their own name) and purpose."""
    grouped: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
    for (type_, purpose, reason, outcome), number in statistics.exchanges.items():
        grouped[type_, purpose].append((reason, outcome, number))
    documented = statistics.documented.get("client", ())
    others = sorted({t for t, _ in grouped} - set(documented))
    return {
        type_: {p: _cell(p, grouped.get((type_, p), ()), type_) for p in PURPOSES}
        for type_ in (*documented, *others)
    }


def _cell(purpose: str, found: Sequence[tuple[str, str, int]], type_: str) -> AnswerCount:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for reason, outcome, number in found:
        outcomes[outcome] += number
        if reason:
            reasons[reason] += number
    total = outcomes.total()
    decided = total - outcomes["lost"]
    wanted = WANTED.get(purpose)
    if not wanted and type_ == _UNANSWERED:
        outcomes["accepted"] += outcomes.pop("silent", 0)
    right = outcomes[wanted] if wanted else decided - outcomes["silent"]
    wrong = {
        o: n for o, n in outcomes.items() if n and o not in (wanted, "lost") and (wanted or o == "silent")
    }
    return AnswerCount(total, right, decided, wrong, dict(reasons.most_common()))


@dataclass(frozen=True, slots=True)
class Spread:
    """How a kind of time was spread, in seconds."""

    count: int
    least: float
    median: float
    p95: float
    most: float
    values: tuple[float, ...]


def spread(values: Sequence[float]) -> Spread:
    """Return how `values`, at least one, are spread."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return Spread(
        len(ordered), ordered[0], ordered[last // 2], ordered[round(last * 0.95)], ordered[-1], tuple(ordered)
    )
