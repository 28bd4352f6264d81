"""`judge` on a Dask cluster: the same report however the work is cut, and whoever is lost on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application import cluster as module
from realtime_conformance.application.cluster import ClusterError, cluster, handed_out
from realtime_conformance.application.judging import Judgement
from realtime_conformance.application.parallel_judging import Book, judge_files
from tests.realtime_conformance.commandline.harness import Command, complaint_of

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty traces of a run, among them one that cannot be read."""
    from realtime_conformance.cli import run_command_line

    out = tmp_path_factory.mktemp("run")
    run_command_line(["run", "--dialect", "openai", "-k", "session_update", "--no-probe", "--out", str(out)])
    folder = out / "many"
    folder.mkdir()
    source = next((out / "traces").glob("*.jsonl"))
    for number in range(40):
        shutil.copy(source, folder / f"trace-{number:02d}.jsonl")
    (folder / "trace-20.jsonl").write_text("no trace\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with cluster(None, 3) as connected:
        yield connected


def _same(one: Judgement, other: Judgement) -> None:
    assert one.total == other.total
    assert list(one.by_trace) == list(other.by_trace)
    assert [str(each) for each in one.unreadable] == [str(each) for each in other.unreadable]
    assert one.statistics == other.statistics
    assert one.files == other.files


def _files(traces: Path) -> list[Path]:
    return sorted(traces.glob("*.jsonl"))


def test_the_report_is_the_same_but_for_times(command: Command, traces: Path, tmp_path: Path) -> None:
    here = command("judge", traces, "--out", tmp_path / "here")
    there = command("judge", traces, "--workers", 2, "--out", tmp_path / "there")
    assert here.code == there.code == 4, "one of them cannot be read"
    assert "trace-20.jsonl" in there.err
    texts = []
    for folder in ("here", "there"):
        found = json.loads((tmp_path / folder / "results.json").read_text(encoding="utf-8"))
        del found["started"], found["duration_s"]
        texts.append(json.dumps(found))
    assert texts[0] == texts[1]


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_however_the_work_is_cut(
    client: Any, traces: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "_BATCH", batch)
    book, files = Book("openai"), _files(traces)
    _same(judge_files(files, book), judge_files(files, book, lambda b, work: handed_out(client, b, work)))


def _with_a_death(traces: Path, name: str) -> None:
    """Judge on workers of which one is killed as soon as something has come back."""
    book, files = Book("openai"), _files(traces)
    with cluster(None, 3) as connected:
        victims = list(connected.run(os.getpid).values())
        came = threading.Event()

        def told(b: Book, work: Any) -> Iterator[Any]:
            for each in handed_out(connected, b, work):
                if not came.is_set():
                    os.kill(victims[0], signal.SIGKILL)
                    came.set()
                yield each

        found = judge_files(files, book, told)
        assert came.is_set()
    _same(judge_files(files, book), found)
    assert found.files == 40, name


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_worker_that_is_killed_loses_and_changes_nothing(
    traces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 1)
    _with_a_death(traces, "once")


@pytest.mark.long
def test_nor_does_it_in_twenty_runs(traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 1)
    for number in range(20):
        _with_a_death(traces, f"run {number}")


def test_no_scheduler_is_told_with_what_to_do(
    command: Command, traces: Path, out: Path, monkeypatch: pytest.MonkeyPatch, refusing: str
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.5)
    address = refusing.replace("ws://", "tcp://")
    began = time.monotonic()
    ran = command("judge", traces, "--cluster", address, "--out", out)
    complaint_of(ran, address, "no scheduler answers there", "dask scheduler")
    assert time.monotonic() - began < 60


def test_other_versions_are_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OURS", "0.0.1")
    with (
        pytest.raises(ClusterError, match=r"workers have the suite .*, and this is 0\.0\.1"),
        cluster(None, 1),
    ):
        pass


def test_without_the_extra_it_is_named(
    command: Command, traces: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    complaint_of(
        command("judge", traces, "--workers", 2, "--out", out), "inworld-realtime-conformance[cluster]"
    )


def test_two_clusters_are_one_too_many(command: Command, traces: Path, out: Path) -> None:
    ran = command("judge", traces, "--workers", 2, "--cluster", "tcp://x:1", "--out", out)
    complaint_of(ran, "--cluster and --workers")


def test_a_batch_that_cannot_be_judged_is_told(client: Any, traces: Path) -> None:
    broken = Book("openai", asyncapi="no-such-file.yaml")
    with pytest.raises(ClusterError, match="could not judge a batch"):
        judge_files(_files(traces), broken, lambda b, work: handed_out(client, b, work))
