"""The HTML report: one self-contained file that asks nobody for anything."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from protocol.catalogue import dialects
from reports.escaping import prose, script_json, shown, visible
from reports.evidence import Evidence, plain_data
from reports.html_page import page_of
from reports.html_requirements import MEANINGS
from reports.model import Report
from reports.reproducing import copies

_TEMPLATES = Path(__file__).parent / "templates"


def html(report: Report) -> str:
    """Return `report` as one HTML page. Everything that came from a server is escaped."""
    page = page_of(report)
    findings = {view.place: [f.finding for f in view.findings] for view in page.requirements}
    evidence = plain_data(report.evidence or Evidence(), findings)
    taken = {
        f"{view.place}~{index}": (view.result, each.finding, view.dialect)
        for view in page.requirements
        for index, each in enumerate(view.findings)
        if each.drawn
    }
    return render(
        "report.html",
        styles=("base.css", "diagram.css", "report.css"),
        scripts=("parts.js", "diagram.js", "copying.js", "report.js"),
        report=report,
        page=page,
        meanings=MEANINGS,
        dialects={name: each.title for name, each in dialects().items()},
        evidence=script_json(evidence),
        copies=script_json(copies(report, taken)),
    )


def render(
    template: str, *, styles: tuple[str, ...], scripts: tuple[str, ...], media: str = "", **content: Any
) -> str:
    """Return a page made from `template`: styles and scripts inside, and a policy that allows no more.

    `media` says where what is to be heard may come from; nowhere, where it is empty.
    """
    style, script, first = (_inlined(names) for names in (styles, scripts, ("theme.js",)))
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_source(first)} {_source(script)}",
            f"style-src {_source(style)}",
            "img-src data:",
            *((f"media-src {media}",) if media else ()),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    page = _environment().get_template(template)
    ours = {"style": Markup(style), "script": Markup(script), "first": Markup(first)}  # noqa: S704
    return page.render(csp=policy, **ours, **content)


@functools.cache
def _inlined(names: tuple[str, ...]) -> str:
    return "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.filters["visible"] = visible
    return environment
