"""Conversations drawn at random: whatever is said, in whatever order, each requirement holds."""

from __future__ import annotations

from dataclasses import replace

from generators.late_hypothesis import load_hypothesis
from suites.conversations.bounds import APPENDS, MOST_SPOKEN_S, RESPONSES
from suites.depth import Depth
from suites.scenario import SPOKEN_S as SHORT_S
from suites.scenario import scenario
from suites.stage import Stage
from suites.talk import Unmet
from wire.budget import Cost, Estimate

_SHORTENING = {"quick": Cost(40), "standard": Cost(80, 4)}
"""For making what went wrong shorter: where nothing does, it is not spent. Responses that the conversations
themselves did not need are there for it, too."""

_IN_THE_MEAN = {"quick": 1.0, "standard": 1.75}
"""Responses that a written conversation may ask for: the later ones get what the earlier ones have left."""

_DEEP_SHORTENING = Cost(120, 40)
_AUDIO_S = APPENDS * 0.12
# Of what a conversation may hold, half is drawn in the mean; and answers are asked to be short.
_WRITTEN = Estimate(Cost(1, RESPONSES // 2, _AUDIO_S / 2), Cost(1, RESPONSES, _AUDIO_S))
_SPOKEN = Estimate(
    Cost(1, RESPONSES, _AUDIO_S / 2 + RESPONSES * SHORT_S),
    Cost(1, RESPONSES, _AUDIO_S + RESPONSES * MOST_SPOKEN_S),
)


def _spoken_examples(depth: Depth) -> int:
    return max(1, depth.examples // 8)


def _written_examples(depth: Depth) -> int:
    """One after another, conversations are what a run waits for last; so half of them are `typed` beside."""
    return depth.examples - depth.examples // 2 if typed.played_at(depth) else depth.examples


def _typed_examples(depth: Depth) -> int:
    return max(1, depth.examples - _written_examples(depth))


def _cost_written(depth: Depth) -> Estimate:
    return _cost_of_text(depth, _written_examples(depth))


def _cost_typed(depth: Depth) -> Estimate:
    return _cost_of_text(depth, _typed_examples(depth))


def _cost_of_text(depth: Depth, examples: int) -> Estimate:
    responses = int(_IN_THE_MEAN.get(depth.name, RESPONSES) * examples)
    return _cost(_WRITTEN, examples, depth, responses)


def _cost_spoken(depth: Depth) -> Estimate:
    examples = _spoken_examples(depth)
    return _cost(_SPOKEN, examples, depth, RESPONSES * examples)


def _cost(each: Estimate, examples: int, depth: Depth, responses: int) -> Estimate:
    silent = Cost(1)  # the first says nothing
    spare = Cost(sessions=2)  # one that breaks off begins anew
    shortening = _SHORTENING.get(depth.name, _DEEP_SHORTENING)
    return Estimate(
        silent + spare + each.likely.times(examples),
        silent + shortening + replace(each.most.times(examples), responses=responses),
    )


@scenario(
    "items/create/acknowledged",
    "items/previous/appended",
    "items/previous/inserted",
    "items/previous/root",
    "items/previous/after-delete",
    "items/delete/acknowledged",
    "items/retrieve/full-item",
    "cancel/active-ends-cancelled",
    "response/create/one-at-a-time",
    "errors/session-survives",
    "errors/no-side-effects",
    "audio/commit/acknowledged",
    "audio/clear/audio-is-gone",
    own_sessions=True,
    costs=_cost_written,
    regards=("retrieve", "audio-input", "manual-commit"),
)
async def written(stage: Stage) -> None:
    """Items, written responses, audio and settings in any order, each of them also misused."""
    await _hold(stage, _written_examples(stage.depth), _WRITTEN, spoken=False)


@scenario(
    *written.provokes,
    own_sessions=True,
    costs=_cost_typed,
    regards=written.regards,
    least="standard",
)
async def typed(stage: Stage) -> None:
    """The same by another draw, side by side with the first."""
    await _hold(stage, _typed_examples(stage.depth), _WRITTEN, spoken=False, draw=1)


@scenario(
    "items/truncate/acknowledged",
    "items/truncate/echoes-request",
    "items/truncate/cuts-transcript",
    "items/truncate/beyond-audio-refused",
    "cancel/keeps-items",
    features=("audio-output", "truncation"),
    own_sessions=True,
    costs=_cost_spoken,
    regards=("retrieve", "audio-input", "manual-commit"),
)
async def spoken(stage: Stage) -> None:
    """The same with spoken responses, which are truncated."""
    await _hold(stage, _spoken_examples(stage.depth), _SPOKEN, spoken=True)


async def _hold(stage: Stage, examples: int, each: Estimate, *, spoken: bool, draw: int = 0) -> None:
    load_hypothesis()
    from suites.conversations.exploring import explore  # noqa: PLC0415 - needs Hypothesis as it is imported

    exploration = await explore(stage, examples=examples, each=each, spoken=spoken, draw=draw)
    if exploration.found or exploration.unexplained:
        if exploration.found:
            names = ", ".join(f.requirement for f in exploration.found)
            raise Unmet(f"a generated conversation violates {names}")
        raise Unmet(f"a generated conversation did not go as the model says: {exploration.unexplained[0]}")
