"""A replay script of a channel as a scenario of its pack: what was said is said again, and judged anew."""

from __future__ import annotations

import contextlib

from packs.keyed.messages import ERROR, STATUS, KeyedMessage
from packs.keyed.talk import KeyedTalk
from packs.pack import Pack
from packs.scenario import PackScenario, Round
from suites.replaying import ReplayStep, Script, resolved
from wire.budget import Cost
from wire.failures import Ended, Flooded, Stalled
from wire.trace import Entry


def scenario_of_script(script: Script, pack: Pack) -> PackScenario:
    """Return the scenario of `pack` that plays `script`; it costs what its messages cost."""

    async def act(talk: KeyedTalk) -> None:
        last = 0
        with contextlib.suppress(Ended, Flooded):  # what the server did wrong is for the rules to say
            for step in script.steps:
                if step.until:
                    await _heard(talk, step, last)
                elif step.closed:
                    await talk.session.wait_closed()
                else:
                    last = await _said(talk, step)

    read = (pack.read(Entry(0, None, "client", "text", step.send)) for step in script.steps if step.send)
    cost = sum((pack.costs(message) for message in read if message is not None), Cost())
    only = (Round(act, cost.characters, cost.audio_s),)
    return PackScenario(script.name, "What was recorded, once more.", (), lambda _: only)


async def _said(talk: KeyedTalk, step: ReplayStep) -> int:
    """Send what a step sends; return its `seq`."""
    if step.send is not None:
        return await talk.say(resolved(step.send, ()), **step.label)
    if step.text is not None:
        return await talk.session.send_text(step.text, **step.label)
    if step.hex is not None:
        return await talk.session.send_bytes(bytes.fromhex(step.hex), as_text=True, **step.label)
    return await talk.session.send_bytes(bytes(step.binary or 0), **step.label)


async def _heard(talk: KeyedTalk, step: ReplayStep, after: int) -> None:
    """Wait for what a step waits for; what does not come is waited for, and then left."""
    count = 0

    def met(message: KeyedMessage) -> bool:
        nonlocal count
        # A server that refuses what another one granted has answered all the same.
        if message.name in (STATUS, ERROR) and message.name not in step.until:
            return True
        count += 1
        return count >= step.nth

    with contextlib.suppress(Stalled):  # the trace says so
        await talk.hear(*step.until, STATUS, ERROR, after=after, where=met, streaming=True)
