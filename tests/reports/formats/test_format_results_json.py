"""results.json keeps its shipped schema, and the schema says nothing that is never produced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from docs.results_page import results_page
from protocol.errors import DocumentError
from realtime_conformance.application.baseline_files import read_results, seen_in
from reports.aged import aged_by
from reports.repeats import repeated
from reports.results_json import as_dict
from reports.writing import write
from rules.verdicts import Level, Verdict
from tests.reports.formats.sample import FAILED, HELD, WARNED, entry, held, report

_ROOT = Path(__file__).resolve().parents[3]
_SCHEMA: dict[str, Any] = json.loads((_ROOT / "schemas" / "results.schema.json").read_text(encoding="utf-8"))
_CHECK = Draft202012Validator(_SCHEMA)


def _everything() -> list[dict[str, Any]]:
    plain = report()
    known = held(
        report(name="mine"), entry(FAILED), entry(WARNED, "warn"), entry("nothing/*", dialect="openai")
    )
    twice = repeated(plain, [plain, replace(plain, requirements=report(counted={}).requirements)])
    then = report()
    otherwise = tuple(replace(r, level=Level.SHOULD) for r in then.failed)
    aged = replace(then, aged=aged_by("0.1.0", otherwise, then.requirements))
    target = replace(then.target, channel="tts", speaks="speech synthesis")
    spoken = replace(then, target=target, spent={"sessions": 1, "characters": 12})
    return [json.loads(json.dumps(as_dict(each))) for each in (plain, known, twice, aged, spoken)]


def _properties(schema: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for name, each in schema.get("properties", {}).items():
            yield f"{pointer}/properties/{name}", each
        for name, each in schema.items():
            yield from _properties(each, f"{pointer}/{name}")
    elif isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _properties(each, f"{pointer}/{index}")


_DECLARED = dict(_properties(_SCHEMA))


def test_every_report_keeps_the_schema() -> None:
    Draft202012Validator.check_schema(_SCHEMA)
    for each in _everything():
        assert [f"{e.json_path}: {e.message}" for e in _CHECK.iter_errors(each)] == []


def _produced(schema: Any, pointer: str, value: Any) -> Iterator[str]:
    """Yield the pointers of the properties of `schema` that `value` has."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _produced(_SCHEMA["$defs"][name], f"/$defs/{name}", value)
    for index, each in enumerate(schema.get("oneOf", ())):
        yield from _produced(each, f"{pointer}/oneOf/{index}", value)
    for inner in value if isinstance(value, list) else ():
        yield from _produced(schema.get("items"), f"{pointer}/items", inner)
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name in schema.get("properties", {}):
            yield f"{pointer}/properties/{name}"
            yield from _produced(schema["properties"][name], f"{pointer}/properties/{name}", inner)


def test_every_field_that_is_declared_is_produced() -> None:
    seen = {pointer for each in _everything() for pointer in _produced(_SCHEMA, "", each)}
    assert sorted(set(_DECLARED) - seen) == []


def test_nothing_can_be_produced_that_is_not_declared() -> None:
    """Every object is closed, or says what its free keys stand for."""
    open_ones = [
        pointer
        for pointer, schema in [("", _SCHEMA), *_objects(_SCHEMA)]
        if schema.get("additionalProperties", True) is True
    ]
    assert open_ones == []


def _objects(schema: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield pointer, schema
        for name, each in schema.items():
            yield from _objects(each, f"{pointer}/{name}")
    elif isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _objects(each, f"{pointer}/{index}")


@pytest.mark.parametrize("pointer", sorted(_DECLARED))
def test_every_field_is_described(pointer: str) -> None:
    schema = _DECLARED[pointer]
    while "description" not in schema and "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = _SCHEMA["$defs"][name]
    assert schema.get("description"), pointer


def test_the_documentation_is_made_from_the_schema() -> None:
    page = results_page(_SCHEMA)
    names = {pointer.rpartition("/")[2] for pointer in _DECLARED}
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_counts_add_up_to_the_requirements() -> None:
    for each in _everything():
        assert sum(each["counts"].values()) == len(each["requirements"])
        assert each["counts"]["fail"] >= 2


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    made = report()
    write(made, tmp_path)
    seen = {s.id: s for s in seen_in(read_results(tmp_path))}
    assert {r.id: r.seen.verdict for r in made.requirements} == {id_: s.verdict for id_, s in seen.items()}
    assert set(seen[FAILED].fingerprints) == set(
        next(r for r in made.requirements if r.id == FAILED).tally.fingerprints
    )
    assert seen[HELD].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("", "/", "is not JSON"),
        ("[1]", "/schema_version", "is no results.json"),
        ('{"schema_version": 99}', "/schema_version", "is of version 99"),
        ('{"schema_version": 1}', "", "the field is missing"),
        ("[" * 100_000, "/", "is not JSON"),
    ],
)
def test_what_is_no_results_json_is_refused(tmp_path: Path, text: str, place: str, problem: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        read_results(file)
    assert str(file) in str(caught.value)
    assert caught.value.pointer.startswith(place)
    assert problem in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read_results(tmp_path / "results.json")
