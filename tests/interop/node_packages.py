"""Programs from npm that tests talk to: installed once, into a folder that git ignores.

The folder is `CONFORMANCE_NPM_CACHE`, or `.cache` in the project. Only the exact version asked for is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parents[2]
_INSTALL_S = 180


def node_package(name: str, version: str) -> Path:
    """Return the folder that holds `node_modules` with the package, installed if it is not there yet.

    Skips the test where there is no npm or no node; in CI, that is a failure.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        absent = "npm" if npm is None else "node"
        reason = f"{absent} is not installed, and {name} {version} needs it"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    folder = packages_root() / f"npm-{name.strip('@').replace('/', '-')}-{version}"
    if not folder.is_dir():
        _install(npm, f"{name}@{version}", folder)
    return folder


def packages_root() -> Path:
    """Return the folder in which packages of other people are kept."""
    return Path(os.environ.get("CONFORMANCE_NPM_CACHE") or _PROJECT / ".cache").resolve()


def _install(npm: str, package: str, folder: Path) -> None:
    """Install `package` beside `folder` and move it there whole, so that nobody meets half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as unfinished:
        done = subprocess.run(
            [npm, "install", "--prefix", unfinished, "--ignore-scripts", "--no-audit", "--no-fund",
             "--no-package-lock", "--loglevel", "error", package],
            check=False, capture_output=True, text=True, timeout=_INSTALL_S,
        )  # fmt: skip
        if done.returncode:
            pytest.fail(f"npm could not install {package}:\n{done.stderr.strip()[-2000:]}", pytrace=False)
        if not folder.is_dir():  # another process may have been faster
            Path(unfinished).rename(folder)
            Path(unfinished).mkdir()  # for its owner to remove
