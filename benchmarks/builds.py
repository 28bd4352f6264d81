"""Builds of this project: the checkout at hand, and that of another commit, each with its own environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_READY = "built.json"
_VERSIONS = """
import importlib.metadata as m, json, sys
names = {d.metadata["Name"]: d.version for d in m.distributions()}
print(json.dumps({"Python": sys.version.split()[0], **names}))
"""
_OURS = "inworld-realtime-conformance"


class BuildError(Exception):
    """A commit could not be built; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Build:
    """A checkout of this project that can be run.

    `name` is how it is called in tables: a short commit, or `here`. `versions` are those of Python and of
    everything installed beside it.
    """

    name: str
    folder: Path
    python: Path
    versions: Mapping[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of this build's `realtime-conformance`, to be run in its folder."""
        return [str(self.python), "-m", "realtime_conformance", *arguments]


def here() -> Build:
    """Return the checkout this file lies in, with the environment that runs now."""
    return of_checkout(ROOT, "here")


def of_checkout(folder: Path, name: str) -> Build:
    """Return a checkout as it lies there, with the environment that runs now. Raises `BuildError`."""
    if not (folder / "realtime_conformance" / "__main__.py").exists():
        raise BuildError(f"{folder} is no checkout of this project: it holds no realtime_conformance")
    return Build(name, folder.resolve(), Path(sys.executable), _versions(Path(sys.executable)))


def of_commit(commit: str, cache: Path | None = None) -> Build:
    """Return the build of a commit, made now where the `cache` does not hold it yet. Raises `BuildError`."""
    full = _told(
        ["git", "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        f"{commit} is no commit of this repository",
    ).strip()
    python = f"py{sys.version_info.major}.{sys.version_info.minor}"
    folder = (cache or default_cache()) / f"{full}-{python}"
    environment = folder / "environment"
    binary = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / _READY
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)  # a build that was interrupted
        checkout = folder / "checkout"
        checkout.mkdir(parents=True)
        _unpack(full, checkout)
        problem = f"{commit} could not be built"
        _told([sys.executable, "-m", "venv", str(environment)], problem)
        _told([str(binary), "-m", "pip", "install", "--quiet", "--editable", str(checkout)], problem)
        _told([str(binary), "-m", "compileall", "-q", str(checkout)], problem)
        ready.write_text(json.dumps(_versions(binary)), encoding="utf-8")
    versions = json.loads(ready.read_text(encoding="utf-8"))
    return Build(full[:7], folder / "checkout", binary, versions)


def default_cache() -> Path:
    """Return the folder for builds: in the user's cache, or with the temporary files where there is none."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        cache = (Path(base) if base else Path.home() / ".cache") / "realtime-conformance" / "builds"
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or none to write to
        cache = Path(tempfile.gettempdir()) / "realtime-conformance-builds"
    return cache


def differing_versions(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return what both have installed in different versions: `click 8.3.1 / 8.1.0`."""
    return [
        f"{name} {one[name]} / {other[name]}"
        for name in sorted(one.keys() & other.keys() - {_OURS})
        if one[name] != other[name]
    ]


def _unpack(commit: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "checkout.tar"
        _told(["git", "archive", "--output", str(archive), commit], f"{commit} could not be unpacked")
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")


def _versions(python: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(_told([str(python), "-c", _VERSIONS], f"{python} does not run"))
    return found


def _told(command: Sequence[str], problem: str) -> str:
    """Return what a command prints. Raises `BuildError` with `problem` and its last line where it fails."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BuildError(f"{problem}: {error}") from None
    if done.returncode:
        last = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()][-1:]
        raise BuildError(": ".join([problem, *last]))
    return done.stdout
