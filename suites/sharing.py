"""Scenarios of one module that play one after another on one session, so that it is paid for once.

Those that say so (`Scenario.shares`) test nothing about the beginning of a session, and what they leave
behind matters to no other. The verdict is not blurred: as soon as one of them waits in vain, is refused what
it needs, or loses the connection, the session is left, and each that comes after it has one of its own. These
begin as soon as a wait takes so long that it may well be in vain: nobody is kept waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from suites.depth import Depth
from suites.scenario import Scenario
from suites.talk import NotSaid, Talk
from wire.budget import Cost, Estimate

if TYPE_CHECKING:
    from suites.outcome import Outcome
    from suites.stage import Stage


@dataclass(slots=True)
class Guest:
    """What a scenario finds on a session that it shares: the conversation, and who else is there."""

    talk: Talk
    later: bool = False  # whether those before it have left another session, and asked for a turn there
    prepared: bool = False  # whether one before it has opened the conversation, see `suites.generated`
    last: bool = False  # whether nobody comes after it


@dataclass(frozen=True, slots=True)
class Done:
    """A scenario that came to its end; `unsaid` is why it had nothing to say, where it had not."""

    scenario: Scenario
    duration_s: float
    used: Cost
    unsaid: str
    began: float  # by the monotonic clock


@dataclass(slots=True)
class Party:
    """Scenarios that share a session; `bounds` says for how many seconds each of them may go on.

    `scenario` plays them all. It reserves one session: those that need another one come later, and know.
    Those that do not want to wait for it are handed to `release`, and are no members any more.
    """

    members: Sequence[Scenario]
    bounds: Callable[[Scenario], float]
    later: bool = False
    release: Callable[[Sequence[Scenario]], None] = lambda _: None
    thrifty: bool = False
    scenario: Scenario = field(init=False)
    done: list[Done] = field(default_factory=list)

    def __post_init__(self) -> None:
        def costs(depth: Depth) -> Estimate:
            cost = cost_of_all(self.members, depth)
            return Estimate(replace(cost.likely, sessions=1), replace(cost.most, sessions=1))

        first = self.members[0]
        name = f"{first.shares}.{first.name}" if self.later else first.shares  # traces are called by it
        self.scenario = replace(first, name=name, act=self._play, own_sessions=True, costs=costs, shares="")

    async def _play(self, stage: Stage) -> None:
        self.done.clear()
        async with stage.open() as talk:
            guest = stage.guest = Guest(talk, later=self.later)
            talk.session.hesitates = self._hesitate
            for member in tuple(self.members):
                if member not in self.members:
                    return
                began, before = time.monotonic(), stage.share.spent
                stage.bound(self.bounds(member))
                guest.last = member is self.members[-1]
                unsaid = ""
                try:
                    await member.act(stage if member.own_sessions else talk)
                except NotSaid as error:
                    unsaid = str(error)
                spent = stage.share.spent
                used = Cost(
                    spent.sessions - before.sessions + (not self.done),
                    spent.responses - before.responses,
                    spent.audio_s - before.audio_s,
                )
                self.done.append(Done(member, time.monotonic() - began, used, unsaid, began))
                if talk.session.waited_in_vain or talk.session.ended is not None:
                    return

    def _hesitate(self) -> None:
        """Let those go that have not begun; but not where sessions are counted."""
        if self.thrifty:
            return
        begun = len(self.done) + 1
        rest, self.members = self.members[begun:], self.members[:begun]
        if rest:
            self.release(rest)

    def outcomes(self, outcome: Outcome) -> list[Outcome]:
        """Return how each of the scenarios went that have begun, out of how it went with all of them."""
        if outcome.spoiled:
            first, *others = self.members[: len(self.done) + 1]
            return [
                replace(outcome, scenario=first),
                *(replace(outcome, scenario=each, used=Cost()) for each in others),
            ]
        told = [
            replace(
                outcome,
                scenario=done.scenario,
                status="not-offered" if done.unsaid else "passed",
                message=done.unsaid,
                duration_s=done.duration_s,
                used=done.used,
                over_budget=False,
                began=done.began,
            )
            for done in self.done
        ]
        if outcome.status != "passed" and outcome.traces and len(told) < len(self.members):
            spent = sum((done.used for done in self.done), Cost())
            left = Cost(
                outcome.used.sessions - spent.sessions,
                outcome.used.responses - spent.responses,
                outcome.used.audio_s - spent.audio_s,
            )
            took = sum(done.duration_s for done in self.done)
            told.append(
                replace(
                    outcome,
                    scenario=self.members[len(self.done)],
                    used=left,
                    began=outcome.began + took,
                    duration_s=max(0.0, outcome.duration_s - took),
                )
            )
        return told


def cost_of_all(members: Sequence[Scenario], depth: Depth) -> Estimate:
    """Return what scenarios that share a session cost: likely one, at most one for each of them."""
    likely = sum((member.likely(depth) for member in members), Cost())
    most = sum((member.cost(depth) for member in members), Cost())
    turns = [member.turns for member in members]
    saved = sum(turns) - max(turns)
    return Estimate(
        replace(
            likely, sessions=1 if len(members) > 1 else likely.sessions, responses=likely.responses - saved
        ),
        replace(most, responses=most.responses - saved),
    )


def parties(scenarios: Sequence[Scenario], depth: Depth) -> list[list[Scenario]]:
    """Return `scenarios` in groups, in the order in which the first of each stands: most are of one only."""
    groups: dict[tuple[str, str], list[Scenario]] = {}
    for number, each in enumerate(scenarios):
        shares = each.shares_at(depth)
        groups.setdefault((each.module, each.shares) if shares else ("", str(number)), []).append(each)
    return list(groups.values())
