"""Runs a composite action as GitHub's runner does, as far as ours needs it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.yaml_core import parse_yaml

ACTION = Path(__file__).resolve().parents[3] / "action.yml"
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_TIMEOUT_S = 120


def action() -> dict[str, Any]:
    """Return the content of action.yml."""
    found: dict[str, Any] = parse_yaml(ACTION.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Ran:
    """What came of an action: exit code of the last step, log, outputs, and the step summary."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str


def run_action(folder: Path, inputs: Mapping[str, str], environment: Mapping[str, str]) -> Ran:
    """Run the action in `folder` with `inputs`; `environment` is added to that of the job."""
    content = action()
    unknown = set(inputs) - set(content["inputs"])
    assert not unknown, f"no such input: {unknown}"
    context = {
        f"inputs.{name}": inputs.get(name, each.get("default", ""))
        for name, each in content["inputs"].items()
    }
    context["github.action_path"] = str(ACTION.parent)
    temp = folder / "runner-temp"
    temp.mkdir()
    code, log, summaries = 0, "", ""
    for number, step in enumerate(content["runs"]["steps"]):
        assert step["shell"] == "bash"
        script, output, summary = (temp / f"{number}.{kind}" for kind in ("sh", "output", "summary"))
        script.write_text(step["run"], encoding="utf-8")
        output.touch()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            check=False,
            cwd=folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_S,
            env={
                **os.environ,
                **environment,
                **{name: _filled(value, context) for name, value in step.get("env", {}).items()},
                "RUNNER_TEMP": str(temp),
                "GITHUB_ACTIONS": "true",
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
            },
        )
        code, log = done.returncode, log + done.stdout
        summaries += summary.read_text(encoding="utf-8") if summary.exists() else ""
        found = _outputs(output.read_text(encoding="utf-8"))
        context.update({f"steps.{step.get('id', '')}.outputs.{k}": v for k, v in found.items()})
        if code:
            break
    outputs = {name: _filled(each["value"], context) for name, each in content["outputs"].items()}
    return Ran(code, log, outputs, summaries)


def _filled(text: str, context: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: context.get(match[1], ""), text)


def _outputs(text: str) -> dict[str, str]:
    """Return the outputs in the text of a GITHUB_OUTPUT file; later ones win."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, heredoc, end = line.partition("<<")
        if heredoc and "=" not in name:
            value = []
            for each in lines:
                if each == end:
                    break
                value.append(each)
            found[name] = "\n".join(value)
        else:
            name, _, single = line.partition("=")
            found[name] = single
    return found
