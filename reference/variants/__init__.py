"""The variants: ways in which a server may legally differ from the reference server as it is (facts 8.3).

A suite that fails a server for one of these is wrong. A variant has a name, which is what
`serve --variant NAME` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.differences import Difference, by_name
from reference.variants import extensions, openness, order, shapes

_MODULES = (openness, shapes, order, extensions)

VARIANTS: Mapping[str, Difference] = MappingProxyType(
    by_name(each for module in _MODULES for each in module.VARIANTS)
)
"""All variants by their names."""
