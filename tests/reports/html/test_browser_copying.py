"""A finding is copied in a real browser: what is copied is what the suite makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from reports.reproducing import issue, python_script, websocat
from reports.writing import write
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import HOSTILE, report_on

_ID = "session/updated/same-id"
_REPLAY = "replays/bootstrap.turn_0.jsonl"
_STEPS = '{"until":["session.created"]}\n{"send":{"type":"session.update","event_id":"</script>"}}\n'


def test_a_finding_is_copied_as_issue_websocat_and_script(tmp_path: Path) -> None:
    made = report_on(tmp_path, hostile=True)
    result = next(r for r in made.requirements if r.id == _ID)
    result.tally.findings[0] = finding = replace(result.findings[0], replay=_REPLAY)
    made = replace(made, replay_steps={_REPLAY: _STEPS + json.dumps({"text": HOSTILE}) + "\n"})
    write(made, tmp_path)
    seen = browse(plays={"copying": {"report": str(tmp_path / "report.html"), "place": f"{_ID}~0"}})
    assert seen["troubles"] == []
    steps = made.replay_steps[_REPLAY]
    wanted = {
        "Copy as issue": issue(made, result, finding, "openai"),
        "Copy as websocat": websocat(made, steps),
        "Copy as Python script": python_script(made, steps),
    }
    found = seen["plays"]["copying"]["found"]
    assert {name: each["shown"] for name, each in found.items()} == wanted
    assert {name: each["copied"] for name, each in found.items()} == wanted
