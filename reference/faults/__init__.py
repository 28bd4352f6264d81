"""The fault catalogue: what a server can do wrong, one way at a time.

Each fault is a `Difference` that breaks the protocol in exactly one way. The modules follow the areas of
the facts. A fault has a name, which is what `serve --fault NAME` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.differences import Difference
from reference.faults import audio, envelope, items, responses, robustness, session, streams

FAULTS: Mapping[str, Difference] = MappingProxyType(
    {
        each.name: each
        for module in (envelope, session, items, responses, streams, audio, robustness)
        for each in module.FAULTS
    }
)
"""All faults by their names."""
