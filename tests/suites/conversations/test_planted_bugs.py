"""A server with a bug in delete, previous_item_id, cancel or commit is found out, in a few client events."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, StepFactory
from reference.edits import asked, drop, has, put
from suites.depth import STANDARD
from tests.realtime_conformance.replays.playing import scripts_in
from tests.suites.conversations.holding import hold

ADDED = "conversation.item.added"
PLACED = f"{ADDED} conversation.item.done"


class Ghost(SessionStep):
    """An item that was deleted is still taken for the last one."""

    ghost: str | None = None

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "conversation.item.deleted":
            self.ghost = event["item_id"]
        elif event["type"] in PLACED and self.ghost and event["previous_item_id"] != self.ghost:
            event = {**event, "previous_item_id": self.ghost}
        return [event]


def _last(_event: Json, memory: Memory) -> str | None:
    added = memory.last_told(ADDED)
    return added["item"]["id"] if added else None


PLANTED: dict[str, tuple[StepFactory, set[str]]] = {
    "delete": (Ghost, {"items/previous/after-delete"}),
    "previous_item_id": (
        put(
            PLACED,
            "previous_item_id",
            _last,
            asked("conversation.item.create", has("previous_item_id", "root")),
        ),
        {"items/previous/root"},
    ),
    "cancel": (
        drop("response.done", has("response.status", "cancelled")),
        {"response/lifecycle/done-exactly-once", "cancel/active-ends-cancelled"},
    ),
    "commit": (
        drop(PLACED, has("item.content.0.type", "input_audio")),
        {"audio/commit/item-follows"},
    ),
}


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found_and_told_in_five_client_events(
    tmp_path: Path, bug: str, dialect: DialectName
) -> None:
    change, named = PLANTED[bug]
    depth = STANDARD.changed(examples=2 * STANDARD.examples)  # of which one of two scenarios has half
    held = hold(tmp_path, change, dialect=dialect, depth=depth)
    found = held.failing & named
    assert found, held.failing
    for requirement in found:
        said = held.said(requirement)
        assert len(said) <= 5, [e["type"] for e in said]
        # The script that the report leaves is as short.
        scripts = [s for s in scripts_in(tmp_path) if requirement in s.violated]
        assert min(len(s.frames) for s in scripts) <= 5
    (outcome,) = held.report.scenarios
    assert outcome.outcome == "stalled"
    assert outcome.explained_by in held.failing
