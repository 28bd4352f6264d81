"""Conversations with an abacus."""

from __future__ import annotations

from packs.keyed.talk import KeyedTalk
from packs.scenario import Scenarios

SCENARIOS = Scenarios("abacus")


@SCENARIOS.add("abacus/sum/comes", "abacus/sum/right")
async def one_sum(talk: KeyedTalk) -> None:
    """Two numbers are added."""
    await talk.say({"add": {"numbers": [1, 2]}, "contextId": "a"})
    await talk.hear("sum", context="a")


@SCENARIOS.add("abacus/sum/comes")
async def two_sums_at_once(talk: KeyedTalk) -> None:
    """Two contexts are asked in one burst."""
    await talk.say({"add": {"numbers": [1, 2]}, "contextId": "a"})
    await talk.say({"add": {"numbers": [3]}, "contextId": "b"})
    await talk.hear("sum", context="a")
    await talk.hear("sum", context="b")
