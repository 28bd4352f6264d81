"""The requirement registry: what must be true, with its source and its level in each dialect.

One YAML file an area, in `rules/registry/`, checked against `schemas/registry.schema.json`. Ids are never
reused: users see them in results, baselines and `-k`.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from protocol.catalogue import Catalogue, dialects
from protocol.dialect import Dialect
from protocol.errors import DocumentError
from protocol.folder import LEVEL_NAMES
from protocol.yaml_core import parse_yaml
from rules.verdicts import Level
from schemas.engines import deciding, explaining
from schemas.explain import dotted, leaf_errors, violation

REGISTRY_FOLDER = Path(__file__).parent / "registry"
SCHEMA = Path(__file__).parent.parent / "schemas" / "registry.schema.json"
_HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Yield:
    """Whose finding explains a violation, where both are about the same `event`, `subject` or `exchange`."""

    id: str
    where: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.

    `level` says how binding it is in each dialect that is judged by it, inherited levels among them, and
    `waived` why others are not. `basis` is
    `schema`, `documented` or `observed`. `source` names document and statement. `features` must be offered
    for it to apply. `killers` are the faults that must make it fail. `exclusion` says why it cannot be
    tested from outside; such an entry has no rule and gets no verdict. `yields_to` names the requirements
    whose findings explain violations of this one (`rules.yields`). `file` is the registry's file.
    `unprovoked` says why no scenario provokes it although it is judged wherever it shows. `newer` are the
    dialects in which the profile of an earlier version does not have it (`rules.profiles`).
    """

    id: str
    level: dict[str, Level]
    basis: str
    statement: str
    source: dict[str, str]
    features: tuple[str, ...] = ()
    killers: tuple[str, ...] = ()
    exclusion: str = ""
    note: str = ""
    file: str = ""
    yields_to: tuple[Yield, ...] = ()
    unprovoked: str = ""
    waived: dict[str, str] = field(default_factory=dict)
    newer: frozenset[str] = frozenset()

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.split("/", 1)[0]


class Registry:
    """All requirements, in the order of their files."""

    def __init__(self, entries: list[Requirement], digest: str) -> None:
        self.entries = entries
        self.digest = digest
        self.by_id = {entry.id: entry for entry in entries}

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, id_: str) -> bool:
        return id_ in self.by_id

    def judged(self, dialect: str) -> list[Requirement]:
        """Return the requirements that get a verdict in `dialect`."""
        return [e for e in self.ruled(dialect) if dialect not in e.newer]

    def ruled(self, dialect: str) -> list[Requirement]:
        """Return the requirements whose rules are asked in `dialect`, and those that are only shown."""
        return [e for e in self.entries if dialect in e.level and not e.exclusion]


def registry(folder: Path = REGISTRY_FOLDER) -> Registry:
    """Return the registry in `folder`, with the levels of all dialects that there are.

    Raises `DocumentError` for an entry that is malformed or whose id stands twice, and for a dialect that
    speaks of a requirement that does not exist.
    """
    return _registry(folder, dialects())


def forget() -> None:
    """Let the registry be read anew: for who has just written to it."""
    _registry.cache_clear()


@functools.cache
def _registry(folder: Path, known: Catalogue) -> Registry:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    decides = deciding(schema, "2020-12")
    entries: list[Requirement] = []
    digest = hashlib.sha256()
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        digest.update(text.encode())
        content = parse_yaml(text)
        # Explaining takes a hundred times as long as deciding, and is for whoever edits the registry.
        wrong = () if decides.is_valid(content) else explaining(schema, "2020-12").iter_errors(content)
        for error in leaf_errors(wrong):
            said = violation(error)
            place = dotted(error.absolute_path)
            raise DocumentError(str(path), place, f"is {said.actual}", f"{said.expected} is expected")
        for index, raw in enumerate(content):
            entry = _requirement(raw, path, index, known)
            if entry.id in seen:
                raise DocumentError(
                    str(path), f"/{index}", f"{entry.id} stands in {seen[entry.id]} too", "choose another id"
                )
            seen[entry.id] = path.name
            entries.append(entry)
    _check_yields(entries)
    for spoken in known.values() if folder == REGISTRY_FOLDER else ():
        _check_dialect(spoken, seen)
        digest.update(spoken.file.read_bytes() if spoken.levels or spoken.waived else b"")
    return Registry(entries, digest.hexdigest()[:_HASH_LENGTH])


def _check_yields(entries: list[Requirement]) -> None:
    """Raise `DocumentError` where an entry yields to one that does not exist, or in a circle to itself."""
    after = {entry.id: [each.id for each in entry.yields_to] for entry in entries}
    for entry in entries:
        unknown = [id_ for id_ in after[entry.id] if id_ not in after]
        if unknown:
            raise DocumentError(
                entry.file, entry.id, f"it yields to {unknown[0]}, which does not exist", "name another id"
            )
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        circle = error.args[1]
        place = next(entry.file for entry in entries if entry.id == circle[0])
        raise DocumentError(
            place, circle[0], f"it yields to itself: {' -> '.join(circle)}", "remove one of them"
        ) from error


def _check_dialect(spoken: Dialect, ids: Collection[str]) -> None:
    """Raise `DocumentError` where a dialect's own file speaks of a requirement that does not exist."""
    for group, named in (("levels", spoken.levels), ("waived", spoken.waived)):
        for id_ in named:
            if id_ not in ids and not any(fnmatchcase(each, id_) for each in ids):
                place = f"/{group}/{id_.replace('/', '~1')}"
                remedy = "name an id that `realtime-conformance explain` knows"
                raise DocumentError(str(spoken.file), place, "is the id of no requirement", remedy)


def _level(id_: str, written: Mapping[str, str], spoken: Dialect | None) -> tuple[str, str]:
    """Return how binding a requirement is in a dialect, and why it is waived there; empty for neither."""
    if spoken is None:
        return "", ""
    if id_ in spoken.levels or id_ in spoken.waived:
        return spoken.levels.get(id_, ""), spoken.waived.get(id_, "")
    if spoken.name in written:
        return written[spoken.name], ""
    level, waived = _level(id_, written, spoken.parent)
    if not level:
        return level, waived
    reason = next((spoken.waived[each] for each in spoken.waived if fnmatchcase(id_, each)), "")
    if reason:
        return "", reason
    bounds = [each for pattern, each in spoken.levels.items() if fnmatchcase(id_, pattern)]
    return max((level, *bounds), key=LEVEL_NAMES.index), ""


def _requirement(raw: dict[str, Any], path: Path, index: int, known: Catalogue) -> Requirement:
    unknown = next((name for name in raw["level"] if name not in known), None)
    if unknown is not None:
        place, remedy = f"/{index}/level/{unknown}", f"name one of {', '.join(known)}"
        raise DocumentError(str(path), place, "is the name of no dialect", remedy)
    names = [*raw["level"], *(name for name in known if name not in raw["level"])]
    found = {name: _level(raw["id"], raw["level"], known[name]) for name in names}
    return Requirement(
        id=raw["id"],
        level={name: Level(level) for name, (level, _) in found.items() if level},
        waived={name: reason for name, (_, reason) in found.items() if reason},
        basis=raw["basis"],
        statement=raw["statement"],
        source=raw["source"],
        features=tuple(raw.get("features", ())),
        killers=tuple(raw.get("killers", ())),
        exclusion=raw.get("exclusion", {}).get("reason", ""),
        note=raw.get("note", ""),
        yields_to=tuple(Yield(each["id"], each["where"]) for each in raw.get("yields_to", ())),
        file=path.name,
        unprovoked=raw.get("unprovoked", ""),
    )
