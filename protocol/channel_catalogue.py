"""The channels beside the realtime one whose documents the suite has: the folders of `protocol/channels/`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from protocol.errors import DocumentError
from protocol.reading import read_text
from protocol.yaml_core import parse_settings

CHANNELS_FOLDER = Path(__file__).parent / "channels"
CHANNEL_FILE = "channel.yaml"

Rule = Literal["type", "key", "result-key"]
"""How the messages of one side of a channel are told apart: by `type`, by the one key that a frame has beside
the id of its context, or by the one key that its `result` has beside that id and the status."""

TOLD_APART_BY: tuple[str, ...] = get_args(Rule)
SIDES = ("client", "server")
_TEXTS = ("name", "title", "address", "document")


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """One channel: its short name, what a report calls it, its address, its AsyncAPI document.

    `told_apart` has the rule for each side, `client` and `server`.
    """

    name: str
    title: str
    address: str
    document: Path
    told_apart: Mapping[str, Rule]


def channel_named(name: str) -> KnownChannel | None:
    """Return the channel of that name; None where there is none."""
    return known_channels().get(name)


def known_channel_at(address: str) -> KnownChannel | None:
    """Return the channel whose address in a document that is; None where there is none."""
    return next((each for each in known_channels().values() if each.address == address), None)


@functools.cache
def known_channels() -> Mapping[str, KnownChannel]:
    """Return the channels by their names, in alphabetical order. Raises `DocumentError`."""
    found = (read_channel(file) for file in sorted(CHANNELS_FOLDER.glob(f"*/{CHANNEL_FILE}")))
    return {each.name: each for each in found}


def read_channel(file: Path) -> KnownChannel:
    """Return what a `channel.yaml` says. Raises `DocumentError` where it is malformed."""
    content, _ = parse_settings(read_text(file), str(file))
    said: Mapping[str, Any] = content if isinstance(content, dict) else {}
    known = (*_TEXTS, "told_apart")
    if set(said) != set(known):
        wrong = min(set(said) ^ set(known))
        problem = "is missing" if wrong in known else "is no field of a channel"
        raise DocumentError(str(file), f"/{wrong}", problem, f"write {', '.join(known)}")
    for name in _TEXTS:
        if not isinstance(said[name], str) or not said[name].strip():
            raise DocumentError(str(file), f"/{name}", f"is {said[name]!r}", "a text is expected")
    if said["name"] != file.parent.name:
        remedy = f"write `name: {file.parent.name}`, as the folder is called"
        raise DocumentError(str(file), "/name", f"is {said['name']}", remedy)
    document = file.parent / said["document"]
    if not document.is_file():
        raise DocumentError(str(file), "/document", f"there is no file {document}", "correct the path")
    return KnownChannel(
        said["name"], said["title"], said["address"], document, _told_apart(said["told_apart"], file)
    )


def _told_apart(said: Any, file: Path) -> Mapping[str, Rule]:
    fits = (
        isinstance(said, dict)
        and set(said) == set(SIDES)
        and all(each in TOLD_APART_BY for each in said.values())
    )
    if not fits:
        remedy = f"write `client` and `server`, each with one of {', '.join(TOLD_APART_BY)}"
        raise DocumentError(str(file), "/told_apart", f"is {said!r}", remedy)
    return dict(said)
