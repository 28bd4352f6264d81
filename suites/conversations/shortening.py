"""Makes a script that shows something wrong as short as it gets: one frame after another is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from suites.replaying import ReplayStep, Script

Fails = Callable[[Script], bool]
"""Plays a script; tells whether it still shows what it is to show."""


def blocks_of(script: Script) -> list[tuple[ReplayStep, ...]]:
    """Return the steps of `script`, each frame with the waits behind it; the first block is the opening."""
    blocks: list[list[ReplayStep]] = [[]]
    frames = {id(step) for step in script.frames}
    for step in script.steps:
        if id(step) in frames:
            blocks.append([])
        blocks[-1].append(step)
    return [tuple(block) for block in blocks]


def requests(steps: Iterable[ReplayStep]) -> int:
    """Return how many responses are asked for."""
    return sum((step.send or {}).get("type") == "response.create" for step in steps)


def shortening(script: Script, fails: Fails) -> Iterator[Script]:
    """Yield `script`, which fails, and then ever shorter ones that still do, until no frame can be left out.

    It is tried first without any request for a response, as these are what costs; then later frames before
    earlier ones, which they may need. Raises what `fails` raises.
    """
    opening, *blocks = blocks_of(script)
    yield script
    free = [block for block in blocks if not requests(block)]
    if 0 < len(free) < len(blocks):
        attempt = replace(script, steps=(*opening, *(step for block in free for step in block)))
        if fails(attempt):
            blocks = free
            yield attempt
    changed = True
    while changed:
        changed = False
        for place in reversed(range(len(blocks))):
            fewer = blocks[:place] + blocks[place + 1 :]
            attempt = replace(script, steps=(*opening, *(step for block in fewer for step in block)))
            if fewer and fails(attempt):
                blocks, changed = fewer, True
                yield attempt
