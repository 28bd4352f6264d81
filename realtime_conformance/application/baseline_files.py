"""Reads `conformance-baseline.yaml` and results.json; whatever is wrong with them is said with its place."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from packs.paths import REALTIME
from protocol.catalogue import check_name
from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.yaml_core import parse_settings
from realtime_conformance.application.yaml_places import node_at, place_in
from realtime_conformance.rooms import folder
from reports.baseline import PENDING, Baseline, BaselineEntry, Expected, SeenRequirement
from reports.model import SCHEMA_VERSION
from reports.writing import COMBINED_NAMES
from rules.related_findings import relatives
from rules.verdicts import Level, Verdict
from schemas.engines import explaining
from schemas.explain import leaf_errors, violation

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_READ = (1, SCHEMA_VERSION)  # versions of results.json


def baseline_given(given: Mapping[str, Any], channel: str = REALTIME) -> Baseline | None:
    """Return the baseline that options name, as it is held against `channel`; None where they name none.

    Raises `DocumentError`, and `click.UsageError` for an option that has no use without a baseline.
    """
    strict = given["strict_fingerprints"]
    if given["baseline"] is None:
        if strict:
            raise click.UsageError("--strict-fingerprints needs --baseline FILE")
        return None
    held = held_against(replace(read_baseline(given["baseline"]), strict=strict), channel)
    if given.get("beside"):  # the first of several channels says what is about none of them
        held = replace(held, elsewhere=held.elsewhere | {each.requirement for each in held.entries})
    return held


def held_against(baseline: Baseline, channel: str) -> Baseline:
    """Return `baseline`, whose entries on requirements of other channels say nothing of `channel`."""
    from packs.catalogue import required_elsewhere  # noqa: PLC0415 - it loads what judges

    return replace(baseline, elsewhere=required_elsewhere(channel))


def read_baseline(path: Path) -> Baseline:
    """Return the baseline in the file at `path`. Raises `DocumentError`."""
    return baseline_of(read_text(path, "create it with `realtime-conformance baseline update`"), str(path))


def baseline_of(text: str, file: str) -> Baseline:
    """Return the baseline that `text` holds; `file` is where it stands. Raises `DocumentError`."""
    content, node = parse_settings(text, file)
    for each in leaf_errors(_validator("baseline").iter_errors(content)):
        wrong = violation(each)
        place = place_in(node, wrong.path)
        expected = {"pattern": "another form", "if": "another form"}.get(wrong.keyword, wrong.expected)
        problem = "is missing" if wrong.keyword == "required" else f"is {wrong.actual}"
        raise DocumentError(file, place, problem, f"{_HINTS.get(_last(wrong.path), expected)} is expected")
    raw: list[dict[str, Any]] = content["entries"] or []
    entries = tuple(_entry(each, index, node, file) for index, each in enumerate(raw))
    coverage = content.get("coverage") == "require"
    return Baseline(
        entries, file, coverage=coverage, version=content["version"], as_of=content.get("as_of", "")
    )


_HINTS = {
    "expires": "a day, as 2026-12-31,",
    "added": "a day, as 2026-12-31,",
    "requirement": "an id of a requirement, or a pattern as `response/**`,",
    "fingerprint": "a fingerprint of 12 hexadecimal digits, in quotes where it has no letter,",
    "version": "1 or 2",
    "as_of": "a version, as 0.1.0, in quotes where it reads as a number,",
}


def _entry(raw: dict[str, Any], index: int, node: yaml.Node | None, file: str) -> BaselineEntry:
    def day(name: str) -> dt.date | None:
        if name not in raw:
            return None
        try:
            return dt.date.fromisoformat(raw[name])
        except ValueError:
            place = place_in(node, ("entries", index, name))
            raise DocumentError(file, place, f"is {raw[name]}", "no such day; correct it") from None

    prints = raw.get("fingerprint", [])
    pending = prints == PENDING
    if dialect := raw.get("dialect", ""):
        check_name(dialect, file, place_in(node, ("entries", index, "dialect")))
    line = node_at(node, ("entries", index))
    return BaselineEntry(
        requirement=raw["requirement"],
        verdict=Expected(raw["verdict"]),
        reason=raw["reason"],
        dialect=dialect,
        fingerprints=frozenset() if pending else frozenset([prints] if isinstance(prints, str) else prints),
        link=raw.get("link", ""),
        added=day("added"),
        expires=day("expires"),
        line=line.start_mark.line + 1 if line is not None else 0,
        pending=pending,
    )


def _last(path: Iterable[str | int]) -> str:
    names = [step for step in path if isinstance(step, str)]
    return names[-1] if names else ""


def reports_at(path: Path) -> list[Path]:
    """Return where the reports at `path` are: of a run on several channels those of each, else itself.

    Raises `DocumentError` for a summary of these that cannot be read.
    """
    summary = path / COMBINED_NAMES[0]
    if not path.is_dir() or not summary.is_file() or (path / "results.json").exists():
        return [path]
    remedy = "run again with this version"
    try:
        said = json.loads(read_text(summary, remedy))
        return [path / str(each["channel"]) for each in said["channels"]]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise DocumentError(str(summary), "", f"is no summary of ours: {str(error)[:80]}", remedy) from None


def read_results(path: Path) -> dict[str, Any]:
    """Return the content of the results.json at `path`, a file or its folder. Raises `DocumentError`.

    One of an earlier version has what came since, empty; its `schema_version` still says what it is.
    """
    remedy = "name a results.json of this suite"
    if (parts := reports_at(path)) != [path]:
        named = ", ".join(map(str, parts))
        raise DocumentError(str(path), "", "holds reports on several channels", f"name one of {named}")
    path = path / "results.json" if path.is_dir() else path
    try:
        content = json.loads(read_text(path, remedy))
    except (ValueError, RecursionError) as error:
        raise DocumentError(str(path), "", f"is not JSON: {str(error)[:80]}", remedy) from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version not in _READ:
        problem = f"is of version {version}, not {SCHEMA_VERSION}" if version else "is no results.json"
        raise DocumentError(str(path), "/schema_version", problem, "make it again with this version")
    if version != SCHEMA_VERSION:
        _supplement(content)
    for each in leaf_errors(_validator("results").iter_errors({**content, "schema_version": SCHEMA_VERSION})):
        wrong = violation(each)
        pointer = "/" + "/".join(str(step) for step in wrong.path)
        raise DocumentError(str(path), pointer, f"is {wrong.actual}", f"{wrong.expected} is expected")
    found: dict[str, Any] = content
    return found


def _supplement(content: dict[str, Any]) -> None:
    """Add to results of version 1 what version 2 has besides; what is not as it should be stays as it is."""
    lists = [content.get("requirements")]
    layers = content.get("layers")
    lists += [layer.get("differences") for layer in layers if isinstance(layer, dict)] if layers else []
    for result in (r for each in lists if isinstance(each, list) for r in each if isinstance(r, dict)):
        result.setdefault("explained", {})
        findings = result.get("findings")
        for finding in findings if isinstance(findings, list) else ():
            if isinstance(finding, dict):
                finding.setdefault("kind", "")


def seen_in(results: dict[str, Any]) -> list[SeenRequirement]:
    """Return what a baseline is held against, from the content of a results.json."""
    return [
        SeenRequirement(
            id=each["id"],
            verdict=Verdict(each["verdict"]),
            fingerprints=each["fingerprints"],
            runs=max(1, len(each["runs"])),
            failures=sum(v in ("fail", "warn") for v in each["runs"] or [each["verdict"]]),
            level=Level(each["level"]),
            explained_by=frozenset(each["explained"]),
            related={f["fingerprint"]: relatives(f["kind"], f["path"]) for f in each["findings"]},
        )
        for each in results["requirements"]
    ]


def is_whole(results: dict[str, Any]) -> bool:
    """Tell whether a run went to its end and covered everything."""
    return bool(results["whole"]) and results["verdict"]["exit"] not in (2, 6)


def baseline_text(path: Path) -> str | None:
    """Return the text of the baseline at `path` with its own line ends; None where there is no such file."""
    return read_text(path, "name another file") if path.exists() else None


@functools.cache
def _validator(name: str) -> Validator:
    text = (folder() / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    return explaining(json.loads(text), "2020-12")
