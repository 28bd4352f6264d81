"""The page on adding a channel shows what is really there, and names all of the interface."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from packs.keyed.keyed_pack import KeyedChannel
from packs.pack import Pack

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-channel.md"
ABACUS = Path(__file__).parents[1] / "packs" / "abacus"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("interface", [Pack, KeyedChannel])
def test_every_field_of_the_interface_is_said(interface: type) -> None:
    table = TEXT.partition(f"| field of `{interface.__name__}` |")[2].partition("\n\n")[0]
    said = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert said == {each.name for each in fields(interface)}


def test_what_is_shown_is_in_the_example() -> None:
    shown = re.findall(r"```(?:python|yaml)\n(.*?)```", TEXT, re.DOTALL)
    assert len(shown) >= 5
    files = [
        path.read_text(encoding="utf-8") for path in ABACUS.rglob("*") if path.suffix in (".py", ".yaml")
    ]
    assert [block for block in shown if not any(block in text for text in files)] == []
