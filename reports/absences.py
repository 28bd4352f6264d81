"""What a target does not offer, with what decided it: for the first screen of every report. Pure."""

from __future__ import annotations

from reports.model import Report, count
from rules.verdicts import Verdict


def absences(report: Report) -> tuple[str, ...]:
    """Return a sentence for each feature that is not there, and one for those that nobody tried.

    Only what keeps a requirement from being judged is told.
    """
    unjudged = report.of(Verdict.NOT_OFFERED)
    told = []
    for feature, what in sorted(report.absent.items()):
        number = sum(feature in result.requirement.features for result in unjudged)
        if number:
            told.append(f"Not offered: {feature} ({what}); {count(number, 'requirement')} not judged.")
    untried = [r for r in unjudged if not report.absent.keys() & set(r.requirement.features)]
    names = {f for r in untried for f in r.requirement.features if not report.target.features.get(f, True)}
    if untried:
        told.append(
            f"Not tried or seen: {', '.join(sorted(names))}; {count(len(untried), 'requirement')} not judged."
            + ("" if report.target.embedded else " --feature NAME says that the target offers it.")
        )
    return tuple(told)
