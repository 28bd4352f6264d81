"""What is to be done, from what was said: whom to talk to, the server to start, the plan.

Both doors, `realtime-conformance run` and pytest, say it by the options of one table: `given` holds their
values by their fields.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from protocol.catalogue import DEFAULT
from realtime_conformance.application.asking_dialect import grounded
from realtime_conformance.application.baseline_files import baseline_given
from realtime_conformance.application.chosen_profile import as_of
from realtime_conformance.application.embedded import AnyTarget, Embedded
from realtime_conformance.application.named_contract import check_dialect, contract_in
from realtime_conformance.application.option_checks import check_contradictions, check_target_options
from realtime_conformance.application.plan import Plan, spoken_events
from realtime_conformance.application.targets import (
    also_judged,
    budget_from,
    key_in,
)
from realtime_conformance.supervision.server_process import Ready, Server
from suites.depth import DEPTHS
from suites.scenario import Scenario
from wire.redaction import Redactor

if TYPE_CHECKING:  # it loads what judges
    from realtime_conformance.application.earlier_report import Played
    from reports.compare import ComparedReport


def target_given(given: Mapping[str, Any]) -> AnyTarget:
    """Return the endpoint that was named; where none was, the embedded reference server.

    Raises `TargetError` and `DocumentError`, and `click.UsageError` for options that say nothing together.
    """
    check_contradictions(given)
    if given["endpoint"] is not None or given["target"] is not None:
        return grounded(given)
    if given.get("start") is None:
        check_target_options(given)
    return Embedded(given["dialect"] or DEFAULT, budget_from(given["budget"]))


def server_of(given: Mapping[str, Any], target: AnyTarget) -> Server | None:
    """Return the server that is to be started, None where none is. Raises `click.UsageError`."""
    if given["start"] is None:
        if given["ready"] is not None:
            raise click.UsageError("--ready needs --start COMMAND")
        return None
    if target.embedded and "(?P<endpoint>" not in (given["ready"] or ""):
        raise click.UsageError("--start needs --endpoint URL, or --target NAME: where is the server then?")
    redactor = target.redactor.and_also(Redactor({key_in(os.environ, given["auth_env"])} - {""}))
    ready = Ready.parsed(given["ready"], target.url)
    return Server(given["start"], ready, given["out"] / "server.log", redactor.text, given["ready_timeout"])


def plan_of(
    given: Mapping[str, Any],
    target: AnyTarget,
    scenarios: Sequence[Scenario],
    *,
    whole: bool = True,
    earlier: Played | None = None,
    since: ComparedReport | None = None,
) -> Plan:
    """Return the plan of a run, whose report says what changed since the report `since`.

    Raises what tells the user which of the options cannot work.
    """
    check_dialect(target.dialect)
    contract = contract_in(given, target.dialect)
    baseline = baseline_given(given)
    return Plan(
        scenarios=scenarios,
        out=given["out"],
        target=target,
        contract=contract,
        events=spoken_events(contract) if contract is not None else None,
        strict=given["strict"],
        depth=DEPTHS[given["depth"]].changed(seed=given["seed"], examples=given["max_examples"]),
        budget=target.budget,
        probing=given["probe"],
        repeats=given["repeat"],
        patient=given["patience"] == "full",
        deadline=given["deadline"],
        whole=whole,
        earlier=earlier,
        baseline=baseline,
        as_of=as_of(given, baseline, target.dialect),
        since=since,
        also=also_judged(target.dialect, given["also"]),
    )
