"""Client events that only the AsyncAPI document in use knows: whatever becomes of them, the session goes on.

Our own documents have none. What such an event does, and whether it is answered at all, is that document's
business; the facts know nothing of it.
"""

from __future__ import annotations

from generators.events import Events
from generators.misuse import SPOKEN
from generators.mutants import few
from suites.depth import Depth
from suites.generated import Shot, cost_of_driving, drive, made, mutant, valid
from suites.scenario import scenario
from suites.stage import Stage
from suites.talk import NotSaid, Undecided, Unmet
from wire.budget import Cost


def _shots(events: Events, depth: Depth) -> list[Shot]:
    shots: list[Shot] = []
    for type_ in (t for t in events.types if t not in SPOKEN):
        said = [step.event for step in events.walk(type_)]
        if depth.mutants == "all":
            said += events.examples(type_, depth.examples, depth.seed)
        # What is no object is a broken frame, whatever the document says of it.
        shots += [valid(each, foreign=True) for each in said if isinstance(each, dict)]
        found = events.mutants(type_)
        shots += [mutant(each, foreign=True) for each in (few(found) if depth.mutants == "few" else found)]
    return shots


@scenario(
    "robustness/mutants/choice",
    "errors/session-survives",
    own_sessions=True,
    costs=lambda _depth: cost_of_driving(Cost(1), Cost(0, 1)),
)
async def further_client_events(stage: Stage) -> None:
    """Events that the dialect does not have, valid and with a fault, each behind a fence."""
    shots = await made(stage, lambda events: _shots(events, stage.depth))
    if not shots:
        raise NotSaid("the AsyncAPI document has no client events beside those of the dialect")
    try:
        await drive(stage, shots)
    except Unmet as error:  # an event may well be there for ending a session
        raise Undecided(str(error)) from None
