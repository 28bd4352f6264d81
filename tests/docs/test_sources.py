"""Every source that a requirement names can be looked up."""

from __future__ import annotations

import re
from pathlib import Path

from packs.catalogue import PACKS
from reports.sources import ADDRESSES, sources
from rules.requirements import registry

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


def _numbers(part: str) -> set[str]:
    return set(re.findall(r"^\| ([A-Z]{2}-\d\d|\d+(?:\.\d+)?|[A-Z]) \|", part, re.MULTILINE))


def test_every_number_has_a_line() -> None:
    openai, _, others = _PAGE.partition("\n## Inworld\n")
    inworld, _, rfc = others.partition("\n## RFC 6455\n")
    listed = {
        "openai-realtime": _numbers(openai),
        "inworld-realtime": _numbers(inworld),
        "rfc6455": _numbers(rfc),
    }
    named: dict[str, set[str]] = {name: set() for name in listed}
    for entry in registry():
        for source in sources(entry):
            named[source.document] |= {number.strip() for number in source.section.split(",")}
    assert [(name, number) for name in named for number in named[name] - listed[name]] == []
    assert set(ADDRESSES) == {*named, "inworld-speech"}


def test_every_number_of_the_other_channels_has_a_line() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| ([A-Z]{2}-\d\d(?:, [A-Z]{2}-\d\d)*) \|", page, re.MULTILINE)
    listed = {number for cell in cells for number in cell.split(", ")}
    entries = [entry for pack in PACKS.values() for entry in pack.registry()]
    assert {entry.source["document"] for entry in entries} == {"inworld-speech"}
    named = {number for entry in entries for number in entry.source["section"].split(", ")}
    assert named == listed


def test_no_number_is_left_over() -> None:
    said = " ".join(" ".join(map(str, entry.source.values())) for entry in registry())
    assert [n for n in _numbers(_PAGE) if not re.search(rf"(?<![\w.]){re.escape(n)}(?![\w.])", said)] == []
