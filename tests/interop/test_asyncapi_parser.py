"""AsyncAPI's own parser reads the documents of the suite: it finds no error, and sees what our loader sees.

Those are OpenAI's and those of the other channels, as they are shipped, and that of each dialect, as
`document --dialect NAME --out FILE` writes it.

Run by `tox -e asyncapi`; `pytest tests` leaves it out.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from protocol.catalogue import own_dialects
from protocol.channel_catalogue import known_channels
from realtime_conformance.cli import run_command_line
from schemas.document import Document
from schemas.loader import load
from tests.interop.node_packages import node_package

_PROJECT = Path(__file__).resolve().parents[2]
_REFEREE = Path(__file__).with_name("asyncapi_referee.mjs")
_SHIPPED = _PROJECT / "schemas" / "asyncapi" / "openai.yaml"
_THEIRS = _PROJECT.parent / "shared" / "reference" / "inworld-ai-asyncapi.yml"
_ALL = [
    *(each.name for each in own_dialects()),
    pytest.param(_SHIPPED, id="as shipped"),
    *(pytest.param(each.document, id=name) for name, each in known_channels().items()),
    pytest.param(
        _THEIRS,
        id="third party",
        marks=pytest.mark.skipif(not _THEIRS.is_file(), reason="that document is not here"),
    ),
]
_SENDER = {"publish": "client", "subscribe": "server"}  # of 2.x, seen from the server's side
_TIMEOUT_S = 60


@pytest.fixture(scope="module")
def package() -> Path:
    return node_package("@asyncapi/parser")


@pytest.fixture(scope="module")
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a document is: a file, or that of a dialect once it is written."""
    if isinstance(request.param, Path):
        return request.param
    file = tmp_path_factory.mktemp("documents") / f"{request.param}.yaml"
    assert run_command_line(["document", "--dialect", request.param, "--out", str(file)]) == 0
    return file


@functools.cache
def _seen_by_referee(package: Path, document: Path) -> dict[str, Any]:
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, str(_REFEREE), str(package), str(document)],
        check=False,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _by_loader(document: Document) -> dict[str, list[tuple[str, str, list[str]]]]:
    return {
        channel.address: [(o.id, o.direction, [m.name for m in o.messages]) for o in channel.operations]
        for channel in document.channels
    }


def _by_referee(seen: dict[str, Any]) -> dict[str, list[tuple[str, str, list[str]]]]:
    return {
        each["address"]: [(o["id"], _SENDER[o["action"]], o["messages"]) for o in each["operations"]]
        for each in seen["channels"]
    }


@pytest.mark.parametrize("document", _ALL, indirect=True)
def test_referee_finds_no_error(package: Path, document: Path) -> None:
    assert _seen_by_referee(package, document)["errors"] == []


@pytest.mark.parametrize("document", _ALL, indirect=True)
def test_referee_and_loader_see_the_same(package: Path, document: Path) -> None:
    seen, loaded = _seen_by_referee(package, document), load(document)
    assert (loaded.version, loaded.title) == (seen["version"], seen["title"])
    assert _by_loader(loaded) == _by_referee(seen)
    assert all(operations for operations in _by_loader(loaded).values())


def test_referee_does_find_errors(package: Path, tmp_path: Path) -> None:
    """A referee that lets everything pass is none."""
    for each in _SHIPPED.parent.glob("*.yaml"):
        shutil.copy(each, tmp_path)
    broken = tmp_path / _SHIPPED.name
    text = broken.read_text(encoding="utf-8")
    assert text.count("subscribe:") == 1
    broken.write_text(text.replace("subscribe:", "describe:"), encoding="utf-8")
    assert _seen_by_referee(package, broken)["errors"]
