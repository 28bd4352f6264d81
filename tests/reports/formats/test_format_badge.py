"""The badge: shields' own form, and an SVG that can be read by eyes and by machines."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from reports.badge import badge_json, badge_svg
from reports.model import Report
from tests.reports.formats.sample import (
    ALSO_FAILED,
    FAILED,
    HELD,
    OF_HOW_MANY,
    WARNED,
    entry,
    held,
    report,
    tallies,
)

_GOOD = {HELD: tallies()[HELD]}
_FAILING = report(broken=False)


@pytest.mark.parametrize(
    ("made", "message", "color"),
    [
        (report(counted=_GOOD), f"conforms, 1 {OF_HOW_MANY}", "brightgreen"),
        (report(counted={**_GOOD, WARNED: tallies()[WARNED]}), f"conforms, 2 {OF_HOW_MANY}", "yellow"),
        (_FAILING, f"2 failed, 4 {OF_HOW_MANY}", "red"),
        (held(_FAILING, entry(FAILED), entry(ALSO_FAILED)), "2 known to fail", "yellow"),
        (held(report(counted=_GOOD), entry(HELD)), "baseline out of date", "yellow"),
        (report(), "no verdict", "lightgrey"),
        (replace(report(counted={}), opened=False), "no verdict", "lightgrey"),
    ],
)
def test_badge_says_what_came_of_it(made: Report, message: str, color: str) -> None:
    content = json.loads(badge_json(made))
    assert content.pop("isError", None) == (True if color == "red" else None)
    assert content == {"schemaVersion": 1, "label": "realtime OpenAI GA", "message": message, "color": color}
    assert f"realtime OpenAI GA: {message}" in badge_svg(made)


@pytest.mark.parametrize("made", [report(counted=_GOOD), _FAILING, report()], ids=["good", "failing", "none"])
def test_svg_is_plain_and_readable(made: Report) -> None:
    svg = badge_svg(made)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "rect", "path", "g", "text"}
    for color in re.findall(r'fill="(#[0-9a-f]{6})"', svg):
        assert _contrast("#ffffff", color) >= 4.5, color


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    def part(position: int) -> float:
        value = int(color[position : position + 2], 16) / 255
        return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)

    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
