"""Which scenarios a run plays: by `-k`, and by what an earlier report says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from protocol.errors import DocumentError
from realtime_conformance.application.embedded import AnyTarget
from reports.model import count
from suites.scenario import Scenario, catalogue
from suites.scheduling import selected
from suites.selecting import SelectionError

if TYPE_CHECKING:  # it loads what judges
    from realtime_conformance.application.earlier_report import Earlier, Played


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenarios to play, what an earlier run has played of all, and what to say of the choice.

    Where there is nothing to play, `exit` is what the earlier report ended with: it still holds.
    """

    scenarios: list[Scenario]
    whole: bool = True
    played: Played | None = None
    said: str = ""
    exit: int = 0


def chosen(given: Mapping[str, Any], target: AnyTarget) -> Chosen:
    """Return what the options choose; no scenarios where there is nothing left to play.

    Raises `click.UsageError`, and `DocumentError` for a report that is of no use.
    """
    try:
        scenarios = selected(catalogue(), given["k"])
    except SelectionError as error:
        raise click.UsageError(f"-k {error}") from None
    if not scenarios:
        raise click.UsageError(f"no scenario has {' or '.join(given['k'])} in its id or requirements")
    if given["only_failed"] is None and given["continue"] is None:
        return Chosen(scenarios, whole=not given["k"])
    from realtime_conformance.application.earlier_report import Earlier  # noqa: PLC0415 - mostly not needed

    if given["continue"] is None:
        return _failed(Earlier.read(given["only_failed"], target.dialect), scenarios, strict=given["strict"])
    if given["only_failed"] is not None or given["repeat"] > 1:
        raise click.UsageError("--continue goes with neither --only-failed nor --repeat")
    earlier = Earlier.read(given["continue"], target.dialect)
    _check(earlier, target, started=given["start"] is not None)
    return _rest(earlier, scenarios, whole=not given["k"])


def is_continued_in(out: Path, given: Mapping[str, Any]) -> bool:
    """Tell whether the report that is continued lies in `out`: it is needed until there is another."""
    path: Path | None = given["continue"]
    if path is None:
        return False
    return (path if path.is_dir() else path.parent).resolve() == out.resolve()


def _failed(earlier: Earlier, scenarios: list[Scenario], *, strict: bool) -> Chosen:
    failed = earlier.failed(strict=strict)
    if not failed:
        return _nothing(earlier, f"No requirement failed in {earlier.path}: there is nothing to play.")
    concerned = earlier.concerned(scenarios, failed)
    if not concerned:
        raise click.UsageError(f"no scenario chosen provokes or violated what failed in {earlier.path}")
    said = (
        f"{count(len(failed), 'requirement')} failed in {earlier.path}: {len(concerned)} of "
        f"{count(len(scenarios), 'scenario')} provoke or violated one"
    )
    return Chosen(concerned, whole=False, said=said)


def _nothing(earlier: Earlier, said: str) -> Chosen:
    verdict = earlier.results["verdict"]
    return Chosen([], said=f"{said} {verdict['sentence']}" if verdict["exit"] else said, exit=verdict["exit"])


def _rest(earlier: Earlier, scenarios: list[Scenario], *, whole: bool) -> Chosen:
    played = earlier.played()
    rest = [s for s in scenarios if s.id not in played.ids]
    if not rest:
        return _nothing(earlier, f"Everything was played in {earlier.path}: there is nothing to continue.")
    said = (
        f"{len(scenarios) - len(rest)} of {count(len(scenarios), 'scenario')} were played in {earlier.path}"
    )
    return Chosen(rest, whole, played, said)


def _check(earlier: Earlier, target: AnyTarget, *, started: bool) -> None:
    """Raise `DocumentError` where `earlier` is about another target, `click.UsageError` where it repeats."""
    then = earlier.results["target"]
    if earlier.results["repeats"] > 1:
        raise click.UsageError(f"--continue {earlier.path}: a run that was repeated cannot be continued")
    if target.embedded and started:
        return  # its address is not known yet
    if not (then["name"] and then["name"] == target.name) and then["url"] != target.shown:
        problem = f"is {then['url']}, and this is another target"
        raise DocumentError(str(earlier.path), "/target/url", problem, "name the report on this target")
