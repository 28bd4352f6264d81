"""The fault catalogue: what a server can do wrong, one way at a time.

Each fault is a `Difference` that breaks one promise of the protocol; a wide one breaks several at once, as
some real server did. The modules follow the areas of the facts. A fault has a name, which is what
`serve --fault NAME` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.differences import Difference, by_name
from reference.faults import (
    audio,
    calls,
    cancellation,
    envelope,
    errors,
    handshake,
    inworld,
    inworld_session,
    item_commands,
    items,
    mcp,
    out_of_band,
    payload,
    response_objects,
    responses,
    robustness,
    session,
    streams,
    transcription,
    transport,
    turns,
)

_MODULES = (
    handshake,
    transport,
    envelope,
    payload,
    session,
    inworld_session,
    items,
    item_commands,
    responses,
    response_objects,
    streams,
    cancellation,
    audio,
    turns,
    transcription,
    calls,
    out_of_band,
    mcp,
    errors,
    inworld,
    robustness,
)

FAULTS: Mapping[str, Difference] = MappingProxyType(
    by_name(each for module in _MODULES for each in module.FAULTS)
)
"""All faults by their names."""
