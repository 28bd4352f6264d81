"""Servers under test that are hard to start or to stop, as programs of a few lines."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

LISTENING = """
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("ready to talk", flush=True)
while True:
    listener.accept()[0].close()
"""

STUBBORN = """
import os, signal, socket, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
print("child", subprocess.Popen([sys.executable, "-c", child]).pid, flush=True)
print("escaped", subprocess.Popen([sys.executable, "-c", child], start_new_session=True).pid, flush=True)
print("self", os.getpid(), flush=True)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("all up", flush=True)
held = []
while True:
    held.append(listener.accept())
"""
"""Answers nobody and ignores what asks it to end; so do its children, one of which has left its session."""


def program(folder: Path, source: str, *arguments: object) -> str:
    """Write a program into `folder`; return the command line that runs it."""
    path = folder / "server_under_test.py"
    path.write_text(source, encoding="utf-8")
    return shlex.join([sys.executable, str(path), *map(str, arguments)])


def is_running(pid: int) -> bool:
    """Tell whether a process is there and not just waiting to be collected."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def pids(log: Path) -> dict[str, int]:
    """Return the processes that `STUBBORN` has told of, by their names."""
    words = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    return {w[0]: int(w[1]) for w in words if len(w) == 2 and w[1].isdigit()}
