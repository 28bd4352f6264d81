"""What the generated pages call requirements, and where they lead to."""

from __future__ import annotations

import re

from rules.requirements import Requirement


def page_of(entry: Requirement) -> str:
    """Return the name of the page that a requirement stands on: one for each file of the registry."""
    return entry.file.removesuffix(".yaml") + ".md"


def anchor_of(entry: Requirement) -> str:
    """Return the anchor of its heading, as GitHub makes it: small letters, without punctuation."""
    return re.sub(r"[^\w-]", "", entry.id.lower())


def requirement_link(entry: Requirement, folder: str = "") -> str:
    """Return a link to a requirement from a page beside `folder`, which holds the pages of the areas."""
    return f"[`{entry.id}`]({folder}{page_of(entry)}#{anchor_of(entry)})"


def cell(text: str) -> str:
    """Return `text` on one line, for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
