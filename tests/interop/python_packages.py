"""Packages from PyPI that do not fit beside the suite's own: each in an environment of its own.

The environments lie beside those of `node_packages`, and are made once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.interop.node_packages import packages_root

_INSTALL_S = 300


def python_with(name: str, version: str) -> Path:
    """Return an interpreter that has the package, in just that version."""
    tag = f"{name}-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    folder = packages_root() / tag
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "complete").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        venv.create(folder, clear=True, with_pip=True)
        done = subprocess.run(
            [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                f"{name}=={version}",
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=_INSTALL_S,
        )
        if done.returncode:
            pytest.fail(
                f"pip could not install {name} {version}:\n{done.stderr.strip()[-2000:]}", pytrace=False
            )
        (folder / "complete").touch()
    return python
