"""Freezes what this version judges by, as the last step of a release: `python docs/freeze.py`.

A profile that is there already is never written again: gates rest on it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import realtime_conformance
from rules.profiles import PROFILES_FOLDER, frozen
from rules.requirements import registry


def main() -> int:
    """Write the profile of this version; return an exit code."""
    version = realtime_conformance.__version__
    file = PROFILES_FOLDER / f"{version}.yaml"
    if file.exists():
        print(f"{file.name} is there already, and never changes: raise the version first", file=sys.stderr)
        return 1
    file.write_text(frozen(registry(), version), encoding="utf-8")
    print(f"wrote {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
