"""What mutation testing names is there: modules of the rules, and the tests whose traces it takes over."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("module", ["mutants.py", "mutation_cases.py"])
def test_what_is_named_is_there(module: str) -> None:
    tree = ast.parse((ROOT / "benchmarks" / module).read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    named = {word for word in words if isinstance(word, str) and word.endswith(".py") and "\n" not in word}
    assert named
    places = {name: ROOT / (name if "/" in name else f"tests/rules/{name}") for name in named}
    assert [name for name, path in sorted(places.items()) if not path.exists()] == []
