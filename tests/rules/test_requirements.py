"""The registry as it is read: whole entries, each once, and a mistake in a file named where it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from protocol.catalogue import own_dialects
from protocol.errors import DocumentError
from protocol.yaml_core import parse_yaml
from rules.requirements import REGISTRY_FOLDER, Requirement, registry
from rules.verdicts import Level

LEAST = """
- id: items/shown
  level: {openai: MUST}
  basis: documented
  statement: Every item is shown.
  source: {document: openai-realtime, section: EV-01}
"""
MOST = """
- id: turn/ends/once
  level: {openai: SHOULD, inworld: MAY}
  basis: observed
  statement: Every turn ends once.
  source: {document: inworld-realtime, section: "5.3"}
  features: [turns]
  killers: [turn-ends-twice]
  exclusion: {reason: nobody can see it}
  note: Perhaps.
"""


def _folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return path


def _of_main(entry: Requirement) -> Requirement:
    """Return an entry with what it says of the two main dialects."""
    return replace(entry, level={name: entry.level[name] for name in ("openai", "inworld")}, waived={})


def test_entries_are_read_whole(tmp_path: Path) -> None:
    found = registry(_folder(tmp_path, b=MOST, a=LEAST))
    least = Requirement(
        "items/shown",
        {"openai": Level.MUST, "inworld": Level.MUST},
        "documented",
        "Every item is shown.",
        {"document": "openai-realtime", "section": "EV-01"},
        file="a.yaml",
    )
    most = Requirement(
        "turn/ends/once",
        {"openai": Level.SHOULD, "inworld": Level.MAY},
        "observed",
        "Every turn ends once.",
        {"document": "inworld-realtime", "section": "5.3"},
        ("turns",),
        ("turn-ends-twice",),
        "nobody can see it",
        "Perhaps.",
        "b.yaml",
    )
    assert [_of_main(each) for each in found] == [least, most]
    assert len(found) == 2
    assert "turn/ends/once" in found
    assert "turn" not in found
    assert [each.area for each in found] == ["items", "turn"]


def test_what_is_excluded_or_of_another_dialect_is_not_judged(tmp_path: Path) -> None:
    only = LEAST.replace("items/shown", "memory/shown").replace("openai: MUST", "inworld: MAY")
    found = registry(_folder(tmp_path, a=LEAST, b=MOST, c=only))
    assert [each.id for each in found.judged("openai")] == ["items/shown"]
    assert [each.id for each in found.judged("inworld")] == ["items/shown", "memory/shown"]


def test_a_level_is_that_of_the_parent_unless_the_dialect_is_named(tmp_path: Path) -> None:
    found = registry(_folder(tmp_path, a=LEAST, b=MOST)).by_id
    assert _of_main(found["items/shown"]).level == {"openai": Level.MUST, "inworld": Level.MUST}
    assert _of_main(found["turn/ends/once"]).level == {"openai": Level.SHOULD, "inworld": Level.MAY}


def test_a_dialect_that_does_not_exist_has_no_level(tmp_path: Path) -> None:
    with pytest.raises(
        DocumentError, match=r"/0/level/german: is the name of no dialect; name one of inworld"
    ):
        registry(_folder(tmp_path, a=LEAST.replace("openai: MUST", "german: MUST")))


def test_an_entry_says_only_where_a_dialect_differs_from_its_parent() -> None:
    repeated = []
    for path in sorted(REGISTRY_FOLDER.glob("*.yaml")):
        for raw in parse_yaml(path.read_text(encoding="utf-8")):
            for spoken in own_dialects():
                above = spoken.family[1:2]
                if spoken.name in raw["level"] and above:
                    same = raw["level"].get(above[0]) == raw["level"][spoken.name]
                    repeated += [f"{path.name}: {raw['id']}"] if same else []
    assert repeated == []


def test_what_is_waived_has_no_level_in_the_registry() -> None:
    for path in sorted(REGISTRY_FOLDER.glob("*.yaml")):
        for raw in parse_yaml(path.read_text(encoding="utf-8")):
            assert not [
                each.name for each in own_dialects() if raw["id"] in each.waived and each.name in raw["level"]
            ]


def test_the_digest_tells_registries_apart(tmp_path: Path) -> None:
    made = []
    for name, files in (("one", {"a": LEAST}), ("same", {"a": LEAST}), ("two", {"a": LEAST, "b": MOST})):
        (tmp_path / name).mkdir()
        made.append(registry(_folder(tmp_path / name, **files)).digest)
    assert made[0] == made[1] != made[2]
    assert {len(digest) for digest in made} == {12}


def test_a_malformed_entry_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a\.yaml.*\[1\]\.basis.*\"hearsay\""):
        registry(_folder(tmp_path, a=LEAST + MOST.replace("observed", "hearsay")))


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"b\.yaml.*/1.*items/shown stands in a\.yaml too"):
        registry(_folder(tmp_path, a=LEAST, b=MOST + LEAST))


def test_an_entry_yields_to_one_that_exists(tmp_path: Path) -> None:
    text = LEAST + "  yields_to: [{id: items/hidden, where: event}]\n"
    with pytest.raises(DocumentError, match="items/hidden, which does not exist"):
        registry(_folder(tmp_path, a=text))


def test_entries_do_not_yield_in_a_circle(tmp_path: Path) -> None:
    one = LEAST + "  yields_to: [{id: turn/ends/once, where: event}]\n"
    other = MOST + "  yields_to: [{id: items/shown, where: exchange}]\n"
    with pytest.raises(DocumentError, match=r"items/shown -> turn/ends/once|turn/ends/once -> items/shown"):
        registry(_folder(tmp_path, a=one, b=other))


def test_where_an_entry_yields_is_one_of_three(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="event"):
        registry(_folder(tmp_path, a=LEAST + "  yields_to: [{id: items/shown, where: connection}]\n"))
