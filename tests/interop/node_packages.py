"""Programs from npm that tests talk to: installed once, into a folder that git ignores.

The folder is `CONFORMANCE_NPM_CACHE`, or `.cache` in the project. Only the exact version asked for is used.
A registry that is slow or away for a moment must not fail a test of ours: what npm has seen before is
taken from its own cache, a connection that says nothing is given up soon, and the whole is tried again.

`python -m tests.interop.node_packages` fetches all, one by one, before tests want them side by side.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PACKAGES = {
    "@asyncapi/parser": "3.6.3",
    "@microsoft/jest-sarif": "1.0.0-beta.0",
    "@copilotkit/aimock": "1.43.0",
    "@openai/agents-realtime": "0.20.0",
    "allure": "3.18.0",
    "axe-core": "4.14.1",
    "ctrf": "0.3.0",
    "openai": "7.59.0",
    "playwright-core": "1.65.1",
}
"""Each package that a test uses, and the version it is used in."""

LARGE_PACKAGES = {"@livekit/agents-plugin-inworld": "1.2.8"}
"""The same of packages that only `tox -e clients` uses: with what they need they have more than 200 MB."""

BESIDE = {"openai": ("ws@8.21.0",)}
"""What its user has to install beside a package, for it names it as optional."""


class NotInstalled(Exception):
    """Packages cannot be had: which, and why."""


_PROJECT = Path(__file__).resolve().parents[2]
_ATTEMPTS_S = (60, 120, 240, 480)
"""How long each attempt to install may take: the usual one takes three seconds."""
_OPTIONS = (
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel",
    "error",
    "--prefer-offline",
    "--fetch-timeout",
    "20000",
    "--fetch-retries",
    "4",
    "--fetch-retry-mintimeout",
    "500",
    "--fetch-retry-maxtimeout",
    "5000",
)


def node_package(name: str) -> Path:
    """Return the folder that holds `node_modules` with the package, installed if it is not there yet.

    Skips the test where there is no npm or no node; in CI, that is a failure.
    """
    if (shutil.which("npm") is None or shutil.which("node") is None) and not os.environ.get("CI"):
        pytest.skip(f"npm and node are not both installed, and {name} needs them")
    try:
        return installed_node_package(name)
    except NotInstalled as absent:
        pytest.fail(str(absent), pytrace=False)


def installed_node_package(name: str) -> Path:
    """Return the folder that holds `node_modules` with the package, installed if it is not there yet.

    Raises `NotInstalled` where npm or node is missing, or npm cannot install it.
    """
    version = (PACKAGES | LARGE_PACKAGES)[name]
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        absent = "npm" if npm is None else "node"
        raise NotInstalled(f"{absent} is not installed, and {name} {version} needs it")
    folder = packages_root() / f"npm-{name.strip('@').replace('/', '-')}-{version}"
    if not folder.is_dir():
        _install(npm, (f"{name}@{version}", *BESIDE.get(name, ())), folder)
    return folder


def packages_root() -> Path:
    """Return the folder in which packages of other people are kept."""
    return Path(os.environ.get("CONFORMANCE_NPM_CACHE") or _PROJECT / ".cache").resolve()


def _install(npm: str, packages: tuple[str, ...], folder: Path) -> None:
    """Install packages beside `folder` and move it there whole, so that nobody meets half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    why = ""
    for limit in _ATTEMPTS_S:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as unfinished:
            try:
                done = subprocess.run(
                    [npm, "install", "--prefix", unfinished, *_OPTIONS, *packages],
                    check=False,
                    capture_output=True,
                    text=True,
                    timeout=limit,
                )
            except subprocess.TimeoutExpired:
                why = f"no answer in {limit} s"
                continue
            if done.returncode:
                why = done.stderr.strip()[-2000:]
                continue
            if not folder.is_dir():  # another process may have been faster
                Path(unfinished).rename(folder)
                Path(unfinished).mkdir()  # for its owner to remove
            return
    raise NotInstalled(f"npm could not install {' '.join(packages)} in {len(_ATTEMPTS_S)} attempts:\n{why}")


def _fetch_all() -> int:
    """Install every package. What cannot be had is named and left to the test that needs it."""
    for name in PACKAGES:
        try:
            installed_node_package(name)
        except NotInstalled as absent:
            print(absent, file=sys.stderr)  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(_fetch_all())
