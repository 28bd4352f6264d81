"""Tells what an AsyncAPI document says, and how well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import yaml
from rich.text import Text
from rich.tree import Tree

from generators.events import Events
from protocol.catalogue import dialect_of
from protocol.channel_catalogue import Rule, channel_named, known_channels
from protocol.dialect import Overlay
from realtime_conformance.application.actions.common import console
from realtime_conformance.application.hypothesis_home import drawing_home
from schemas.contract import Contract, no_channel
from schemas.document import Channel, Document
from schemas.document_comparison import FIRST, SECOND, document_differences
from schemas.loader import load
from schemas.one_file import one_file
from schemas.told_apart import RuleGround, discriminator_of
from schemas.weaknesses import weaknesses

_HOW: Mapping[Rule, str] = {"type": "`type`", "key": "their one key", "result-key": "the one key in `result`"}
_WHY: Mapping[RuleGround, str] = {
    "document": "the document says so",
    "channel": "known of this channel",
    "payloads": "no payload has a `type`",
    "usual": "as usual",
}


def document(
    file: str | None, *, dialect: str | None, channel: str | None, against: str | None, out: Path | None
) -> int:
    """Print what an AsyncAPI document says, or in what the one `against` differs; return the exit code.

    It is the one at `file`, that of `dialect`, or where neither is named that of a `channel` of ours. Only
    that channel is looked at, by its name or its address. It is written to `out`, in one file. Raises
    `click.UsageError` where it cannot be written or is not clear, and `DocumentError`.
    """
    source, overlays = _source(file, dialect, channel)
    loaded = load(source, overlays)
    if out is not None:
        _write(one_file(source, overlays), out)
    known = channel_named(channel or "")
    address = known.address if known is not None else channel or ""
    if against is not None:
        _tell_differences(loaded, load(against), address)
        return 0
    channels = loaded.channels
    if address:
        found = loaded.channel(address)
        if found is None:
            raise no_channel(loaded, f"has no channel {address}")
        channels = (found,)
    _tell(loaded, channels)
    return 0


def _source(
    file: str | None, dialect: str | None, channel: str | None
) -> tuple[str | Path, tuple[Overlay, ...]]:
    if (file is not None) + (dialect is not None) > 1:
        raise click.UsageError(_ONE_OF)
    if file is not None:
        return file, ()
    if dialect is not None:
        spoken = dialect_of(dialect)
        return spoken.document, spoken.overlays
    known = channel_named(channel or "")
    if known is None:
        raise click.UsageError(_ONE_OF)
    return known.document, ()


_ONE_OF = f"name a FILE or a --dialect, one of the two; or --channel {' or '.join(known_channels())}, alone"


def _tell(loaded: Document, channels: Sequence[Channel]) -> None:
    screen = console()
    tree = Tree(Text(_called(loaded)))
    for channel in channels:
        branch = tree.add(Text(f"channel {channel.address}"))
        for operation in channel.operations:
            sends = "client sends" if operation.direction == "client" else "server sends"
            told_apart = discriminator_of(channel, operation.direction, loaded.bundle)
            leaf = branch.add(Text(f"{sends}: {operation.id} ({len(operation.messages)} messages)"))
            leaf.add(Text(f"told apart by {_HOW[told_apart.rule]} ({_WHY[told_apart.ground]})"))
            for message in operation.messages:
                leaf.add(Text(message.name))
    screen.print(tree, soft_wrap=True)
    found = weaknesses(loaded)
    where = "" if len(channels) == len(loaded.channels) else " in the whole document"
    screen.print(f"\n{len(found)} weaknesses{where}" + (":" if found else ""))
    for weakness in found:
        screen.print(f"  {weakness.file}#{weakness.pointer}", soft_wrap=True)
        screen.print(f"    {weakness.problem}; {weakness.coped}", soft_wrap=True)
    with drawing_home():
        said = [Events(Contract(loaded, channel)) for channel in channels]
        for sentence in dict.fromkeys(sentence for events in said for sentence in events.unmatched()):
            screen.print(f"note: {sentence}", soft_wrap=True)


def _tell_differences(loaded: Document, other: Document, address: str) -> None:
    found = document_differences(loaded, other, address)
    screen = console()
    for name, each in ((FIRST, loaded), (SECOND, other)):
        screen.print(Text(f"{name}: {_called(each)}"), soft_wrap=True)
    for channel, differences in groupby(found, key=lambda each: each.channel):
        screen.print(Text(f"\nchannel {channel}"), soft_wrap=True)
        for difference in differences:
            screen.print(Text(f"  {difference}"), soft_wrap=True)
    screen.print(f"\n{len(found)} difference" + ("" if len(found) == 1 else "s"))


def _called(document: Document) -> str:
    return f"{document.title or document.file} (AsyncAPI {document.version}, {document.digest})"


def _write(whole: dict[str, Any], out: Path) -> None:
    if out.suffix == ".json":
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"--out {out}: cannot be written ({error.strerror}); name another") from None
