"""This checkout against another commit of this project: how fast it is, and what it says otherwise.

    python benchmarks/against.py COMMIT [--case judge --case run:openai:quick …] [--rounds 3] [--json FILE]

The other commit is built once, in an environment of its own, and kept in the user's cache. Each case is
played on both in turn, round after round. Printed are ratios, this checkout's figure divided by the other's
of the same round (1.10: a tenth more), for wall time, processor time and the peak of memory of the largest
process; then every difference between the verdicts.

Cases, by name or by its beginning:

    help                     `realtime-conformance --help`
    help-of:COMMAND          `realtime-conformance COMMAND --help`
    mistake                  `realtime-conformance run --nonsense`
    first-frame:DIALECT      `run` against a server that says hello, until it has sent its first frame
    judge                    `judge` on a generated corpus, and on each folder or file of --traces
    run:DIALECT:DEPTH        `run` against the embedded reference server
    serve                    `run` against a server of your own, started anew for each play:
                             --serve "my-server --port {port}" [--ready URL|REGEX] [--endpoint URL]

Exit codes: 0 where it was measured, whatever came of it, 1 where something could not be built or played.
"""

from __future__ import annotations

import argparse
import compileall
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.builds import Build, BuildError, differing_versions, here, of_checkout, of_commit
from benchmarks.differences import differences, lines_of, ratios, table
from benchmarks.judge import write
from benchmarks.playing import Case, Play, PlayError, Serving, in_turn
from realtime_conformance.cli import SUMMARIES
from reports.exits import Exit
from suites.depth import DEPTHS

DIALECTS = ("openai", "inworld")
_ROOMS = (
    "generators",
    "packs",
    "protocol",
    "realtime_conformance",
    "reference",
    "reports",
    "rules",
    "schemas",
    "suites",
    "wire",
)


def cases(given: argparse.Namespace, corpus: Path) -> list[Case]:
    """Return all cases that can be played with what is given; the generated corpus lies at `corpus`."""
    found = [Case("help", ("--help",), reports=False, code=Exit.CONFORMS)]
    found += [Case(f"help-of:{c}", (c, "--help"), reports=False, code=Exit.CONFORMS) for c in SUMMARIES]
    found.append(Case("mistake", ("run", "--nonsense"), reports=False, code=Exit.USAGE))
    for dialect in DIALECTS:
        target = ("--endpoint", "ws://127.0.0.1:{port}/v1/realtime", "--dialect", dialect, "--auth", "none")
        until = ("run", *target, "--depth", "quick", "--quiet", "--out", "{out}")
        found.append(Case(f"first-frame:{dialect}", until, reports=False, code=-signal.SIGKILL))
    kept = ("--out", "{out}")
    for name, path in [("generated", corpus), *((p.name, p.resolve()) for p in given.traces)]:
        by = ("--dialect", given.dialect) if given.dialect and path != corpus else ()
        found.append(Case(f"judge:{name}", ("judge", str(path), *by, *kept)))
    for dialect in DIALECTS:
        for depth in DEPTHS:
            words = ("run", "--dialect", dialect, "--depth", depth, "--quiet", *kept)
            found.append(Case(f"run:{dialect}:{depth}", words))
    if given.serve:
        serving = Serving(given.serve, given.ready, given.endpoint)
        served = ("--endpoint", "{endpoint}", "--dialect", given.dialect or "openai", "--depth", given.depth)
        found.append(Case("serve", ("run", *served, "--quiet", *kept), serving=serving))
    return found


def chosen(known: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Return the cases that `names` name, each by its whole name or whole words at its beginning."""
    for name in names:
        if not any(_named(case, name) for case in known):
            told = ", ".join(case.name for case in known)
            raise PlayError(
                f"{name} is no case; there are {told}" + " (and serve, with --serve)" * _no(known)
            )
    return [case for case in known if any(_named(case, name) for name in names)]


def _no(known: Sequence[Case]) -> bool:
    return not any(case.serving for case in known)


def _named(case: Case, name: str) -> bool:
    return f"{case.name}:".startswith(f"{name}:")


def generate(folder: Path, events: int, files: int) -> None:
    """Write the corpus: so many traces of spoken turns with so many events in all."""
    folder.mkdir(parents=True)
    for number in range(files):
        write(folder / f"spoken-{number}.jsonl", max(1, events // files))


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what is asked for."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="against.py", description=__doc__, formatter_class=words)
    parser.add_argument("commit", nargs="?", help="a commit, branch or tag of this repository")
    parser.add_argument(
        "--other-checkout", type=Path, metavar="PATH", help="instead: a checkout, in this environment"
    )
    parser.add_argument("--case", action="append", metavar="NAME", help="default: help and judge")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is played (default: 3)")
    parser.add_argument(
        "--traces", type=Path, action="append", default=[], metavar="PATH", help="to judge, too"
    )
    parser.add_argument("--events", type=int, default=100_000, help="of the generated corpus")
    parser.add_argument("--files", type=int, default=8, help="of the generated corpus")
    parser.add_argument("--serve", metavar="COMMAND", help="the server of the case serve, with {port} in it")
    parser.add_argument("--ready", metavar="URL|REGEX", help="when it is; default: its port is open")
    parser.add_argument(
        "--endpoint", metavar="URL", default="ws://127.0.0.1:{port}/v1/realtime", help="where it is"
    )
    parser.add_argument("--dialect", choices=DIALECTS, help="of --serve and --traces")
    parser.add_argument("--depth", choices=list(DEPTHS), default="quick", help="of --serve")
    parser.add_argument("--limit", type=float, default=900.0, metavar="S", help="seconds of one play")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where builds are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    given = parser.parse_args(arguments)
    if (given.commit is None) == (given.other_checkout is None):
        parser.error("name a commit, or --other-checkout")
    if given.rounds < 1 or given.files < 1:
        parser.error("--rounds and --files are at least 1")
    if given.serve and "{port}" not in given.serve:
        parser.error("--serve: write {port} where the command takes its port")
    if given.serve and "{port}" not in given.endpoint:
        parser.error("--endpoint: write {port} in place of the port")
    if missing := [str(path) for path in given.traces if not path.exists()]:
        parser.error(f"--traces: {missing[0]} is not there")
    return given


def measured(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Build, play and print; return what was measured, as `--json` writes it."""
    corpus = folder / "corpus"
    wanted = chosen(cases(given, corpus), given.case or ["help", "judge"])
    other = (
        of_checkout(given.other_checkout, "other")
        if given.other_checkout is not None
        else of_commit(given.commit, given.cache)
    )
    builds = (here(), other)
    for build in builds:
        _compile(build)
    if unequal := differing_versions(builds[0].versions, other.versions):
        print(f"installed in different versions, here / {other.name}: {', '.join(unequal)}\n")
    if any(str(corpus) in case.arguments for case in wanted):
        generate(corpus, given.events, given.files)
    found = []
    for case in wanted:
        try:
            plays = in_turn(
                case, builds, given.rounds, scratch=folder / "play", limit=given.limit, told=_progress
            )
        except PlayError as error:  # the other commit may not know the command
            _progress(f"error: {error}")
            found.append({"case": case.name, "error": str(error)})
            continue
        found.append(_told(case, builds, plays))
    return {"other": other.name, "rounds": given.rounds, "versions": unequal, "cases": found}


def _told(case: Case, builds: Sequence[Build], plays: list[list[Play]]) -> dict[str, Any]:
    """Print what came of a case and return it."""
    ours, others = plays
    of_case = ratios(ours, others)
    said = [p.verdicts for p in ours]
    found = differences(said, [p.verdicts for p in others])
    told = [*table(of_case, builds[1].name), *lines_of(found, said, builds[1].name)]
    print("\n".join([case.name, *told, ""]), flush=True)
    return {
        "case": case.name,
        "arguments": list(case.arguments),
        "ratios": of_case,
        "differences": found,
        "plays": [
            {
                "build": build.name,
                "wall_s": play.wall_s,
                "cpu_s": play.cpu_s,
                "peak_mb": play.peak_mb,
                "exit": play.verdicts.exit,
                "counts": play.verdicts.counts,
            }
            for build, of_build in zip(builds, plays, strict=True)
            for play in of_build
        ],
    }


def _compile(build: Build) -> None:
    for room in _ROOMS:
        compileall.compile_dir(build.folder / room, quiet=2)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    given = options(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(given, Path(folder))
    except (BuildError, PlayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if given.json is not None:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any("error" in case for case in found["cases"]))


if __name__ == "__main__":
    sys.exit(main())
