"""Asks a server which dialect it speaks, where its address does not tell: one session, no response."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.catalogue import UNNAMED
from protocol.siblings import sibling_at
from realtime_conformance.application.dialect_choice import Ground, Heard, by_address, by_traffic
from realtime_conformance.application.targets import Choice, TargetError, choose, named_target, options_of
from wire.failures import WireError
from wire.session import open_session
from wire.trace import Recorder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from wire.endpoint import Endpoint

_MOMENT_S = 3.0
"""Seconds in which a server has to show an item, so that it tells something."""

_ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}


def chosen_for(endpoint: Endpoint, named: str | None, *, asks: bool = True) -> Ground:
    """Return the dialect of `endpoint`: the one that is `named`, or that its address or its events tell.

    Without `asks` nothing is sent. Raises `TargetError` where its events speak for several alike.
    """
    if named:
        return Ground(named)
    if (sibling := sibling_at(endpoint.url)) is not None:
        raise TargetError(f"{sibling.sentence}; --dialect judges it all the same")
    if (found := by_address(endpoint.url)) is not None:
        return found
    if not asks:
        return Ground(UNNAMED, "its address tells nothing, and a run asks the server")
    heard = asyncio.run(_asked(endpoint))
    if heard is None:
        return Ground(UNNAMED, "its address tells nothing, and it could not be asked")
    return by_traffic(heard)


def grounded(given: Mapping[str, Any]) -> Choice:
    """Return the endpoint that options name, in a dialect that was chosen on some ground.

    A server that is still to be started cannot be asked, and where only a plan is wanted none is.
    """
    options = options_of(given)
    choice = choose(options)
    named = options.dialect or (named_target(options).get("dialect") if options.target is not None else None)
    asks = not given.get("plan") and (given.get("start") is None or given.get("found", False))
    ground = chosen_for(choice.endpoint, named, asks=asks)
    if ground.dialect != choice.endpoint.dialect:
        choice = choose(replace(options, dialect=ground.dialect))
    return replace(choice, ground=ground.note)


async def _asked(endpoint: Endpoint) -> Heard | None:
    """Return what a server shows in one session; None where there is none."""
    heard = Heard()
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "asking.jsonl", endpoint.redactor)
        try:
            async with open_session(endpoint, recorder) as session:
                with contextlib.suppress(WireError):
                    await session.wait_for(("session.created", "error"), within=_MOMENT_S)
                    await session.send("conversation.item.create", item=_ITEM)
                    told = ("conversation.item.added", "conversation.item.created", "error")
                    await session.wait_for(told, within=_MOMENT_S)
                for received in session.received:
                    heard.hear(received.event)
        except WireError:
            return None
        finally:
            recorder.close("asked")
    return heard
