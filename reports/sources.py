"""Where the documents that requirements rest on can be read; docs/sources.md says it number by number."""

from __future__ import annotations

from dataclasses import dataclass

from rules.requirements import Requirement

ADDRESSES = {
    "openai-realtime": "https://platform.openai.com/docs/guides/realtime",
    "inworld-realtime": "https://docs.inworld.ai",
    "rfc6455": "https://www.rfc-editor.org/rfc/rfc6455",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document. `address` is that of the document, empty where it has none."""

    document: str
    section: str
    address: str


def sources(requirement: Requirement) -> tuple[Source, ...]:
    """Return what `requirement` rests on, each document once."""
    source = requirement.source
    found = {source["document"]: source["section"]}
    if "inworld" in source:
        found.setdefault("inworld-realtime", source["inworld"])
    return tuple(Source(name, section, ADDRESSES.get(name, "")) for name, section in found.items())
