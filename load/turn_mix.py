"""Which turns a load run holds: one kind, or a small file with a mix."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from load.load_plan import TURN_KINDS, LoadPlanError, TurnKind
from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.yaml_core import parse_settings

_EXAMPLE = "turns: {speech: 8, text: 1, tool: 1}"


def mix_of(scenario: str) -> dict[TurnKind, float]:
    """Return the weights that `--scenario` means: the name of a kind of turn, or a YAML file with a mix.

    Raises `LoadPlanError` for what is neither.
    """
    for kind in TURN_KINDS:
        if scenario == kind:
            return {kind: 1.0}
    path = Path(scenario)
    if not path.is_file():
        known = ", ".join(TURN_KINDS)
        raise LoadPlanError(f"--scenario {scenario}: is neither one of {known} nor a file with a mix of them")
    try:
        content, _ = parse_settings(read_text(path), scenario)
    except DocumentError as error:
        raise LoadPlanError(str(error)) from None
    return _weights(content, scenario)


def _weights(content: Any, file: str) -> dict[TurnKind, float]:
    turns = content.get("turns") if isinstance(content, Mapping) else None
    if not isinstance(turns, Mapping) or not turns or set(content) != {"turns"}:
        raise LoadPlanError(f"{file}: a mix is weights of kinds of turns under `turns`; write {_EXAMPLE}")
    found: dict[TurnKind, float] = {}
    for name, weight in turns.items():
        kind = next((each for each in TURN_KINDS if each == name), None)
        if kind is None:
            raise LoadPlanError(
                f"{file}: turns.{name}: is no kind of turn; there are {', '.join(TURN_KINDS)}"
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
            raise LoadPlanError(
                f"{file}: turns.{name}: a weight is a number of more than 0; write {_EXAMPLE}"
            )
        found[kind] = float(weight)
    return found


def turns_of(mix: Mapping[TurnKind, float], seed: str) -> Iterator[TurnKind]:
    """Yield kinds of turns without end, as often as the weights of `mix` say; `seed` decides which."""
    chance = random.Random(seed)  # noqa: S311 - which turn comes is no secret
    kinds, weights = list(mix), list(mix.values())
    while True:
        yield chance.choices(kinds, weights)[0]
