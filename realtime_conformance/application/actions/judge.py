"""Judges recorded traces offline."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from packs.catalogue import channels, spoken_in
from packs.keyed.named_traces import naming
from packs.pack import Pack
from packs.realtime.pack import REALTIME_PACK
from protocol.catalogue import check_name
from protocol.dialect import DialectName
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.actions.judge_channels import TakeReport, judge_several
from realtime_conformance.application.baseline_files import baseline_given
from realtime_conformance.application.channels_heard import by_channel
from realtime_conformance.application.chosen_profile import as_of
from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.dialect_choice import Ground, told_by
from realtime_conformance.application.judging import Judgement, contract_for
from realtime_conformance.application.left_undecided import leave_undecided, run_of, turned_away
from realtime_conformance.application.named_contract import contract_in
from realtime_conformance.application.option_checks import (
    check_channel_options,
    check_contradictions,
    dialect_with,
)
from realtime_conformance.application.parallel_judging import Book, HandingOut, judge_files
from realtime_conformance.application.recordings import (
    STANDARD_INPUT,
    Recording,
    Recordings,
    recordings_in,
)
from realtime_conformance.application.report_output import tell
from realtime_conformance.application.since_earlier import compared_with, earlier_side
from realtime_conformance.application.targets import (
    Options,
    also_judged,
    features_of,
    key_in,
    named_target,
)
from realtime_conformance.application.trace_statistics import with_evidence
from realtime_conformance.application.uncounted_findings import uncounted
from realtime_conformance.supervision.interruption import Signals
from reports.baseline import Baseline
from reports.model import Exit, Report, Target
from reports.model import count as counted
from reports.terminal import plain
from schemas.contract import Contract
from suites.features import ALL, absent_features, offered
from wire.redaction import Redactor
from wire.trace import Trace
from wire.trace_files import TraceError

_R = TypeVar("_R")
_BEAT_S = 5.0  # between two lines on how far a cluster has come
_NAMED = 5  # traces in one sentence

Opened = Callable[[], Sequence[Trace]]


def judge(traces: tuple[Path, ...], given: Mapping[str, Any]) -> int:
    """Judge recorded `traces`; return the exit code."""
    # Workers elsewhere see what is beside the report, as they see the traces.
    where = given["out"].absolute().parent if given["cluster"] is not None else None
    with Signals() as signals, contextlib.ExitStack() as at_the_end:
        folder = tempfile.TemporaryDirectory  # which most traces do not need
        unpacked = functools.cache(
            lambda: Path(at_the_end.enter_context(folder(prefix="captures-", dir=where)))
        )
        return _judge(traces, unpacked, signals, given)


@dataclass(frozen=True, slots=True)
class _Case:
    """The traces that are judged, and by what: their dialect, its contract, what is known and not counted."""

    given: Recordings
    recorded: Mapping[str, Any]  # what the first trace says of itself
    ground: Ground
    declared: Mapping[str, bool]
    contract: Contract
    baseline: Baseline | None
    as_of: str
    pack: Pack = REALTIME_PACK

    @property
    def traces(self) -> list[Recording]:
        """What is judged."""
        return self.given.found

    @property
    def files(self) -> list[Path]:
        """Where that is read."""
        return [each.path for each in self.given.found]

    @property
    def dialect(self) -> DialectName:
        """The dialect to judge by."""
        return self.ground.dialect


def _judge(
    traces: tuple[Path, ...], unpacked: Callable[[], Path], signals: Signals, given: Mapping[str, Any]
) -> int:
    check_contradictions(given)
    found = recordings_in(traces, unpacked, given["group_by"] or "")
    groups = by_channel(found.found) if given["channel"] is None else {}
    judged = functools.partial(_judged, traces, signals)
    return judge_several(groups, found, given, judged) if len(groups) > 1 else judged(found, given, tell)


def _judged(
    traces: tuple[Path, ...], signals: Signals, found: Recordings, given: Mapping[str, Any], done: TakeReport
) -> int:
    """Judge what was `found`, of one channel, and have the report `done`; return the exit code."""
    out: Path = given["out"]
    began, started = time.monotonic(), dt.datetime.now(dt.UTC)
    of = _case(found, given)
    since = earlier_side(given["since"])
    begin_report(out)
    screen = console(given["color"])
    if of.ground.note:
        screen.print(f"{counted(of.given.files, 'file')} {of.ground.note}", soft_wrap=True)
    without = uncounted(of.baseline, of.dialect, started.date(), as_of=of.as_of, by=of.pack.judged_by)
    address = given["channel"] if given["channel"] not in channels() else None
    book = Book(of.dialect, given["asyncapi"], address, without, of.pack.name)
    with _spreading(given) as spread_:
        judgement = judge_files(of.traces, book, spread_)
    judgement.unreadable += of.given.unreadable
    for error in judgement.unreadable:
        click.echo(f"error: {plain(str(error))}", err=True)
    # Other dialects are for information: no baseline is held against them.
    layers, whole = ({}, False) if judgement.interrupted else _layers(of, given["also"])
    with signals.finishing() as interrupted:
        _redact(judgement, *layers.values())
        leave_undecided(of.files, judgement)
        circumstances = _circumstances(of, judgement, given, started, time.monotonic() - began)
        report = compose(
            judgement,
            target=_target(traces, of),
            contract=of.contract,
            circumstances=replace(circumstances, interrupted=not whole),
            also=layers,
            pack=of.pack,
        )
        report = _with_traces(report, of, started.date(), out)
        if interrupted():
            report = replace(report, interrupted=True)
        done(compared_with(since, report), out, screen)
    return int(Exit.USAGE) if judgement.unreadable else int(report.exit)


@contextlib.contextmanager
def _spreading(given: Mapping[str, Any]) -> Iterator[HandingOut | None]:
    """Have a cluster there, where one is asked for. Raises `click.UsageError` where it cannot be used."""
    if given["cluster"] is None and given["workers"] is None:
        yield None
        return
    from realtime_conformance.application.cluster import ClusterError, cluster, handed_out  # noqa: PLC0415 - an extra

    if given["cluster"] is not None and given["workers"] is not None:
        raise click.UsageError("--cluster and --workers are two ways to say it; give one of them")
    try:
        with cluster(given["cluster"], given["workers"]) as client:
            yield lambda book, work: _counting(handed_out(client, book, work), len(work))
    except ClusterError as error:
        raise click.UsageError(str(error)) from None


def _counting(results: Iterator[_R], number: int) -> Iterator[_R]:
    """Yield `results`, and say every so often of how many files some have come."""
    said_at = time.monotonic()
    for count, each in enumerate(results, 1):
        yield each
        if time.monotonic() >= said_at + _BEAT_S:
            said_at = time.monotonic()
            click.echo(f"judged {count:,} of {number:,} files", err=True)


def _case(found: Recordings, given: Mapping[str, Any]) -> _Case:
    """Return what was found, and by what it is to be judged."""
    recorded = _recorded(found)
    opened = functools.cache(lambda: _opened(found))  # twice asked for
    pack = _pack(opened, given["channel"], recorded)
    if not pack.unnamed:
        return _of_channel(found, recorded, pack, given)
    ground = _ground(found, opened, given["dialect"], recorded)
    declared = _declared(recorded, given)
    contract = contract_in(given, ground.dialect) or contract_for(ground.dialect)
    baseline = baseline_given(given)
    version = as_of(given, baseline, ground.dialect)
    return _Case(found, recorded, ground, declared, contract, baseline, version)


def _of_channel(
    found: Recordings, recorded: Mapping[str, Any], pack: Pack, given: Mapping[str, Any]
) -> _Case:
    """Return recordings of another channel than realtime, and by what they are to be judged.

    Raises `click.UsageError` for a dialect in which the channel is not known, and for options that say
    nothing of it.
    """
    check_channel_options(pack.name, given, "target")
    dialect = dialect_with(pack, given)
    told = given["channel"] is not None or "channel" in recorded
    ground = Ground(dialect, "" if told else f"its messages are those of {pack.title}")
    baseline = baseline_given(given, pack.name)
    version = as_of(given, baseline, dialect)
    return _Case(found, recorded, ground, {}, pack.contract, baseline, version, pack)


def _target(traces: tuple[Path, ...], of: _Case) -> Target:
    """Return what the report says of who was judged."""
    named_by = ", ".join(str(each) for each in traces)
    if of.pack.unnamed:
        return Target(named_by, of.dialect, offered(of.declared), "")
    return Target(named_by, of.dialect, channel=of.pack.name, speaks=of.pack.title)


def _redact(*judgements: Judgement) -> None:
    """Remove the key from what is told of findings: what was captured is clean as far as each frame goes."""
    clean = Redactor({key_in(os.environ)} - {""}).text
    for each in judgements:
        each.redact(clean)


def _circumstances(
    of: _Case, judgement: Judgement, given: Mapping[str, Any], started: dt.datetime, duration_s: float
) -> Circumstances:
    """Return what the report says of how the recordings were judged."""
    why = turned_away((each.open for each in of.traces), judgement)
    run = run_of(of.files)
    return Circumstances(
        started=started.isoformat(timespec="seconds"),
        duration_s=duration_s,
        strict=given["strict"],
        opened=not why,
        trouble=why or run.trouble,
        cut_off=run.cut_off,
        unplayed=run.unplayed,
        notes=[
            *([of.ground.note] if of.ground.note else []),
            *of.given.notes,
            *_not_judged(len(of.files), judgement),
            *_cut_off(judgement.cut_off),
            *_crowded(judgement),
        ],
        as_of=of.as_of,
        partial=run.partial,
        absent=_absent(of.recorded, of.declared, given),
    )


def _with_traces(report: Report, of: _Case, today: dt.date, out: Path) -> Report:
    """Return `report` held against the baseline, with what its files show of findings and conversations."""
    paths = {each.name: each.shown for each in of.traces if each.shown != STANDARD_INPUT}
    sources: dict[str, Opened] = {each.name: each.open for each in of.traces}
    if not of.pack.unnamed:
        sources = {name: naming(source, of.pack.read) for name, source in sources.items()}
    if of.baseline is not None:
        report = report.against(of.baseline, today)
    return with_conversations(with_evidence(report, sources, paths, out), sources, out)


def _ground(found: Recordings, opened: Opened, dialect: str | None, recorded: Mapping[str, Any]) -> Ground:
    """Return the dialect to judge by: one that an option or a trace names, or that traffic tells."""
    if dialect is not None:
        return Ground(dialect)
    if "dialect" in recorded:
        name = str(recorded["dialect"])
        check_name(name, found.found[0].file, "the dialect that it names")
        return Ground(name)
    return told_by(opened())


def _opened(found: Recordings) -> list[Trace]:
    """Return the traces that can be opened; of the others it is said where they are judged."""
    traces: list[Trace] = []
    for each in found.found:
        with contextlib.suppress(TraceError):
            traces += each.open()
    return traces


def _pack(opened: Opened, channel: str | None, recorded: Mapping[str, Any]) -> Pack:
    """Return the pack to judge by: one that an option or a trace names, or that traffic tells.

    That of the realtime channel where nothing does, and where `channel` is the address of a document's.
    """
    for name in (channel, recorded.get("channel")):
        if name is not None:
            return channels().get(str(name), REALTIME_PACK)
    found = None if "dialect" in recorded else spoken_in(opened())
    return REALTIME_PACK if found is None else found


def _layers(of: _Case, wanted: str | None) -> tuple[dict[str, Judgement], bool]:
    """Return what is found by other dialects, and whether nothing interrupted that.

    What one would say of some of the traces only, it does not say at all.
    """
    found: dict[str, Judgement] = {}
    for dialect in also_judged(of.dialect, wanted) if of.pack.unnamed else ():
        try:
            judgement = judge_files(of.traces, Book(dialect))
        except KeyboardInterrupt:
            return found, False
        if judgement.interrupted:
            return found, False
        found[dialect] = judgement
    return found, True


def _not_judged(count: int, judgement: Judgement) -> list[str]:
    """Return a sentence on the files that an interruption left out, if there are any."""
    if not judgement.interrupted:
        return []
    return [f"interrupted: {judgement.files} of {count} files are judged"]


def _cut_off(names: list[str]) -> list[str]:
    """Return a sentence on the traces that end too early, if there are any."""
    if not names:
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"cut off, and judged for what is there: {', '.join(names[:_NAMED])}{more}"]


def _crowded(judgement: Judgement) -> list[str]:
    """Return a sentence on the traces of sessions that were asked for again, if there are any."""
    if not judgement.crowded:
        return []
    counted = "1 trace is" if judgement.crowded == 1 else f"{judgement.crowded} traces are"
    return [f"{counted} left out: no room while other sessions were open, and asked for again"]


def _declared(recorded: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, bool]:
    """Return what is said to have been offered, or not: by options, else by a target, else in a trace.

    Raises `click.UsageError` for a feature that does not exist.
    """
    header = recorded.get("features")
    said = {n: there for n, there in header.items() if n in ALL} if isinstance(header, dict) else {}
    if given["target"] is not None:
        options = Options(target=given["target"], config=given["config"])
        said.update(named_target(options).get("features", {}))
    said.update(features_of(given))
    try:
        offered(said)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return {name: bool(there) for name, there in said.items()}


def _absent(
    recorded: Mapping[str, Any], declared: Mapping[str, bool], given: Mapping[str, Any]
) -> dict[str, str]:
    """Return the features that are known not to be there, each with how that is known.

    A trace of a run of ours tells which these were; of the others that it lacks, nothing was known.
    """
    known = recorded.get("absent")
    if not isinstance(known, dict) or given["target"] is not None:
        return absent_features(declared, {})
    asked = features_of(given)
    seen = {name: str(what) for name, what in known.items() if name in ALL and name not in asked}
    return absent_features(asked, {}) | seen


def _recorded(found: Recordings) -> Mapping[str, Any]:
    """Return what the first readable trace says of itself; nothing where none does."""
    for each in found.found:
        with contextlib.suppress(TraceError):
            return each.open()[0].header
    return {}
