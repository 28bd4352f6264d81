"""The reports on several channels of one server as one: a verdict for each, one exit code. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.exits import Exit
from reports.model import Report, count

SUMMARY_VERSION = 1
"""Of summary.json."""

GRAVEST_FIRST = (
    Exit.INTERRUPTED,
    Exit.HARNESS_ERROR,
    Exit.DOES_NOT_CONFORM,
    Exit.UNREACHABLE,
    Exit.NOTHING_JUDGED,
    Exit.BASELINE,
    Exit.CONFORMS,
)
"""Exit codes in the order in which a report on one channel decides on its own."""

_SAID = {
    Exit.INTERRUPTED: "interrupted",
    Exit.HARNESS_ERROR: "a mistake of the suite",
    Exit.DOES_NOT_CONFORM: "does not conform",
    Exit.UNREACHABLE: "could not be reached",
    Exit.NOTHING_JUDGED: "no verdict",
    Exit.BASELINE: "its baseline is out of date",
    Exit.CONFORMS: "conforms",
}


@dataclass(frozen=True, slots=True)
class CombinedReport:
    """Reports by the names of their channels, with what those are called.

    `unplayed` are channels that were asked for and that an interruption left out.
    """

    reports: Mapping[str, Report]
    titles: Mapping[str, str]
    unplayed: tuple[str, ...] = ()

    @property
    def exits(self) -> dict[str, Exit]:
        """How each channel ends, those that were left out among them."""
        return {
            **{name: report.exit for name, report in self.reports.items()},
            **dict.fromkeys(self.unplayed, Exit.INTERRUPTED),
        }

    @property
    def exit(self) -> Exit:
        """The gravest of all exit codes."""
        return min(self.exits.values(), key=GRAVEST_FIRST.index)

    @property
    def sentence(self) -> str:
        """The verdicts in one sentence."""
        exits = self.exits
        good = sum(code is Exit.CONFORMS for code in exits.values())
        if good == len(exits):
            which = "Both channels" if good == 2 else f"All {count(good, 'channel')}"
            return f"{which} conform: {', '.join(exits)}."
        others = (f"{name}: {_SAID[code]}" for name, code in exits.items() if code is not Exit.CONFORMS)
        verb = "conforms" if good == 1 else "conform"
        return f"{good} of {count(len(exits), 'channel')} {verb}; {'; '.join(others)}."

    @property
    def started(self) -> str:
        """When the first run began."""
        return min(report.started for report in self.reports.values())

    @property
    def duration_s(self) -> float:
        """How long all runs took together: one follows another."""
        return sum(report.duration_s for report in self.reports.values())

    @property
    def spent(self) -> dict[str, float]:
        """What all channels cost, by unit."""
        total: dict[str, float] = {}
        for report in self.reports.values():
            for unit, number in report.spent.items():
                total[unit] = round(total.get(unit, 0) + number, 4)
        return total


def summary_json(combined: CombinedReport) -> dict[str, object]:
    """Return what summary.json holds (schemas/summary.schema.json). Paths begin at its own folder."""
    return {
        "schema_version": SUMMARY_VERSION,
        "exit": int(combined.exit),
        "sentence": combined.sentence,
        "started": combined.started,
        "duration_s": round(combined.duration_s, 3),
        "spent": combined.spent,
        "channels": [
            {
                "channel": name,
                "title": combined.titles[name],
                "exit": int(report.exit),
                "sentence": report.sentence,
                "dialect": report.target.dialect,
                "url": report.target.url,
                "decided": report.decided,
                "requirements": len(report.requirements),
                "counts": report.counts,
                "failed": [r.id for r in report.unexpected],
                "spent": dict(report.spent),
                "results": f"{name}/results.json",
                "report": f"{name}/report.html",
            }
            for name, report in combined.reports.items()
        ],
        "unplayed": list(combined.unplayed),
    }
