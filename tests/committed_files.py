"""The files that are committed, as tests of the design read them: by room, with imports and names."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ALL = {
    "protocol",
    "proxy",
    "schemas",
    "generators",
    "load",
    "packs",
    "wire",
    "rules",
    "suites",
    "reports",
    "reference",
    "realtime_conformance",
}
"""The rooms."""


def tracked(*patterns: str) -> list[Path]:
    """Return the files that are committed; without git, all there are."""
    done = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in done.stdout.split("\0") if name]
    found = [ROOT / name for name in names] or [p for each in patterns or ("*",) for p in ROOT.rglob(each)]
    return sorted(path for path in found if path.is_file())


def modules_of(*rooms: str) -> list[Path]:
    """Return the modules of some rooms."""
    return [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in rooms]


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import of a module, also of those for type checkers and in functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively; rooms are imported by name"
            base = node.module or ""
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def module_name(path: Path) -> str:
    """Return the name by which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def name_of(path: Path) -> str:
    """Return a path as it reads from the top of the project."""
    return path.relative_to(ROOT).as_posix()
