"""The commands with which a finding can be seen again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from reports.model import Report
from rules.verdicts import Finding

PROGRAM = "realtime-conformance"
_EMBEDDED = "reference"


_OF_CLIENTS = "client/"
"""What kinds of findings about a client begin with: of a trace alone, `judge` tells only of the server."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line for a shell, and what it is good for. Paths in it begin at the folder of the report."""

    purpose: str
    line: str


def commands(
    report: Report, finding: Finding, file: str, dialect: str, folder: str = ""
) -> tuple[Command, ...]:
    """Return what to type to see `finding` again: by playing its scenario, and by judging its trace.

    Where a script plays only what led to it, that goes first. `folder`, with a slash at its end, leads to the
    folder of the report.
    """
    found = []
    channel = ["--channel", report.target.channel] if report.target.channel else []
    whom: list[str] = []
    if report.target.name != _EMBEDDED:
        # The address is redacted; what was a secret in it has to be given again.
        whom = (
            ["--target", report.target.name]
            if report.target.name
            else ["--endpoint", without_credentials(report.target.url)]
        )
    if finding.replay:
        words = [PROGRAM, "replay", folder + finding.replay, *whom]
        found.append(Command("Play it again: only what led to it", shlex.join(words)))
    scenario = next((s for s in report.scenarios if finding.trace in s.traces), None)
    if scenario is not None and not found and dialect == report.target.dialect:
        words = [PROGRAM, "run", *whom, "--dialect", dialect, *channel, "-k", scenario.id]
        if report.seed:
            words += ["--seed", str(report.seed)]
        found.append(Command("Run its scenario again", shlex.join(words)))
    if file and not finding.kind.startswith(_OF_CLIENTS):
        words = [PROGRAM, "judge", folder + file, "--dialect", dialect, *channel]
        found.append(Command("Judge its trace again, without the server", shlex.join(words)))
    return tuple(found)


def without_credentials(url: str) -> str:
    """Return `url` without what stands before the host: a line to copy is no place for a secret."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + slashes + host.rpartition("@")[2] + slash + path
