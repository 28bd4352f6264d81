"""Judges an endpoint, or the embedded reference server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from protocol.catalogue import DEFAULT
from realtime_conformance.application.actions.choosing import Chosen, chosen, is_continued_in
from realtime_conformance.application.actions.common import (
    begin_report,
    check_dialect,
    check_out,
    console,
    contract,
    features_of,
    options_of,
)
from realtime_conformance.application.baseline_files import read_baseline
from realtime_conformance.application.conformance_run import Plan, perform, spoken
from realtime_conformance.application.hypothesis_home import drawing_home
from realtime_conformance.application.report_output import tell
from realtime_conformance.application.targets import Choice, also_judged, budget_from, choose, key_in
from realtime_conformance.supervision.interruption import Signals
from realtime_conformance.supervision.server_process import Ready, Server
from reports.model import Exit
from reports.model import count as counted
from reports.terminal import Watching
from suites.depth import DEPTHS
from wire.budget import spent_in_words
from wire.redaction import Redactor

_DYING_S = 1.0  # between the end of a server's last connection and its own


@drawing_home()
def run(dialect: str | None, given: Mapping[str, Any]) -> int:
    """Do what `realtime-conformance run` is asked for; return the exit code."""
    out: Path = given["out"]
    named = given["endpoint"] is not None or given["target"] is not None
    choice = choose(options_of(dialect, given)) if named else None
    server = _server(choice, given)
    later = choice is None and server is not None  # the server itself says where it is
    screen = Console(stderr=True, quiet=True) if given["quiet"] else console()
    what = chosen(given, choice.endpoint.dialect if choice is not None else dialect or DEFAULT, choice)
    if what.said:
        screen.print(what.said, soft_wrap=True)
    if not what.scenarios:
        return what.exit
    plan = None if later and not given["plan"] else _plan(what, choice, dialect, given)
    if given["plan"] and plan is not None:
        return _told(plan, screen)
    if is_continued_in(out, given):
        check_out(out)
    else:
        begin_report(out)
    with Signals() as signals:
        ended = None
        try:
            with server or contextlib.nullcontext():
                if server is not None and plan is None:
                    found = choose(options_of(dialect, {**given, "endpoint": server.found["endpoint"]}))
                    plan = _plan(what, found, dialect, given)
                assert plan is not None
                _play(plan, screen, signals)
                lost = plan.run is not None and bool(plan.run.given_up)
                ended = server.ended(_DYING_S if lost else 0) if server is not None else None
        except KeyboardInterrupt:
            if plan is None or plan.run is None:
                raise
            plan.interrupted = True
        with signals.finishing() as interrupted:
            report = plan.report()
            if ended is not None:
                note = f"the server under test ended by itself during the run ({ended})"
                report = replace(report, notes=(*report.notes, f"{note}; server.log has its output"))
            if interrupted():
                report = replace(report, interrupted=True)
            tell(report, out, screen)
    screen.print(f"  spent: {spent_in_words(report.spent)}", soft_wrap=True)
    return int(report.exit)


def _plan(what: Chosen, choice: Choice | None, dialect: str | None, given: Mapping[str, Any]) -> Plan:
    """Return the plan that the options describe. Raises what tells the user which of them cannot work."""
    spoken_dialect = choice.endpoint.dialect if choice is not None else dialect or DEFAULT
    check_dialect(spoken_dialect)
    given_contract = contract(spoken_dialect, given["asyncapi"], given["channel"])
    return Plan(
        scenarios=what.scenarios,
        out=given["out"],
        choice=choice,
        dialect=spoken_dialect,
        contract=given_contract,
        events=spoken(given_contract) if given_contract is not None else None,
        strict=given["strict"],
        depth=DEPTHS[given["depth"]].changed(seed=given["seed"], examples=given["max_examples"]),
        budget=choice.budget if choice is not None else budget_from(given["budget"]),
        probing=given["probe"],
        repeats=given["repeat"],
        patient=given["patience"] == "full",
        deadline=given["deadline"],
        whole=what.whole,
        earlier=what.played,
        baseline=read_baseline(given["baseline"]) if given["baseline"] else None,
        also=also_judged(spoken_dialect, given["also"]),
    )


def _told(plan: Plan, screen: Console) -> int:
    from realtime_conformance.application.cost_plan import planned  # noqa: PLC0415 - only where it is asked for

    screen.print(f"Nothing is sent. {_what(plan)}", soft_wrap=True)
    for line in planned(plan):
        screen.print(line, soft_wrap=True)
    return int(Exit.CONFORMS)


def _what(plan: Plan) -> str:
    whom = plan.choice.endpoint.shown if plan.choice is not None else "the embedded reference server"
    times = f", {plan.repeats} times" if plan.repeats > 1 else ""
    return f"{counted(len(plan.scenarios), 'scenario')} against {whom} ({plan.dialect}){times}"


def _play(plan: Plan, screen: Console, signals: Signals) -> None:
    count, prices, estimate = len(plan.scenarios), plan.prices, plan.estimate
    screen.print(_what(plan), soft_wrap=True)
    screen.print(f"  costs at most: {estimate.most}{prices.in_words(estimate.most)}", soft_wrap=True)
    if estimate.likely != estimate.most:
        screen.print(f"  likely: {estimate.likely}{prices.in_words(estimate.likely)}", soft_wrap=True)
    with Watching(screen, count * plan.repeats, plan.violated, plan.spending) as plan.listener:
        perform(plan, signals)


def _server(choice: Choice | None, given: Mapping[str, Any]) -> Server | None:
    """Return the server that is to be started, None where none is. Raises `click.UsageError`."""
    if given["start"] is None:
        if given["ready"] is not None:
            raise click.UsageError("--ready needs --start COMMAND")
        if choice is None and features_of(given):
            needed = "--endpoint URL, --target NAME or --start COMMAND"
            raise click.UsageError(f"--feature and --no-feature need {needed}")
        return None
    if choice is None and "(?P<endpoint>" not in (given["ready"] or ""):
        raise click.UsageError("--start needs --endpoint URL, or --target NAME: where is the server then?")
    endpoint = choice.endpoint.url if choice is not None else ""
    redactor = choice.endpoint.redactor if choice is not None else Redactor()
    redactor = redactor.and_also(Redactor({key_in(os.environ, given["auth_env"])} - {""}))
    ready = Ready.parsed(given["ready"], endpoint)
    return Server(given["start"], ready, given["out"] / "server.log", redactor.text, given["ready_timeout"])
