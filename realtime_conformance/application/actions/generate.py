"""Shows what the suite would say to a server, without saying it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from generators.events import Events
from generators.frames import FRAMES
from protocol.catalogue import DEFAULT, dialect_of
from protocol.channel_catalogue import channel_named, known_channels
from protocol.words import Words
from realtime_conformance.application.actions.common import console
from realtime_conformance.application.hypothesis_home import drawing_home
from realtime_conformance.application.judging import contract_for
from realtime_conformance.limits import KINDS
from schemas.contract import Contract, contract_of
from schemas.loader import load
from suites.generated import WORLD, sensible

_WIDE = 400  # columns where the output is no terminal: a line is a line


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would be sent. `basis` proves a mutant wrong, `expects` says what is to come of it."""

    kind: str
    type: str
    path: str
    what: str
    expects: str = "acceptance"
    basis: str = ""
    event: Any = None


@drawing_home()
def generate(
    *,
    listed: bool,
    type_: str | None,
    kind: str | None,
    as_json: bool,
    dialect: str | None,
    asyncapi: str | None,
    channel: str | None,
) -> int:
    """Show what scenarios would send; return the exit code."""
    contract, words = _contract(dialect or DEFAULT, asyncapi, channel)
    if type_ is not None and type_ not in contract.client:
        raise click.UsageError(f"--event {type_}: unknown; the client sends {', '.join(contract.client)}")
    events = Events(contract, WORLD)
    events.check(type_)
    lines = [_spelled(line, words) for line in _lines(events, type_, kind)]
    if as_json:
        for line in lines:
            click.echo(json.dumps(_shown(line), ensure_ascii=False))
    elif listed:
        _table(lines)
    else:
        _counts(lines)
    return 0


def _contract(dialect: str, asyncapi: str | None, channel: str | None) -> tuple[Contract, Words]:
    """Return what a client may say by the document that was named, and how the dialect spells it."""
    known = channel_named(channel or "")
    if asyncapi is not None:
        address = known.address if known is not None else channel
        return contract_for(dialect, asyncapi, address), dialect_of(dialect).words
    if known is not None:
        return contract_of(load(known.document)), Words()
    if channel is not None:
        names = " or ".join(known_channels())
        raise click.UsageError(
            f"--channel is {names}, or with --asyncapi FILE the address of one of its channels"
        )
    return contract_for(dialect), dialect_of(dialect).words


def _lines(events: Events, only: str | None, kind: str | None) -> Iterator[Line]:
    for type_ in [only] if only else events.types:
        if kind in (None, "walk"):
            for step in (s for s in events.walk(type_) if sensible(s.event)):
                yield Line("walk", type_, step.path, step.what, event=step.event)
        if kind in (None, "mutants"):
            for each in (m for m in events.mutants(type_) if sensible(m.event)):
                what = f"{each.operator} {each.value}".rstrip()
                yield Line("mutants", type_, each.path, what, each.expects, each.basis, each.event)
    # The frames are broken events: of messages without a `type` they are none.
    if kind in (None, "frames") and only is None and events.contract.told_apart["client"].rule == "type":
        for frame in FRAMES:
            what = f"{frame.what} ({frame.size:,} bytes, {frame.form})"
            yield Line("frames", "", frame.name, what, frame.expects)


def _spelled(line: Line, words: Words) -> Line:
    """Return a line with its event as it is sent."""
    return replace(line, event=words.event(line.event)) if isinstance(line.event, dict) else line


def _shown(line: Line) -> dict[str, Any]:
    """Return a line as JSON, with lone surrogates escaped by whoever writes it."""
    whole = asdict(line)
    return whole if line.event is not None else {k: v for k, v in whole.items() if k != "event"}


def _table(lines: list[Line]) -> None:
    screen = console()
    if not screen.is_terminal:
        screen.width = _WIDE
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("kind", "event", "path", "what", "expects"):
        table.add_column(name, overflow="fold")
    for line in lines:
        expects = line.expects if not line.basis else f"{line.expects} ({line.basis})"
        table.add_row(*(Text(_plain(v)) for v in (line.kind, line.type, line.path, line.what, expects)))
    screen.print(table)
    screen.print(f"{len(lines):,} in all")


def _plain(text: str) -> str:
    """Return text without what a terminal might obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _counts(lines: list[Line]) -> None:
    screen = console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("event")
    for name in KINDS:
        table.add_column(name, justify="right")
    found = Counter((line.type, line.kind) for line in lines)
    for type_ in dict.fromkeys(line.type for line in lines):
        table.add_row(type_ or "(no event)", *(f"{found[type_, kind]:,}" for kind in KINDS))
    totals = Counter(line.kind for line in lines)
    table.add_row("all", *(f"{totals[kind]:,}" for kind in KINDS), style="bold")
    screen.print(table)
    screen.print("\n--list shows each of them, --json with the event itself.")
