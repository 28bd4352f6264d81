"""Where the time of a run went, out of its outcomes and the waits that brought nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.timing import Leg, Timing, Waits
from suites.outcome import Outcome
from wire.waits import Waited

_ROUNDING_S = 0.05  # from the end of a scenario to the beginning of the one that waited for it


def timing_of(outcomes: Sequence[Outcome], waits: Sequence[Waited], began: float) -> Timing | None:
    """Return where the time of a run went that `began` at that moment; None where nothing was played."""
    played = [o for o in outcomes if o.began >= began > 0 and o.traces]
    if not played:
        return None
    path = _longest(played)
    legs, silence_s, before = [], 0.0, began
    for outcome in path:
        stems = {trace.stem for trace in outcome.traces}
        ended = outcome.began + outcome.duration_s
        silent = _covered((w for w in waits if w.trace in stems), outcome.began, ended)
        between = _covered(waits, before, outcome.began)  # of those that it waited for, such as probes
        silence_s += silent + between
        before = ended
        legs.append(
            Leg(
                outcome.scenario.id,
                outcome.began - began,
                outcome.duration_s,
                min(silent, outcome.duration_s),
            )
        )
    return Timing(before - began, silence_s, _by_kind(waits), tuple(legs))


def _longest(played: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcome that ended last, before it the one whose end it waited for, and so on."""
    path = [max(played, key=_end)]
    while earlier := [
        o for o in played if _end(o) <= path[0].began + _ROUNDING_S and o.began < path[0].began
    ]:
        path.insert(0, max(earlier, key=_end))
    return path


def _end(outcome: Outcome) -> float:
    return outcome.began + outcome.duration_s


def _covered(waits: Iterable[Waited], start: float, end: float) -> float:
    """Return in how many seconds between two moments at least one of `waits` went on."""
    total, reached = 0.0, start
    for wait in sorted(waits, key=lambda w: w.start):
        until = min(end, wait.start + wait.took_s)
        total += max(0.0, until - max(reached, wait.start))
        reached = max(reached, until)
    return total


def _by_kind(waits: Sequence[Waited]) -> tuple[Waits, ...]:
    found: dict[str, list[Waited]] = {}
    for wait in waits:
        found.setdefault(wait.awaited, []).append(wait)
    told = [
        Waits(awaited, len(each), sum(w.full for w in each), sum(w.took_s for w in each))
        for awaited, each in found.items()
    ]
    return tuple(sorted(told, key=lambda waits: (-waits.seconds, waits.awaited)))
