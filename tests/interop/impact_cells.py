"""What a difference of a server does to a client: one cell, from what it concluded without and with it.

Nothing here says whose fault it is. Of a client without a result a cell says no more than that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reference.impact_records import ImpactCell
from tests.interop.conclusions import TURNS, Concluded, TurnConcluded
from tests.interop.realtime_clients import NoConclusion

_SOME_OF_THE_AUDIO = 0.9
_MOST = 3
_LONGEST = 120
_IDS = re.compile(r"\b[a-z]+_[A-Za-z0-9]{8,}\b|\b[0-9a-f]{8}[0-9a-f-]{8,}\b")
"""Ids that either side has made up."""


def impact(before: Concluded, after: Concluded | NoConclusion, *, acted: bool) -> ImpactCell:
    """Return what a difference did; ``acted`` says whether it changed anything of that conversation."""
    if isinstance(after, NoConclusion):
        return ImpactCell("no result")
    told = _new(before.errors, after.errors)
    unended = next((name for name in TURNS if name not in after.turns or not after.turns[name].ended), None)
    if unended is not None:
        return ImpactCell("error", (f"{unended}: no end",)) if told else ImpactCell("no result")
    if told:
        return ImpactCell("error", (*told, *differences(before, after)))
    warned = _new([*before.dropped, *before.warnings], [*after.dropped, *after.warnings])
    if warned:
        return ImpactCell("warning", (*warned, *differences(before, after)))
    what = tuple(differences(before, after))
    if what:
        return ImpactCell("differs", what)
    return ImpactCell("unaffected" if acted else "not exercised")


def confirmed(first: ImpactCell, second: ImpactCell) -> ImpactCell:
    """Return what two conversations agree on."""
    return second if first.outcome == second.outcome else ImpactCell("unsteady")


def differences(before: Concluded, after: Concluded) -> Iterator[str]:
    """Yield in what two conclusions differ, turn by turn."""
    for name in TURNS[1:]:
        yield from (f"{name}: {each}" for each in _of_a_turn(before.turns[name], after.turns[name]))
    words, other = (sorted({*told.heard} - {""}) for told in (before, after))
    if words != other:
        yield "the user's words differ" if other else "the user's words are missing"


def _of_a_turn(before: TurnConcluded, after: TurnConcluded) -> Iterator[str]:
    interrupted = before.interrupted != after.interrupted
    if interrupted:
        yield "interrupted" if after.interrupted else "not interrupted"
    if len(before.calls) != len(after.calls):
        yield f"{len(after.calls)} calls for {len(before.calls)}"
    elif before.calls != after.calls:
        yield "other arguments"
    if before.said and not after.said:
        yield "no text"
    elif not before.interrupted and before.said != after.said:
        yield "other text"
    yield from _of_the_audio(before, after)


def _of_the_audio(before: TurnConcluded, after: TurnConcluded) -> Iterator[str]:
    if not before.audio_bytes:
        if after.audio_bytes:
            yield "audio of its own"
    elif not after.audio_bytes:
        yield "no audio"
    elif after.audio_bytes > before.audio_bytes / _SOME_OF_THE_AUDIO:
        # Where an interruption falls is a matter of time; that it was not heeded shows in much more.
        if not before.interrupted or after.audio_bytes > 8 * before.audio_bytes:
            yield "more audio"
    elif after.audio_bytes < before.audio_bytes * _SOME_OF_THE_AUDIO and not before.interrupted:
        yield "less audio"


def _new(before: list[str], after: list[str]) -> tuple[str, ...]:
    """Return the first of what is told after and was not before, with ids left out."""
    known = {_plain(each) for each in before}
    return tuple(dict.fromkeys(each for each in map(_plain, after) if each not in known))[:_MOST]


def _plain(text: str) -> str:
    return _IDS.sub("…", text)[:_LONGEST]
