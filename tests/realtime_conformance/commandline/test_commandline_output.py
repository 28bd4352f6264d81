"""Nobody reads what is printed, or it cannot be written: the report comes about all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.realtime_conformance.commandline.harness import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="devices and pipes of POSIX")
RUN = ("run", "-k", "session_update.one_field", "--no-probe")


def _command(*arguments: str, stdout: int, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "realtime_conformance", *arguments]
    return subprocess.run(program, cwd=ROOT, stdout=stdout, stderr=stderr, text=True, check=False, timeout=60)


def test_a_reader_that_has_left_does_not_end_a_run(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ran = _command(*RUN, "--out", str(tmp_path), stdout=writes)
    finally:
        os.close(writes)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "report.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
@pytest.mark.parametrize("arguments", [RUN, ("generate", "--list"), ("--help",)], ids=lambda a: a[0])
def test_output_that_cannot_be_written_is_no_success(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    more = ("--out", str(tmp_path)) if arguments is RUN else ()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ran = _command(*arguments, *more, stdout=full.fileno())
        both = _command(*arguments, *more, stdout=full.fileno(), stderr=full.fileno())
    assert ran.returncode == both.returncode == 4
    assert ran.stderr.splitlines() == [
        "error: standard output: cannot be written (No space left on device); send it elsewhere"
    ]
    assert arguments is not RUN or (tmp_path / "report.html").exists()


def test_no_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from realtime_conformance.cli import run_command_line

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    assert run_command_line(["generate"]) == 4
    assert "set TMPDIR" in capsys.readouterr().err


def test_who_no_longer_reads_the_frames_costs_the_run_nothing(tmp_path: Path) -> None:
    words = [
        "run",
        "--depth",
        "quick",
        "-k",
        "bootstrap or broken_frames",
        "--no-probe",
        "-vv",
        "--out",
        "out",
    ]
    line = [sys.executable, "-m", "realtime_conformance", *words]
    with subprocess.Popen(
        line, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        code = process.wait(120)
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert (code, results["verdict"]["exit"]) == (0, 0)
