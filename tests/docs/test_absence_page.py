"""The page of the absence matrix is made of its data, is small, and needs nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "absence-matrix.html"
_MOST_BYTES = 400_000


def test_page_is_up_to_date() -> None:
    script = [sys.executable, str(ROOT / "docs" / "absence_matrix.py"), "--check"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_page_stands_alone() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.encode()) < _MOST_BYTES
    assert re.findall(r"(?:src|href|url)\s*[=(]", text) == []
    assert "prefers-color-scheme: dark" in text
