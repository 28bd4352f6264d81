"""A client that talks to the reference server through the proxy: what it concluded, and its own verdict."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from protocol.yaml_core import parse_yaml
from proxy.client.judge import ClientRulebook
from reference.server import ReferenceServer, ServerOptions
from rules.verdicts import Tally
from tests.interop.conclusions import Concluded
from tests.interop.realtime_clients import CLIENTS, NoConclusion, conclude
from tests.interop.satisfied_clients import PACE_S, assert_satisfied, told_by
from tests.proxy.relayed import standing
from wire.trace_files import TraceFile

EXPECTED = Path(__file__).parent / "proxied_clients.yaml"


@dataclass(frozen=True, slots=True)
class Front:
    """The proxy, as whoever connects a client knows a server."""

    server: ReferenceServer
    port: int

    def url(self, dialect: DialectName) -> str:
        """Return the address of a dialect behind it."""
        return self.server.url(dialect).replace(f":{self.server.port}/", f":{self.port}/")


@asynccontextmanager
async def _front(folder: Path) -> AsyncIterator[Front]:
    async with (
        ReferenceServer(ServerOptions(pace=PACE_S)) as server,
        standing(folder, f"ws://127.0.0.1:{server.port}") as proxy,
    ):
        yield Front(server, proxy.port)


def talked_through(name: str, folder: Path) -> tuple[Concluded | NoConclusion, dict[str, list[str]]]:
    """Return what a client concluded behind the proxy, and the kinds of what it did wrong, by requirement."""
    traces, handed = folder / "traces", folder / "handed"
    handed.mkdir()

    async def run() -> Concluded | NoConclusion:
        async with _front(traces) as front:
            return await conclude(CLIENTS[name], front, handed)

    told = asyncio.run(run())
    book = ClientRulebook(CLIENTS[name].dialect, "realtime")
    return told, violated(book.judge(TraceFile(path)) for path in sorted(traces.glob("*.jsonl")))


def violated(counted: Iterable[dict[str, Tally]]) -> dict[str, list[str]]:
    """Return the kinds of findings in what was counted, by requirement."""
    found: dict[str, set[str]] = {}
    for tallies in counted:
        for id_, tally in tallies.items():
            assert not tally.errors
            for finding in tally.findings if tally.violations else ():
                found.setdefault(id_, set()).add(finding.kind.partition("#")[2])
    return {id_: sorted(kinds) for id_, kinds in sorted(found.items())}


def known_clients() -> dict[str, dict[str, Any]]:
    """Return what is known of each client: what it violates `always`, what `perhaps`, and the reason."""
    found: dict[str, dict[str, Any]] = parse_yaml(EXPECTED.read_text(encoding="utf-8"))["clients"]
    return found


def assert_as_expected(name: str, folder: Path) -> None:
    """A client is satisfied behind the proxy, and violates what is known of it."""
    told, found = talked_through(name, folder)
    assert_satisfied(told_by(name, told))
    known = known_clients()[name]
    always = {(id_, kind) for id_, each in known.items() for kind in each.get("always", ())}
    perhaps = {(id_, kind) for id_, each in known.items() for kind in each.get("perhaps", ())}
    came = {(id_, kind) for id_, kinds in found.items() for kind in kinds}
    assert came - perhaps == always, (name, sorted(came))
    assert all(each["reason"] for each in known.values())
