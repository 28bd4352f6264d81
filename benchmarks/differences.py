"""What two builds' plays differ in: ratios of what they took, and verdicts that are not the same. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.playing import Play, Verdicts

_FIGURES = {"wall time": "wall_s", "CPU time": "cpu_s", "peak memory": "peak_mb"}
_UNITS = {"wall_s": "s", "cpu_s": "s", "peak_mb": "MB"}
_WORST_FIRST = ("fail", "harness-error", "inconclusive", "warn", "not-observed", "not-offered", "pass")


def ratios(ours: Sequence[Play], others: Sequence[Play]) -> dict[str, dict[str, float]]:
    """Return for each figure its median here and there, and the ratios of the plays of the same round."""
    found = {}
    for name in _FIGURES.values():
        pairs = [(getattr(a, name), getattr(b, name)) for a, b in zip(ours, others, strict=True)]
        paired = [a / b for a, b in pairs if b]
        found[name] = {
            "here": statistics.median(a for a, _ in pairs),
            "other": statistics.median(b for _, b in pairs),
            "ratio": statistics.median(paired) if paired else 1.0,
            "min": min(paired, default=1.0),
            "max": max(paired, default=1.0),
        }
    return found


def differences(ours: Sequence[Verdicts], others: Sequence[Verdicts]) -> dict[str, Any]:
    """Return what the verdicts of all rounds differ in; empty where they are the same.

    Each side says how often it said what, so that what is not steady is told from what has changed.
    """
    found: dict[str, Any] = {}
    codes = _of_both([str(v.exit) for v in ours], [str(v.exit) for v in others])
    if codes:
        found["exit"] = codes
    words = sorted({word for v in (*ours, *others) for word in v.counts}, key=_severity)
    counts = {
        word: both
        for word in words
        if (
            both := _of_both(
                [str(v.counts.get(word, 0)) for v in ours], [str(v.counts.get(word, 0)) for v in others]
            )
        )
    }
    if counts:
        found["counts"] = counts
    known, theirs = _ids(ours), _ids(others)
    changed = {
        id_: both for id_ in known & theirs if (both := _of_both(_said(ours, id_), _said(others, id_)))
    }
    if changed:
        found["requirements"] = dict(sorted(changed.items(), key=lambda each: (_worst(each[1]), each[0])))
    for name, ids in (("only here", known - theirs), ("only there", theirs - known)):
        if ids:
            found[name] = {
                id_: _shown(_said(ours if name == "only here" else others, id_)) for id_ in sorted(ids)
            }
    return found


def table(of_case: Mapping[str, Mapping[str, float]], other: str) -> list[str]:
    """Return the lines of a table of ratios; `other` is what the other build is called."""
    lines = [f"  {'':12} {'ratio':>6} {'min':>6} {'max':>6}  {'here':>12} {other:>12}"]
    for title, name in _FIGURES.items():
        each, unit = of_case[name], _UNITS[name]
        here, there = f"{each['here']:,.2f} {unit}", f"{each['other']:,.2f} {unit}"
        lines.append(
            f"  {title:12} {each['ratio']:6.2f} {each['min']:6.2f} {each['max']:6.2f}  {here:>12} {there:>12}"
        )
    return lines


def lines_of(found: Mapping[str, Any], ours: Sequence[Verdicts], other: str) -> list[str]:
    """Return the lines that tell the differences `found`; what we say is told where there are none."""
    if not found:
        said = {f"exit code {v.exit}" + _counted(v.counts) for v in ours}
        return [f"  verdicts: the same ({' or '.join(sorted(said))})"]
    lines = ["  verdicts:"]
    if "exit" in found:
        lines.append(_line("exit code", found["exit"], other))
    lines += [_line(f"count of {word}", both, other) for word, both in found.get("counts", {}).items()]
    lines += [_line(id_, both, other) for id_, both in found.get("requirements", {}).items()]
    for title, name in (("only here", "only here"), (f"only in {other}", "only there")):
        lines += [f"    {id_}: {said} ({title})" for id_, said in found.get(name, {}).items()]
    return lines


def _counted(counts: Mapping[str, int]) -> str:
    words = [f"{counts[word]} {word}" for word in sorted(counts, key=_severity) if counts[word]]
    return f": {', '.join(words)}" if words else ""


def _line(what: str, both: Mapping[str, str], other: str) -> str:
    return f"    {what}: {both['here']} here, {both['other']} in {other}"


def _of_both(ours: Sequence[str], others: Sequence[str]) -> dict[str, str] | None:
    """Return what both say, None where it is the same: the same words in the same number of rounds."""
    if Counter(ours) == Counter(others):
        return None
    return {"here": _shown(ours), "other": _shown(others)}


def _shown(said: Sequence[str]) -> str:
    """Return `pass`, or `pass 2x, fail 1x` where not every round says the same."""
    counted = Counter(said)
    if len(counted) == 1:
        return said[0]
    return ", ".join(f"{word} {count}x" for word, count in sorted(counted.items()))


def _ids(verdicts: Sequence[Verdicts]) -> set[str]:
    return {id_ for each in verdicts for id_ in each.by_requirement}


def _said(verdicts: Sequence[Verdicts], id_: str) -> list[str]:
    return [each.by_requirement.get(id_, "absent") for each in verdicts]


def _severity(word: str) -> tuple[int, str]:
    return (_WORST_FIRST.index(word) if word in _WORST_FIRST else len(_WORST_FIRST), word)


def _worst(both: Mapping[str, str]) -> tuple[int, str]:
    words = [each.split(" ")[0] for side in both.values() for each in side.split(", ")]
    return min(map(_severity, words))
