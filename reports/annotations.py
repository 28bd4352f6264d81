"""What GitHub Actions is told: annotations as workflow commands, and the outputs of a step. Pure."""

from __future__ import annotations

import json
import re
from pathlib import Path

from reports.escaping import visible
from reports.model import Report
from reports.requirement_results import RequirementResult
from rules.verdicts import Verdict

_SHOWN = 10  # GitHub shows no more of each kind for a step
_LONGEST = 1000

_BREAKS = re.compile("[\r\n\u2028\u2029\x0b\x0c\x85]+")
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def command(kind: str, message: str, **properties: str | int) -> str:
    """Return a workflow command; nothing in `message` or `properties` can end it or begin another one."""
    given = ",".join(
        f"{name}={_escaped(str(value), _PROPERTY)}" for name, value in properties.items() if value
    )
    return f"::{kind}{' ' + given if given else ''}::{_escaped(message[:_LONGEST], _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    clean = "".join(c if c in "\r\n" else visible(c) for c in text)
    return "".join(table.get(c, c) for c in clean)


def annotated(report: Report) -> list[str]:
    """Return the annotations that `report` makes: an error for each failure that no baseline knows."""
    lines: list[str] = []
    errors = report.unexpected + report.of(Verdict.HARNESS_ERROR)
    lines += _some("error", errors)
    lines += _some("warning", [r for r in report.unknown(Verdict.WARN) if r not in errors])
    if report.held is not None:
        held = report.held
        for each in held.red[:_SHOWN]:
            lines.append(
                command(
                    "error",
                    f"{each.entry.requirement}: {each.told}",
                    file=held.baseline.file,
                    line=each.entry.line,
                    title="conformance baseline",
                )
            )
        if held.unobserved:
            lines.append(
                command("error", f"not observed: {', '.join(held.unobserved)}", title="conformance baseline")
            )
    if not lines and report.exit:
        lines.append(command("error", report.sentence, title="conformance"))
    return lines


def _some(kind: str, results: list[RequirementResult]) -> list[str]:
    lines = [command(kind, _said(r), title=r.id) for r in results[:_SHOWN]]
    if len(results) > _SHOWN:
        more = len(results) - _SHOWN + 1
        lines[-1] = command(kind, f"and {more} requirements more; the report has all", title="conformance")
    return lines


def _said(result: RequirementResult) -> str:
    if result.tally.errors or not result.findings:
        return result.sentence
    finding = result.findings[0]
    where = f" ({finding.trace} #{finding.seqs[0]})" if finding.seqs else f" ({finding.trace})"
    return result.sentence + where


def outputs(report: Report, folder: Path) -> dict[str, str]:
    """Return the outputs of a step that made `report` in `folder`."""
    return {
        "verdict": " ".join(_BREAKS.sub(" ", visible(report.sentence)).split()),
        "exit-code": str(int(report.exit)),
        "counts": json.dumps(report.counts),
        "failed": json.dumps([r.id for r in report.unexpected]),
        "report": str(folder / "report.html"),
        "results": str(folder / "results.json"),
    }


def output_lines(values: dict[str, str]) -> str:
    """Return `values` as GITHUB_OUTPUT takes them; a value cannot end itself, whatever it holds."""
    text = ""
    for name, value in values.items():
        end = "end"
        while end in value:
            end += "-"
        text += f"{name}<<{end}\n{value}\n{end}\n"
    return text
