"""Tells what an AsyncAPI document says, and how well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from rich.text import Text
from rich.tree import Tree

from generators.events import Events
from protocol.catalogue import dialect_of
from protocol.channel_catalogue import Rule
from realtime_conformance.application.actions.common import console
from realtime_conformance.application.hypothesis_home import drawing_home
from schemas.contract import Contract
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


def document(file: str | None, *, dialect: str | None, out: Path | None) -> int:
    """Print what the AsyncAPI document `file`, or that of `dialect`, says; return the exit code.

    It is written to `out`, in one file. Raises `click.UsageError` where that cannot be written.
    """
    spoken = dialect_of(dialect) if dialect is not None else None
    source, overlays = (spoken.document, spoken.overlays) if spoken is not None else (str(file), ())
    loaded = load(source, overlays)
    if out is not None:
        _write(one_file(source, overlays), out)
    screen = console()
    tree = Tree(Text(f"{loaded.title or loaded.file} (AsyncAPI {loaded.version}, {loaded.digest})"))
    for channel in loaded.channels:
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
    screen.print(f"\n{len(found)} weaknesses" + (":" if found else ""))
    for weakness in found:
        screen.print(f"  {weakness.file}#{weakness.pointer}", soft_wrap=True)
        screen.print(f"    {weakness.problem}; {weakness.coped}", soft_wrap=True)
    with drawing_home():
        said = [Events(Contract(loaded, channel)) for channel in loaded.channels]
        for sentence in dict.fromkeys(sentence for events in said for sentence in events.unmatched()):
            screen.print(f"note: {sentence}", soft_wrap=True)
    return 0


def _write(whole: dict[str, Any], out: Path) -> None:
    if out.suffix == ".json":
        text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"--out {out}: cannot be written ({error.strerror}); name another") from None
