"""Writes what several channels came to, above the folders of their own reports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from reports.combined import CombinedReport, summary_json
from reports.escaping import visible
from reports.markdown import LIMIT, markdown, text
from reports.writing import COMBINED_NAMES, replace_file


def write_combined(combined: CombinedReport, folder: Path) -> list[Path]:
    """Write all forms of `combined` into `folder`; return their paths, the HTML page first.

    Raises `OSError` where that cannot be done; each file is whole then, or not there.
    """
    # What makes pages is loaded when there is one to be made: a run's first frame does not wait for it.
    from reports.combined_page import combined_page  # noqa: PLC0415
    from reports.junit import junit  # noqa: PLC0415

    renderers: tuple[Callable[[CombinedReport], str], ...] = (
        lambda each: json.dumps(summary_json(each), indent=2, ensure_ascii=False) + "\n",
        lambda each: junit(*each.reports.values()),
        combined_markdown,
        combined_page,
    )
    paths: list[Path] = []
    for name, render in zip(COMBINED_NAMES, renderers, strict=True):
        replace_file(folder / name, render(combined).encode("utf-8", "replace"))
        paths.insert(0, folder / name)
    return paths


def combined_markdown(combined: CombinedReport) -> str:
    """Return the summary in Markdown: what all came to, then that of each channel as far as there is room."""
    lines = [f"# {text(combined.sentence)}", "", "| channel | verdict | decided |", "|---|---|---|"]
    for name, report in combined.reports.items():
        lines.append(f"| {text(name)} | {text(report.sentence)} | {text(report.of_how_many)} |")
    lines += [f"| {text(name)} | interrupted before it began | |" for name in combined.unplayed]
    whole = "\n".join(lines) + "\n"
    for report in combined.reports.values():
        more = "\n" + markdown(report)
        if len((whole + more).encode("utf-8", "replace")) > LIMIT - 200:
            return whole + "\n*The rest does not fit here; the channels' own summaries have it.*\n"
        whole += more
    return whole


def combined_outputs(combined: CombinedReport, folder: Path) -> dict[str, str]:
    """Return the outputs of a step of GitHub Actions that made `combined` in `folder`."""
    counts: Counter[str] = Counter()
    for report in combined.reports.values():
        counts.update(report.counts)
    return {
        "verdict": " ".join(visible(combined.sentence).split()),
        "exit-code": str(int(combined.exit)),
        "counts": json.dumps(dict(counts)),
        "failed": json.dumps([r.id for report in combined.reports.values() for r in report.unexpected]),
        "report": str(folder / "report.html"),
        "results": str(folder / "summary.json"),
    }
