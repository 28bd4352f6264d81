"""Folders of tests mirror the rooms, so that a room's tests are found by its name."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    *(
        "generators",
        "load",
        "packs",
        "protocol",
        "proxy",
        "realtime_conformance",
        "reference",
        "reports",
        "rules",
        "schemas",
        "suites",
    ),
    "wire",
}
ACROSS_ROOMS = {"absence", "benchmarks", "docs", "drift", "interop"}
"""Folders of tests that are about several rooms, or about none of them."""


def test_folders_of_tests_are_named_like_rooms() -> None:
    tests = (path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py"))
    folders = {path.parts[0] for path in tests if len(path.parts) > 1}
    assert folders - ACROSS_ROOMS == ROOMS


def test_helpers_of_tests_are_not_named_like_modules_of_the_product() -> None:
    product = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    helpers = {
        path.stem
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_") and path.parent.name != "abacus"  # a pack, with a pack's modules
    }
    assert helpers & (product - {"__init__"}) <= {"conftest"}
