"""Installs the oldest versions that the ranges of pyproject.toml admit, for `tox -e oldest`.

Only of what the suite itself needs: what the tests need besides may be as new as it likes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

_RANGE = re.compile(r"(?P<name>[\w.-]+)>=(?P<lowest>[\w.]+),<[\w.]+")


def oldest(project: str) -> list[str]:
    """Return the dependencies of a `pyproject.toml` at their lower bounds.

    Raises `ValueError` for one that has none.
    """
    pinned = []
    for dependency in tomllib.loads(project)["project"]["dependencies"]:
        found = _RANGE.fullmatch(dependency)
        if found is None:
            raise ValueError(f"{dependency} is no range: write it as NAME>=LOWEST,<NEXT")
        pinned.append(f"{found['name']}=={found['lowest']}")
    return pinned


def main() -> int:
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, *oldest(text)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
