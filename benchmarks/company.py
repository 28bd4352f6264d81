"""What a fault needs to show in a whole run: features that nobody has unasked, and variants beside it.

Some faults are in what only some servers have. The target then has to be declared to offer it, and the
reference server has to have it, where it has it in a variant only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from protocol.dialect import DialectName
from realtime_conformance.application.targets import Choice
from reference.differences import Difference
from reference.variants import VARIANTS
from rules.requirements import registry
from suites.features import ON_REQUEST

_HAVING: Mapping[str, tuple[str, ...]] = {
    "mcp": ("mcp-calls",),
    "backchannel": ("backchannel-audio",),
}
"""The variants in which the reference server has a feature, where it has it in none without."""


def features(fault: str, dialect: DialectName) -> set[str]:
    """Return the features on request that those requirements need which name the fault as their killer."""
    meant = [each for each in registry().judged(dialect) if fault in each.killers]
    return {feature for each in meant for feature in each.features if feature in ON_REQUEST}


def variants(fault: str, dialect: DialectName) -> list[Difference]:
    """Return the variants that a server with the fault has to be, so that the fault can show."""
    having = [
        VARIANTS[name] for feature in sorted(features(fault, dialect)) for name in _HAVING.get(feature, ())
    ]
    return [each for each in having if dialect in each.dialects]


def declaring(target: Choice, fault: str) -> Choice:
    """Return the target declared to offer what the fault needs."""
    needed = dict.fromkeys(features(fault, target.endpoint.dialect), True)
    return replace(target, declared={**target.declared, **needed})


UNSEEN = Path(__file__).with_name("unseen.yaml")


@cache
def unseen() -> Mapping[str, str]:
    """Return the faults that no whole run comes upon, with why."""
    found: dict[str, str] = yaml.safe_load(UNSEEN.read_text(encoding="utf-8"))
    return found


def astray(missed: Mapping[str, bool], known: Mapping[str, str]) -> list[str]:
    """Return a sentence for each fault that is `missed` and not `known` to be, or known to be and found."""
    return [
        f"{fault} is {'not found: say why in' if is_missed else 'found: take it out of'} {UNSEEN.name}"
        for fault, is_missed in sorted(missed.items())
        if is_missed is not (fault in known)
    ]
