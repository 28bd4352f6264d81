"""The summary in Markdown, small enough for the step summary of a GitHub job. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from reports.absences import absences
from reports.escaping import visible
from reports.failures import Failure, failure_of
from reports.model import Exit, Report, count
from reports.requirement_results import RequirementResult, Standing
from rules.verdicts import Verdict

LIMIT = 1_000_000
"""Bytes of a summary; GitHub takes 1 MiB for all summaries of a step."""

_LISTED = 50  # requirements in each table
_NAMED = 5  # requirements that changed since an earlier report, of a kind
_EXPLAINED = 5  # requirements that one failure explains
_IN_WORDS = ("expected", "came", "event", "source")  # of what is told of a failure
_CELL = 400  # characters of anything that came from a server
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")
_MENTION = re.compile(r"@(?=\w)")
_LINK = re.compile(r"(?i)(https?|ftp|www)(?=[:.])")
_JOINER = "\N{WORD JOINER}"

_SYMBOLS = {
    Verdict.HARNESS_ERROR: "⚠️",
    Verdict.FAIL: "❌",
    Verdict.WARN: "🟡",
    Verdict.INCONCLUSIVE: "❔",
    Verdict.PASS: "✅",
    Verdict.NOT_OBSERVED: "▫️",
    Verdict.NOT_OFFERED: "➖",
}


def text(value: str) -> str:
    """Return `value` as Markdown that shows just that: no markup, no mention, no link, on one line."""
    line = visible(" ".join(value.split()))
    line = line if len(line) <= _CELL else line[: _CELL - 1] + "…"
    line = _SPECIAL.sub(r"\\\1", html.escape(line, quote=False))
    return _LINK.sub(rf"\1{_JOINER}", _MENTION.sub(f"@{_JOINER}", line))


def code(value: str) -> str:
    """Return `value` as a code span, also inside a table."""
    line = visible(" ".join(value.split()))
    line = line if len(line) <= _CELL else line[: _CELL - 1] + "…"
    # Backticks would end a span, and no backslash helps inside one; HTML's element does.
    return f"<code>{_SPECIAL.sub(_numbered, html.escape(line))}</code>" if line else ""


def _numbered(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def markdown(report: Report) -> str:
    """Return the summary of `report`."""
    blocks = list(_blocks(report))
    kept: list[str] = []
    room = LIMIT - 200
    for block in blocks:
        room -= len(block.encode("utf-8", "replace")) + 1
        if room < 0:
            kept.append("\n*The rest does not fit here; results.json has it.*")
            break
        kept.append(block)
    return "\n".join(kept) + "\n"


def _blocks(report: Report) -> Iterable[str]:
    yield f"## {_symbol(report)} {text(report.sentence)}"
    yield ""
    yield f"{code(report.target.url)} · {text(report.target.dialect)} · suite {text(report.suite.version)}"
    yield ""
    shown = [(v, report.counts[str(v)]) for v in Verdict if report.counts[str(v)]]
    yield "| " + " | ".join(f"{_SYMBOLS[v]} {v}" for v, _ in shown) + " |"
    yield "|" + "---|" * len(shown)
    yield "| " + " | ".join(str(n) for _, n in shown) + " |"
    yield from _since(report)
    if report.crowding is not None:
        yield from ("", f"> {text(report.crowding.sentence)}")
    for sentence in absences(report):
        yield from ("", f"> {text(sentence)}")
    yield from _table("Failed", report, Verdict.FAIL)
    yield from _table("Not followed (SHOULD)", report, Verdict.WARN)
    yield from _outdated(report)
    yield from _known([r for r in report.standing(Standing.KNOWN) if r.violated])
    yield from _table("Mistakes of the suite", report, Verdict.HARNESS_ERROR)
    for layer in report.layers:
        yield from ("", text(layer.sentence))
    for note in report.notes:
        yield from ("", f"> {text(note)}")


def _since(report: Report) -> Iterable[str]:
    since = report.since
    if since is None:
        return
    lists = (("new", since.worse), ("fixed", since.better), ("not seen", since.unseen))
    named = [f"{name}: {', '.join(map(code, ids[:_NAMED]))}{_more(ids)}" for name, ids in lists if ids]
    said = f"Since the last run ({text(since.started)}): {text(since.sentence)}"
    yield from ("", "; ".join([said, *named]) + ".")


def _more(ids: tuple[str, ...]) -> str:
    return f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""


def _symbol(report: Report) -> str:
    if report.exit is Exit.CONFORMS:
        # What is known to fail lets the gate pass, and is no conformance.
        return _SYMBOLS[Verdict.WARN if report.failed else Verdict.PASS]
    return _SYMBOLS[Verdict.FAIL] if report.exit is Exit.DOES_NOT_CONFORM else "⚠️"


def _table(title: str, report: Report, verdict: Verdict) -> Iterable[str]:
    results = report.unknown(verdict)
    if not results:
        return
    yield from (
        "",
        f"### {title}: {len(results)}",
        "",
        "| requirement | what came of it | evidence |",
        "|---|---|---|",
    )
    for result in results[:_LISTED]:
        told = failure_of(report, result)
        yield f"| {code(result.id)}{_runs(result)} | {_said(result, told)} | {_evidence(told)} |"
    if len(results) > _LISTED:
        yield f"| … | and {len(results) - _LISTED} more | |"


def _said(result: RequirementResult, told: Failure) -> str:
    if result.tally.errors or not result.findings:
        return text(result.sentence)
    more = len(result.tally.fingerprints) - 1
    said = text(result.sentence) + (f" *(and {more} more in other ways)*" if more > 0 else "")
    said += f"<br>{text(told.statement)}"
    said += "".join(f"<br>*{name}* {text(value)}" for name, value in told.lines if name in _IN_WORDS)
    return said + "".join(
        f"<br>*explains {count(number, 'violation')} of* {code(id_)}"
        for id_, number in list(result.explains.items())[:_EXPLAINED]
    )


def _evidence(told: Failure) -> str:
    found = [code(told.where), code(told.replay), f"[evidence]({told.evidence})" if told.where else ""]
    return "<br>".join(filter(None, found))


def _runs(result: RequirementResult) -> str:
    return f" *(in {result.failures} of {len(result.runs)} runs)*" if result.flaky else ""


def _outdated(report: Report) -> Iterable[str]:
    held = report.held
    if held is None or held.keeps:
        return
    yield from ("", "### The baseline is out of date", "", "| entry | line | what to do |", "|---|---|---|")
    for each in held.red[:_LISTED]:
        yield f"| {code(each.entry.requirement)} | {each.entry.line} | {text(each.told)} |"
    uncovered = report.standing(Standing.UNCOVERED)
    for result in uncovered[:_LISTED]:
        yield f"| {code(result.id)} | | {text(result.sentence)} |"
    more = len(held.red) + len(uncovered) - min(len(held.red), _LISTED) - min(len(uncovered), _LISTED)
    if more:
        yield f"| … | | and {more} more |"


def _known(results: list[RequirementResult]) -> Iterable[str]:
    if not results:
        return
    yield from ("", f"<details><summary>Known failures: {len(results)}</summary>", "")
    yield from ("| requirement | verdict | why |", "|---|---|---|")
    for result in results[:_LISTED]:
        yield f"| {code(result.id)} | {result.verdict} | {text(result.known)} |"
    if len(results) > _LISTED:
        yield f"| … | | and {len(results) - _LISTED} more |"
    yield from ("", "</details>")
