"""What a judgement by the profile of an earlier version leaves out: every report shows it, none counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.requirement_results import RequirementResult
from rules.verdicts import Verdict

_SEVERITY = list(Verdict)
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Aged:
    """The version that a report is as of, and what today's version would say otherwise.

    `newer` are the ids of requirements that are not judged as of that version; `otherwise` the results by
    today's registry that are worse than those as of the version, or are of a newer requirement and violated.
    """

    version: str
    newer: tuple[str, ...]
    otherwise: tuple[RequirementResult, ...]

    @property
    def sentence(self) -> str:
        """What a reader has to know of it."""
        said = f"Judged as of version {self.version}: {_number(len(self.newer))} newer and not counted."
        failed, warned = (
            [r.id for r in self.otherwise if r.verdict is verdict] for verdict in (Verdict.FAIL, Verdict.WARN)
        )
        if not self.otherwise:
            return f"{said} They would find nothing more, nor would today's levels and kinds of findings."
        more = [
            f"{len(ids)} more would {verb} ({_listed(ids)})"
            for verb, ids in (("fail", failed), ("warn", warned))
            if ids
        ]
        return f"{said} By today's rules {', and '.join(more)}."


def aged_by(version: str, own: Sequence[RequirementResult], today: Sequence[RequirementResult]) -> Aged:
    """Return what the results of `today` say beyond `own`, which are as of `version`."""
    known = {result.id: result for result in own}
    return Aged(
        version,
        tuple(r.id for r in today if r.id not in known),
        tuple(r for r in today if r.violated and (r.id not in known or _worse(r, known[r.id]))),
    )


def _worse(one: RequirementResult, other: RequirementResult) -> bool:
    return _SEVERITY.index(one.verdict) < _SEVERITY.index(other.verdict)


def _number(requirements: int) -> str:
    return f"{requirements} requirement is" if requirements == 1 else f"{requirements} requirements are"


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f", and {more} more" if more > 0 else "")
