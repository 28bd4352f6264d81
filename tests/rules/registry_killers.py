"""The killers that the matrix finds, as they stand in the files of rules/registry."""

from __future__ import annotations

import re
from pathlib import Path

from reference.faults.providers import FAULTS as PROVIDERS
from tests.rules.matrix import killers

REGISTRY = Path(__file__).parents[2] / "rules" / "registry"
_ID = re.compile(r"^- id: (\S+)$")
_KILLERS = re.compile(r"^  killers: \[(.*)\]$")


def files() -> dict[Path, str]:
    """Return the files of the registry as they are with the killers of the matrix."""
    found = killers()
    paths = sorted(REGISTRY.glob("*.yaml"))
    return {path: with_killers(path.read_text(encoding="utf-8"), found) for path in paths}


def with_killers(text: str, found: dict[str, list[str]]) -> str:
    """Return the text of a registry file with the killers found, all else as it was.

    The matrix knows the main dialects alone. Faults of other providers stay where they are: they are tried
    live, in tests/suites/test_suites_providers.py.
    """
    lines: list[str] = []
    entry, kept = "", list[str]()
    for line in [*text.splitlines(), "- id: end"]:
        if start := _ID.match(line):
            lines += _listed(list(dict.fromkeys([*found.get(entry, ()), *kept])))
            entry, kept = start[1], []
        if listed := _KILLERS.match(line):
            kept = [name for name in listed[1].split(", ") if name in PROVIDERS]
        else:
            lines.append(line)
    return "\n".join(lines[:-1]) + "\n"


def _listed(names: list[str]) -> list[str]:
    return [f"  killers: [{', '.join(names)}]"] if names else []
