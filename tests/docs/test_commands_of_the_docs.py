"""Every command in the README and in `docs/` is run: in a scratch folder, page by page, from top to bottom.

Addresses of services are replaced by that of a reference server; `# exits with N` behind a command says what
it is to exit with. What only sets things up is run by `.ci/run`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, PROJECT, Block, blocks

_SET_UP = (
    "python3 -m venv",
    "pip install",
    "git clone",
    "tox",
    "python docs/generate.py",
    "python benchmarks/",
    "uvx ",
    "pipx ",
)
_LIMIT_S = 120
_KEY = "a2V5OnNlY3JldA=="
# The reference server answers at once, and a page is about commands, not about how deep they dig.
_QUICKER = ["--answer-timeout=2", "--silence=3", "--depth=quick"]
_LESS = ["-k", "bootstrap"]
_SERVICES = {
    "wss://api.inworld.ai/api/v1/realtime/session": "/api/v1/realtime/session",
    "wss://api.openai.com/v1/realtime": "/v1/realtime",
}
_OF_YOUR_OWN = re.compile(r"ws://localhost:\d+(?=/(?:api/)?v1/realtime)")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve the reference server; yield `ws://host:port`."""
    command = [sys.executable, "-m", "realtime_conformance", "serve", "--auth-env", "REALTIME_API_KEY"]
    environment = {**os.environ, "REALTIME_API_KEY": _KEY}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield re.search(r"ws://[\d.]+:\d+", line)[0]  # type: ignore[index]
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what a wheel installs, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    local = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *local, "-w", str(folder), str(PROJECT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    [wheel] = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_can_be_typed(page: Path, server: str, installed: Path, tmp_path: Path) -> None:
    """As who has installed a wheel types it, in an empty folder; what needs a checkout says so before."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "REALTIME_API_KEY": _KEY}
    # `--start` takes a command line, and the suite's own is one of them.
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment.get("PATH", "")))
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment.get("PATH", "")))
    environment.pop("CI", None)
    for block in blocks(page):
        if block.file:
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(_at(server, block.text), encoding="utf-8")
        for command in block.commands:
            if " schemas/" in command:
                assert "checkout" in _before(page, command), f"{command!r} needs a checkout"
                if not (tmp_path / "schemas").exists():
                    (tmp_path / "schemas").symlink_to(PROJECT / "schemas")
            if command.startswith("export "):
                name, value = command.removeprefix("export ").split("=", 1)
                environment[name] = value if value != "…" else _KEY
            elif not any(each in command for each in _SET_UP):
                _type(_at(server, command), tmp_path, environment)


def _before(page: Path, command: str) -> str:
    """Return the paragraph before the block that a command stands in."""
    above = page.read_text(encoding="utf-8").partition(command.split(" schemas/", maxsplit=1)[0])[0]
    return above[: above.rindex("```")].rstrip().rpartition("\n\n")[2]


def _at(server: str, text: str) -> str:
    for service, path in _SERVICES.items():
        text = text.replace(service, server + path)
    return _OF_YOUR_OWN.sub(server, text)


def _type(command: str, folder: Path, environment: dict[str, str]) -> None:
    typed, _, comment = command.partition("  # ")
    words = shlex.split(typed)
    expected = int(comment.removeprefix("exits with ")) if comment.startswith("exits with ") else 0
    program, *rest = words
    assert program in ("realtime-conformance", "pytest"), f"nobody knows how to run {command!r}"
    if program == "pytest":
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            f"--report={folder / 'pytest'}",
            *rest,
        ]
        _expect(words, expected, PROJECT, {**environment, "PYTHONPATH": str(PROJECT)})
    elif rest[:1] in (["serve"], ["proxy"]) and not any(each.startswith("--list-") for each in rest):
        _starts([sys.executable, "-m", "realtime_conformance", *rest], folder, environment)
    else:
        if rest[0] == "run":
            rest += _QUICKER if {"--endpoint", "--target"} & set(rest) else []
            rest += [] if "-k" in rest else _LESS
        _expect([sys.executable, "-m", "realtime_conformance", *rest], expected, folder, environment)


def _expect(words: list[str], code: int, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        words, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=_LIMIT_S
    )
    assert done.returncode == code, f"{shlex.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def _starts(words: list[str], folder: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("listening ")
        finally:
            process.terminate()


def test_blocks_are_found() -> None:
    found = [block for page in PAGES for block in blocks(page)]
    assert any(block.commands for block in found)
    assert Block("yaml", "# conformance.yaml\ntargets: {}\n").file == "conformance.yaml"
    assert Block("sh", "one \\\n  two\n# three\n").commands == ["one    two"]
