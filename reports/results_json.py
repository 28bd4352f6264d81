"""results.json: everything a report has to say, for programs (schemas/results.schema.json). Pure."""

from __future__ import annotations

from typing import Any

from reports.aged import Aged
from reports.baseline import Held
from reports.model import SCHEMA_VERSION, Crowding, Layer, Report, ScenarioResult, Suite
from reports.requirement_results import RequirementResult
from reports.statistics import FIRST_AUDIO, TURN, Statistics, spread
from reports.timing import Timing
from rules.verdicts import Finding


def as_dict(report: Report) -> dict[str, Any]:
    """Return `report` as results.json holds it (schemas/results.schema.json)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "suite": _suite(report.suite),
        "target": _target(report),
        "started": report.started,
        "duration_s": round(report.duration_s, 3),
        "seed": report.seed,
        "whole": report.whole,
        "repeats": report.repeats,
        "verdict": _verdict(report),
        "notes": list(report.notes),
        "crowding": None if report.crowding is None else _crowding(report.crowding),
        "timing": None if report.timing is None else _timing(report.timing),
        "latency": None if report.statistics is None else _latency(report.statistics),
        "counts": report.counts,
        "requirements": [_requirement(r) for r in report.requirements],
        "layers": [_layer(each) for each in report.layers],
        "scenarios": [_scenario(s) for s in report.scenarios],
        "spent": dict(report.spent),
        "coverage": None if report.coverage is None else dict(report.coverage),
        "baseline": None if report.held is None else _held(report.held),
        "as_of": None if report.aged is None else _aged(report.aged),
    }


def _suite(suite: Suite) -> dict[str, Any]:
    return {
        "version": suite.version,
        "registry_hash": suite.registry_hash,
        "document_hash": suite.document_hash,
    }


def _target(report: Report) -> dict[str, Any]:
    channel = {"channel": report.target.channel} if report.target.channel else {}
    return {
        **channel,
        "url": report.target.url,
        "dialect": report.target.dialect,
        "features": dict(report.target.features),
        "probed": dict(report.probed),
        "absent": dict(report.absent),
        "name": report.target.name,
    }


def _verdict(report: Report) -> dict[str, Any]:
    return {
        "exit": int(report.exit),
        "unless_failed": int(report.unless_failed),
        "sentence": report.sentence,
        "strict": report.strict,
        "decided": report.decided,
        "in_the_way": [r.id for r in report.in_the_way],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "dialect": layer.dialect,
        "sentence": layer.sentence,
        "counts": layer.counts,
        "differences": [_requirement(r) for r in layer.differences],
    }


def _crowding(crowding: Crowding) -> dict[str, Any]:
    return {
        "refused": dict(crowding.refused),
        "turned_away": crowding.turned_away,
        "at_once": crowding.at_once,
        "avoided_by": crowding.avoided_by,
    }


def _timing(timing: Timing) -> dict[str, Any]:
    return {
        "duration_s": round(timing.duration_s, 3),
        "silence_s": round(timing.silence_s, 3),
        "waits": [
            {
                "awaited": each.awaited,
                "waits": each.waits,
                "full": each.full,
                "seconds": round(each.seconds, 3),
            }
            for each in timing.waits
        ],
        "path": [
            {
                "scenario": leg.scenario,
                "began_s": round(leg.began_s, 3),
                "took_s": round(leg.took_s, 3),
                "silent_s": round(leg.silent_s, 3),
            }
            for leg in timing.path
        ],
    }


def _latency(statistics: Statistics) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in (("first_audio", FIRST_AUDIO), ("turn", TURN)):
        values = statistics.times.get(kind)
        over = spread(values) if values else None
        found[name] = over and {
            "count": over.count,
            "median_s": round(over.median, 4),
            "p95_s": round(over.p95, 4),
        }
    return found


def _aged(aged: Aged) -> dict[str, Any]:
    return {
        "version": aged.version,
        "newer": list(aged.newer),
        "otherwise": [_requirement(r) for r in aged.otherwise],
    }


def _held(held: Held) -> dict[str, Any]:
    return {
        "file": held.baseline.file,
        "keeps": held.keeps,
        "unobserved": list(held.unobserved),
        "entries": [
            {
                "requirement": each.entry.requirement,
                "dialect": each.entry.dialect,
                "verdict": str(each.entry.verdict),
                "reason": each.entry.reason,
                "link": each.entry.link,
                "expires": each.entry.expires.isoformat() if each.entry.expires else "",
                "line": each.entry.line,
                "state": str(each.state),
                "told": each.told,
                "covers": list(each.covers),
            }
            for each in held.entries
        ],
    }


def _requirement(result: RequirementResult) -> dict[str, Any]:
    tally = result.tally
    return {
        "id": result.id,
        "area": result.requirement.area,
        "level": str(result.level),
        "verdict": str(result.verdict),
        "statement": result.requirement.statement,
        "source": result.requirement.source,
        "subjects": tally.subjects,
        "violations": tally.violations,
        "findings": [_finding(f) for f in tally.findings],
        "observed": dict(tally.observed),
        "undecided": dict(tally.undecided),
        "explained": dict(tally.explained),
        "errors": tally.errors,
        "provoked_by": list(result.provoked_by),
        "fingerprints": tally.fingerprints,
        "expectation": str(result.expectation),
        "known": result.known,
        "standing": str(result.standing),
        "sentence": result.sentence,
        "runs": [str(v) for v in result.runs],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "trace": finding.trace,
        "seqs": list(finding.seqs),
        "because": list(finding.because),
        "kind": finding.kind,
        "newer": finding.newer,
        "type": finding.type,
        "path": finding.path,
        "expected": finding.expected,
        "actual": finding.actual,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "replay": finding.replay,
    }


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "summary": result.summary,
        "outcome": result.outcome,
        "duration_s": round(result.duration_s, 3),
        "trace": result.traces[0] if result.traces else "",
        "traces": list(result.traces),
        "message": result.message,
        "explained_by": result.explained_by,
        "provokes": list(result.provokes),
    }
