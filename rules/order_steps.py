"""Order in one connection: events take subjects from state to state, silence shows what is owed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rules.case import Case, EventCase
from rules.event_subjects import asked_for
from rules.moments import Moment
from rules.order import Bound, Effect, Joint
from rules.order_messages import rests_on, told
from rules.reading import Reading
from rules.subjects import Item, Subject
from wire.trace import Entry

ROUNDING_S = 0.05
"""Times in a trace are rounded: a silence this much shorter than the patience is as long."""

_OVERDUE_KEPT = 256  # items that should be done and may still come
_ABOUT_ENDS = (Effect.MISSING, Effect.LATE, Effect.EARLY)


class OrderSteps:
    """Takes subjects from state to state, and reports for their requirements what a step shows.

    `last` is the entry at hand. `blind` says that something may have been sent that the trace does not hold.
    """

    def __init__(self, joints: Mapping[str, Joint], reading: Reading, moment: Case, event: EventCase) -> None:
        self.last = Entry(0, None, "harness", "open")
        self.blind = not reading.whole
        self._joints, self._reading = joints, reading
        self._moment, self._event = moment, event

    def step(self, subject: Subject, type_: str, seq: int) -> None:
        """Take `subject` a step further, with an event of `type_` or a moment, at entry `seq`."""
        joint = self._joints[subject.kind]
        state = subject.state
        after = state.moves.get(type_)
        if after is None:
            after, effects = joint.step(state, type_)
            for bound, effect in effects:
                self._effect(subject, bound, effect)
        # Whether or not this moves anything: what one rule sees must not depend on the others.
        if type_ in joint.alphabet:
            subject.seen.setdefault(type_, seq)
        subject.moved_at = self.last.t
        subject.state = after

    def _effect(self, subject: Subject, bound: Bound, effect: Effect) -> None:
        case = self._moment
        case.entry = self.last
        case.about(bound.requirement)
        if effect is Effect.EXAMINED:
            case.holds()
        elif effect is Effect.UNANNOUNCED and self.blind:
            case.undecided("the capture does not hold all that came before")
        elif effect in _ABOUT_ENDS and not bound.of_mcp and self._awaits_mcp(subject):
            case.undecided("the protocol does not say when the call of an MCP tool ends")
        elif reason := self._reason_to_doubt(bound, effect):
            case.undecided(reason)
        elif effect is Effect.MISSING and self._may_have_come(bound):
            case.undecided("an event of the type that was awaited came and was malformed")
        else:
            because = rests_on(bound.automaton, effect, subject)
            message, expected, actual = told(bound.automaton, effect, subject, case.entry.type)
            asked = asked_for(subject, self._reading) if effect is Effect.UNANNOUNCED else 0
            case.violated(
                str(effect),
                message,
                expected=expected,
                actual=actual,
                because=because,
                of=subject,
                asked=asked,
            )

    def _reason_to_doubt(self, bound: Bound, effect: Effect) -> str:
        if bound.undecided_if is None or bound.undecided_only not in (None, effect):
            return ""
        return bound.undecided_if(self._reading)

    def _awaits_mcp(self, subject: Subject) -> bool:
        item = subject if isinstance(subject, Item) else self._event.link.item
        return isinstance(item, Item) and item.of_mcp

    def _may_have_come(self, bound: Bound) -> bool:
        return self.blind or any(t in self._reading.unkeyed for t in bound.automaton.awaited())

    def overdue(self, subject: Subject, silent_s: float = math.inf) -> None:
        """Report what `subject` still owes as missing, as far as so long a silence shows it."""
        joint = self._joints[subject.kind]
        for bound in joint.owing(subject.state):
            if silent_s + ROUNDING_S >= self._reading.patience[bound.automaton.patience]:
                self._effect(subject, bound, Effect.MISSING)
                subject.state = joint.told(subject.state, bound)

    def items_overdue(self, seq: int) -> None:
        """Remember what should be done by now. That it comes late is not that it never comes."""
        overdue = self._reading.overdue
        for item in self._reading.overdue_items(seq):
            overdue[item.id] = self._reading.undone.pop(item.id)
        while len(overdue) > _OVERDUE_KEPT:
            self.never_done(overdue.pop(next(iter(overdue))))

    def never_done(self, item: Item) -> None:
        """Report that an item which should be done by now never was."""
        self.step(item, Moment.ITEM_OVERDUE, self.last.seq)

    def subjects(self) -> list[Subject]:
        """Return all subjects of the connection that are known."""
        reading = self._reading
        found: list[Subject] = [reading.connection, *reading.responses.values()]
        for item in reading.items.values():
            found.append(item)
            found += item.below()
        return [*found, *reading.transcriptions.values()]


def of_running(subject: Subject) -> bool:
    """Tell whether `subject` is an item of a response that is active: its rest is that response's to owe."""
    return isinstance(subject, Item) and subject.response is not None and subject.response.active
