"""What a run recorded is judged later as it was judged then: traces tell what the run knew."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application.embedded import NOT_YOURS
from tests.realtime_conformance.commandline.harness import Command, hostile_server
from tests.reports.html.html_samples import conversation, written
from tests.wire import hostile
from wire.trace_files import TraceFile, note_in_header

_SERVE = f"{sys.executable} -m realtime_conformance serve --port 0 --dialect openai"
_READY = r"listening (?P<endpoint>ws://\S+)"


def _verdicts(results: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    return {each["id"]: (each["verdict"], each["subjects"]) for each in results["requirements"]}


def _judged(command: Command, out: Path, *more: str) -> Mapping[str, Any]:
    """Judge the traces of the report in `out`; return the content of results.json."""
    folder = out.parent / "judged"
    command("judge", out / "traces", *more, "--out", folder)
    found: Mapping[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


def _header(folder: Path) -> dict[str, Any]:
    first = min((folder / "traces").rglob("*.jsonl"))
    header: dict[str, Any] = json.loads(first.read_text(encoding="utf-8").partition("\n")[0])
    return header


_CHOSEN = ("--depth", "quick", "-k", "bootstrap", "-k", "audio", "-k", "retrieve", "-k", "handshake")


def test_the_reference_server_is_judged_alike_by_its_traces(command: Command, out: Path) -> None:
    ran = command("run", *_CHOSEN, "--out", out)
    header = _header(out)
    assert header["features"] == ran.results["target"]["features"]
    assert header["probed"] == ran.results["target"]["probed"] != {}
    judged = _judged(command, out)
    assert _verdicts(judged) == _verdicts(ran.results)
    assert judged["target"]["features"] == ran.results["target"]["features"]
    # Options say it otherwise.
    other = _judged(command, out, "--no-feature", "mcp")
    assert other["target"]["absent"] == {"mcp": "declared so"}


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")
def test_so_is_a_server_that_lacks_something(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "hunter22hunter")
    target = ("--start", _SERVE, "--ready", _READY, "--dialect", "openai", "--no-feature", "retrieve")
    ran = command("run", *target, *_CHOSEN, "--out", out)
    assert ran.verdicts("pass") != []
    assert ran.results["target"]["absent"]["retrieve"] == "declared so"
    assert NOT_YOURS not in ran.results["notes"]
    judged = _judged(command, out)
    assert _verdicts(judged) == _verdicts(ran.results)
    assert judged["target"]["absent"] == ran.results["target"]["absent"]
    assert ran.verdicts("not-offered") != []


def test_what_a_scenario_left_undecided_stays_so(command: Command, out: Path) -> None:
    trace = written(out / "traces" / "a.b.jsonl", conversation())
    unseen, id_ = "items/delete/acknowledged", "session/update/acknowledged"
    verdicts = _verdicts(_judged(command, out))
    assert verdicts[unseen][0] == "not-observed"
    said = {"message": "the connection was lost", "provokes": [unseen, id_, "no/such/id"]}
    note_in_header(trace, inconclusive=said)
    judged = _judged(command, out)
    assert _verdicts(judged)[unseen][0] == "inconclusive"
    assert _verdicts(judged)[id_] == verdicts[id_]
    reasons = {each["id"]: each["undecided"] for each in judged["requirements"]}
    assert reasons[unseen] == reasons[id_] == {"the connection was lost": 1}


def _like_the_run(results: Mapping[str, Any], judged: Mapping[str, Any]) -> None:
    """Check that what was judged later says the same: verdict, exit code, and what was left undecided."""
    assert judged["verdict"] == results["verdict"]
    reasons = [{each["id"]: each["undecided"] for each in of["requirements"]} for of in (results, judged)]
    assert reasons[0] == reasons[1]
    assert _verdicts(judged) == _verdicts(results)


@pytest.mark.parametrize(
    ("behaviour", "exit_code"),
    [
        (hostile.refuses(401), 6),
        (hostile.hangs_up_at_once, 6),
        (hostile.redirects, 6),
        (hostile.closes(4001, "who are you?"), 6),
        (hostile.closes(1000, "no service"), 1),
        (hostile.accepts_and_says_nothing, 1),
    ],
    ids=["refused", "no web server", "redirected", "turned down", "closed", "mute"],
)
def test_so_is_a_server_with_which_nothing_comes_about(
    command: Command, out: Path, behaviour: hostile.Behaviour, exit_code: int
) -> None:
    timeouts = {"connect": 0.5, "answer": 0.2, "response": 0.3, "silence": 0.2, "close": 0.05}
    with hostile_server(behaviour) as url:
        target = {"endpoint": url, "auth": {"scheme": "none"}, "timeouts": timeouts}
        Path("conformance.yaml").write_text(json.dumps({"targets": {"it": target}}), encoding="utf-8")
        ran = command("run", "--target", "it", "--out", out)
    assert ran.code == exit_code
    assert len(ran.verdicts("inconclusive")) > 200
    _like_the_run(ran.results, _judged(command, out))


def test_so_is_a_run_that_a_budget_ended_but_not_a_trace_of_it(command: Command, out: Path) -> None:
    ran = command("run", "-k", "session_update", "--budget", "sessions=1", "--no-probe", "--out", out)
    assert ran.code == 5
    _like_the_run(ran.results, _judged(command, out))
    first, *others = sorted((out / "traces").glob("*.jsonl"))
    assert not others
    note_in_header(first, run={**_header(out)["run"], "traces": 2})
    alone = command("judge", first, "--out", out.parent / "judged")
    assert "the budget" not in alone.out, "of the rest nobody asks"


def test_a_header_that_says_nonsense_of_its_run_is_passed_over(command: Command, out: Path) -> None:
    trace = written(out / "traces" / "a.b.jsonl", conversation())
    before = _judged(command, out)
    for run in (5, {"traces": "many", "undecided": {"why": ["x"], "so": {"items/delete/acknowledged": "1"}}}):
        note_in_header(trace, run=run)
        _like_the_run(before, _judged(command, out))
    note_in_header(trace, run=None)
    assert "run" not in TraceFile(trace).header


def test_a_run_of_nobodys_server_says_so(command: Command, out: Path) -> None:
    ran = command("run", "--depth", "quick", "-k", "bootstrap", "--out", out)
    assert NOT_YOURS in ran.results["notes"]
    assert NOT_YOURS in " ".join(ran.out.split())
    assert "your server was not judged" in (out / "summary.md").read_text(encoding="utf-8")
    assert "your server was not judged" in (out / "report.html").read_text(encoding="utf-8")


def test_a_header_takes_fields_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    rest = '{"seq":1,"t":0.0,"dir":"harness","kind":"open","detail":{}}\n{"end":"closed","entries":1}\n'
    path.write_text('{"trace":1,"name":"t","features":{"mcp":false}}\n' + rest, encoding="utf-8")
    note_in_header(path, features={"mcp": True}, absent={"sip": "\u2028"})
    text = path.read_text(encoding="utf-8")
    assert text.partition("\n")[2] == rest
    header = TraceFile(path).header
    assert (header["name"], header["features"], header["absent"]) == ("t", {"mcp": True}, {"sip": "\u2028"})
    assert list(tmp_path.iterdir()) == [path]
