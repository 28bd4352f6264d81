"""Events for documents that use what AsyncAPI and JSON Schema have: valid and covering, or a loud failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generators.covering_values import missed
from generators.drawn_values import drawn
from generators.events import Events
from protocol.errors import DocumentError
from realtime_conformance.cli import run_command_line
from schemas.contract import contract_of
from schemas.loader import load
from tests.generators.documents import FORMATS, IMPOSSIBLE, PAYLOADS, saying, version_2, written

_DOCUMENTS = {**{name: ("", payload) for name, payload in PAYLOADS.items()}, **FORMATS}


def _events(folder: Path, payload: Any, schema_format: str) -> Events:
    events = Events(contract_of(load(written(folder, version_2(payload, schema_format)))))
    events.check()
    return events


@pytest.fixture(params=list(_DOCUMENTS))
def events(request: pytest.FixtureRequest, tmp_path: Path) -> Events:
    schema_format, payload = _DOCUMENTS[request.param]
    return _events(tmp_path, payload, schema_format)


def test_what_is_made_is_valid_and_reaches_everything(events: Events) -> None:
    for type_ in events.types:
        schema, root = events.contract.client[type_], events.tree(type_)
        walked = [step.event for step in events.walk(type_)]
        examples = events.examples(type_, 100)
        for made in (walked, examples, drawn(events.strategy(type_), 30)):
            assert made
            assert [e for e in made if not schema.is_valid(e)] == []
        assert missed(root, walked) == []
        assert missed(root, examples) == []


def test_mutants_are_what_they_say(events: Events) -> None:
    for type_ in events.types:
        schema = events.contract.client[type_]
        found = events.mutants(type_)
        assert {"remove", "type"} <= {m.operator for m in found}
        for mutant in found:
            assert schema.is_valid(mutant.twin), mutant
            assert not schema.is_valid(mutant.event), mutant
        labels = [(m.path, m.operator, m.value, str(m.event)) for m in found]
        assert len(set(labels)) == len(labels)


def test_what_is_not_to_be_sent_is_never_made(tmp_path: Path) -> None:
    """It is legal all the same; where nothing else is left, the whole is not made either."""
    told = {"x-not-sent": True, "type": "object", "properties": {"secret": {"type": "string"}}}
    voice = {"oneOf": [{"type": "string"}, told]}
    events = _events(tmp_path, saying({"type": "object", "properties": {"voice": voice, "face": told}}), "")
    [type_] = events.types
    schema = events.contract.client[type_]
    assert schema.is_valid({"type": type_, "x": {"voice": {"secret": "s"}, "face": {"secret": "s"}}})
    assert not schema.is_valid({"type": type_, "x": {"voice": {"secret": 7}}})
    walked = [step.event for step in events.walk(type_)]
    for made in (walked, events.examples(type_, 50), drawn(events.strategy(type_), 30)):
        assert any("voice" in event.get("x", {}) for event in made)
        assert "secret" not in str(made)
        assert "face" not in str(made)


@pytest.mark.parametrize("case", list(IMPOSSIBLE))
def test_what_cannot_be_made_is_said_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    schema_format, payload, pointer, word = IMPOSSIBLE[case]
    with pytest.raises(DocumentError) as caught:
        _events(tmp_path, payload, schema_format)
    assert caught.value.pointer.endswith(pointer)
    assert word in caught.value.problem
    path = str(tmp_path / "document.json")
    for command in (["generate"], ["run", "-k", "clear", "--out", str(tmp_path / "out")]):
        assert run_command_line([*command, "--asyncapi", path]) == 4
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert caught.value.pointer in said
        assert word in said
    assert not (tmp_path / "out" / "results.json").exists()
