"""The killers that the matrix finds, as they stand in the files of rules/registry."""

from __future__ import annotations

import re
from pathlib import Path

from tests.rules.matrix import killers

REGISTRY = Path(__file__).parents[2] / "rules" / "registry"
_ID = re.compile(r"^- id: (\S+)$")


def files() -> dict[Path, str]:
    """Return the files of the registry as they are with the killers of the matrix."""
    found = killers()
    paths = sorted(REGISTRY.glob("*.yaml"))
    return {path: with_killers(path.read_text(encoding="utf-8"), found) for path in paths}


def with_killers(text: str, found: dict[str, list[str]]) -> str:
    """Return the text of a registry file with the killers found, all else as it was."""
    lines: list[str] = []
    entry = ""
    for line in [*text.splitlines(), "- id: end"]:
        start = _ID.match(line)
        if start:
            if entry in found:
                lines += _listed(found[entry])
            entry = start[1]
        if not line.startswith("  killers:"):
            lines.append(line)
    return "\n".join(lines[:-1]) + "\n"


def _listed(names: list[str]) -> list[str]:
    return [f"  killers: [{', '.join(names)}]"]
