"""Rules cannot touch each other, and the engine knows none of them (docs/adr/0009)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from rules.requirements import registry
from tests.committed_files import ROOT, name_of, tracked

WRITABLE = {
    "rules.reading",
    "rules.event_subjects",
    "rules.reading_requests",
    "rules.reading_updates",
    "rules.order_steps",
    "rules.judgement",
    "rules.records",
}
"""Where what is known is made; rules see it through `rules.views` and `rules.reading_view`."""

CLASSES = {"Subject", "Response", "Item", "Part", "Stream", "Transcription", "Exchange", "Exchanges"}

NAMELESS = (
    "engine",
    "judgement",
    "event_subjects",
    "moments",
    "order",
    "order_steps",
    "reading",
    "records",
    "reading_requests",
    "reading_updates",
    "yields",
)
"""Modules of the judge that know no requirement."""


def _areas() -> list[Path]:
    return tracked("rules/areas/*.py")


def test_rules_import_nothing_that_they_could_write_to() -> None:
    broken = []
    for path in _areas():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                if node.module in WRITABLE or ((node.module or "").startswith("rules.") and names & CLASSES):
                    broken.append(f"{path.name}:{node.lineno}")
    assert broken == []


def test_rules_write_to_nothing_but_what_their_own_requirement_remembers() -> None:
    """Mypy keeps them from writing to what they see; here, that nobody talks it out of that."""
    broken = []
    for path in _areas():
        text = path.read_text(encoding="utf-8")
        broken += [f"{path.name}: {word}" for word in ("cast(", "setattr(", "type: ignore") if word in text]
        for node in ast.walk(ast.parse(text)):
            for target in node.targets if isinstance(node, ast.Assign) else []:
                written = ast.unparse(target) if isinstance(target, ast.Attribute) else ""
                if written.startswith("case.") and not written.startswith("case.memory("):
                    broken.append(f"{path.name}:{target.lineno}")
    assert broken == []


def test_a_rule_that_writes_to_what_it_sees_does_not_pass_for_typed(tmp_path: Path) -> None:
    written = tmp_path / "writes.py"
    written.write_text(
        "from rules.case import EventCase\n\n\n"
        "def rule(case: EventCase) -> None:\n"
        "    case.reading.session_seq = 7\n"
        "    case.item.parts[0] = case.part\n"
        "    case.response.items.append(case.item)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(written)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert [line.rpartition("[")[2] for line in said.splitlines()[:3]] == ["misc]", "index]", "attr-defined]"]


_TABLES_OF_RULES = re.compile(
    r"""\bRULES\.(?:append|insert|remove|pop|clear|extend)\b | \bRULES\[[^]]*\]\s*=
    | setattr\(\s*"rules\.(?:rulebook|registration|engine)\. | setattr\((?:book|rulebook)\b
    | \bbook\.(?:functions|joints|places)\b[^=\n]*(?:\.append|\]\s*=[^=])
    """,
    re.VERBOSE,
)


def test_nobody_but_the_rules_writes_to_the_tables_of_a_rulebook() -> None:
    """Who wants to look on is an observer (`rules.observer`)."""
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in tracked("*.py")
        if path.relative_to(ROOT).parts[0] != "rules" and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _TABLES_OF_RULES.search(line)
    ]
    assert found == []


def test_the_engine_names_no_requirement() -> None:
    ids = {entry.id for entry in registry()}
    named = []
    for name in NAMELESS:
        tree = ast.parse((ROOT / "rules" / f"{name}.py").read_text(encoding="utf-8"))
        texts = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        named += [f"{name}: {text}" for text in texts & ids]
    assert named == []
