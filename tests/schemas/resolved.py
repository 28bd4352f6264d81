"""What each dialect's contract says of each event, as a hash of its schema with all that it refers to.

    python -m tests.schemas.resolved      writes resolved.yaml anew

Schemas are shared by documents, which are laid over each other. Whoever moves something between them sees
in the difference which events of which dialects are now described otherwise, and which are as they were.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from protocol.catalogue import own_dialects
from protocol.yaml_core import parse_yaml
from rules.rulebook import own_contract
from schemas.contract import Contract

FILE = Path(__file__).with_name("resolved.yaml")
_LENGTH = 8
_REFERENCE = "#/definitions/"

Resolved = dict[str, dict[str, str]]


def whole_schemas(contract: Contract) -> dict[tuple[str, str], Any]:
    """Return the schemas of a contract by side and type of event, with no references left in them.

    One that leads back to a schema it stands in says how many steps.
    """
    sides = (("client", contract.client), ("server", contract.server))
    return {
        (side, type_): _without_references(each.schema, each.definitions)
        for side, schemas in sides
        for type_, each in schemas.items()
    }


def _without_references(schema: Any, definitions: dict[str, Any], within: tuple[str, ...] = ()) -> Any:
    if isinstance(schema, list):
        return [_without_references(each, definitions, within) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_REFERENCE):
        name = reference.removeprefix(_REFERENCE)
        if name in within:
            return {"back": len(within) - within.index(name)}
        return _without_references(definitions[name], definitions, (*within, name))
    return {key: _without_references(each, definitions, within) for key, each in schema.items()}


def resolved() -> Resolved:
    """Return the hashes, by event and by dialect."""
    found: Resolved = {}
    for dialect in own_dialects():
        for (side, type_), schema in whole_schemas(own_contract(dialect.name)).items():
            text = json.dumps(schema, sort_keys=True)
            digest = hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
            found.setdefault(f"{type_} ({side})", {})[dialect.name] = digest
    return {event: dict(sorted(found[event].items())) for event in sorted(found)}


def known() -> Resolved:
    """Return what the file says."""
    found: Resolved = parse_yaml(FILE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the file anew."""
    lines = []
    for event, hashes in resolved().items():
        said = ", ".join(f'{name}: "{digest}"' for name, digest in hashes.items())
        lines.append(f"{event}: {{{said}}}")
    head = "# Written by: python -m tests.schemas.resolved\n"
    FILE.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
