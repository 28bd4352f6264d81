"""Which findings do not count in a run: those that the baseline knows, and those that nobody asked for.

Nothing yields to them (`rules.yields`), so that nothing hides behind what does not fail the gate.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection

from protocol.dialect import DialectName
from reports.baseline import VERSION, Baseline, Expected
from rules.profiles import judged_by
from rules.requirements import Registry
from rules.verdicts import Level
from rules.yields import Uncounted

_COVERED = {
    Expected.FAIL: (Level.MUST,),
    Expected.WARN: (Level.SHOULD,),
    Expected.FLAKY: (Level.MUST, Level.SHOULD),
}
"""Levels whose violations an entry with each verdict can cover."""


def uncounted(
    baseline: Baseline | None,
    dialect: DialectName,
    today: dt.date,
    *,
    deselected: Collection[str] = (),
    as_of: str = "",
    by: Callable[[str], Registry] = judged_by,
) -> Uncounted:
    """Return what does not count in `dialect`, where `baseline` is in force and requirements `deselected`.

    Nor does what is newer than the profile of the version `as_of`, where one is given. `by` returns what is
    judged by as of a version.

    What has expired counts again. So does what is not known precisely: what an entry covers only until
    `baseline update` writes down its fingerprints, and all of a baseline of an earlier version.
    """
    frozen = by(as_of)
    left_out = set(deselected)
    left_out.update(each.id for each in frozen.ruled(dialect) if dialect in each.newer)
    known: dict[str, set[str]] = defaultdict(set)
    entries = baseline.entries if baseline is not None and baseline.version == VERSION else ()
    for entry in entries:
        over = entry.expires is not None and today > entry.expires
        levels = _COVERED.get(entry.verdict, ())
        if over or entry.pending or entry.dialect not in ("", dialect):
            continue
        for each in frozen.judged(dialect):
            if each.level[dialect] in levels and entry.means(each.id):
                known[each.id] |= entry.fingerprints
                if not entry.fingerprints:
                    left_out.add(each.id)
    fingerprints = {id_: frozenset(prints) for id_, prints in known.items() if prints}
    strict = baseline is not None and baseline.strict
    return Uncounted(frozenset(left_out), fingerprints, as_of, strict=strict)
