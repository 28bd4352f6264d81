"""A report with everything in it that a report can have, on a server that wants to do harm with its words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from reports.baseline import Baseline, BaselineEntry, Expected
from reports.model import Crowding, Layer, Report, ScenarioResult, Suite, Target
from reports.requirement_results import RequirementResult, requirement_results
from reports.statistics import FIRST_AUDIO, TURN, Statistics
from reports.timing import Leg, Timing, Waits
from rules.requirements import registry
from rules.verdicts import Finding, Tally, Verdict

TODAY = dt.date(2026, 11, 23)

HOSTILE = (
    "::error title=x::stolen ##[add-mask]y\n::set-output name=verdict::ok\r\n"
    "<script>alert(1)</script><img src=x onerror=alert(2)> | a cell | `code` ``more`` [link](http://evil.example/)"
    " @somebody #1 **bold** ~~gone~~ ]]> &amp; %0A::warning::z\x1b[31m\x9b2J\x07 [red]rich[/red] :smile:"
    " \u202eright to left\u2028next \ud800 \x00 end\nend-\nEOF"
)

FAILED = "response/lifecycle/done-exactly-once"
ALSO_FAILED = "payload/response.done"
WARNED = "response/usage/present"
BROKEN = "session/created/first"
UNDECIDED = "items/delete/acknowledged"
HELD = "session/update/acknowledged"


def finding(message: str = HOSTILE, *, trace: str = "response_create.text", path: str = "") -> Finding:
    return Finding(
        trace=trace,
        seqs=(12, 13),
        type="response.done",
        path=path,
        expected="one",
        actual=HOSTILE,
        message=message,
        because=(3,),
    )


def tallies() -> dict[str, Tally]:
    return {
        FAILED: Tally(
            subjects=12, violations=11, findings=[finding()] * 10, unlisted={"0123456789ab": HOSTILE}
        ),
        ALSO_FAILED: Tally(
            subjects=1, violations=1, findings=[finding("usage is missing", path="response.usage")]
        ),
        WARNED: Tally(subjects=2, violations=1, findings=[finding("no usage")]),
        BROKEN: Tally(subjects=1, errors=[HOSTILE]),
        UNDECIDED: Tally(undecided=Counter({HOSTILE: 2})),
        HELD: Tally(subjects=4, observed=Counter({"one way": 4})),
    }


def results(
    dialect: str = "openai", counted: Mapping[str, Tally] | None = None
) -> tuple[RequirementResult, ...]:
    provoked = {FAILED: ["response_create.text"], HELD: ["session_update.partial"]}
    made = requirement_results(
        registry(), dialect, tallies() if counted is None else counted, {"audio": True}, provoked
    )
    offered = {"payload/conversation.item.retrieved": Verdict.NOT_OFFERED}
    return tuple(replace(r, verdict=offered.get(r.id, r.verdict)) for r in made)


OF_HOW_MANY = f"of {len(registry().judged('openai'))} decided"


def report(
    *,
    dialect: str = "openai",
    name: str = "",
    url: str = "wss://voice.example:8443/v1/realtime",
    counted: Mapping[str, Tally] | None = None,
    broken: bool = True,
    strict: bool = False,
) -> Report:
    """Return a report; without `broken`, the suite itself made no mistake."""
    taken = dict(tallies() if counted is None else counted)
    if not broken:
        taken.pop(BROKEN, None)
    return Report(
        suite=Suite("1.2.3", "0123456789ab", "ba9876543210"),
        target=Target(url, dialect, {"audio": True}, name),
        started="2026-11-23T12:00:00+00:00",
        duration_s=12.3456,
        seed=7,
        requirements=results(dialect, taken),
        scenarios=(
            ScenarioResult(
                "response_create.text",
                "Asks for a text.",
                "stalled",
                1.25,
                ("response_create.text",),
                HOSTILE,
                (FAILED,),
                FAILED,
            ),
            ScenarioResult("session_update.partial", "Updates.", "passed", 0.5, (), ""),
        ),
        spent={"sessions": 2, "responses": 1, "audio_s": 1.5, "tokens": 30, "money": 0.25},
        traces=("response_create.text",),
        strict=strict,
        probed={"audio": False},
        notes=(HOSTILE,),
        crowding=Crowding({"HTTP 429": 3, HOSTILE: 1}, 1, 4, "--concurrency 1"),
        statistics=Statistics(traces=1, times={FIRST_AUDIO: [0.25, 0.5, 0.75], TURN: [1.0, 2.0]}),
        timing=Timing(
            12.0,
            7.5,
            (Waits("session.updated or error", 3, 2, 10.25),),
            (Leg("session_update.partial", 0.0, 0.5, 0.0), Leg("response_create.text", 0.5, 11.5, 7.5)),
        ),
        coverage={
            "states": {"visited": 3, "of": 4},
            "transitions": {"visited": 5, "of": 9},
            "by_state": {"response active": True, "response idle": False},
            "missed": ["response active cancel accepted"],
            "unforeseen": [],
        },
        layers=(Layer("inworld", results("inworld")),),
    )


def entry(requirement: str, verdict: str = "fail", **more: object) -> BaselineEntry:
    return replace(BaselineEntry(requirement, Expected(verdict), "it is known", line=4), **more)  # type: ignore[arg-type]


def held(made: Report, *entries: BaselineEntry, coverage: bool = False) -> Report:
    """Return the report held against a baseline of `entries`."""
    return made.against(Baseline(entries, "conformance-baseline.yaml", coverage=coverage), TODAY)
