"""Targets that are there without a conformance.yaml: `protocol/presets.yaml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from protocol.yaml_core import parse_yaml
from realtime_conformance.rooms import folder

_BLANK = re.compile(r"\{([a-z]+)\}")


@functools.cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """Return the presets by their names, each with the fields of a target, and its `source`."""
    text = (folder() / "protocol" / "presets.yaml").read_text(encoding="utf-8")
    found: dict[str, Mapping[str, Any]] = parse_yaml(text)
    return found


def preset(name: str) -> dict[str, Any] | None:
    """Return the target that a preset stands for; None where none has that name."""
    found = presets().get(name)
    return None if found is None else {field: each for field, each in found.items() if field != "source"}


def blank(url: str, query: Mapping[str, str]) -> str:
    """Return what a preset leaves to its user and nobody has filled in; empty where nothing is."""
    if found := _BLANK.search(url):
        return f"its address is {url}: give --endpoint with {found[1]} filled in"
    for name, value in query.items():
        if _BLANK.fullmatch(value):
            return f"its query has {name}={value}: give --query {name}=…"
    return ""


def listed_presets() -> list[tuple[str, str, str, str]]:
    """Return name, dialect, scheme of credentials and whole address of each preset."""
    rows = []
    for name, each in presets().items():
        query = urlencode(each["query"], safe="{}")
        address = f"{each['endpoint']}?{query}" if query else each["endpoint"]
        rows.append((name, each["dialect"], each["auth"]["scheme"], address))
    return rows
