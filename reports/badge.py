"""The badge: data for a shields.io endpoint, and a plain SVG of our own. Pure."""

from __future__ import annotations

import json
from html import escape

from protocol.catalogue import title_of
from reports.escaping import visible
from reports.model import Exit, Report

_COLORS = {"brightgreen": "#3a7d1e", "yellow": "#8a6a00", "red": "#b3261e", "lightgrey": "#5f6368"}
_HEIGHT = 20
_MARGIN = 6
# Pixels of characters at 11 px, about; textLength corrects what the font does differently.
_NARROW, _WIDE, _USUAL = dict.fromkeys("fijlrt I1.,:/ ", 4.3), dict.fromkeys("mwMWGOAND%", 8.6), 6.8
_WIDTHS = {**_NARROW, **_WIDE}


def words(report: Report) -> tuple[str, str, str]:
    """Return the badge's label, its message, and the colour as shields names it."""
    label = f"{report.target.channel or 'realtime'} {title_of(report.target.dialect)}"
    known = report.of_how_many
    match report.exit:
        case Exit.CONFORMS if report.failed:
            return label, f"{len(report.failed)} known to fail", "yellow"
        case Exit.CONFORMS if report.counts["warn"]:
            return label, f"conforms, {known}", "yellow"
        case Exit.CONFORMS:
            return label, f"conforms, {known}", "brightgreen"
        case Exit.DOES_NOT_CONFORM:
            return label, f"{len(report.failed)} failed, {known}", "red"
        case Exit.BASELINE:
            return label, "baseline out of date", "yellow"
    return label, "no verdict", "lightgrey"


def badge_json(report: Report) -> str:
    """Return what a shields.io endpoint badge reads."""
    label, message, color = words(report)
    content = {"schemaVersion": 1, "label": label, "message": message, "color": color}
    if color == "red":
        content["isError"] = True
    return json.dumps(content, indent=2) + "\n"


def badge_svg(report: Report) -> str:
    """Return the badge as SVG, with white text of a contrast of 4.5 at least."""
    label, message, color = words(report)
    left, right = (round(sum(_WIDTHS.get(c, _USUAL) for c in text)) for text in (label, message))
    width = left + right + 4 * _MARGIN
    split = left + 2 * _MARGIN
    title = escape(visible(f"{label}: {message}"))
    size = f'width="{width}" height="{_HEIGHT}"'
    right_end = f"M{split} 0H{width - 3}a3 3 0 0 1 3 3v{_HEIGHT - 6}a3 3 0 0 1-3 3H{split}z"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        f'<rect {size} rx="3" fill="#3c4043"/>',
        f'<path d="{right_end}" fill="{_COLORS[color]}"/>',
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
        f'<text x="{_MARGIN}" y="14" textLength="{left}">{escape(visible(label))}</text>',
        f'<text x="{split + _MARGIN}" y="14" textLength="{right}">{escape(visible(message))}</text>',
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"
