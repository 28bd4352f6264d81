"""Tests marked `long` run where they are asked for, and never by default."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONG = "test_one_defect_is_one_finding_in_whole_runs"


@pytest.mark.parametrize(("chosen", "collected"), [([], False), (["-m", "long"], True)])
def test_long_ones_are_asked_for(chosen: list[str], *, collected: bool) -> None:
    file = "tests/benchmarks/test_live_findings.py"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        *chosen,
        file,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (LONG in done.stdout) is collected
