"""Tells what an AsyncAPI document says, and how well."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from generators.events import Events
from realtime_conformance.application.actions.common import console
from realtime_conformance.application.hypothesis_home import drawing_home
from schemas.contract import Contract
from schemas.loader import load
from schemas.weaknesses import weaknesses


def document(file: str) -> int:
    """Print what the AsyncAPI document `file` says; return the exit code."""
    loaded = load(file)
    screen = console()
    tree = Tree(Text(f"{loaded.title or loaded.file} (AsyncAPI {loaded.version}, {loaded.digest})"))
    for channel in loaded.channels:
        branch = tree.add(Text(f"channel {channel.address}"))
        for operation in channel.operations:
            sends = "client sends" if operation.direction == "client" else "server sends"
            leaf = branch.add(Text(f"{sends}: {operation.id} ({len(operation.messages)} messages)"))
            for message in operation.messages:
                leaf.add(Text(message.name))
    screen.print(tree, soft_wrap=True)
    found = weaknesses(loaded)
    screen.print(f"\n{len(found)} weaknesses" + (":" if found else ""))
    for weakness in found:
        screen.print(f"  {weakness.file}#{weakness.pointer}", soft_wrap=True)
        screen.print(f"    {weakness.problem}; {weakness.coped}", soft_wrap=True)
    with drawing_home():
        spoken = [Events(Contract(loaded, channel)) for channel in loaded.channels]
        for sentence in dict.fromkeys(sentence for events in spoken for sentence in events.unmatched()):
            screen.print(f"note: {sentence}", soft_wrap=True)
    return 0
