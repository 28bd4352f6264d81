"""The page of what breaks whom is made of its data, is small, and needs nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.impact_page import PAGE, kind_of, matrix
from tests.interop.realtime_clients import CLIENTS

ROOT = Path(__file__).resolve().parents[2]
_MOST_BYTES = 700_000


def test_page_is_up_to_date() -> None:
    script = [sys.executable, str(ROOT / "docs" / "impact_page.py"), "--check"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_page_stands_alone() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.encode()) < _MOST_BYTES
    assert re.findall(r"(?:src|href|url)\s*[=(]", text) == []
    assert "prefers-color-scheme: dark" in text


def test_each_measured_client_has_a_column() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in {name for row in matrix().values() for name in row}:
        assert f"<th scope=col>{CLIENTS[name].title}" in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("ping", "variant"), ("update-unanswered", "fault"), ("absent:response.done", "absent")],
)
def test_kinds_of_differences(name: str, kind: str) -> None:
    assert kind_of(name) == kind
