"""The rooms of the design, kept: who may import whom, how long a module is, what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from protocol.catalogue import own_dialects
from rules.requirements import registry

ROOT = Path(__file__).resolve().parents[1]

ALL = {
    "protocol",
    "schemas",
    "generators",
    "wire",
    "rules",
    "suites",
    "reports",
    "reference",
    "realtime_conformance",
}

MAY_IMPORT = {
    "protocol": set(),
    "schemas": {"protocol"},
    "generators": {"protocol", "schemas"},
    "wire": {"protocol"},
    "rules": {"protocol", "schemas", "wire"},
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

LONGEST = 450
"""Lines of a module of a room."""

LONGEST_TABLE = 600
"""Lines of what is read entry by entry: catalogues of faults and variants, tests."""

LONGEST_OF_TEMPLATES = 160
"""Characters of a line of a template."""

TABLES = ("reference/faults/", "reference/variants/", "tests/")


def _tracked(*patterns: str) -> list[Path]:
    """Return the files that are committed; without git, all there are."""
    done = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = [name for name in done.stdout.split("\0") if name]
    found = [ROOT / name for name in names] or [p for each in patterns or ("*",) for p in ROOT.rglob(each)]
    return sorted(path for path in found if path.is_file())


def _modules(*rooms: str) -> list[Path]:
    return [p for p in _tracked("*.py") if p.relative_to(ROOT).parts[0] in rooms]


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import of a module, also of those for type checkers and in functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively; rooms are imported by name"
            base = node.module or ""
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the import law ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    modules = _modules(room)
    assert modules
    broken = [
        f"{_name(path)}:{line} imports {name}"
        for path in modules
        for line, name in _imports(path)
        if name.split(".")[0] in ALL - MAY_IMPORT[room] - {room}
    ]
    assert broken == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_of_the_top_imports_only_what_it_may(folder: str) -> None:
    modules = [p for p in _modules("realtime_conformance") if p.relative_to(ROOT).parts[1] == folder]
    assert modules
    broken = [
        f"{_name(path)}:{line} imports {name}"
        for path in modules
        for line, name in _imports(path)
        if name.startswith("realtime_conformance.")
        and name.split(".")[1] not in FOLDERS[folder] | {folder, "__version__"}
    ]
    assert broken == []


def test_the_top_holds_doors_and_folders() -> None:
    doors = {"__init__.py", "__main__.py", "cli.py", "limits.py", "options.py", "rooms.py"}
    found = {p.relative_to(ROOT).parts[1] for p in _modules("realtime_conformance")}
    assert found == doors | set(FOLDERS)


def test_rules_know_traces_and_nothing_else_of_the_wire() -> None:
    broken = [
        f"{_name(path)}:{line} imports {name}"
        for path in _modules("rules")
        for line, name in _imports(path)
        if name.startswith("wire")
        and not any(name == m or name.startswith(f"{m}.") for m in OF_WIRE_FOR_RULES)
    ]
    assert broken == []


OF_DRIFT = {"drift", "protocol", "schemas", "rules.rulebook"}
"""What compares SDKs with our documents needs these, and where a dialect's document lies."""


def test_drift_stands_beside_the_rooms() -> None:
    broken = [
        f"{_name(path)}:{line} imports {name}"
        for path in _modules("drift")
        for line, name in _imports(path)
        if name.split(".")[0] in {*ALL, "tests", "benchmarks", "conftest", "docs"}
        and not any(name == each or name.startswith(f"{each}.") for each in OF_DRIFT)
    ]
    assert broken == []


def test_no_room_imports_tests_or_the_wiring_of_pytest() -> None:
    broken = [
        f"{_name(path)}:{line} imports {name}"
        for path in _modules(*ALL)
        for line, name in _imports(path)
        if name.split(".")[0] in ("tests", "benchmarks", "conftest", "docs", "drift")
    ]
    assert broken == []


def test_reports_holds_only_what_commands_use() -> None:
    """What writes pages of `docs/` lies there, and not among the writers of reports."""
    used = {name for path in _modules(*ALL) for _, name in _imports(path)}
    modules = [path for path in _modules("reports") if path.stem != "__init__"]
    assert [_name(path) for path in modules if f"reports.{path.stem}" not in used] == []


OF_STANDINGS = {
    "reports/requirement_results.py",
    "realtime_conformance/application/actions/baseline.py",  # from results.json, where there is no model
}
"""Modules that look at how a verdict compares with the baseline. Writers and pytest show the standing."""


def test_how_a_requirement_stands_is_decided_once() -> None:
    looking = {
        _name(path)
        for path in [*_modules("reports", "realtime_conformance"), ROOT / "conftest.py"]
        for _, name in _imports(path)
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
        f"{_name(path)}:{line} imports {name}"
        for path in _modules("rules")
        for line, name in _imports(path)
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
    paths = {_module_name(p): p for p in _modules(*ALL)}
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
    for path in _modules(*ALL):
        name = _module_name(path)
        if not name.startswith("suites.test_"):
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
    modules = [*_modules(*(ALL - OF_DIALECTS)), ROOT / "conftest.py"]
    named = [
        f"{_name(p)}:{line}"
        for p in modules
        for line in _names_of_dialects(
            p.read_text("utf-8"), {word for file, word in WORDS if file == _name(p)}
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
    inside = [p for p in _tracked("protocol/dialects/*") if p.suffix != ".yaml"]
    assert inside == []


# --- modules ----------------------------------------------------------------------------------------------


def test_no_module_is_too_long() -> None:
    long = []
    for path in _tracked("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > (LONGEST_TABLE if _name(path).startswith(TABLES) else LONGEST):
            long.append(f"{_name(path)} has {lines} lines")
    assert long == []


def test_no_line_of_a_template_is_too_long() -> None:
    long = [
        f"{_name(path)}:{number} has {len(line)} characters"
        for path in sorted((ROOT / "reports" / "templates").iterdir())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_OF_TEMPLATES
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    bare = [
        _name(p) for p in _tracked("*.py") if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]
    assert bare == []


def test_names_of_test_files_are_unique() -> None:
    """Folders of tests are no packages, so that a name may stand only once."""
    counted = Counter(p.name for p in [*_modules("tests"), *_modules("suites")] if p.name.startswith("test_"))
    assert [name for name, count in counted.items() if count > 1] == []


# --- what no file may hold --------------------------------------------------------------------------------

_FORBIDDEN = {
    "the path of somebody's machine": re.compile(
        r"(?<![\w.<{$}/-])/(?:work|home/\w|root|Users/\w|tmp/\w)[\w/.-]*"
    ),
    "the address of a package registry": re.compile(
        r"https?://(?:registry|pypi|npm|proxy)[\w.-]*[:/]", re.IGNORECASE
    ),
    "an address in a private network": re.compile(r"\b(?:10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+)\b"),
}
_BINARY = frozenset((".ulaw", ".png", ".woff2", ".ico"))


@pytest.mark.parametrize("what", sorted(_FORBIDDEN))
def test_no_file_holds(what: str) -> None:
    found = [
        f"{_name(path)}:{number}: {match[0]}"
        for path in _tracked()
        if path.suffix not in _BINARY and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        for match in [_FORBIDDEN[what].search(line)]
        if match
    ]
    assert found == []


_FIXED_PORT = re.compile(
    r"""(?:127\.\d+\.\d+\.\d+|localhost|0\.0\.0\.0|\[::1\]):[1-9]\d*  # in an address
    | \bport=[1-9]\d* | --port[= ][1-9]\d* | "--port",\s"[1-9]\d*  # as an argument
    | \("(?:\d+\.[\d.]+|localhost|::1|)",\s[1-9]\d*\)  # as sockets take it
    """,
    re.VERBOSE,
)


def test_no_test_has_a_port_of_its_own() -> None:
    """Several tests run at once, beside whatever else listens: see `tests/addresses.py`."""
    found = [
        f"{_name(path)}:{number}: {match[0]}"
        for path in _tracked("*.py", "*.mjs")
        if path.relative_to(ROOT).parts[0] in ("tests", "benchmarks") and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := _FIXED_PORT.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ('url = "ws://127.0.0.1:9/v1"', True),
        ("Options(port=8080)", True),
        ('run("--port", "8080")', True),
        ('"serve --port 8080"', True),
        ('socket.create_server(("127.0.0.1", 8080))', True),
        ('url = f"ws://127.0.0.1:{port}/v1"', False),
        ('socket.create_server(("127.0.0.1", 0))', False),
        ("Options(port=0)", False),
        ('Endpoint("ws://host:1/")', False),  # a name that nobody has: it is only parsed
    ],
)
def test_ports_are_found(line: str, *, fixed: bool) -> None:
    assert bool(_FIXED_PORT.search(line)) is fixed


# --- rules cannot touch each other --------------------------------------------------------------------------

WRITABLE = {
    "rules.reading",
    "rules.event_subjects",
    "rules.reading_updates",
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
    "reading",
    "records",
    "reading_updates",
    "yields",
)
"""Modules of the judge that know no requirement."""


def _areas() -> list[Path]:
    return _tracked("rules/areas/*.py")


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
        f"{_name(path)}:{number}: {line.strip()}"
        for path in _tracked("*.py")
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
