"""What is told of a failure wherever there is room for some lines: the terminal, the summary, JUnit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from reports.evidence import ShownEntry
from reports.model import Report, count
from reports.replaying import commands
from reports.requirement_results import RequirementResult
from reports.sources import sources
from rules.verdicts import Finding

REPORT_PAGE = "report.html"
"""The file that shows the evidence, in the folder of the report."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The plainest finding of a requirement, in words; what is not known is empty.

    `event` names the offending event by type, id and number, `where` its file and line, `source` the
    documents that say so. `replay` is a line for a shell, `evidence` the address of the finding on the page.
    `stops` says how many scenarios got no further for it. Paths lead from where the reader is.
    """

    statement: str
    message: str
    expected: str
    came: str
    event: str
    where: str
    source: str
    replay: str
    evidence: str
    stops: str = ""

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """What there is to tell behind the message, each with what it is."""
        told = (
            ("statement", self.statement),
            ("expected", self.expected),
            ("came", self.came),
            ("event", self.event),
            ("where", self.where),
            ("source", self.source),
            ("stops", self.stops),
            ("replay", self.replay),
            ("evidence", self.evidence),
        )
        return tuple((name, value) for name, value in told if value)


def failure_of(report: Report, result: RequirementResult, folder: str = "") -> Failure:
    """Return what is told of `result`; `folder`, with a slash at its end, leads to the report's folder."""
    finding = result.findings[0] if result.findings else None
    source = "; ".join(f"{s.document} {s.section}" for s in sources(result.requirement))
    statement, stops = result.requirement.statement, _stops(result)
    if finding is None:
        return Failure(
            statement, result.sentence, "", "", "", "", source, "", _address(result, folder), stops
        )
    known = report.evidence.files if report.evidence is not None else {}
    file = known.get(finding.trace, "")
    again = commands(report, finding, file, report.target.dialect, folder)
    return Failure(
        statement=statement,
        message=finding.message,
        expected=finding.expected,
        came=finding.actual,
        event=_event(report, finding),
        where=_where(report, finding, folder + file if file else ""),
        source=source,
        replay=again[0].line if again else "",
        evidence=_address(result, folder) + "~0",
        stops=stops,
    )


def _address(result: RequirementResult, folder: str) -> str:
    return f"{folder}{REPORT_PAGE}#{quote(result.id)}"


def _stops(result: RequirementResult) -> str:
    return f"{count(result.stops, 'scenario')} got no further for it" if result.stops else ""


def _event(report: Report, finding: Finding) -> str:
    seq = finding.seqs[0] if finding.seqs else None
    id_ = event_id(report, finding.trace, seq) if seq is not None else ""
    parts = (finding.type, id_, f"#{seq}" if seq is not None else "")
    because = ", ".join(f"#{each}" for each in finding.because)
    return " ".join(filter(None, parts)) + (f", because of {because}" if because else "")


def event_id(report: Report, trace: str, seq: int) -> str:
    """Return the `event_id` of the event that is entry `seq` of `trace`; empty where that is not known."""
    entries = report.evidence.entries.get(trace, {}) if report.evidence is not None else {}
    entry: ShownEntry | None = entries.get(seq)
    payload = entry.payload if entry is not None and entry.kind == "text" else None
    found = payload.get("event_id") if isinstance(payload, dict) else None
    return found if isinstance(found, str) else ""


def _where(report: Report, finding: Finding, path: str) -> str:
    if not path or report.evidence is None:
        return finding.trace
    line = report.evidence.line(finding.trace, finding.seqs[0]) if finding.seqs else None
    return f"{path}:{line}" if line is not None else path
