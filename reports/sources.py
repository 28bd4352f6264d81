"""Where the documents that requirements rest on can be read; docs/sources.md says it number by number."""

from __future__ import annotations

from dataclasses import dataclass

from rules.requirements import Requirement

ADDRESSES = {
    "openai-realtime": "https://platform.openai.com/docs/guides/realtime",
    "inworld-realtime": "https://docs.inworld.ai",
    "inworld-speech": "https://docs.inworld.ai",
    "rfc6455": "https://www.rfc-editor.org/rfc/rfc6455",
}


_OF_ITS_OWN = ("document", "section")


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document. `address` is that of the document, empty where it has none."""

    document: str
    section: str
    address: str


def further(requirement: Requirement) -> dict[str, str]:
    """Return the sections of other dialects' documents that speak of `requirement`, by the dialect."""
    return {name: text for name, text in requirement.source.items() if name not in _OF_ITS_OWN}


def sources(requirement: Requirement) -> tuple[Source, ...]:
    """Return what `requirement` rests on, each document once."""
    source = requirement.source
    found = {source["document"]: source["section"]}
    for dialect, section in further(requirement).items():
        found.setdefault(f"{dialect}-realtime", section)
    return tuple(Source(name, section, ADDRESSES.get(name, "")) for name, section in found.items())
