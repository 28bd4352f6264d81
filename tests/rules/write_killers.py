"""Writes the killers that the matrix finds into rules/registry: python tests/rules/write_killers.py."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
_ID = re.compile(r"^- id: (\S+)$")


def killers() -> dict[str, list[str]]:
    """Return, for each requirement, the faults that violate just it."""
    from tests.rules.test_kill_matrix import CASES, matrix

    found: dict[str, set[str]] = {}
    for dialect, name in CASES:
        killed = matrix(dialect, name)
        for id_ in killed if len(killed) == 1 else ():
            found.setdefault(id_, set()).add(name)
    return {id_: sorted(names) for id_, names in found.items()}


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
        if not (line.startswith(("  killers:", "    - ")) and _is_killer(line)):
            lines.append(line)
    return "\n".join(lines[:-1]) + "\n"


def _is_killer(line: str) -> bool:
    return line.startswith("  killers:")


def _listed(names: list[str]) -> list[str]:
    return [f"  killers: [{', '.join(names)}]"]


def main() -> None:
    found = killers()
    for path in sorted((ROOT / "rules" / "registry").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        path.write_text(with_killers(text, found), encoding="utf-8")


if __name__ == "__main__":
    main()
