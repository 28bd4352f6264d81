"""What comes of a proxy's run: a report on the server, from the traces of what it relayed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packs.catalogue import channels
from packs.keyed.named_traces import naming
from packs.pack import Pack
from protocol.dialect import DialectName
from proxy.client.judge import ClientRulebook, client_pack
from proxy.sessions import ProxiedSession
from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.judging import Judgement, counting, judged, opening
from realtime_conformance.application.parallel_judging import Book, judge_files
from realtime_conformance.application.trace_statistics import with_evidence
from realtime_conformance.application.uncounted_findings import uncounted
from reports.baseline import Baseline
from reports.model import Report, Target
from reports.model import count as counted
from suites.features import offered

_AS_CLIENT = "as a client"
_NAMED = 5  # traces in one sentence

Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Proxied:
    """What was relayed, and by what it is judged: sessions of one `channel`.

    `shown` is the address of the server, `turned_away` says what came that was no client. `notes` are what a
    reader has to know besides.
    """

    sessions: Sequence[ProxiedSession]
    channel: str
    dialect: DialectName
    shown: str
    started: dt.datetime
    duration_s: float
    turned_away: Sequence[str] = ()
    notes: Sequence[str] = ()
    strict: bool = False
    baseline: Baseline | None = None
    as_of: str = ""

    @property
    def pack(self) -> Pack:
        """The pack of the channel."""
        return channels()[self.channel]

    @property
    def files(self) -> dict[str, Path]:
        """The traces that there are, by the names of their sessions."""
        return {each.name: each.path for each in self.sessions if each.observer.count}

    def circumstances(self) -> Circumstances:
        """Return what a report says of how its traces came about."""
        opened = [each for each in self.sessions if each.opened]
        trouble = next((each.why for each in self.sessions if each.why), "")
        return Circumstances(
            started=self.started.isoformat(timespec="seconds"),
            duration_s=self.duration_s,
            spent={"sessions": len(opened)},
            opened=bool(opened) or not self.sessions,
            trouble="" if opened else trouble,
            strict=self.strict,
            notes=[
                *self.notes,
                *_not_opened(self.sessions),
                *_cut(self.sessions),
                *_no_clients(self.turned_away),
            ],
            as_of=self.as_of,
            partial=True,
        )


def server_report(of: Proxied, out: Path, clean: Clean) -> Report:
    """Return the report on the server; `clean` replaces secrets in what was put together of pieces."""
    pack, files, today = of.pack, of.files, of.started.date()
    without = uncounted(of.baseline, of.dialect, today, as_of=of.as_of, by=pack.judged_by)
    book = Book(of.dialect, uncounted=without, pack=pack.name)
    judgement = judge_files([files[name] for name in sorted(files)], book)
    judgement.redact(clean)
    target = Target(of.shown, of.dialect, offered({}))
    if not pack.unnamed:
        target = Target(of.shown, of.dialect, channel=pack.name, speaks=pack.title)
    report = compose(
        judgement,
        target=target,
        contract=pack.contract_in(of.dialect),
        circumstances=of.circumstances(),
        pack=pack,
    )
    if of.baseline is not None:
        report = report.against(of.baseline, today)
    sources = {name: opening(path, name) for name, path in files.items()}
    if not pack.unnamed:
        sources = {name: naming(source, pack.read) for name, source in sources.items()}
    return with_conversations(with_evidence(report, sources, files, out), sources, out, clean)


def client_report(of: Proxied, out: Path, clean: Clean) -> Report:
    """Return the report on the clients that connected, which says nothing of the server."""
    pack, files, book = client_pack(of.channel), of.files, ClientRulebook(of.dialect, of.channel)
    judgement, counting_ = Judgement(), counting(pack, book.engine)
    for name in sorted(files):
        for traced, tallies in judged(book, opening(files[name], name), judgement, counting_):
            judgement.add(traced, tallies)
    judgement.statistics = counting_.taken()
    judgement.redact(clean)
    shown = f"{of.shown} (its clients)"
    channel = "" if of.pack.unnamed else pack.name
    report = compose(
        judgement,
        target=Target(shown, of.dialect, offered({}), channel=channel, speaks=_AS_CLIENT),
        contract=pack.contract_in(of.dialect),
        circumstances=replace(of.circumstances(), as_of=""),
        pack=pack,
    )
    sources = {name: opening(path, name) for name, path in files.items()}
    if not of.pack.unnamed:
        sources = {name: naming(source, pack.read) for name, source in sources.items()}
    return with_conversations(with_evidence(report, sources, files, out), sources, out, clean)


def _not_opened(sessions: Sequence[ProxiedSession]) -> list[str]:
    why = Counter(each.why for each in sessions if each.why)
    return [f"{counted(n, 'connection')} not opened by the server: {said}" for said, n in why.items()]


def _cut(sessions: Sequence[ProxiedSession]) -> list[str]:
    """Return a sentence for each reason for which traces end before their conversations."""
    by_reason: dict[str, list[str]] = {}
    for each in sessions:
        if each.observer.cut:
            by_reason.setdefault(each.observer.cut, []).append(each.name)
    return [
        f"relayed, and not observed to the end ({why}): {_list(names)}" for why, names in by_reason.items()
    ]


def _no_clients(turned_away: Sequence[str]) -> list[str]:
    if not turned_away:
        return []
    return [f"{counted(len(turned_away), 'connection')} of what is no WebSocket client: {_list(turned_away)}"]


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
