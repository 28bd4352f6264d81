"""How large a report on 300 requirements and 300 traces is, and how fast it is written and opened.

    python benchmarks/report.py [--requirements 300] [--traces 300] [--events 300] [--open] [--keep FOLDER]

With `--open`, Chromium opens it five times (what the tests of the pages need is needed: npm and Chromium).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.judging import opening
from realtime_conformance.application.trace_statistics import with_evidence
from reports.html import html
from reports.model import Report
from reports.requirement_results import RequirementResult
from reports.viewer import viewer
from rules.verdicts import Finding, Tally, Verdict
from tests.reports.html.html_samples import conversation, report_on, written

_FINDINGS = 10


def synthesized(folder: Path, requirements: int, traces: int, events: int) -> Report:
    """Return a report in which two thirds of the requirements fail, each with ten findings in ten traces."""
    report = report_on(folder, hostile=True, traces=traces)
    turn, chance = conversation(), random.Random(0)
    for name in report.traces:
        longer = turn * (events // len(turn) + 1)
        # No two payloads are alike: what repeats itself packs too well.
        unlike = [(side, {**event, "event_id": f"{chance.getrandbits(128):032x}"}) for side, event in longer]
        written(folder / "traces" / f"{name}.jsonl", unlike[:events])
    names = list(report.traces)
    results = []
    for number in range(requirements):
        base = report.requirements[number % len(report.requirements)]
        result = replace(base, requirement=replace(base.requirement, id=f"{base.id}/{number}"))
        results.append(_failing(result, number, names) if number % 3 else result)
    report = replace(report, requirements=tuple(results))
    files = {name: folder / "traces" / f"{name}.jsonl" for name in names}
    sources = {n: opening(p, n) for n, p in files.items()}
    return with_conversations(with_evidence(report, sources, files, folder), sources, folder)


def _failing(result: RequirementResult, number: int, names: list[str]) -> RequirementResult:
    findings = [
        Finding(
            names[(number * 7 + n) % len(names)],
            (2 + (number + n) % 17,),
            "response.done",
            "response.output[0].content[0].text",
            "the text that was streamed",
            "another text",
            f"the text of finding {n} of requirement {number} is not what was streamed",
            (2,),
        )
        for n in range(_FINDINGS)
    ]
    tally = Tally(subjects=40, violations=12, findings=findings)
    return replace(result, verdict=Verdict.FAIL, tally=tally)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--requirements", type=int, default=300)
    parser.add_argument("--traces", type=int, default=300)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        began = time.perf_counter()
        report = synthesized(folder, given.requirements, given.traces, given.events)
        gathered = time.perf_counter()
        text = html(report)
        written = time.perf_counter()
        path = folder / "report.html"
        path.write_bytes(text.encode("utf-8", "replace"))
        print(f"{given.requirements} requirements, {given.traces} traces, {_FINDINGS} findings each")
        traces = folder / "traces.html"
        traces.write_bytes(viewer(report).encode("utf-8", "replace"))
        sizes = [each.stat().st_size / 2**20 for each in (path, traces)]
        print(f"size: {sizes[0]:.1f} MB, of traces.html {sizes[1]:.1f} MB")
        print(f"judged and gathered in {gathered - began:.1f} s, written in {written - gathered:.1f} s")
        if given.open:
            from tests.reports.html.browser import browse  # noqa: PLC0415 - needs npm

            first = next(r.id for r in report.requirements if r.findings)
            seen = browse(
                loads={"page": str(path), "times": 5, "requirement": first},
                plays={"opening": {"page": str(traces), "times": 5, "words": "output_text.done"}},
            )
            for name in ("opened", "searched"):
                times = [each[name] for each in seen["plays"]["opening"]]
                print(
                    f"traces.html {name}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms"
                )
            loads = seen["loads"]
            for name in ("loaded", "drawn", "searched"):
                times = [load[name] for load in loads]
                print(f"{name}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")


if __name__ == "__main__":
    main()
