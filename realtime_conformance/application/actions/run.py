"""Judges an endpoint, or the embedded reference server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from realtime_conformance.application.actions.choosing import Chosen, chosen, is_continued_in
from realtime_conformance.application.actions.common import begin_report, check_out, console
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import AnyTarget
from realtime_conformance.application.hypothesis_home import drawing_home
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.planning import plan_of, server_of, target_given
from realtime_conformance.application.report_output import tell
from realtime_conformance.application.since_earlier import earlier_side
from realtime_conformance.supervision.interruption import Signals
from realtime_conformance.supervision.server_process import Server
from reports.compare import ComparedReport
from reports.model import Exit
from reports.model import count as counted
from reports.watching import Watched, Watching
from wire.budget import spent_in_words

_DYING_S = 1.0  # between the end of a server's last connection and its own


@drawing_home()
def run(given: Mapping[str, Any]) -> int:
    """Do what `realtime-conformance run` is asked for; return the exit code."""
    out: Path = given["out"]
    target = target_given(given)
    server = server_of(given, target)
    later = server is not None and target.embedded  # the server itself says where it is
    screen = Console(stderr=True, quiet=True) if given["quiet"] else console(given["color"])
    what = chosen(given, target)
    if what.said:
        screen.print(what.said, soft_wrap=True)
    if not what.scenarios:
        return what.exit
    since = earlier_side(given["since"])
    plan = None if later and not given["plan"] else _plan(given, target, what, since)
    if given["plan"] and plan is not None:
        return _told(plan, screen)
    if is_continued_in(out, given):
        check_out(out)
    else:
        begin_report(out, recordings=True)

    def planned() -> Plan:
        if plan is not None:
            return plan
        assert server is not None
        found = {**given, "endpoint": server.found["endpoint"], "found": True}
        return _plan(given, target_given(found), what, since)

    with Signals() as signals:
        run, ended, late = _performed(server, planned, screen, signals, given["verbose"])
        with signals.finishing() as interrupted:
            report = run.report()
            if ended is not None:
                note = f"the server under test ended by itself during the run ({ended})"
                report = replace(report, notes=(*report.notes, f"{note}; server.log has its output"))
            if late or interrupted():
                report = replace(report, interrupted=True)
            tell(report, out, screen)
    screen.print(f"  spent: {spent_in_words(report.spent)}", soft_wrap=True)
    return int(report.exit)


def _performed(
    server: Server | None, planned: Callable[[], Plan], screen: Console, signals: Signals, verbosity: int
) -> tuple[ConformanceRun, int | None, bool]:
    """Perform what is planned, once the server under test runs where one is started.

    Returns the run, the exit code of a server that ended by itself, and whether the run was interrupted.
    """
    run, ended = None, None
    try:
        with server or contextlib.nullcontext():
            run = ConformanceRun(planned())
            _play(run, screen, signals, verbosity)
            lost = run.run is not None and bool(run.run.given_up)
            ended = server.ended(_DYING_S if lost else 0) if server is not None else None
    except KeyboardInterrupt:
        if run is None or not run.runs:
            raise
        return run, ended, True
    return run, ended, False


def _plan(given: Mapping[str, Any], target: AnyTarget, what: Chosen, since: ComparedReport | None) -> Plan:
    return plan_of(given, target, what.scenarios, whole=what.whole, earlier=what.played, since=since)


def _told(plan: Plan, screen: Console) -> int:
    from realtime_conformance.application.cost_plan import planned  # noqa: PLC0415 - only where it is asked for

    screen.print(f"Nothing is sent. {_what(plan)}", soft_wrap=True)
    for line in planned(plan):
        screen.print(line, soft_wrap=True)
    return int(Exit.CONFORMS)


def _what(plan: Plan) -> str:
    times = f", {plan.repeats} times" if plan.repeats > 1 else ""
    why = f", {plan.target.ground}" if plan.target.ground else ""
    return (
        f"{counted(len(plan.scenarios), 'scenario')} against {plan.target.shown} ({plan.dialect}){times}{why}"
    )


def _play(run: ConformanceRun, screen: Console, signals: Signals, verbosity: int) -> None:
    plan = run.plan
    count, prices, estimate = len(plan.scenarios), plan.prices, plan.estimate
    screen.print(_what(plan), soft_wrap=True)
    screen.print(f"  costs at most: {estimate.most}{prices.in_words(estimate.most)}", soft_wrap=True)
    if estimate.likely != estimate.most:
        screen.print(f"  likely: {estimate.likely}{prices.in_words(estimate.likely)}", soft_wrap=True)
    watched = Watched(count * plan.repeats, run.violated, run.spending, run.awaited)
    with Watching(screen, watched, verbosity) as watching:
        run.perform_until(signals, watching)
