"""The page `docs/results.md`: results.json field by field, made from its schema. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_INTRODUCTION = """\
# results.json

Every run and every judgement writes `results.json`: all there is to say, for programs. The HTML page, JUnit,
the summary, the badge and the terminal are made from the same model and say nothing else.

Its JSON Schema is `schemas/results.schema.json` in the sources and in the installed package; this page is
generated from it. `schema_version` grows when a field changes its meaning or goes away. New fields may
come without that: read what you know, and leave the rest.

Since version 2, each finding has a `kind`, each requirement says what is `explained`, and fingerprints are
made of kinds and places instead of sentences: they cannot be compared with those of version 1. `compare` and
`baseline` read both versions, and compare no fingerprints of one with those of the other.

Paths are written as in `requirements[].findings[].message`. A field is in every file
unless it says otherwise.

```python
results = json.loads(Path("conformance-report/results.json").read_text())
print(results["verdict"]["sentence"])
print([r["id"] for r in results["requirements"] if r["verdict"] == "fail"])
```

What each other file is for:

| file | for |
|---|---|
| `report.html` | people: everything, with the evidence of each finding |
| `traces.html` | people: every conversation, to be looked at, searched and listened to |
| `audio/*.wav` | what the server spoke, where it is too much for `traces.html` |
| `results.json` | programs; `compare`, `baseline update` and `baseline explain` read it |
| `junit.xml` | CI systems |
| `ctrf-report.json` | whatever reads the [Common Test Report Format](https://ctrf.io) |
| `results.sarif` | GitHub code scanning, editors: what is violated, at its line of the trace (SARIF 2.1.0) |
| `results.csv` | spreadsheets: a row for each requirement; no cell is run as a formula |
| `summary.md` | the step summary of a GitHub job, a comment on a pull request |
| `badge.json` | a shields.io endpoint badge |
| `badge.svg` | the same badge without a service |
| `traces/*.jsonl` | what was sent and received, for `judge` |
| `replays/*.jsonl` | what a failure needed, for `replay` |
| `server.log` | what the server printed, with `--start` |

In `junit.xml` a case's `classname` is the target and the area, its `name` the requirement's id, so that files
of several targets can be merged. A failure that the baseline knows is a skipped case there, and an entry of
the baseline that expects one in vain is a failed case.

`ctrf-report.json` holds a test for each scenario and each requirement: `name`, `status` (as in `junit.xml`;
a mistake of the suite is `other`), `rawStatus` (the verdict or the outcome), `duration`, `suite`, `type`,
`tags`, `message`, `trace` (the findings) and `extra`. `summary` counts them by status, `environment` names
the target and the dialect.
"""


def results_page(schema: Schema) -> str:
    """Return the page on the format that `schema` describes."""
    lines = [_INTRODUCTION]
    lines += _section("The file", schema, schema)
    for name, each in schema["$defs"].items():
        if "properties" in each:
            lines += _section(f"{name}", each, schema, anchor=True)
    return "\n".join(lines) + "\n"


def _section(title: str, part: Schema, schema: Schema, *, anchor: bool = False) -> list[str]:
    heading = f"## `{title}`" if anchor else f"## {title}"
    said = [part["description"], ""] if anchor and "description" in part else []
    rows = [f"| {path} | {kind} | {text} |" for path, kind, text in _rows(part, schema)]
    return [heading, "", *said, "| field | value | meaning |", "|---|---|---|", *rows, ""]


def _rows(part: Schema, schema: Schema, above: str = "") -> Iterator[tuple[str, str, str]]:
    for name, each in part.get("properties", {}).items():
        always = "" if name in part.get("required", ()) or above else " *(may be absent)*"
        meaning = each.get("description") or _target(each, schema).get("description", "")
        yield f"{above}`{name}`{always}", _kind(each), meaning.replace("|", "\\|")
        inner = each.get("items", each) if each.get("type") == "array" else each
        yield from _rows(inner, schema, f"{above}`{name}`{'[]' if inner is not each else ''}.")


def _target(part: Schema, schema: Schema) -> Schema:
    if "$ref" not in part:
        return part
    found: Schema = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return found


def _kind(part: Schema) -> str:
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{each}`" if each else "empty" for each in part["enum"])
    if "oneOf" in part:
        return " or ".join(_kind(each) for each in part["oneOf"])
    if part.get("type") == "array":
        return f"list of {_kind(part['items'])}"
    free = part.get("additionalProperties")
    if isinstance(free, dict):
        return f"object of {_kind(free)}"
    kind = part.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
