"""A browser that opens pages and says what it saw: Debian's Chromium, driven by playwright-core."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.interop.node_packages import node_package

_SCRIPT = Path(__file__).with_name("browser.mjs")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """Return the path of Chromium. Skips the test where there is none; in CI, that is a failure."""
    found = os.environ.get("CONFORMANCE_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = "Chromium is not installed: apt-get install chromium, or name it in CONFORMANCE_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


def browse(**asked: Any) -> Mapping[str, Any]:
    """Run browser.mjs with what is `asked` and return what it found."""
    browser = chromium()
    given = {
        "chromium": browser,
        "playwright": str(_module("playwright-core", "index.mjs")),
        "axe": str(_module("axe-core", "axe.min.js")),
        **asked,
    }
    done = subprocess.run(
        [shutil.which("node") or "node", str(_SCRIPT)],
        check=False,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        pytest.fail(f"the browser did not come to an end:\n{done.stderr[-3000:]}", pytrace=False)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def _module(name: str, file: str) -> Path:
    return node_package(name) / "node_modules" / name / file
