"""Profiles: what an earlier version judged by, frozen at its release.

A gate that is green with one version stays green with the next: `--as-of VERSION` judges by the requirements,
levels and kinds of findings of that version. What is newer is shown, and does not count.

A requirement has the lower of its two levels: what was found to be too strict since is not so again. The
kinds of findings that are newer are those with a later `since` in `kinds.yaml`. Profiles are in
`rules/profiles/`, one file a release, written by `python docs/freeze.py` and never changed afterwards.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from protocol.yaml_core import parse_yaml
from rules.kinds import since
from rules.requirements import Registry, Requirement, registry
from rules.verdicts import LEVELS, Level

PROFILES_FOLDER = Path(__file__).parent / "profiles"

_NONE = "none"


@dataclass(frozen=True, slots=True)
class FrozenProfile:
    """What one version judged by: for each requirement its level in each dialect where it was judged."""

    version: str
    levels: Mapping[str, Mapping[str, Level]]

    @property
    def dialects(self) -> frozenset[str]:
        """The dialects of that version."""
        return frozenset(name for each in self.levels.values() for name in each)

    def applied(self, entries: Registry) -> Registry:
        """Return `entries` with the levels of this profile, where it has them; what it has not is newer."""
        return Registry([self._aged(entry) for entry in entries], entries.digest)

    def _aged(self, entry: Requirement) -> Requirement:
        own = self.levels.get(entry.id, {})
        level = {
            dialect: max(today, own[dialect], key=LEVELS.index) if dialect in own else today
            for dialect, today in entry.level.items()
        }
        newer = frozenset(dialect for dialect in entry.level if dialect not in own)
        return replace(entry, level=level, newer=newer)

    def newer_kind(self, kind: str, dialect: str) -> str:
        """Return the version since which findings of `kind` are reported, empty if this version did so."""
        began = since(kind, dialect)
        return began if began and _parts(began) > _parts(self.version) else ""


def versions() -> list[str]:
    """Return the versions that a profile was frozen of, the oldest first."""
    return sorted((path.stem for path in PROFILES_FOLDER.glob("*.yaml")), key=_parts)


@functools.cache
def profile(version: str) -> FrozenProfile:
    """Return the profile of a version of which there is one."""
    content = parse_yaml((PROFILES_FOLDER / f"{version}.yaml").read_text(encoding="utf-8"))
    names = content["dialects"]
    return FrozenProfile(
        content["version"],
        {
            id_: {name: Level(word) for name, word in zip(names, words.split(), strict=True) if word != _NONE}
            for id_, words in content["levels"].items()
        },
    )


def frozen(entries: Registry, version: str) -> str:
    """Return the file of a profile that says what `entries` are."""
    judged = [entry for entry in entries if not entry.exclusion]
    names = list(dict.fromkeys(name for entry in judged for name in entry.level))
    rows = (f"  {e.id}: {' '.join(e.level.get(name, _NONE) for name in names)}" for e in judged)
    head = f"# What version {version} judged by. Written by `python docs/freeze.py`, never by hand.\n"
    return f"{head}version: {version}\ndialects: [{', '.join(names)}]\nlevels:\n" + "\n".join(rows) + "\n"


@functools.cache
def _judged_by(version: str) -> Registry:
    return profile(version).applied(registry())


def judged_by(version: str) -> Registry:
    """Return the registry as of `version`; today's where that is empty."""
    return _judged_by(version) if version else registry()


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
