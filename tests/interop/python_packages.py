"""Packages from PyPI that do not fit beside the suite's own: each in an environment of its own.

The environments lie beside those of `node_packages`, and are made once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.interop.node_packages import NotInstalled, packages_root

_INSTALL_S = 600


def python_with(*requirements: str) -> Path:
    """Return an interpreter that has the packages, or fail the test that needs it."""
    try:
        return environment_with(*requirements)
    except NotInstalled as absent:
        pytest.fail(str(absent), pytrace=False)


def environment_with(*requirements: str) -> Path:
    """Return an interpreter that has what is required, such as `name==version`.

    Raises `NotInstalled` if pip cannot install it.
    """
    names = "-".join(re.sub(r"[^\w.]+", "-", each).strip("-") for each in requirements)
    folder = packages_root() / f"{names}-py{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "complete").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        venv.create(folder, clear=True)
        _install(python, requirements)
        (folder / "complete").touch()
    return python


def _install(python: Path, requirements: tuple[str, ...]) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    wanted = " ".join(requirements)
    try:
        done = subprocess.run(
            [*pip, "--disable-pip-version-check", *requirements],
            check=False,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"pip could not install {wanted} in {_INSTALL_S} s") from None
    if done.returncode:
        raise NotInstalled(f"pip could not install {wanted}:\n{done.stderr.strip()[-2000:]}")
