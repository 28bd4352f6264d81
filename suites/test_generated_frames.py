"""Frames that hold no proper event: whatever becomes of them, the session goes on or says why it ends."""

from __future__ import annotations

from generators.frames import FRAMES, Frame
from suites.generated import DEATHS, cost_of_driving, drive, frame
from suites.scenario import scenario
from suites.stage import Stage
from wire.budget import Cost

_LAST_RESORT = ("invalid-utf-8", "large-append")  # a WebSocket stack may end the connection over these
_LARGE_S = 260.0


@scenario(
    "errors/not-an-event-refused",
    "errors/session-survives",
    "robustness/frames/choice",
    "robustness/fragments-joined",
    "robustness/turn-after-misuse",
    own_sessions=True,
    costs=lambda _depth: cost_of_driving(Cost(1), Cost(0, 2, 0.5)),
)
async def broken_frames(stage: Stage) -> None:
    """Frames that are no JSON, no object, no text, or too much of it, one after the other."""
    await _send(stage, [each for each in FRAMES if each.name not in _LAST_RESORT], control=True)


@scenario("robustness/frames/choice", own_sessions=True, costs=lambda _depth: Cost(1 + DEATHS))
async def invalid_utf_8(stage: Stage) -> None:
    """A text frame that is not UTF-8, for which a WebSocket stack has to end the connection."""
    await _send(stage, [each for each in FRAMES if each.name == "invalid-utf-8"], turn=False)


@scenario(
    "robustness/frames/choice",
    own_sessions=True,
    costs=lambda _depth: Cost(1 + DEATHS, 1, _LARGE_S),
    features=("audio-input",),
    least="thorough",
)
async def large_frames(stage: Stage) -> None:
    """An append above the documented 15 MiB; the session goes on, or ends with 1009."""
    await _send(stage, [each for each in FRAMES if each.large])


async def _send(stage: Stage, frames: list[Frame], *, control: bool = False, turn: bool = True) -> None:
    await drive(stage, [frame(each) for each in frames], every=5, turn=turn, control=control)
