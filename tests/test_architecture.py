"""The rooms of the design, kept: who may import whom, and what has one name or none."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

import pytest

from protocol.catalogue import own_dialects
from tests.committed_files import ALL, ROOT, imports_of, module_name, modules_of, name_of, tracked

MAY_IMPORT = {
    "protocol": set(),
    "schemas": {"protocol"},
    "generators": {"protocol", "schemas"},
    "wire": {"protocol"},
    "rules": {"protocol", "schemas", "wire"},
    "packs": {"protocol", "schemas", "generators", "rules", "suites", "wire"},
    "load": {"protocol", "generators", "rules", "suites", "wire"},
    "proxy": {"protocol", "schemas", "rules", "packs", "wire"},
    "suites": {"protocol", "generators", "wire"},
    "reports": {"protocol", "rules"},
    "reference": {"protocol", "schemas"},
    "realtime_conformance": ALL,
}
"""The import law. What a room may import of itself goes without saying."""

FOLDERS = {
    "supervision": {"limits"},
    "application": {"limits", "supervision", "rooms"},
    "pytest_plugin": {"limits", "options", "supervision", "application", "rooms"},
    "commands": {"limits", "options", "supervision", "application", "rooms"},
}
"""The folders of the top, each one job, and what each may import of the others."""

OF_WIRE_FOR_RULES = {"wire.trace", "wire.frames"}
"""Rules read traces; of how these came about they know nothing."""


# --- the import law ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    modules = modules_of(room)
    assert modules
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules
        for line, name in imports_of(path)
        if name.split(".")[0] in ALL - MAY_IMPORT[room] - {room}
    ]
    assert broken == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_the_top_imports_only_what_it_may(folder: str) -> None:
    modules = [p for p in modules_of("realtime_conformance") if p.relative_to(ROOT).parts[1] == folder]
    assert modules
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules
        for line, name in imports_of(path)
        if name.startswith("realtime_conformance.")
        and name.split(".")[1] not in FOLDERS[folder] | {folder, "__version__"}
    ]
    assert broken == []


def test_the_top_holds_doors_and_folders() -> None:
    doors = {"__init__.py", "__main__.py", "cli.py", "limits.py", "options.py", "rooms.py"}
    found = {p.relative_to(ROOT).parts[1] for p in modules_of("realtime_conformance")}
    assert found == doors | set(FOLDERS)


def test_rules_know_traces_and_nothing_else_of_the_wire() -> None:
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules_of("rules")
        for line, name in imports_of(path)
        if name.startswith("wire")
        and not any(name == m or name.startswith(f"{m}.") for m in OF_WIRE_FOR_RULES)
    ]
    assert broken == []


OF_DRIFT = {"drift", "protocol", "schemas", "rules.rulebook"}
"""What compares SDKs with our documents needs these, and where a dialect's document lies."""


def test_drift_stands_beside_the_rooms() -> None:
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules_of("drift")
        for line, name in imports_of(path)
        if name.split(".")[0] in {*ALL, "tests", "benchmarks", "conftest", "docs"}
        and not any(name == each or name.startswith(f"{each}.") for each in OF_DRIFT)
    ]
    assert broken == []


def test_no_room_imports_tests_or_the_wiring_of_pytest() -> None:
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules_of(*ALL)
        for line, name in imports_of(path)
        if name.split(".")[0] in ("tests", "benchmarks", "conftest", "docs", "drift")
    ]
    assert broken == []


def test_reports_holds_only_what_commands_use() -> None:
    """What writes pages of `docs/` lies there, and not among the writers of reports."""
    used = {name for path in modules_of(*ALL) for _, name in imports_of(path)}
    modules = [path for path in modules_of("reports") if path.stem != "__init__"]
    assert [name_of(path) for path in modules if f"reports.{path.stem}" not in used] == []


OF_STANDINGS = {
    "reports/requirement_results.py",
    "realtime_conformance/application/actions/baseline.py",  # from results.json, where there is no model
}
"""Modules that look at how a verdict compares with the baseline. Writers and pytest show the standing."""


def test_how_a_requirement_stands_is_decided_once() -> None:
    looking = {
        name_of(path)
        for path in [*modules_of("reports", "realtime_conformance"), ROOT / "conftest.py"]
        for _, name in imports_of(path)
        if name == "reports.baseline.BaselineStatus"
    }
    assert looking == OF_STANDINGS


def test_the_judge_is_pure() -> None:
    """No clock, no network, no randomness: the same trace always gets the same verdicts."""
    impure = {
        "time",
        "random",
        "secrets",
        "socket",
        "asyncio",
        "threading",
        "websockets",
        "uuid",
        "subprocess",
        "os",
    }
    broken = [
        f"{name_of(path)}:{line} imports {name}"
        for path in modules_of("rules")
        for line, name in imports_of(path)
        if name.split(".")[0] in impure
    ]
    assert broken == []


# --- circles ----------------------------------------------------------------------------------------------

OPENED_ELSEWHERE = {
    frozenset(
        (
            "realtime_conformance.application.conformance_run",
            "realtime_conformance.application.run_report",
        )
    ): "a plan makes its own report; the design parts plan, run and report",
}
"""Circles that there still are, each with what is to be done about it."""


def _imported_modules(path: Path, known: Container[str]) -> set[str]:
    """Return the modules of ours that a module imports when it runs, also those that a function imports.

    What only type checkers import is left out: it names the types of what others hand in, and nothing runs.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inner if name in known} or {node.module or ""}
            found |= {node.module or ""} if any(name not in known for name in inner) else set()
    return {name for name in found if name in known}


def _circles(imports: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """Return the sets of modules that reach each other."""
    reached = {name: set(direct) for name, direct in imports.items()}
    for middle in imports:
        for name in imports:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    circular = {name for name in imports if name in reached[name]}
    return {frozenset({name} | {o for o in reached[name] if name in reached[o]}) for name in circular}


def test_no_modules_import_each_other() -> None:
    """What needs the other to be loaded can be neither read nor tested by itself."""
    paths = {module_name(p): p for p in modules_of(*ALL)}
    imports = {name: _imported_modules(path, paths) - {name} for name, path in paths.items()}
    assert _circles(imports) == set(OPENED_ELSEWHERE)


@pytest.mark.parametrize(
    ("imports", "circles"),
    [
        ({"a": {"b"}, "b": set()}, set()),
        ({"a": {"b"}, "b": {"a"}}, {frozenset("ab")}),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, {frozenset("bc")}),
    ],
)
def test_circles_are_found(imports: dict[str, set[str]], circles: set[frozenset[str]]) -> None:
    assert _circles(imports) == circles


# --- names ------------------------------------------------------------------------------------------------

TABLES_BY_NAME = {"FAULTS", "VARIANTS", "ORDER"}
"""Tables that many modules have one of, put together by that name."""


def _defined(path: Path) -> set[str]:
    """Return the public names that a module defines."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Assign():
                found |= {
                    n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)
                }
            case ast.AnnAssign(target=ast.Name()):
                found.add(ast.unparse(node.target))
    return {name for name in found if not name.startswith("_")}


def test_two_things_never_share_a_name() -> None:
    """Who reads a name knows what is meant, wherever it stands.

    Scenarios are known by their module. A command of the command line and what it does, in `actions/`, are
    one thing.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for path in modules_of(*ALL):
        name = module_name(path)
        if not name.startswith("suites.test_") and not name.endswith(".scenarios"):
            for each in _defined(path):
                owners[each].add(name.replace("application.actions.", "commands."))
    double = {each for each, modules in owners.items() if len(modules) > 1}
    assert double - TABLES_BY_NAME == set()


# --- dialects ---------------------------------------------------------------------------------------------

OF_DIALECTS = {"protocol", "reference"}
"""The dialects' own room, and the server with profiles of its own. All others ask for switches."""


WORDS = {("rules/areas/items.py", "beta"), ("rules/beta_dialect.py", "beta")}
"""Words that are called as a dialect is, and are none: kinds of findings, and what is counted as a sign."""


def _names_of_dialects(text: str, words: Iterable[str] = ()) -> list[int]:
    """Return the lines on which Python source has the name of a dialect as a value of its own."""
    names = {each.name for each in own_dialects()} - {*words}
    constants = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return [node.lineno for node in constants if isinstance(node.value, str) and node.value in names]


def test_nothing_depends_on_the_name_of_a_dialect() -> None:
    """Rules, scenarios and reports ask for a switch; a third dialect would else be judged as one of two."""
    modules = [*modules_of(*(ALL - OF_DIALECTS)), ROOT / "conftest.py"]
    named = [
        f"{name_of(p)}:{line}"
        for p in modules
        for line in _names_of_dialects(
            p.read_text("utf-8"), {word for file, word in WORDS if file == name_of(p)}
        )
    ]
    assert named == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('x = dialect == "openai"', True),
        ('x = dialect not in ("a", "inworld")', True),
        ('x = "openai" if y else "inworld"', True),
        ('x = {"openai": 1}[dialect]', True),
        ('x = levels["inworld"]', True),
        ('match dialect:\n    case "openai":\n        pass', True),
        ("x = dialect is OPENAI", False),  # which no room but the reference server's has
        ("x = dialect.switches.changes_model", False),
        ('x = "openai/gpt-4.1-mini"', False),
        ('"""What OpenAI does."""', False),
    ],
)
def test_names_of_dialects_are_found(line: str, *, named: bool) -> None:
    assert bool(_names_of_dialects(line)) is named


def test_the_dialects_are_folders_of_data() -> None:
    inside = [p for p in tracked("protocol/dialects/*") if p.suffix != ".yaml"]
    assert inside == []
