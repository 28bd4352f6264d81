"""The kinds of findings: in which ways a requirement can be violated, and since which version it is said.

A kind's id is `<requirement>#<kind>`: stable, and without the words in which a finding is told. Baselines and
profiles of older versions are made of these.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from protocol.yaml_core import parse_yaml

KINDS_FILE = Path(__file__).with_name("kinds.yaml")

_OF_PAYLOADS = "payload/*"


@functools.cache
def kinds(file: Path = KINDS_FILE) -> Mapping[str, Mapping[str, str | Mapping[str, str]]]:
    """Return the kinds of findings by requirement, with the version since which each is known.

    Where it is not the same in all dialects, there is one for each, and one for `others`.

    Those of payloads are the keywords of JSON Schema, under `payload/*`.
    """
    found: Mapping[str, Mapping[str, str | Mapping[str, str]]] = parse_yaml(file.read_text(encoding="utf-8"))
    return found


def since(kind: str, dialect: str = "") -> str:
    """Return the version since which findings of `kind` are reported, empty where the kind is unknown."""
    requirement, _, name = kind.partition("#")
    own = kinds().get(requirement, {})
    if not own and requirement.startswith("payload/"):
        own = kinds().get(_OF_PAYLOADS, {})
    began = own.get(name, "")
    return began if isinstance(began, str) else began.get(dialect, began["others"])
