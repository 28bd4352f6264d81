"""The states and transitions of the protocol that conversations visit, as a table, and what was visited.

Four small machines describe a session: its settings, its input audio buffer, its conversation, and the
response of its default conversation. Each row below is one transition: the machine and its state, what the
client does there, and whether that is `done` or `refused`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

STATES: dict[str, tuple[str, ...]] = {
    "settings": ("automatic", "by-hand"),
    "buffer": ("empty", "short", "enough"),
    "conversation": ("empty", "filled"),
    "response": ("idle", "running"),
}
"""Turn detection on or off; no audio, less than 100 ms of it, or more; items or none; a response or none."""

_TABLE = """
settings automatic     instruct: done  turns-by-hand: done  turns-automatic: done  misuse: refused
settings by-hand       instruct: done  turns-by-hand: done  turns-automatic: done  misuse: refused

buffer empty           append: done  clear: done  commit: refused  misuse: refused
buffer short           append: done  clear: done  commit: refused  misuse: refused
buffer enough          append: done  clear: done  commit: done  misuse: refused

conversation empty     create-at-end: done  create-at-head: done
conversation empty     create-without-id: done  create-with-id: done
conversation empty     create-behind-unknown: refused  create-nothing: refused
conversation empty     create-wrong-content: refused
conversation empty     delete-unknown: refused  retrieve-unknown: refused  truncate-unknown: refused
conversation filled    create-at-end: done  create-at-head: done  create-behind: done
conversation filled    create-without-id: done  create-with-id: done
conversation filled    create-behind-unknown: refused  create-nothing: refused
conversation filled    create-wrong-content: refused
conversation filled    create-with-id-in-use: refused
conversation filled    delete: done  retrieve: done  truncate-written: refused
conversation filled    delete-unknown: refused  retrieve-unknown: refused  truncate-unknown: refused

response idle          create: done  cancel: refused  cancel-unknown: refused  create-misused: refused
response idle          change-settings: done  add-item: done  delete-item: done  commit-audio: done
response running       create: refused  cancel: done  cancel-by-id: done  cancel-unknown: refused
response running       create-misused: refused  finish: done
response running       change-settings: done  add-item: done  delete-item: done  commit-audio: done
"""

_DELETED = """
conversation empty     delete-deleted: refused  retrieve-deleted: refused  create-behind-deleted: refused
conversation filled    delete-deleted: refused  retrieve-deleted: refused  create-behind-deleted: refused
"""

_SPOKEN = """
conversation filled    truncate: done  truncate-again: done  truncate-beyond: refused
"""


class Transition(NamedTuple):
    """One row of the table."""

    machine: str
    state: str
    move: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.machine} {self.state}: {self.move} {self.outcome}"


def _rows(text: str) -> Iterable[Transition]:
    for line in text.strip().splitlines():
        words = line.split()
        for move, outcome in zip(words[2::2], words[3::2], strict=True):
            yield Transition(words[0], words[1], move.rstrip(":"), outcome)


TRANSITIONS: tuple[Transition, ...] = tuple(
    each for text in (_TABLE, _DELETED, _SPOKEN) for each in _rows(text)
)


@dataclass(slots=True)
class Coverage:
    """What was visited. `unforeseen` are transitions that happened and that the table does not have."""

    seen: set[Transition] = field(default_factory=set)

    def visit(self, machine: str, state: str, move: str, *, done: bool) -> None:
        """Note a transition."""
        self.seen.add(Transition(machine, state, move, "done" if done else "refused"))

    @property
    def missed(self) -> list[Transition]:
        """Rows of the table that were not visited."""
        return [each for each in TRANSITIONS if each not in self.seen]

    @property
    def unforeseen(self) -> list[Transition]:
        """What happened otherwise than the table says."""
        return sorted(self.seen - set(TRANSITIONS))

    @property
    def by_state(self) -> dict[str, bool]:
        """Whether each state was visited, by machine and state."""
        visited = {(each.machine, each.state) for each in self.seen}
        return {f"{m} {s}": (m, s) in visited for m, states in STATES.items() for s in states}

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as results.json holds them."""
        return {
            "states": {"visited": sum(self.by_state.values()), "of": len(self.by_state)},
            "transitions": {"visited": len(TRANSITIONS) - len(self.missed), "of": len(TRANSITIONS)},
            "by_state": self.by_state,
            "missed": [str(each) for each in self.missed],
            "unforeseen": [str(each) for each in self.unforeseen],
        }
