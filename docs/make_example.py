"""Writes the example report in `docs/example/`, and into the README what its run printed.

The reference server is started with two faults, as an author starts a server of their own, and judged by the
scenarios about `response.create`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
FAULTS = ("text-delta-altered", "output-item-done-missing")
VIOLATED = ("response/text/deltas-add-up", "response/item/done-exactly-once")
"""The requirement that each of the faults violates."""

_KEPT = ("report.html", "traces.html", "summary.md", "badge.svg", "results.json", "traces", "replays")
_BLOCK = re.compile(r"(<!-- failing-run -->\n```text\n).*?(```\n<!-- end -->)", re.DOTALL)


def command() -> list[str]:
    """Return the command that makes the example."""
    program = f"{shlex.quote(sys.executable)} -m realtime_conformance"
    faults = " ".join(f"--fault {name}" for name in FAULTS)
    served = f"{program} serve --port 0 --dialect openai {faults}"
    words = "--dialect openai --depth quick --no-probe -k response_create --color never --out example"
    return [
        *shlex.split(program),
        "run",
        *("--start", served),
        *("--ready", r"listening (?P<endpoint>ws://\S+)"),
        *shlex.split(words),
    ]


def made(folder: Path) -> str:
    """Make the report in `folder`/example; return what was printed. Raises `RuntimeError`."""
    environment = {
        **os.environ,
        "REALTIME_API_KEY": "example",
        "COLUMNS": "120",
        "PYTHONPATH": str(HERE.parent),
    }
    run = subprocess.run(
        command(), cwd=folder, env=environment, text=True, capture_output=True, check=False, timeout=300
    )
    if run.returncode != 1:
        raise RuntimeError(f"the example exited with {run.returncode}: {run.stdout}{run.stderr}")
    return run.stdout


def excerpt(printed: str) -> str:
    """Return what the README shows of what was printed: the verdict, and the first failure."""
    lines = printed.splitlines()
    verdict = next(n for n, line in enumerate(lines) if line.startswith("Does not conform"))
    failed = [n for n, line in enumerate(lines) if line.startswith("  fail ")]
    return "\n".join([*lines[verdict : verdict + 2], *lines[failed[0] : failed[1]]]) + "\n"


def main() -> None:
    """Write the example, and what was printed of it."""
    with tempfile.TemporaryDirectory() as scratch:
        printed = made(Path(scratch))
        kept = HERE / "example"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for name in _KEPT:
            source = Path(scratch) / "example" / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, kept / name)
    text = README.read_text(encoding="utf-8")
    README.write_text(_BLOCK.sub(lambda m: f"{m[1]}{excerpt(printed)}{m[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
