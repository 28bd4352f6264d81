"""Reads what the pages of the documentation tell people to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (PROJECT / "README.md", *(PROJECT / "docs").glob("*.md"))
    if path.name != "requirements.md"
)

_BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"# ([\w./-]+\.(?:ya?ml|txt))\b.*\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, and its text without the indentation of a list around it."""

    kind: str
    text: str

    @property
    def file(self) -> str:
        """The name in the first line of YAML or a transcript; empty for a block that is no file."""
        named = _NAMED.match(self.text)
        return named[1] if self.kind in ("yaml", "transcript") and named else ""

    @property
    def commands(self) -> list[str]:
        """The lines to type, those that end in a backslash joined."""
        if self.kind != "sh":
            return []
        lines = self.text.replace("\\\n", " ").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        indent = found["indent"]
        lines = [line.removeprefix(indent) for line in found["text"].splitlines(keepends=True)]
        yield Block(found["kind"], "".join(lines))
