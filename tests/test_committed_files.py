"""What holds of every file: how long a module is, that it says what it is for, what no file may hold."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.committed_files import ALL, ROOT, modules_of, name_of, tracked

LONGEST = 400
"""Lines of a module."""

LONGEST_FUNCTION = 40
"""Lines of a function, from `def` to its last one, its docstring included. It can be seen at once then."""

LONGEST_OF_TEMPLATES = 160
"""Characters of a line of a template."""


# --- modules ----------------------------------------------------------------------------------------------


def test_no_module_is_too_long() -> None:
    long = []
    for path in tracked("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            long.append(f"{name_of(path)} has {lines} lines")
    assert long == []


def _long_functions(text: str) -> Iterator[str]:
    """Yield the functions of Python source that are too long."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.lineno} {node.name} has {lines} lines"


def test_no_function_of_the_product_is_too_long() -> None:
    modules = [*modules_of(*ALL, "benchmarks", "docs", "drift"), ROOT / "conftest.py"]
    long = [
        f"{name_of(path)}:{found}"
        for path in modules
        for found in _long_functions(path.read_text(encoding="utf-8"))
    ]
    assert long == []


@pytest.mark.parametrize(("lines", "long"), [(40, False), (41, True)])
def test_functions_are_measured_from_def_to_their_last_line(lines: int, *, long: bool) -> None:
    body = "\n".join("        pass" for _ in range(lines - 1))
    text = f"class Kind:\n    @decorated(\n        True\n    )\n    async def method(self):\n{body}\n"
    assert bool(list(_long_functions(text))) is long


def test_no_line_of_a_template_is_too_long() -> None:
    long = [
        f"{name_of(path)}:{number} has {len(line)} characters"
        for path in sorted((ROOT / "reports" / "templates").iterdir())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_OF_TEMPLATES
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    bare = [
        name_of(p) for p in tracked("*.py") if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))
    ]
    assert bare == []


def test_names_of_test_files_are_unique() -> None:
    """Folders of tests are no packages, so that a name may stand only once."""
    counted = Counter(
        p.name for p in [*modules_of("tests"), *modules_of("suites")] if p.name.startswith("test_")
    )
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
        f"{name_of(path)}:{number}: {match[0]}"
        for path in tracked()
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
        f"{name_of(path)}:{number}: {match[0]}"
        for path in tracked("*.py", "*.mjs")
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
